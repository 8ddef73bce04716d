"""How many go before somebody: one count for the phone, the slip, the screen and the message at three ahead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from server import db
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import WindowView
from server.kit import clock

# A line is that of one kind of business, or that of one window to which people were handed on.
Line = str | UUID

ON_DUTY = "SELECT window_id, paused FROM window_duty WHERE hall_id = $1 AND day = $2"
_BEFORE = """
SELECT count(*) FROM ticket
WHERE hall_id = $1 AND day = $2 AND state IN ('waiting', 'transferred') AND rank_at <= $3
    AND CASE WHEN for_window_id = ANY($4::uuid[]) THEN for_window_id = ANY($5::uuid[]) ELSE skill = ANY($6::text[]) END
"""


class Lines:
    """The lines of a hall, and from which of them each window calls.

    Whoever was handed on to a window waits for it as long as it is open and not paused (`binding`); otherwise they are
    for anybody who does their kind of business.
    """

    def __init__(self, windows: Iterable[WindowView], paused: Collection[UUID] = ()) -> None:
        open_ = [window for window in windows if window.open]
        self.binding = frozenset(window.id for window in open_ if window.id not in paused)
        self.skills = tuple(dict.fromkeys(skill for window in open_ for skill in window.skills))
        self._rivals: dict[Line, set[Line]] = {}
        for window in open_:
            theirs: tuple[Line, ...] = (*window.skills, window.id)
            for line in theirs:
                self._rivals.setdefault(line, {line}).update(theirs)

    def line_of(self, ticket: Mapping[str, Any] | db.Record) -> Line:
        """Say in which line a row of `ticket` waits."""
        wanted: UUID | None = ticket["for_window_id"]
        skill: str = ticket["skill"]
        return wanted if wanted is not None and wanted in self.binding else skill

    def ahead(self, line: Iterable[Mapping[str, Any] | db.Record]) -> dict[UUID, int]:
        """Count for each who waits, in the order of the line, how many before them a window of theirs might take."""
        before: Counter[Line] = Counter()
        counted = {}
        for row in line:
            mine = self.line_of(row)
            counted[row["id"]] = sum(before[one] for one in self._rivals.get(mine, {mine}))
            before[mine] += 1
        return counted

    async def before(self, hall_id: UUID, skill: str, rank_at: object) -> int:
        """Count as `ahead` does for somebody who comes now, to a place in the line."""
        rivals = self._rivals.get(skill, {skill})
        windows, skills = (
            [one for one in rivals if isinstance(one, UUID)],
            [one for one in rivals if isinstance(one, str)],
        )
        found: int = await db.fetchval(_BEFORE, hall_id, clock.today(), rank_at, list(self.binding), windows, skills)
        return found


async def lines_of(hall_id: UUID) -> Lines:
    """Look up the lines of a hall as they are now."""
    duty = await db.fetch(ON_DUTY, hall_id, clock.today())
    return Lines(await catalogue.windows(hall_id), {row["window_id"] for row in duty if row["paused"]})
