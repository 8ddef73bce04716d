"""In line for a full day: a place that is given back is kept for the next, in the transaction that frees it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from tortoise.exceptions import IntegrityError

from server import db
from server.actor import Citizen, System
from server.errors import AppError, Conflict, Forbidden, NotFound
from server.features.booking.models import Booking, BookingState, Slot, Waiting, WaitState
from server.features.booking.schemas import ItemRef, StandingOut, WaitIn, WaitsOut
from server.features.booking.service._availability import require_audience, served_in
from server.features.booking.service._book import GIVE_BACK, within_limit
from server.features.booking.service._slots import policy_of
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.push import service as push
from server.features.thread import service as thread
from server.kit import clock, masking
from server.kit.texts import text

MOST = 5
# Nobody can come at once: a place that begins sooner is offered to nobody.
NOTICE = timedelta(hours=1)
LIVE_WAITS = (WaitState.WAITING, WaitState.OFFERED)

# The first in line, locked; one whom another transaction is just serving is passed over.
_NEXT = """
    SELECT id FROM waitlist
    WHERE hall_id = $1 AND skill = $2 AND day = $3 AND state = 'waiting' AND id <> ALL($4::uuid[])
    ORDER BY created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_FREE = """
    SELECT 1 FROM slot
    WHERE hall_id = $1 AND skill = $2 AND day = $3 AND taken < capacity AND NOT closed AND starts_at > $4 LIMIT 1
"""
_STANDING = """
    SELECT 1 FROM slot WHERE hall_id = $1 AND skill = $2 AND day = $3 AND NOT closed AND starts_at > $4 LIMIT 1
"""
# What is free although somebody waits for it: the hall has made room, or it came free while they were joining the line.
_UNSERVED = """
    SELECT slot.id FROM slot
    WHERE taken < capacity AND NOT closed AND starts_at > $1 AND ($2::uuid IS NULL OR hall_id = $2) AND EXISTS (
        SELECT 1 FROM waitlist WHERE waitlist.hall_id = slot.hall_id AND waitlist.skill = slot.skill
            AND waitlist.day = slot.day AND waitlist.state = 'waiting')
    ORDER BY starts_at, id
"""


@db.transactional
async def wait(actor: Citizen, wish: WaitIn) -> StandingOut:
    """Stand in line for a day that is full.

    Whoever could not be given a place is told so now, and not left waiting for a message that never comes.

    Refuses: `booking.day_free`, `booking.already_waiting`, `booking.past`, `booking.nothing_to_wait_for` on a day
    without a time that could still be kept for anybody, `booking.too_many_waits`, `booking.enterprise_only`,
    `booking.person_only`, and what the hall's limits say against one more, as `book` does.
    """
    if actor.person_id is None:
        raise Forbidden("identity.real_name_required")
    party = await identity.party(
        actor, person_id=wish.for_person_id, enterprise_id=wish.enterprise_id, scope=identity.Scope.VISITS
    )
    if wish.day < clock.today():
        raise Conflict("booking.past")
    guide, _ = await served_in(wish.item_id, wish.hall_id)
    require_audience(guide, wish.enterprise_id)
    if await db.fetchval(_FREE, wish.hall_id, guide.content.skill, wish.day, clock.now()):
        raise Conflict("booking.day_free")
    soonest = clock.now() + NOTICE
    if not await db.fetchval(_STANDING, wish.hall_id, guide.content.skill, wish.day, soonest):
        raise Conflict("booking.nothing_to_wait_for")
    if await Waiting.filter(person_id=party.person_id, state__in=LIVE_WAITS).count() >= MOST:
        raise Conflict("booking.too_many_waits", limit=MOST)
    await within_limit(party.person_id, wish.item_id, wish.day, await policy_of(wish.hall_id))
    if wish.subscriptions is not None:
        await push.note_subscriptions(actor, wish.subscriptions)
    waiting = Waiting(
        hall_id=wish.hall_id,
        item_id=wish.item_id,
        skill=guide.content.skill,
        day=wish.day,
        person_id=party.person_id,
        enterprise_id=wish.enterprise_id,
        account_id=actor.account_id,
        state=WaitState.WAITING,
    )
    try:
        await waiting.save(force_create=True)
    except IntegrityError as clash:
        raise Conflict("booking.already_waiting") from clash
    return await _out(actor, waiting)


async def waits(actor: Citizen) -> WaitsOut:
    """List the lines I stand in, for myself and others."""
    parties = await identity.parties(actor, identity.Scope.VISITS)
    rows = await Waiting.filter(
        person_id__in=parties.person_ids, state__in=LIVE_WAITS, day__gte=clock.today()
    ).order_by("day", "created_at")
    return WaitsOut(items=[await _out(actor, row) for row in rows])


@db.transactional
async def leave(actor: Citizen, waiting_id: UUID) -> WaitsOut:
    """Leave a line; leaving one that has ended changes nothing."""
    parties = await identity.parties(actor, identity.Scope.VISITS)
    mine = await Waiting.filter(id=waiting_id, person_id__in=parties.person_ids).get_or_none()
    if mine is None:
        raise NotFound
    await Waiting.filter(id=waiting_id, state=WaitState.WAITING).update(state=WaitState.LEFT)
    return await waits(actor)


async def free(slot_id: UUID) -> None:
    """Free a place; whoever is next in line has it under a hold, in the same transaction."""
    await db.execute(GIVE_BACK, slot_id)
    await pass_on(slot_id)


async def pass_on(slot_id: UUID) -> int:
    """Offer what is free at a start time to those in line, one after the other."""
    slot = await Slot.get(id=slot_id)
    offered = 0
    passed: list[UUID] = []
    while slot.taken < slot.capacity and not slot.closed and slot.starts_at > clock.now() + NOTICE:
        found = await db.fetchval(_NEXT, slot.hall_id, slot.skill, slot.day, passed)
        if found is None:
            break
        offered += await _offer(await Waiting.get(id=found), slot)
        passed.append(found)
        await slot.refresh_from_db(["taken"])
    return offered


async def serve_lines(hall_id: UUID | None = None) -> int:
    """Offer what is free to those who wait for it, in one hall or in all; gives how many were offered something."""
    offered = 0
    for row in await db.fetch(_UNSERVED, clock.now() + NOTICE, hall_id):
        async with db.tx():
            await db.execute("SELECT 1 FROM slot WHERE id = $1 FOR NO KEY UPDATE", row["id"])
            offered += await pass_on(row["id"])
    return offered


async def _offer(waiting: Waiting, slot: Slot) -> bool:
    from server.features.booking.service._hold import offer  # noqa: PLC0415 - an offer is a hold, a hold's end an offer

    policy = await policy_of(slot.hall_id)
    try:
        async with db.savepoint():
            held = await offer(await _draft(waiting, slot), slot, minutes=policy.offer_minutes, by="waitlist")
            await Waiting.filter(id=waiting.id).update(state=WaitState.OFFERED, booking_id=held.id)
    except AppError:
        # They have one by now, or may not book, or what they wait for is no longer done here: they keep their place in
        # line and the next is asked.
        return False
    return True


async def _draft(waiting: Waiting, slot: Slot) -> Booking:
    guide, hall = await served_in(waiting.item_id, waiting.hall_id)
    opened = await thread.open(
        System(name="booking.waitlist"),
        person_id=waiting.person_id,
        enterprise_id=waiting.enterprise_id,
        item_id=waiting.item_id,
        title=guide.item.name,
        region_code=hall.region_code,
        account_id=waiting.account_id,
    )
    return Booking(
        thread_id=opened.id,
        slot_id=slot.id,
        hall_id=slot.hall_id,
        item_id=waiting.item_id,
        guide_id=guide.id,
        day=slot.day,
        person_id=waiting.person_id,
        enterprise_id=waiting.enterprise_id,
        account_id=waiting.account_id,
        state=BookingState.HELD,
        ticked=[],
    )


async def lapse_past() -> int:
    """Take out of the lines who waited for a day that is over."""
    return await Waiting.filter(state=WaitState.WAITING, day__lt=clock.today()).update(state=WaitState.LAPSED)


async def _out(actor: Citizen, row: Waiting) -> StandingOut:
    item = (await catalogue.items([row.item_id]))[row.item_id]
    person = (await identity.people([row.person_id]))[row.person_id]
    ahead = await Waiting.filter(
        hall_id=row.hall_id, skill=row.skill, day=row.day, state=WaitState.WAITING, created_at__lt=row.created_at
    ).count()
    return StandingOut(
        id=row.id,
        item=ItemRef(id=item.id, name=item.name),
        hall_id=row.hall_id,
        hall=(await catalogue.hall(row.hall_id)).name,
        day=row.day,
        person=masking.name(person.name),
        state=row.state.value,
        state_text=text(actor.locale, f"booking.wait.{row.state.value}"),
        ahead=ahead,
        booking_id=row.booking_id if row.state is WaitState.OFFERED else None,
    )
