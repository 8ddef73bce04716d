"""Every reaction to a step of the thread is listed in `docs/architecture.md`: nothing happens unseen."""

from __future__ import annotations

import importlib
import re

from server.features.thread import service as thread
from tests.house.tree import FEATURES, ROOT

_ROW = re.compile(r"^\| `([a-z_.]+)` \| (`.+`) \|$", re.MULTILINE)


def _registered() -> dict[str, list[str]]:
    for door in sorted(FEATURES.glob("*/service*")):
        importlib.import_module(f"server.features.{door.parent.name}.service")
    return {step: [_short(name) for name in names] for step, names in thread.reactions().items()}


def _short(name: str) -> str:
    """`server.features.push.service._send.note` -> `push.note`."""
    parts = name.removeprefix("server.features.").split(".")
    return f"{parts[0]}.{parts[-1]}"


def _listed() -> dict[str, list[str]]:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    return {step: re.findall(r"`([^`]+)`", names) for step, names in _ROW.findall(text)}


def test_the_list_of_reactions_is_true() -> None:
    ours, listed = _registered(), _listed()
    table = "\n".join(f"| `{step}` | {', '.join(f'`{name}`' for name in names)} |" for step, names in ours.items())
    assert listed == ours, f"docs/architecture.md should say:\n{table}"


def test_every_step_that_is_reacted_to_is_recorded_somewhere() -> None:
    """A reaction to a step nobody writes is dead code with a promise in it."""
    code = "\n".join(path.read_text("utf-8") for path in FEATURES.rglob("*.py"))
    silent = [step for step in _registered() if len(re.findall(rf"[\"']{re.escape(step)}[\"']", code)) < 2]
    assert not silent, f"no feature records {silent}"
