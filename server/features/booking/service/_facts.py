"""What is asked before places are given: whose wish it is, what it wants, what speaks against it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING
from uuid import UUID

from server import db
from server.actor import Citizen
from server.db import promises
from server.db.promises import Claim, Stored
from server.errors import AppError, Conflict, NotFound
from server.features.booking import messages
from server.features.booking.models import LIVE, BookingPolicy, Slot
from server.features.booking.service._availability import require_audience, served_in
from server.features.booking.service._slots import policy_of
from server.features.booking.service._view import Place
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.push import service as push
from server.features.thread import service as thread
from server.kit import clock

if TYPE_CHECKING:
    from asyncpg import Record

KEPT_FOR = timedelta(seconds=1)
KEPT_PLACES = 2_000

_LIVE = ", ".join(f"'{state.value}'" for state in LIVE)
# One snapshot: while the booker's version is the one seen here, so are their bookings.
_FACTS = f"""
    SELECT slot.*, coalesce(booker.version, 0) AS version, live.items, live.days, missed.days AS missed, credit.settled,
        {promises.STORED_COLUMNS}, {identity.CALLER_COLUMNS},
        {thread.LIVE_THREAD_COLUMNS.format(wanted="slot.taken < slot.capacity")}
    FROM unnest($1::booking_ask[]) WITH ORDINALITY
        AS asked (slot_id, person_id, account_id, party_id, item_id, owner, key, place)
    {promises.STORED}
    LEFT JOIN LATERAL (SELECT id, hall_id, skill, day, starts_at, ends_at, capacity, taken, closed FROM slot
        WHERE slot.id = asked.slot_id LIMIT 1) AS slot ON true
    LEFT JOIN LATERAL (SELECT version FROM booker WHERE booker.person_id = asked.person_id LIMIT 1) AS booker ON true
    CROSS JOIN LATERAL (SELECT array_agg(item_id) AS items, array_agg(day) AS days FROM booking
        WHERE booking.person_id = asked.person_id AND booking.state IN ({_LIVE})) AS live
    CROSS JOIN LATERAL (SELECT array_agg(day) AS days FROM booking
        WHERE booking.person_id = asked.person_id AND booking.state = 'no_show' AND excused_at IS NULL) AS missed
    {identity.CALLER} {thread.LIVE_THREAD} {push.AGREED.format(respite="$2::timestamptz")}
    ORDER BY asked.place
"""  # noqa: S608 - our own words


@dataclass(slots=True)
class Wish:
    """One wish for a place, as it waits. `claim` is the promise kept in its statement; `enterprise` a name to show."""

    actor: Citizen
    claim: Claim
    person_id: UUID
    enterprise_id: UUID | None
    item_id: UUID
    slot_id: UUID
    ticked: tuple[str, ...]
    hold: bool = False
    enterprise: str | None = None

    @property
    def party_id(self) -> UUID:
        return self.enterprise_id or self.person_id


@dataclass(slots=True)
class Facts:
    """Everything known of a wish that nothing speaks against yet."""

    wish: Wish
    place: Place
    caller: identity.Caller
    opening: thread.Opening
    version: int
    ask: tuple[str, ...]


@dataclass(slots=True)
class _Counter:
    """Where an item is served: hall, guide and policy, read again every second and kept while they stay the same."""

    hall: catalogue.HallView
    guide: catalogue.GuideView
    policy: BookingPolicy
    keys: frozenset[str]
    read_at: datetime
    places: dict[tuple[UUID, datetime], Place] = field(default_factory=dict)

    def same(self, hall: catalogue.HallView, guide: catalogue.GuideView, policy: BookingPolicy) -> bool:
        """Say whether what was just read is what is known: then all that was drawn of it still holds."""
        return self.hall == hall and self.guide == guide and _said_by(self.policy) == _said_by(policy)


_counters: dict[tuple[UUID, UUID], _Counter] = {}
_Asks = dict[tuple[str, ...], tuple[str, ...]]


async def facts_of(wishes: list[Wish], fetch: db.Fetch) -> list[Facts | Stored | AppError]:
    """Say for each wish what is known, or that it was granted before, or why it is refused, in order."""
    now = clock.now()
    told: list[Facts | Stored | AppError] = []
    # Most have settled the same templates: what is still to be asked for is found out once.
    asks: _Asks = {}
    rows = await fetch(_FACTS, list(map(_asked, wishes)), now - push.RESPITE)
    for wish, row in zip(wishes, rows, strict=True):
        try:
            told.append(promises.stored_of(wish.claim, row) or await _known(wish, row, now, asks))
        except AppError as refusal:
            told.append(refusal)
    return told


_asked = attrgetter(
    "slot_id", "person_id", "actor.account_id", "party_id", "item_id", "claim.owner", "claim.key"
)  # fmt: skip


async def _known(wish: Wish, row: Record, now: datetime, asks: _Asks) -> Facts:
    place = await _judged(wish, row, now)
    opening = thread.opening_of(row, place.hall.region_code, wish.person_id)
    settled = tuple(row["settled"] or ())
    ask = asks.get(settled)
    if ask is None:
        ask = asks[settled] = tuple(push.asked_for(messages.BookingConfirmed, settled))
    return Facts(wish, place, identity.caller_of(row), opening, row["version"], ask)


async def _judged(wish: Wish, row: Record, now: datetime) -> Place:
    if row["id"] is None:
        raise NotFound("booking.slot_gone")
    if row["closed"]:
        raise Conflict("booking.closed")
    if row["starts_at"] <= now:
        raise Conflict("booking.past")
    if row["taken"] >= row["capacity"]:
        raise Conflict("booking.slot_full")
    counter = await _counter(wish.item_id, row["hall_id"], now)
    if counter.guide.content.skill != row["skill"]:
        raise Conflict("booking.wrong_slot_for_item")
    require_audience(counter.guide, wish.enterprise_id)
    if wish.ticked:
        wish.ticked = tuple(key for key in wish.ticked if key in counter.keys)
    items, days, missed = row["items"] or [], row["days"] or [], row["missed"] or []
    if days or missed:
        within_limits(counter.policy, wish.item_id, row["day"], items=items, days=days, missed=missed)
    return _place(row, counter)


def _place(row: Record, counter: _Counter) -> Place:
    # What is shown of a slot is when it is; how many have it is read anew by every batch.
    key = row["id"], row["ends_at"]
    place = counter.places.get(key)
    if place is None:
        slot = Slot(**{name: row[name] for name in _SLOT})
        place = counter.places[key] = Place(slot, counter.policy, counter.hall, counter.guide)
    return place


_SLOT = ("id", "hall_id", "skill", "day", "starts_at", "ends_at", "capacity", "taken", "closed")


def within_limits(
    policy: BookingPolicy, item_id: UUID, day: date, *, items: list[UUID], days: list[date], missed: list[date]
) -> None:
    """Refuse one more than the hall allows a person for an item, on a day, in all, or after too many no-shows."""
    until = blocked_until(policy, missed) if missed else None
    if until is not None and clock.today() < until:
        raise Conflict("booking.blocked", until=until, count=policy.no_show_limit)
    of_item = [on for item, on in zip(items, days, strict=True) if item == item_id]
    if day in of_item:
        raise Conflict("booking.already_booked")
    if len(of_item) >= policy.per_person_item:
        raise Conflict("booking.item_limit", limit=policy.per_person_item)
    if days.count(day) >= policy.per_person_day:
        raise Conflict("booking.limit_reached", limit=policy.per_person_day)
    if len(days) >= policy.per_person:
        raise Conflict("booking.limit_in_all", limit=policy.per_person)


def blocked_until(policy: BookingPolicy, missed: list[date]) -> date | None:
    """Say until when somebody who did not come too often may not book, if ever."""
    since = clock.today() - timedelta(days=policy.no_show_days)
    counted = sorted(day for day in missed if day > since)
    if len(counted) < policy.no_show_limit:
        return None
    return counted[-1] + timedelta(days=policy.blocked_days)


async def _counter(item_id: UUID, hall_id: UUID, now: datetime) -> _Counter:
    known = _counters.get((item_id, hall_id))
    if known is not None and timedelta(0) <= now - known.read_at < KEPT_FOR:
        return known
    guide, hall = await served_in(item_id, hall_id)
    policy = await policy_of(hall_id)
    if known is not None and known.same(hall, guide, policy):
        known.read_at = now
        return known
    if len(_counters) >= KEPT_PLACES:
        _counters.clear()
    keys = frozenset(material.key for material in guide.content.materials)
    made = _counters[item_id, hall_id] = _Counter(hall, guide, policy, keys, now)
    return made


def _said_by(policy: BookingPolicy) -> list[object]:
    # A hall that has said nothing has the defaults, in a row of its own each time.
    return [getattr(policy, name) for name in _POLICY]


_POLICY = sorted(BookingPolicy._meta.fields - {"id", "created_at"})  # noqa: SLF001 - Tortoise's own description of a model
