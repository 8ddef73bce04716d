"""`docs/coverage.md` has each of the 175 rows once, each with tests that exist, or `later`, or `not software`."""

from __future__ import annotations

import ast
import re

from tests.house.tree import ROOT, syntax

ROWS = 175
_ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \|$", re.MULTILINE)


def _rows() -> list[tuple[int, str, str]]:
    text = (ROOT / "docs" / "coverage.md").read_text("utf-8")
    return [(int(number), name, proof) for number, name, proof in _ROW.findall(text)]


def _wrong(proof: str) -> str | None:
    if proof in {"later", "not software"}:
        return None
    path, _, test = proof.strip(" `").partition("::")
    file = ROOT / path
    if not path.startswith(("tests/", "miniprogram/")) or not file.is_file():
        return f"{path} is no test"
    if test and file.suffix == ".py":
        names = {
            node.name for node in ast.walk(syntax(file)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        return None if test in names else f"{path} has no {test}"
    return None if not test or test in file.read_text("utf-8") else f"{path} has no {test}"


def test_each_row_stands_once() -> None:
    assert [number for number, _, _ in _rows()] == list(range(1, ROWS + 1))


def test_each_proof_exists() -> None:
    found = [
        f"{number} {name}: {reason}"
        for number, name, proofs in _rows()
        for proof in proofs.split("<br>")
        if (reason := _wrong(proof))
    ]
    assert not found, "\n".join(found)


def test_a_made_up_proof_is_seen() -> None:
    assert _wrong("tests/nowhere.py")
    assert _wrong("server/errors.py")
    assert _wrong("tests/house/test_coverage.py::test_nothing_of_the_kind")
    assert not _wrong("tests/house/test_coverage.py::test_each_row_stands_once")
