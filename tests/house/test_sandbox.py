"""The sandbox can be published as it lies: it imports nothing of ours, and needs just what its own page says."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator

import pytest

from tests.house.tree import ROOT, files, named, syntax

HOME = "server/sandbox"
# What its page names, by the module that is imported.
_CALLED = {"jinja": "jinja2", "markupsafe": "markupsafe", "pillow": "PIL"}


def strangers(tree: ast.Module) -> Iterator[str]:
    """Give each module of a file that is neither the sandbox's nor Python's own, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            # Relative ones could lead out of the folder; there are none, so none is allowed.
            found = ["." * node.level] if node.level else [_from(node)]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in {"__import__", "importlib.import_module"}:
            found = [f"?{ast.unparse(node)}"]
        else:
            continue
        for name in found:
            own = name == "server.sandbox" or name.startswith("server.sandbox.")
            if not own and name.partition(".")[0] not in sys.stdlib_module_names:
                yield f"{node.lineno}: {name}"


def _from(node: ast.ImportFrom) -> str:
    # `from server import sandbox` reaches the sandbox, `from server import db` something of ours.
    if node.module == "server":
        return f"server.{node.names[0].name}" if len(node.names) == 1 else "server"
    return node.module or ""


def needed() -> set[str]:
    """Read from its page what is needed besides Python."""
    page = (ROOT / HOME / "README.md").read_text("utf-8")
    said = re.search(r"^(.*) are all it needs\.", page, re.MULTILINE)
    assert said, "the page no longer says what is needed"
    names = {name.strip().lower() for name in re.split(r",| and ", said[1])}
    return {_CALLED.get(name, name) for name in names}


def test_it_imports_nothing_of_ours_and_what_its_page_says() -> None:
    found = {(named(path), one) for path in files(".py", under=HOME) for one in strangers(syntax(path))}
    assert len(found) > 20, "nothing was looked at"
    taken = {one.partition(": ")[2].partition(".")[0] for _, one in found}
    # Jinja's own part, which comes with it.
    assert taken - {"markupsafe"} == needed(), sorted(found)


@pytest.mark.parametrize(
    "line",
    [
        "from server.kit import clock",
        "from server import db",
        "import server.config",
        "from ..features import push",
        "import importlib\nimportlib.import_module('server.kit.clock')",
        "import orjson",
        "from server import sandbox, db",
    ],
)
def test_an_import_that_does_not_belong_is_noticed(line: str) -> None:
    assert len(list(strangers(ast.parse(line)))) == 1
