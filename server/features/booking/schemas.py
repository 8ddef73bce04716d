"""What comes in and what goes out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from server.features.push import service as push
from server.kit.paging import PageQuery

Code = Annotated[str, Meta(min_length=1, max_length=64)]


class AvailabilityQuery(Struct, kw_only=True, forbid_unknown_fields=True, rename={"first": "from"}):
    """Which places are asked for; `days` counts from `from` (today, if absent)."""

    item_id: UUID
    hall_id: UUID
    first: date | None = None
    days: Annotated[int, Meta(ge=1, le=62)] = 31


class SlotOut(Struct, kw_only=True):
    """One start time. `free` is at most one second old."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    free: int
    full: bool


class DayOut(Struct, kw_only=True):
    """One date; `open` is false when the hall takes nobody that day."""

    date: date
    open: bool
    free: int
    slots: list[SlotOut]


class AvailabilityOut(Struct, kw_only=True):
    """A hall's month for one item. Until `cancel_minutes` before its start a place can be given back.

    `next` is the first day behind these on which the hall takes somebody, if there is one: where to ask on from.
    """

    hall_id: UUID
    item_id: UUID
    cancel_minutes: int
    days: list[DayOut]
    next: date | None


class BookIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """The wish for a place. `ticked` are keys of materials the person says they will bring."""

    item_id: UUID
    slot_id: UUID
    for_person_id: UUID | None = None
    enterprise_id: UUID | None = None
    ticked: Annotated[list[Code], Meta(max_length=60)] = []
    subscriptions: push.Subscriptions | None = None
    hold: bool = False


class RequestIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """Taking what is held. `ticked` replaces what was ticked before; left out, it stays."""

    ticked: Annotated[list[Code], Meta(max_length=60)] | None = None
    subscriptions: push.Subscriptions | None = None


class TicksIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """Keys of the materials that lie ready."""

    ticked: Annotated[list[Code], Meta(max_length=60)]


class AppealIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """Why the person did not come."""

    reason: Annotated[str, Meta(min_length=2, max_length=200)]


class WaitIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """Standing in line for a full day."""

    item_id: UUID
    hall_id: UUID
    day: date
    for_person_id: UUID | None = None
    enterprise_id: UUID | None = None
    subscriptions: push.Subscriptions | None = None


class ItemRef(Struct, kw_only=True):
    """Which item the booking is for."""

    id: UUID
    name: str


class StandingOut(Struct, kw_only=True):
    """One place in line. `ahead` counts who waits before; `booking_id` is what is offered."""

    id: UUID
    item: ItemRef
    hall_id: UUID
    hall: str
    day: date
    person: str
    state: str
    state_text: str
    ahead: int
    booking_id: UUID | None


class WaitsOut(Struct, kw_only=True):
    """The lines I stand in."""

    items: list[StandingOut]


class RescheduleIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """The new place."""

    slot_id: UUID


class HallRef(Struct, kw_only=True):
    """Where to come."""

    id: UUID
    name: str
    address: str
    phone: str | None
    hours_text: str
    latitude: float | None
    longitude: float | None


class BringOut(Struct, kw_only=True):
    """One thing to bring, and whether the person has ticked it; without what is not `required` one may come too."""

    key: str
    name: str
    required: bool
    ticked: bool


class BookingOut(Struct, kw_only=True):
    """The whole booking screen. `can` lists the deeds allowed now; `ask` the templates the next tap should ask for.

    `instead` is another time that the hall keeps for the person after taking this one.
    """

    id: UUID
    thread_id: UUID
    number: str
    item: ItemRef
    hall: HallRef
    person: str
    enterprise: str | None
    starts_at: datetime
    ends_at: datetime
    state: str
    state_text: str
    code: str | None
    declined_reason: str | None
    bring: list[BringOut]
    can: list[str]
    cancel_until: datetime
    ask: list[str]
    hold_until: datetime | None = None
    offer: str | None = None
    appeal: str | None = None
    instead: UUID | None = None


class BookingsQuery(PageQuery):
    """Which of my bookings: the live ones or the past ones."""

    state: Annotated[str, Meta(pattern="^(live|past)$")] = "live"


class DeskBooking(Struct, kw_only=True):
    """A booking as the desk sees it: whom to expect, for what, and which buttons to show."""

    id: UUID
    thread_id: UUID
    number: str
    hall_id: UUID
    skill: str
    item: ItemRef
    person: str
    enterprise: str | None
    phone: str | None
    starts_at: datetime
    ends_at: datetime
    state: str
    state_text: str
    ticked: list[str]
    can: list[str]
