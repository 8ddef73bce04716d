"""The figures of a period beside those of the one before and of a year ago, as they were counted last."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from server import db
from server.actor import Staff
from server.errors import NotFound
from server.features.supervision.service._periods import Period, moved
from server.features.supervision.service._reach import Chosen, View, view_of
from server.features.thread import service as thread
from server.kit import clock

TREND = 12
# Of fewer than so many one could guess whose they were.
FEWEST = 3
# Told to one place after the point.
SEEN = 0.05
# In the order somebody's matter goes; what is new stands behind.
FIRST = (
    "promise_kept", "days_of_promise", "one_visit", "zero_visit", "papers_saved", "with_deficiency",
    "deficiency_coverage", "one_window", "waited", "served", "no_shows", "rated", "rated_bad", "bad_reasons",
    "ratings_left_out", "called_back", "rectified_in_time", "reopened", "complaints_in_time",
)  # fmt: skip
_SEEN = """
    ($3::uuid[] IS NULL OR hall_id = ANY($3) OR department_id = ANY($4::uuid[]))
    AND ($5::uuid IS NULL OR department_id = $5) AND ($6::uuid IS NULL OR hall_id = $6)
    AND ($7::uuid[] IS NULL OR hall_id = ANY($7) OR department_id = ANY($8::uuid[]))
"""
_SUMMED = f"""
SELECT key, label, sum(part)::bigint AS part, sum(whole)::bigint AS whole
FROM figure WHERE month >= $1 AND month < $2 AND {_SEEN} GROUP BY key, label
"""  # noqa: S608 - constants of our own; values are parameters
_TREND = f"""
SELECT key, month, sum(part)::bigint AS part, sum(whole)::bigint AS whole
FROM figure WHERE month >= $1 AND month < $2 AND {_SEEN} GROUP BY key, month
"""  # noqa: S608 - as above
_EVERY_PLACE = f"""
SELECT key, department_id, hall_id, sum(part)::bigint AS part, sum(whole)::bigint AS whole
FROM figure WHERE month >= $1 AND month < $2 AND {_SEEN} AND ($9::text IS NULL OR key = $9)
GROUP BY key, department_id, hall_id
"""  # noqa: S608 - as above
_MONTHS = f"""
SELECT key, month, department_id, hall_id, sum(part)::bigint AS part, sum(whole)::bigint AS whole
FROM figure WHERE month >= $1 AND month < $2 AND {_SEEN}
GROUP BY key, month, department_id, hall_id ORDER BY key, month, department_id, hall_id LIMIT 50000
"""  # noqa: S608 - as above
_MONTHS_OF = f"""
SELECT month, department_id, hall_id, sum(part)::bigint AS part, sum(whole)::bigint AS whole
FROM figure WHERE month >= $1 AND month < $2 AND {_SEEN} AND key = $9 GROUP BY month, department_id, hall_id
"""  # noqa: S608 - as above
_COUNTED = "SELECT max(created_at) FROM figure"


@dataclass(slots=True)
class Share:
    """A numerator and its denominator; `hidden` where it is not told, because too few stand behind it."""

    part: int = 0
    whole: int = 0
    hidden: bool = False

    def add(self, part: int, whole: int) -> None:
        """Put some more to it."""
        self.part += part
        self.whole += whole

    def hide(self) -> None:
        """Leave nothing of it."""
        self.part, self.whole, self.hidden = 0, 0, True

    def blur(self, *, mean: bool) -> None:
        """Tell it in threes: of what is hidden, no sum less the rest then tells how many. A mean stays what it is."""
        whole = FEWEST * round(self.whole / FEWEST)
        part = self.part * whole / self.whole if mean and self.whole else FEWEST * round(self.part / FEWEST)
        self.part, self.whole = round(part), whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One indicator: what it was, in the period before and a year ago; its months; its labels by how often given."""

    kind: type[thread.Indicator]
    now: Share = field(default_factory=Share)
    before: Share = field(default_factory=Share)
    year_ago: Share = field(default_factory=Share)
    months: dict[date, Share] = field(default_factory=dict)
    labels: dict[str, int] = field(default_factory=dict)

    @property
    def hides(self) -> bool:
        """Say whether a month of it is not told."""
        return any(share.hidden for share in self.months.values())

    def few(self, share: Share) -> bool:
        """Say whether too few stand behind it, on either side: one bad of three is somebody, and so is one good."""
        if self.kind.unit == "count":
            return 0 < share.part < FEWEST
        sides = (share.part, share.whole - share.part) if self.kind.unit == "share" else ()
        return 0 < share.whole < FEWEST or any(0 < side < FEWEST for side in sides)

    def told_outside(self, share: Share) -> Share:
        """Leave nothing that too few stand behind, and of the rest nothing they could be worked out from."""
        if self.few(share):
            share.hide()
        else:
            share.blur(mean=self.kind.unit == "minutes")
        return share

    def for_outside(self) -> None:
        """Make all of it what somebody outside may be told."""
        for share in (self.now, self.before, self.year_ago, *self.months.values()):
            self.told_outside(share)
        for label, number in list(self.labels.items()):
            share = self.told_outside(Share(number, number))
            if share.hidden:
                del self.labels[label]
            else:
                self.labels[label] = share.part

    def value(self, share: Share) -> float | None:
        """Give it as the unit has it; None where nothing was counted."""
        if self.kind.unit == "count":
            return share.part or None
        if not share.whole:
            return None
        return share.part / share.whole * 100 if self.kind.unit == "share" else share.part / share.whole / 60

    def change(self, since: Share) -> float | None:
        """Say by how much it differs from what it was."""
        now, then = self.value(self.now), self.value(since)
        return None if now is None or then is None else now - then

    def improved(self, since: Share) -> bool | None:
        """Say whether that is for the better; None where nothing of it would be seen."""
        change = self.change(since)
        return None if change is None or abs(change) < SEEN else (change > 0) is (self.kind.better == "more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All of them; `counted_at` is when."""

    view: View
    period: Period
    figures: dict[str, Figure]
    counted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Places:
    """One indicator by place."""

    departments: dict[UUID, Figure] = field(default_factory=dict)
    halls: dict[UUID, Figure] = field(default_factory=dict)


async def figures(actor: Staff, chosen: Chosen, period: Period) -> Figures:
    """Give every indicator within reach for a period. Raises NotFound."""
    return await figures_of(await view_of(actor, chosen), period)


async def figures_of(view: View, period: Period) -> Figures:
    """Give every indicator of what a view shows."""
    every = thread.measured()
    kinds = {key: every[key] for key in (*(key for key in FIRST if key in every), *every)}
    found = {key: Figure(kind=kind, months=_empty(period)) for key, kind in kinds.items()}
    for name, one in _told(period):
        for row in await db.fetch(_SUMMED, *_asked(one.begin, one.end, view)):
            if row["key"] not in found:
                continue
            figure = found[row["key"]]
            getattr(figure, name).add(row["part"], row["whole"])
            if row["label"] and name == "now":
                figure.labels[row["label"]] = row["part"]
    for row in await db.fetch(_TREND, *_asked(*_trend(period), view)):
        if row["key"] in found:
            found[row["key"]].months[row["month"]].add(row["part"], row["whole"])
    if view.outside:
        for figure in found.values():
            figure.for_outside()
    return Figures(view=view, period=period, figures=found, counted_at=await db.fetchval(_COUNTED))


async def figure(actor: Staff, key: str, chosen: Chosen, period: Period) -> tuple[Figures, Places]:
    """Give one indicator with each department and hall, and their months. Raises NotFound."""
    if key not in thread.measured():
        raise NotFound
    found = await figures(actor, chosen, period)
    places = (await by_place(found, key)).get(key, Places())
    for row in await db.fetch(_MONTHS_OF, *_asked(*_trend(period), found.view), key):
        for one in (places.departments.get(row["department_id"]), places.halls.get(row["hall_id"])):
            if one is not None:
                one.months.setdefault(row["month"], Share()).add(row["part"], row["whole"])
    if found.view.outside:
        for one in (*places.departments.values(), *places.halls.values()):
            one.for_outside()
    return found, places


async def by_place(found: Figures, key: str | None = None) -> dict[str, Places]:
    """Give each indicator of figures that were told by department and by hall, or one of them alone."""
    kinds, view, period = thread.measured(), found.view, found.period
    places: dict[str, Places] = {}
    for name, asked in _told(period):
        for row in await db.fetch(_EVERY_PLACE, *_asked(asked.begin, asked.end, view), key):
            if row["key"] not in kinds:
                continue
            here = places.setdefault(row["key"], Places())
            for place, kept, known in (
                (row["department_id"], here.departments, view.departments),
                (row["hall_id"], here.halls, view.halls),
            ):
                if place in known:
                    one = kept.setdefault(place, Figure(kind=kinds[row["key"]]))
                    getattr(one, name).add(row["part"], row["whole"])
    if view.outside:
        for here in places.values():
            for one in (*here.departments.values(), *here.halls.values()):
                one.for_outside()
    return places


async def of_months(view: View, period: Period) -> list[db.Record]:
    """Give every figure of a view month by month and place by place."""
    return await db.fetch(_MONTHS, *_asked(period.begin, period.end, view))


def _told(period: Period) -> tuple[tuple[str, Period], ...]:
    return ("now", period), ("before", period.before), ("year_ago", period.year_ago)


def _asked(begin: date, end: date, view: View) -> tuple[Any, ...]:
    return begin, end, *view.watcher, view.chosen.department, view.chosen.hall, *view.within


def _empty(period: Period) -> dict[date, Share]:
    first, _ = _trend(period)
    return {moved(first, nth): Share() for nth in range(TREND)}


def _trend(period: Period) -> tuple[date, date]:
    """Give the year that ends with a period, or with this month where that is not over."""
    end = period.closes(clock.today())
    return moved(end, -TREND), end
