"""The ticket, the rules of one row, and what a hall has decided about its line."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Self
from uuid import UUID

from tortoise import fields
from tortoise.exceptions import IntegrityError
from tortoise.expressions import F
from tortoise.models import Model

from server import db
from server.db import Sealed
from server.errors import Conflict
from server.kit import clock
from server.kit.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tortoise.queryset import QuerySet

CONSTRAINTS = (
    "queue_policy_hall_key",
    "queue_policy_hours_check",
    "window_duty_pkey",
    "ticket_counter_pkey",
    "ticket_booking_key",
    "ticket_number_key",
    "ticket_code_key",
    "ticket_state_check",
    "ticket_green_check",
    "ticket_window_key",
    "ticket_window_check",
    "ticket_person_key",
    "ticket_line_index",
    "hall_device_pair_key",
    "hall_device_session_key",
    "hall_device_end_check",
)


class TicketState(enum.StrEnum):
    """Where a ticket stands; see `MOVES` for the ways between. `transferred` waits too, for another window."""

    WAITING = "waiting"
    TRANSFERRED = "transferred"
    CALLED = "called"
    SERVING = "serving"
    HELD = "held"
    SKIPPED = "skipped"
    DONE = "done"
    ABANDONED = "abandoned"


class Green(enum.StrEnum):
    """Why somebody goes through the green channel. They say so themselves; nobody asks for proof."""

    ELDER = "elder"
    DISABLED = "disabled"
    PREGNANT = "pregnant"
    VETERAN = "veteran"


_S = TicketState
IN_LINE = (_S.WAITING, _S.TRANSFERRED)
AT_WINDOW = (_S.CALLED, _S.SERVING)
GIVEN_BACK = (*IN_LINE, _S.SKIPPED)
UNFINISHED = (*IN_LINE, *AT_WINDOW, _S.HELD, _S.SKIPPED)

MOVES: dict[str, tuple[tuple[TicketState, ...], TicketState]] = {
    "recall": ((_S.CALLED,), _S.CALLED),
    "start": ((_S.CALLED,), _S.SERVING),
    "finish": ((_S.CALLED, _S.SERVING), _S.DONE),
    "skip": ((_S.CALLED,), _S.SKIPPED),
    # Whoever is at the window goes to copy a paper; the window calls others meanwhile.
    "hold": ((_S.SERVING,), _S.HELD),
    "resume": ((_S.HELD,), _S.SERVING),
    "bring_back": ((_S.SKIPPED, _S.HELD), _S.WAITING),
    "put_back": ((_S.CALLED,), _S.WAITING),
    "transfer": ((_S.CALLED, _S.SERVING, _S.HELD, _S.SKIPPED), _S.TRANSFERRED),
    "abandon": ((*IN_LINE, _S.CALLED, _S.HELD, _S.SKIPPED), _S.ABANDONED),
}


class QueuePolicy(Model):
    """How one hall runs its line. Minutes unless said otherwise; `walk_in_from` and `_until` count from midnight.

    `person_live` and `person_day`: numbers without a booking one person may hold at once, and take on a day.
    `unnamed_live`: kiosk numbers that may wait at once; `kiosk_minute`: what one kiosk gives in a minute. `at_door`: a
    number by phone needs the code that the hall's screen shows just now; the poster alone proves nobody's presence.

    `booked_minutes` and `green_minutes` are head starts: so much later may somebody come and still go first.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    hall_id = fields.UUIDField(unique=True)
    opens_minutes = fields.SmallIntField(default=60)
    grace_minutes = fields.SmallIntField(default=15)
    booked_minutes = fields.SmallIntField(default=30)
    green_minutes = fields.SmallIntField(default=60)
    green_age = fields.SmallIntField(default=60)
    walk_in_from = fields.SmallIntField(default=8 * 60)
    walk_in_until = fields.SmallIntField(default=17 * 60 + 30)
    every_day = fields.BooleanField(default=False)
    taking = fields.BooleanField(default=True)
    person_live = fields.SmallIntField(default=2)
    person_day = fields.SmallIntField(default=5)
    unnamed_live = fields.SmallIntField(default=150)
    kiosk_minute = fields.SmallIntField(default=12)
    at_door = fields.BooleanField(default=False)

    class Meta:
        table = "queue_policy"

    def opens_at(self, promised: datetime) -> datetime:
        """Tell from when on one can check in for a promised time."""
        return promised - timedelta(minutes=self.opens_minutes)

    def open_at(self, moment: datetime, *, working: bool) -> bool:
        """Say whether the hall gives numbers without a booking at a moment."""
        local = moment.astimezone(clock.SHANGHAI)
        minute = local.hour * 60 + local.minute
        return (working or self.every_day) and self.walk_in_from <= minute < self.walk_in_until

    def gives_numbers_through(self, hour: int) -> bool:
        """Say whether the hall gives numbers all through an hour of the day: nobody is sent to a hall about to shut."""
        begins: int = hour * 60
        return bool(self.walk_in_from <= begins and begins + 60 <= self.walk_in_until)

    def place(self, now: datetime, promised: datetime | None, green: Green | None) -> Place:
        """Find the place of somebody who arrives now.

        The place is a moment: the arrival, or the promised time for whoever booked and came in time. A head start
        moves it forward by a fixed stretch, so whoever comes more than that stretch later never overtakes anybody.
        """
        late = promised is not None and now > promised + timedelta(minutes=self.grace_minutes)
        at = now if promised is None or late else promised
        return Place(at, late, booked=promised is not None and not late, policy=self).with_green(green)


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody stands: `at` without, `rank_at` with the head start; whoever is late has none."""

    at: datetime
    late: bool
    booked: bool
    policy: QueuePolicy
    green: Green | None = None

    def with_green(self, green: Green | None) -> Place:
        """Give the same place in or out of the green channel."""
        return Place(self.at, self.late, self.booked, self.policy, green)

    @property
    def rank_at(self) -> datetime:
        """Tell the moment the line is ordered by."""
        head = self.policy.booked_minutes if self.booked else 0
        if self.green is not None and not self.late:
            head = max(head, self.policy.green_minutes)
        return self.at - timedelta(minutes=head)


class LineEdit(Model):
    """A change of how a hall runs its line: what was and what will be, by name, from a day on."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at: datetime = fields.DatetimeField(default=clock.now)
    hall_id: UUID = fields.UUIDField()
    staff_id: UUID = fields.UUIDField()
    first_on: date = fields.DateField()
    reason: str = fields.TextField()
    old: dict[str, int] = fields.JSONField()
    new: dict[str, int] = fields.JSONField()
    applied_at: datetime | None = fields.DatetimeField(null=True)
    undone_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "line_edit"


class Ticket(Model):
    """One visit's place in the queue. `number` is what the screen shows; `version` grows with every change.

    The line is in the order of `rank_at`. `code` is behind the QR that shows the place to whoever holds it.
    Whoever takes a number without a phone has neither person nor thread.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at: datetime = fields.DatetimeField(default=clock.now)
    thread_id: UUID | None = fields.UUIDField(null=True)
    booking_id: UUID | None = fields.UUIDField(null=True, unique=True)
    hall_id: UUID = fields.UUIDField()
    item_id: UUID | None = fields.UUIDField(null=True)
    skill: str = fields.TextField()
    day: date = fields.DateField()
    place_at: datetime = fields.DatetimeField()
    rank_at: datetime = fields.DatetimeField()
    promised_at: datetime | None = fields.DatetimeField(null=True)
    late = fields.BooleanField(default=False)
    green: Green | None = fields.CharEnumField(Green, null=True)  # type: ignore[assignment]  # its stub knows no null
    number: str = fields.TextField()
    state = fields.CharEnumField(TicketState, default=TicketState.WAITING)
    person_id: UUID | None = fields.UUIDField(null=True)
    window_id: UUID | None = fields.UUIDField(null=True)
    for_window_id: UUID | None = fields.UUIDField(null=True)
    note_sealed: bytes | None = fields.BinaryField(null=True)
    served_by: UUID | None = fields.UUIDField(null=True)
    called_at: datetime | None = fields.DatetimeField(null=True)
    calls: int = fields.SmallIntField(default=0)
    finished_at: datetime | None = fields.DatetimeField(null=True)
    joined_behind: int = fields.IntField(default=0)
    device_id: UUID | None = fields.UUIDField(null=True)
    code: str | None = fields.TextField(null=True)
    version: int = fields.IntField(default=1)

    note = Sealed("note_sealed", nullable=True)

    class Meta:
        table = "ticket"

    @classmethod
    def of_people(cls, persons: tuple[UUID, ...]) -> QuerySet[Self]:
        """Reach the tickets of these people: the only door for a citizen."""
        return cls.filter(person_id__in=persons)

    @classmethod
    def in_halls(cls, halls: tuple[UUID, ...] | None) -> QuerySet[Self]:
        """Reach the tickets of these halls (all of them for `None`): the only door for staff."""
        return cls.all() if halls is None else cls.filter(hall_id__in=halls)

    async def move(self, verb: str, **changes: object) -> None:
        """Go one step along `MOVES`, or refuse with `queue.wrong_state`; two who race cannot both win.

        A window has one at a time: coming back to one that is taken is `queue.window_busy`. A person has one number for
        one matter: a second one is `queue.has_number`, with the number they have.
        """
        sources, target = MOVES[verb]
        rows = type(self).filter(id=self.id, state__in=sources)
        try:
            async with db.savepoint():
                moved = await rows.update(state=target, version=F("version") + 1, **changes)
        except IntegrityError as taken:
            raise await self._taken(str(taken), changes) from taken
        if not moved:
            raise Conflict("queue.wrong_state")
        await self.refresh_from_db()

    async def _taken(self, why: str, changes: Mapping[str, object]) -> Conflict:
        if "ticket_person_key" not in why:
            return Conflict("queue.window_busy")
        rows = type(self).filter(person_id=self.person_id, hall_id=self.hall_id, day=self.day, state__in=UNFINISHED)
        mine = rows.filter(item_id=self.item_id, skill=changes.get("skill", self.skill)).exclude(id=self.id)
        held = await mine.first()
        return Conflict("queue.has_number", number=held.number if held else "")

    def may_give_back(self) -> bool:
        """Say whether whoever holds it may give it back themselves; a booking is cancelled where it was made."""
        return self.booking_id is None and self.state in GIVEN_BACK

    async def change(self, **changes: object) -> None:
        """Change what is known of it, not where it stands in its life."""
        await type(self).filter(id=self.id).update(version=F("version") + 1, **changes)
        await self.refresh_from_db()


class DeviceKind(enum.StrEnum):
    """What stands in the hall and is let in by the desk."""

    KIOSK = "kiosk"
    SCREEN = "screen"
    TABLET = "tablet"


class HallDevice(Model):
    """One machine of a hall. It holds a cookie; here stands only its hash."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at: datetime = fields.DatetimeField(default=clock.now)
    hall_id: UUID = fields.UUIDField()
    kind = fields.CharEnumField(DeviceKind)
    name: str = fields.TextField()
    staff_id: UUID = fields.UUIDField()
    pair_hash: bytes | None = fields.BinaryField(null=True)
    pair_until: datetime | None = fields.DatetimeField(null=True)
    session_hash: bytes | None = fields.BinaryField(null=True)
    opened_at: datetime | None = fields.DatetimeField(null=True)
    seen_at: datetime | None = fields.DatetimeField(null=True)
    revoked_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "hall_device"
