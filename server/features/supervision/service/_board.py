"""The board (红黄灯): how much of each kind stands with which light, altogether, by department and by hall."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from server.actor import Staff
from server.errors import NotFound
from server.features.supervision.service._reach import READERS, Chosen, View, view_of
from server.features.thread import service as thread
from server.features.thread.service import Lit, Sought, StepView, WatchedRow

# In the order somebody's matter goes through them.
KINDS = ("accept", "decide", "opinions", "results", "rectifications", "complaints", "assignments", "data_requests")
LIGHTS = ("red", "amber", "green", "black")


@dataclass(slots=True)
class Standing:
    """So many with each light; `turning` of the green and amber ones change it tonight."""

    red: int = 0
    amber: int = 0
    green: int = 0
    black: int = 0
    turning: int = 0

    @property
    def open(self) -> int:
        """Count all of them."""
        return self.red + self.amber + self.green + self.black

    def add(self, lit: Lit) -> None:
        """Count some more."""
        setattr(self, lit.light, getattr(self, lit.light) + lit.number)
        self.turning += lit.turning


@dataclass(frozen=True, slots=True)
class Place:
    """A department or a hall, and what is open there by kind. `id` is None for what belongs to no such place yet."""

    id: UUID | None
    name: str
    kinds: dict[str, Standing] = field(default_factory=dict)

    @property
    def pressing(self) -> tuple[int, int, int]:
        """Tell how much presses: red, amber, turning tonight."""
        several = self.kinds.values()
        return sum(one.red for one in several), sum(one.amber for one in several), sum(one.turning for one in several)


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """All of it."""

    view: View
    kinds: dict[str, Standing]
    departments: list[Place]
    halls: list[Place]


async def board(actor: Staff, chosen: Chosen) -> Board:
    """Count everything that is open within reach, and how it stands today. Raises NotFound."""
    return await board_of(await view_of(actor, chosen))


async def board_of(view: View) -> Board:
    """Count everything that is open of what a view shows."""
    found: list[tuple[str, Lit]] = []
    for kind in kinds():
        found += [(kind, lit) for lit in await thread.lights(kind, view.watcher) if _shown(view, lit)]
    totals = {kind: Standing() for kind in kinds()}
    for kind, lit in found:
        totals[kind].add(lit)
    offices = {one.id: one.name for one in view.departments.values()}
    halls = {one.id: one.name for one in view.halls.values()}
    return Board(
        view=view,
        kinds=totals,
        departments=_by_place(found, lambda lit: lit.department_id, offices),
        halls=_by_place(found, lambda lit: lit.hall_id, halls),
    )


async def matters(
    actor: Staff, kind: str, chosen: Chosen, *, light: str = "", turning: bool = False, limit: int, skip: int = 0
) -> tuple[View, list[WatchedRow]]:
    """List the matters behind a figure of the board, the longest due first. Raises NotFound."""
    view = await view_of(actor, chosen, *READERS)
    sought = Sought(light=light, turning=turning, within=view.within, **view.asked)
    return view, await thread.lit(kind, view.watcher, sought, limit=limit, skip=skip)


async def matter(actor: Staff, kind: str, matter_id: UUID) -> tuple[View, WatchedRow, list[StepView]]:
    """Show one matter of the board and how it went so far, as whoever tracks it is told. Raises NotFound."""
    view = await view_of(actor, Chosen(), *READERS)
    found = await thread.lit(kind, view.watcher, Sought(id=matter_id), limit=1)
    if not found:
        raise NotFound
    row = found[0]
    steps = await thread.timeline(row.thread_id) if row.thread_id else []
    return view, row, [step for step in steps if step.public and not step.apart]


def kinds() -> tuple[str, ...]:
    """List what is watched, in the order of the board; what is new stands at its end."""
    watched = thread.watched()
    return (*(kind for kind in KINDS if kind in watched), *(kind for kind in watched if kind not in KINDS))


def _shown(view: View, lit: Lit) -> bool:
    return view.shows(lit.department_id, lit.hall_id)


def _by_place(
    found: Iterable[tuple[str, Lit]], place_of: Callable[[Lit], UUID | None], names: dict[UUID, str]
) -> list[Place]:
    """Put together what lies in each place, the most pressing first; places beyond one's own are not named."""
    places: dict[UUID | None, Place] = {}
    for kind, lit in found:
        key = place_of(lit)
        key = key if key in names else None
        place = places.setdefault(key, Place(key, "" if key is None else names[key]))
        place.kinds.setdefault(kind, Standing()).add(lit)
    return sorted(places.values(), key=lambda one: (*(-number for number in one.pressing), one.name))
