"""What is measured (指标): every figure the notices name is one class of the feature that keeps its rows.

A newcomer adds one class with its statement, and two texts: `console.indicators.of.<key>.name` and `.means`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Literal

from server.kit import clock
from server.kit.ids import WALKED

Unit = Literal["share", "minutes", "count"]

# Visits of a matter's people to a hall, on distinct days: served at a window, or a result collected there.
VISITED = "('booking.served', 'queue.served', 'delivery.collected', 'delivery.collected_by_agent')"


class Indicator:
    """One figure. `rows` gives what stands behind it of the months from `$1` to `$2`: the figure is their sum.

    A row is `day, department_id, hall_id, label, part, whole, id, thread_id, what`; `what` names it where no thread
    does, and what must lead to nobody has neither. The months are first days, the second left out; `$3` is the moment
    it is counted. A share is part of whole; minutes are seconds over how many; a count is its part. `fields` are the
    columns it is read from, that of the row's table first. `notices` are the rows of `docs/coverage.md` that ask
    for it; `leads` is the kind of watched matter behind it. A label splits it, as by the reasons that were given.
    `kept` is how long the rows that are counted stay: a month that begins before that is left as it was counted
    last. `settles` says that the rows tell how things stand and not what happened: once a month is over, it stays as
    it was counted last.
    """

    key: ClassVar[str]
    notices: ClassVar[tuple[int, ...]]
    unit: ClassVar[Unit] = "share"
    better: ClassVar[Literal["more", "less"]] = "more"
    leads: ClassVar[str | None] = None
    kept: ClassVar[timedelta | None] = None
    settles: ClassVar[bool] = False
    fields: ClassVar[tuple[str, ...]]
    rows: ClassVar[str]

    def __init_subclass__(cls) -> None:
        """Have it measured. Raises ValueError for a second one of its key."""
        if cls.key in _measured:
            msg = f"{cls.key} is measured already"
            raise ValueError(msg)
        _measured[cls.key] = cls
        # Here, so that none of them has to remember it.
        cls.rows = f"SELECT * FROM ({cls.rows}) AS happened WHERE {real('happened.thread_id')}"  # noqa: S608 - our own


_measured: dict[str, type[Indicator]] = {}


def measured() -> dict[str, type[Indicator]]:
    """List the indicators by key."""
    return dict(sorted(_measured.items()))


def real(column: str) -> str:
    """Write that an id is not of what a test person did (走流程): no figure has that.

    Who watches or measures need not write it: what says its `thread_id` is left out by that. Where there is none, the
    rows leave it out themselves. `tests/house/test_walked.py` knows them all.
    """
    return f"({column} < '{WALKED}') IS NOT FALSE"


def day_of(moment: str) -> str:
    """Write the day of a moment's column, by the clock on the wall."""
    return f"(({moment}) AT TIME ZONE '{clock.SHANGHAI.key}')::date"


def one_if(condition: str) -> str:
    """Write a part that is there where the condition holds."""
    return f"CASE WHEN {condition} THEN 1 ELSE 0 END"


def in_months(moment: str) -> str:
    """Write that a moment's column lies in the months asked for, so that an index on it serves."""
    begin, end = (f"(${place}::date::timestamp AT TIME ZONE '{clock.SHANGHAI.key}')" for place in (1, 2))
    return f"{moment} >= {begin} AND {moment} < {end}"
