"""A feature is entered only by its service: `from server.features.push import service as push; push.send(...)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import FEATURES, files, module, named, syntax

# The registers gather one kind of file from every feature; nothing else may.
REGISTERS = {
    "server.app": {"routes"},
    "server.worker": {"tasks"},
}


def _feature(name: str) -> str | None:
    parts = name.split(".")
    return parts[2] if parts[:2] == ["server", "features"] and len(parts) > 2 else None


def _imports(tree: ast.Module, here: str, *, package: bool) -> Iterator[tuple[int, str, list[ast.alias]]]:
    """Give line, absolute module and the names taken from it, for every import of a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, []
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = here.split(".")
                kept = parts[: len(parts) - node.level + package]
                base = ".".join([*kept, *([node.module] if node.module else [])])
            yield node.lineno, base, node.names


def _public(feature: str) -> set[str]:
    """Read `__all__` of a feature's service."""
    folder = FEATURES / feature
    return _all(folder / "service.py" if (folder / "service.py").exists() else folder / "service" / "__init__.py")


def _all(path: Path) -> set[str]:
    for node in syntax(path).body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
            return set(ast.literal_eval(node.value))
    return set()


def _entered(base: str, names: list[ast.alias]) -> Iterator[tuple[str, str, str | None]]:
    """Give feature, part and (if one is taken) the name inside the part, for one import."""
    feature = _feature(base)
    if feature is None:
        for alias in names:
            if inner := _feature(f"{base}.{alias.name}"):
                yield inner, "", None
        return
    rest = base.split(".")[3:]
    if rest:
        taken: list[str | None] = [alias.name for alias in names]
        for name in taken or [None]:
            yield feature, ".".join(rest), name
    else:
        for alias in names:
            yield feature, alias.name, None


def _rooms(feature: str) -> dict[str, set[str]]:
    """Read the `__all__` of the modules a door lets one into: what belongs together and is wanted in one place only."""
    found = {}
    for name in _public(feature):
        room = FEATURES / feature / "service" / f"{name}.py"
        if room.exists():
            found[name] = _all(room)
    return found


def _refusals(path: Path, tree: ast.Module) -> Iterator[str]:
    here = module(path)
    own = _feature(here)
    for line, base, names in _imports(tree, here, package=path.name == "__init__.py"):
        for feature, part, name in _entered(base, names):
            if feature == own or part in REGISTERS.get(here, set()):
                continue
            rooms = {f"service.{room}": inside for room, inside in _rooms(feature).items()}
            allowed = rooms.get(part, _public(feature) if part == "service" else set())
            if part not in {"service", *rooms} or (name is not None and name not in allowed):
                yield f"{named(path)}:{line}: enters {feature} by {part or 'its folder'}{f'.{name}' if name else ''}"


def _uses(tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    """Give line, door and attribute for each `push.send` where `push` is a feature's service, or a room behind it."""
    doors: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and (feature := _feature(node.module)):
            for alias in node.names:
                if node.module.count(".") == 2 and alias.name == "service":
                    doors[alias.asname or alias.name] = feature
                elif node.module.endswith(".service") and alias.name in _rooms(feature):
                    doors[alias.asname or alias.name] = f"{feature}.{alias.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in doors:
            yield node.lineno, doors[node.value.id], node.attr


def _behind(door: str) -> set[str]:
    feature, _, room = door.partition(".")
    return _rooms(feature)[room] if room else _public(feature)


def test_features_are_entered_by_their_service() -> None:
    found = [line for path in files(".py", under="server") for line in _refusals(path, syntax(path))]
    assert not found, "\n".join(found)


def test_only_what_the_service_promises_is_used() -> None:
    found = [
        f"{named(path)}:{line}: {name} is not in the __all__ of {door}"
        for path in files(".py", under="server")
        for line, door, name in _uses(syntax(path))
        if door.partition(".")[0] != _feature(module(path)) and name not in _behind(door)
    ]
    assert not found, "\n".join(found)


def test_a_service_promises_only_what_it_has() -> None:
    """`__all__` names things the door really holds, and each feature has one."""
    found = []
    for folder in sorted(path for path in FEATURES.iterdir() if (path / "__init__.py").exists()):
        flat, package = folder / "service.py", folder / "service" / "__init__.py"
        door = flat if flat.exists() else package
        if not door.exists():
            found.append(f"{named(folder)}: has no service")
        elif not (promised := _public(folder.name)):
            found.append(f"{named(door)}: has no __all__")
        else:
            defined = {
                name
                for node in ast.walk(syntax(door))
                for name in (
                    [node.name]
                    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
                    else [alias.asname or alias.name for alias in node.names]
                    if isinstance(node, ast.ImportFrom)
                    else [node.id]
                    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
                    else []
                )
            }
            found += [f"{named(door)}: promises {name}, which it does not hold" for name in sorted(promised - defined)]
    assert not found, "\n".join(found)


def test_a_way_round_the_door_is_seen() -> None:
    """The rule itself is tested: each of these must be refused."""
    path = FEATURES / "booking" / "service.py"
    for sneaky in (
        "from server.features.push import models",
        "from server.features.push.models import Message",
        "import server.features.push.models",
        "from server.features import push",
        "from ..push import tasks",
        "from ..push.service import _private",
        "from server.features.cases.service.batching import _anything",
    ):
        assert list(_refusals(path, ast.parse(sneaky))), sneaky
    assert not list(_refusals(path, ast.parse("from server.features.push import service as push")))
    assert not list(_refusals(path, ast.parse("from . import models\nfrom .schemas import BookIn")))
    room = ast.parse("from server.features.cases.service import batching\nbatching.anything()")
    assert not list(_refusals(path, room))
    assert [(door, name) for _, door, name in _uses(room) if name not in _behind(door)] == [
        ("cases.batching", "anything")
    ]
