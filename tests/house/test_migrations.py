"""Migrations stand in one line: two that build on the same one would be applied, and undone, in no certain order."""

from __future__ import annotations

import re
from itertools import pairwise

from tests.house.tree import ROOT

_BUILDS_ON = re.compile(r'dependencies = \[\("server", "([^"]+)"\)\]')


def test_each_builds_on_the_one_before_it() -> None:
    paths = sorted((ROOT / "server" / "migrations").glob("[0-9]*.py"))
    astray = [
        f"{path.stem}: builds on {found}, and comes after {before.stem}"
        for before, path in pairwise(paths)
        if (found := "".join(_BUILDS_ON.findall(path.read_text("utf-8")))) != before.stem
    ]
    assert len(paths) > 1
    assert not astray, "\n".join(astray)
