"""What the plain model is made of. Days are numbers, moments are minutes since the first day's eight o'clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DAY: Final = 24 * 60
EIGHT: Final = 8 * 60
NOTICE: Final = 60
OFFERED_FOR: Final = 24 * 60
LIVE = ("held", "requested", "confirmed", "checked_in")
MOVABLE = ("requested", "confirmed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the hall has decided."""

    auto: bool = False
    cancel_minutes: int = 120
    per_person: int = 2
    per_person_day: int = 2
    per_person_item: int = 1
    hold_minutes: int = 10
    offer_minutes: int = 30
    no_show_limit: int = 1
    no_show_days: int = 90
    blocked_days: int = 1


@dataclass(slots=True)
class Slot:
    """One hour of a day. `wanted` is what the hall's week says, `out` whether the week has it no more, `shut` whether a
    closure covers it.
    """

    starts: int
    capacity: int
    wanted: int
    taken: int = 0
    closed: bool = False
    shut: bool = False
    out: bool = False

    @property
    def ends(self) -> int:
        return self.starts + 60

    @property
    def day(self) -> int:
        return (self.starts + EIGHT) // DAY

    @property
    def free(self) -> bool:
        return self.taken < self.capacity and not self.closed


@dataclass(slots=True, eq=False)
class Row:
    """A booking. `id` is the product's, once it is known."""

    person: int
    item: int
    slot: Slot
    state: str
    until: int = 0
    offer: str | None = None
    excused: bool = False
    appealed: bool = False
    left: bool = False
    id: str = ""


@dataclass(slots=True, eq=False)
class Wait:
    """Somebody in line for a day."""

    person: int
    item: int
    day: int
    state: str = "waiting"
    booking: Row | None = None
    id: str = ""
