"""Finding a hall by what it is called."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from server import db
from server.features.catalogue.schemas import HallFound
from server.features.catalogue.service import _words

if TYPE_CHECKING:
    from collections.abc import Sequence

_FRESH_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class _Named:
    id: UUID
    name: str
    address: str
    plain: str
    pinyin: str

    def holds(self, runs: tuple[_words.Run, ...]) -> bool:
        return all(
            any(f" {' '.join(way)}" in self.pinyin for way in run.readings) if run.letters else run.text in self.plain
            for run in runs
        )


_NEVER: tuple[float, list[_Named], str] = (float("-inf"), [], "")
_named = _NEVER


async def called(ways: Sequence[tuple[_words.Run, ...]], most: int) -> list[HallFound]:
    """List halls whose name holds one of the ways of saying something, the county hall first."""
    global _named  # noqa: PLW0603 - every keystroke needs it, and it hardly ever changes
    if time.monotonic() - _named[0] > _FRESH_SECONDS:
        rows = await db.fetch(
            "SELECT id, name, address, pinyin FROM hall ORDER BY length(region_code), region_code, name"
        )
        halls = [_Named(**row, plain=_words.fold(row["name"])[0]) for row in rows]
        _named = (time.monotonic(), halls, "\n".join(f"{hall.plain}\n{hall.pinyin}" for hall in halls))
    _, halls, all_names = _named
    found: dict[UUID, _Named] = {}
    for runs in ways:
        # One letter or character is in nearly every name; and most of what is typed is in none.
        if len(runs[0].text) < 2 or not _anywhere(runs[0], all_names):
            continue
        found |= {hall.id: hall for hall in halls if hall.holds(runs)}
    return [HallFound(id=hall.id, name=hall.name, address=hall.address) for hall in list(found.values())[:most]]


async def forget() -> None:
    """Read the names again at the next question: here they have just changed."""
    global _named  # noqa: PLW0603 - as above
    _named = _NEVER


def _anywhere(run: _words.Run, all_names: str) -> bool:
    if not run.letters:
        return run.text in all_names
    return any(f" {' '.join(way)}" in all_names for way in run.readings)
