"""Files and functions stay small enough to be read in one go: a file 300 lines, a function 40."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import files, named, syntax

FILE = 300
FUNCTION = 40
TEST = 60  # a test tells a story from beginning to end

# Longer than they should be, and why they are better so.
LONG_FUNCTIONS: dict[str, str] = {
    "tests/server/phone/test_matter.py:test_from_search_to_a_bad_rating": "one matter, one story, in its order",
}

_GENERATED = {"miniprogram/src/api/schema.ts"}


def _sources() -> Iterator[Path]:
    for path in files(".py", ".ts", ".vue", ".js", ".mjs"):
        name = named(path)
        if name not in _GENERATED and not name.startswith("server/migrations/") and ".min." not in path.name:
            yield path


def _functions(path: Path) -> Iterator[tuple[str, int]]:
    """Give `file:function` and its lines, signature to end, docstring not counted."""
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            prose = ast.get_docstring(node, clean=False) is not None
            told = (first.end_lineno or 0) - first.lineno + 1 if prose else 0
            yield f"{named(path)}:{node.name}", (node.end_lineno or 0) - node.lineno + 1 - told


def test_files_are_short() -> None:
    lengths = {named(path): len(path.read_text("utf-8").splitlines()) for path in _sources()}
    too_long = {name: length for name, length in lengths.items() if length > FILE}
    assert not too_long, f"over {FILE} lines: {too_long}"


def test_functions_are_short() -> None:
    too_long, seen = [], set()
    for path in files(".py"):
        limit = TEST if named(path).startswith("tests/") else FUNCTION
        for name, length in _functions(path):
            if length > limit:
                seen.add(name)
                if name not in LONG_FUNCTIONS:
                    too_long.append(f"{name}: {length} lines, {limit} are allowed")
    assert not too_long, "\n".join(too_long)
    assert not set(LONG_FUNCTIONS) - seen, f"short by now, or gone: {set(LONG_FUNCTIONS) - seen}"


def test_nothing_is_called_helpers() -> None:
    refused = {"utils", "util", "helpers", "helper", "manager", "misc", "common"}
    found = [named(path) for path in files(".py", ".ts", ".vue") if path.stem in refused or path.parent.name in refused]
    assert not found, f"say what it does instead: {found}"
