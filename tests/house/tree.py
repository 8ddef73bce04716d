"""The source tree as the house rules see it: which files there are, and their syntax."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVER = ROOT / "server"
FEATURES = SERVER / "features"
_NOT_OURS = {".git", ".venv", "var", "node_modules", "dist", "__pycache__", ".mypy_cache", ".ruff_cache", ".hypothesis"}


@cache
def all_files() -> tuple[Path, ...]:
    """List every file of the project, without what is installed, built or stored."""
    found: list[Path] = []
    for folder, below, names in os.walk(ROOT):
        below[:] = [name for name in below if name not in _NOT_OURS and not name.endswith("_cache")]
        found += [Path(folder) / name for name in names if name != ".env"]
    return tuple(sorted(found))


def files(*suffixes: str, under: str = "") -> Iterator[Path]:
    """Give the files that end so, below a folder given from the root."""
    for path in all_files():
        if path.suffix in suffixes and path.is_relative_to(ROOT / under):
            yield path


def named(path: Path) -> str:
    """Name a file as a reader would: from the root, with slashes."""
    return path.relative_to(ROOT).as_posix()


@cache
def syntax(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def module(path: Path) -> str:
    """`server/features/push/service/__init__.py` -> `server.features.push.service`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """Give each string constant of a Python file with its line, docstrings left out."""
    tree = syntax(path)
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.lineno, node.value
