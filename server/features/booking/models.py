"""Tables of booking and the rules of one row."""

from __future__ import annotations

import enum
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Self
from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q
from tortoise.models import Model

from server.db import Sealed
from server.errors import Conflict
from server.kit import clock
from server.kit.ids import new_id

if TYPE_CHECKING:
    from tortoise.queryset import QuerySet

CONSTRAINTS = (
    "booking_policy_hall_key", "slot_taken_check", "slot_start_key",
    "slot_rule_start_key", "booking_state_check", "booking_live_key",
    "booking_hold_check", "hall_change_days_check", "hall_change_places_check",
    "booker_pkey", "waitlist_live_key", "waitlist_booking_key",
    "appeal_booking_key",
)  # fmt: skip


class BookingState(enum.StrEnum):
    """Where a booking stands; see `MOVES` for the ways between."""

    HELD = "held"
    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    CHECKED_IN = "checked_in"
    SERVED = "served"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    EXPIRED = "expired"


_S = BookingState
LIVE = (_S.HELD, _S.REQUESTED, _S.CONFIRMED, _S.CHECKED_IN)

MOVES: dict[str, tuple[tuple[BookingState, ...], BookingState]] = {
    "ask": ((_S.HELD,), _S.REQUESTED),
    "accept": ((_S.HELD,), _S.CONFIRMED),
    "release": ((_S.HELD,), _S.EXPIRED),
    "withdraw": ((_S.HELD,), _S.CANCELLED),
    "confirm": ((_S.REQUESTED,), _S.CONFIRMED),
    "decline": ((_S.REQUESTED,), _S.DECLINED),
    "cancel": ((_S.REQUESTED, _S.CONFIRMED), _S.CANCELLED),
    "close": ((_S.HELD, _S.REQUESTED, _S.CONFIRMED), _S.CANCELLED),
    # Whoever comes after they were noted as missing is still served that day.
    "check_in": ((_S.CONFIRMED, _S.NO_SHOW), _S.CHECKED_IN),
    "serve": ((_S.CHECKED_IN,), _S.SERVED),
    "miss": ((_S.CONFIRMED,), _S.NO_SHOW),
    "expire": ((_S.REQUESTED, _S.CONFIRMED, _S.CHECKED_IN), _S.EXPIRED),
}


class BookingPolicy(Model):
    """How one hall takes bookings: who confirms, how far ahead, until when one may cancel."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    hall_id = fields.UUIDField(unique=True)
    confirmation = fields.TextField(default="staff")
    horizon_days = fields.SmallIntField(default=30)
    cancel_minutes = fields.SmallIntField(default=120)
    per_person_day = fields.SmallIntField(default=3)
    per_person_item = fields.SmallIntField(default=1)
    per_person = fields.SmallIntField(default=3)
    hold_minutes = fields.SmallIntField(default=10)
    offer_minutes = fields.SmallIntField(default=30)
    release_minute = fields.SmallIntField(default=0)
    no_show_limit = fields.SmallIntField(default=3)
    no_show_days = fields.SmallIntField(default=90)
    blocked_days = fields.SmallIntField(default=30)

    class Meta:
        table = "booking_policy"


class SlotRule(Model):
    """One stretch of one weekday, cut into places of `minutes` length for `capacity` people each.

    `opens` and `closes` are minutes after midnight in Shanghai.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    hall_id = fields.UUIDField()
    skill = fields.TextField()
    weekday = fields.SmallIntField()
    opens = fields.SmallIntField()
    closes = fields.SmallIntField()
    minutes = fields.SmallIntField()
    capacity = fields.IntField()
    plan_id: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "slot_rule"


class WeekPlan(Model):
    """A whole week of one kind of business from a day on: its lines are the rules that name it."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at: datetime = fields.DatetimeField(default=clock.now)
    hall_id: UUID = fields.UUIDField()
    skill: str = fields.TextField()
    first_on: date = fields.DateField()
    reason: str = fields.TextField()
    staff_id: UUID = fields.UUIDField()
    undone_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "week_plan"


class PolicyEdit(Model):
    """A change of a hall's rules: what was and what will be, by name, from a day on."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at: datetime = fields.DatetimeField(default=clock.now)
    hall_id: UUID = fields.UUIDField()
    staff_id: UUID = fields.UUIDField()
    first_on: date = fields.DateField()
    reason: str = fields.TextField()
    old: dict[str, str | int] = fields.JSONField()
    new: dict[str, str | int] = fields.JSONField()
    applied_at: datetime | None = fields.DatetimeField(null=True)
    undone_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "policy_edit"


class Slot(Model):
    """A start time with so many places. `taken` moves only by the conditional statements in the service."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    hall_id = fields.UUIDField()
    skill = fields.TextField()
    day = fields.DateField()
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    capacity = fields.IntField()
    taken = fields.IntField(default=0)
    closed = fields.BooleanField(default=False)
    closed_reason = fields.TextField(null=True)

    class Meta:
        table = "slot"


class Booking(Model):
    """One person's place. `code` is the token in the check-in QR, made when the hall confirms."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    thread_id = fields.UUIDField()
    slot_id = fields.UUIDField()
    hall_id = fields.UUIDField()
    item_id = fields.UUIDField()
    guide_id = fields.UUIDField()
    day = fields.DateField()
    person_id = fields.UUIDField()
    enterprise_id = fields.UUIDField(null=True)
    account_id = fields.UUIDField(null=True)
    state = fields.CharEnumField(BookingState)
    code = fields.TextField(null=True)
    declined_reason_sealed = fields.BinaryField(null=True)
    declined_reason: Sealed[str | None] = Sealed("declined_reason_sealed", nullable=True)
    ticked: list[str] = fields.JSONField(default=list)
    hold_until = fields.DatetimeField(null=True)
    reminded = fields.SmallIntField(default=0)
    offer: str | None = fields.TextField(null=True)
    excused_at = fields.DatetimeField(null=True)

    class Meta:
        table = "booking"

    @classmethod
    def of_parties(cls, persons: tuple[UUID, ...], enterprises: tuple[UUID, ...]) -> QuerySet[Self]:
        """Reach the bookings of these people and enterprises: the only door for a citizen."""
        return cls.filter(Q(person_id__in=persons) | Q(enterprise_id__in=enterprises))

    @classmethod
    def in_halls(cls, halls: tuple[UUID, ...] | None) -> QuerySet[Self]:
        """Reach the bookings of these halls (all of them for `None`): the only door for staff."""
        return cls.all() if halls is None else cls.filter(hall_id__in=halls)

    async def move(self, verb: str, **changes: object) -> None:
        """Go one step along `MOVES`, or refuse with `booking.wrong_state`; two who race cannot both win."""
        sources, target = MOVES[verb]
        try:
            moved = await type(self).filter(id=self.id, state__in=sources).update(state=target, **changes)
        except IntegrityError as clash:
            # Back from `no_show`, when the same item has been booked again meanwhile.
            raise Conflict("booking.already_booked") from clash
        if not moved:
            raise Conflict("booking.wrong_state")
        self.state = target
        self.update_from_dict(changes)

    def may_cancel(self, slot: Slot, policy: BookingPolicy) -> bool:
        """Say whether the person may still give the place back."""
        return self.state in MOVES["cancel"][0] and clock.now() < cancel_until(slot, policy)


class HallChange(Model):
    """What differs from the base week between two days: shut, open besides, or another week for a season.

    `opens` and `closes` are minutes after midnight in Shanghai; a closure without them is for whole days.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    hall_id = fields.UUIDField()
    kind = fields.TextField()
    first_on = fields.DateField()
    last_on = fields.DateField()
    skill: str | None = fields.TextField(null=True)
    weekdays: list[int] = ArrayField(element_type="smallint")
    opens: int | None = fields.SmallIntField(null=True)
    closes: int | None = fields.SmallIntField(null=True)
    minutes: int | None = fields.SmallIntField(null=True)
    capacity: int | None = fields.IntField(null=True)
    reason = fields.TextField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "hall_change"

    def covers(self, day: date) -> bool:
        """Say whether it is in force on a day."""
        return self.first_on <= day <= self.last_on and day.weekday() in self.weekdays


class WaitState(enum.StrEnum):
    """Where somebody stands who waits for a place that is given back."""

    WAITING = "waiting"
    OFFERED = "offered"
    TAKEN = "taken"
    LAPSED = "lapsed"
    LEFT = "left"


class Waiting(Model):
    """One person in line for any place of a day at a hall for an item."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    hall_id = fields.UUIDField()
    item_id = fields.UUIDField()
    skill = fields.TextField()
    day = fields.DateField()
    person_id = fields.UUIDField()
    enterprise_id = fields.UUIDField(null=True)
    account_id = fields.UUIDField(null=True)
    state = fields.CharEnumField(WaitState)
    booking_id = fields.UUIDField(null=True)

    class Meta:
        table = "waitlist"


class Appeal(Model):
    """Why somebody did not come, in their words; the desk decides."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    booking_id = fields.UUIDField(unique=True)
    hall_id = fields.UUIDField()
    reason_sealed = fields.BinaryField()
    reason: Sealed[str] = Sealed("reason_sealed")
    state = fields.TextField(default="open")
    answered_at = fields.DatetimeField(null=True)
    staff_id = fields.UUIDField(null=True)

    class Meta:
        table = "appeal"


def cancel_until(slot: Slot, policy: BookingPolicy) -> datetime:
    """Tell the last moment at which a place can be given back."""
    return slot.starts_at - timedelta(minutes=policy.cancel_minutes)
