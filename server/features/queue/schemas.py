"""What comes in and what goes out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from server.features.push import service as push
from server.features.queue.models import Green

Token = Annotated[str, Meta(min_length=1, max_length=64)]
Skill = Annotated[str, Meta(min_length=1, max_length=40)]


class CheckInIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """The token in the hall's QR, as scanned. `green` as for a number without a booking."""

    token: Token
    green: Green | None = None
    subscriptions: push.Subscriptions | None = None


class WalkInIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """A number without a booking. `green` is what the person says of themselves; nobody asks for proof."""

    token: Token
    skill: Skill
    item_id: UUID | None = None
    green: Green | None = None
    subscriptions: push.Subscriptions | None = None


class TicketQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """With the `version` that was seen, the answer waits up to `wait` seconds for another one."""

    version: Annotated[int, Meta(ge=0)] = 0
    wait: Annotated[int, Meta(ge=0, le=25)] = 0


class HallRef(Struct, kw_only=True):
    """Where the ticket is valid."""

    id: UUID
    name: str


class WaitOut(Struct, kw_only=True):
    """How many minutes it will take, as far as recent visits tell."""

    low: int
    high: int


class TicketOut(Struct, kw_only=True):
    """The ticket screen. `ahead` counts people waiting before this one; `window` is where to go once called.

    `item` is null for whoever did not say what they have come for, `wait` where nobody can know. `late` says that the
    promised time has passed and the place is at the back.
    `code` is behind the QR that shows this to whoever holds it. `version` is another one whenever anything is.
    `can` lists what its holder may do: `leave`. `person` is whose it is, told to whoever looks for somebody else.
    """

    id: UUID
    thread_id: UUID | None
    number: str
    kind: str
    item: str | None
    state: str
    state_text: str
    person: str | None = None
    ahead: int
    wait: WaitOut | None
    late: bool
    green: bool
    booked: bool
    hall: HallRef
    window: str | None
    taken_at: datetime
    code: str | None
    bring: list[str]
    can: list[str]
    version: int


class ExpectedOut(Struct, kw_only=True):
    """A visit of today. `opens_at` is from when on one can check in for it."""

    booking_id: UUID
    item: str
    starts_at: datetime
    opens_at: datetime
    open: bool


class AstrayOut(Struct, kw_only=True):
    """A visit of today for which no number is given here. `why`: `other_hall`, or `unanswered` by this one."""

    booking_id: UUID
    item: str
    hall: str
    starts_at: datetime
    why: Literal["other_hall", "unanswered"]


class KindOut(Struct, kw_only=True):
    """One kind of business of a hall, and how busy it is."""

    skill: str
    name: str
    waiting: int
    wait: WaitOut | None


class MatterOut(Struct, kw_only=True):
    """One item that somebody may come to a kind of business for."""

    id: UUID
    name: str
    skill: str


class ArrivalOut(Struct, kw_only=True):
    """What somebody sees who scans the hall's QR. `closed` says why no numbers are given without a booking.

    `items` are what is asked for most at each kind, for whoever knows what they have come for.
    `ask` are the templates to ask for at the tap that takes a number.
    `at_door` is false when a number needs the code that the hall's screen shows just now, and this was the poster.
    """

    hall: HallRef
    hours_text: str
    known: bool
    expected: list[ExpectedOut]
    astray: list[AstrayOut]
    tickets: list[TicketOut]
    kinds: list[KindOut]
    items: list[MatterOut]
    closed: str | None
    green_age: int
    ask: list[str]
    at_door: bool


class CallOut(Struct, kw_only=True):
    """One number on the hall's screen. Called again it is another call, with a moment of its own.

    `until` is how long it stands large: null once the person is at the window.
    """

    number: str
    window: str
    calls: int
    called_at: datetime
    until: datetime | None


class BoardOut(Struct, kw_only=True):
    """The hall's screen; nothing on it is personal."""

    hall: HallRef
    calls: list[CallOut]
    kinds: list[KindOut]
    waiting: int
    at: datetime
    version: int


class DeskTicket(Struct, kw_only=True):
    """A ticket as the call panel sees it."""

    id: UUID
    thread_id: UUID | None
    booking_id: UUID | None
    number: str
    state: str
    state_text: str
    person: str
    item: str
    skill: str
    kind: str
    window_id: UUID | None
    window: str | None
    for_window_id: UUID | None
    green: str | None
    late: bool
    note: str | None
    calls: int
    since: datetime


class CrowdOut(Struct, kw_only=True):
    """How busy a hall is now, and when few people come. `level`: closed, quiet, some, busy.

    `quiet` is empty where too few visits are known to tell.
    """

    hall_id: UUID
    waiting: int
    wait: WaitOut | None
    level: str
    enough: bool
    quiet: list[QuietOut]


class QuietOut(Struct, kw_only=True):
    """A weekday (0 is Sunday, as texts and scripts count) and hour at which few people come."""

    weekday: int
    hour: int
    text: str
