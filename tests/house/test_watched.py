"""Everything that is watched is listed in `docs/architecture.md`, by the feature that keeps it."""

from __future__ import annotations

import importlib
import re

from server.features.supervision import service as supervision
from server.features.thread import service as thread
from tests.house.tree import FEATURES, ROOT

_PART = re.compile(r"^## What is watched\n(.*?)^## ", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^- `([a-z_]+)` of `([a-z]+)`$", re.MULTILINE)


def test_the_list_of_what_is_watched_is_true() -> None:
    ours: dict[str, str] = {}
    for door in sorted(FEATURES.glob("*/service*")):
        before = set(thread.watched())
        importlib.import_module(f"server.features.{door.parent.name}.service")
        for found in FEATURES.glob(f"{door.parent.name}/service/_watched.py"):
            kept = found.read_text("utf-8")
            ours |= {kind: door.parent.name for kind in thread.watched() if f'kind="{kind}"' in kept}
        assert set(thread.watched()) - before <= set(ours), f"{door.parent.name} watches outside its _watched.py"
    part = _PART.search((ROOT / "docs" / "architecture.md").read_text("utf-8"))
    assert part
    table = "\n".join(f"- `{kind}` of `{feature}`" for kind, feature in sorted(ours.items()))
    assert dict(_ROW.findall(part[1])) == ours, f"docs/architecture.md should say:\n{table}"
    assert set(supervision.kinds()) == set(ours)
