"""Taking a number without a booking: with the phone, at the kiosk, or at the reception."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from server import db
from server.actor import Actor, Citizen, Staff
from server.errors import Conflict, NotFound
from server.features.audit import service as audit
from server.features.booking import service as booking
from server.features.catalogue import service as catalogue
from server.features.push import service as push
from server.features.queue.models import Green, Ticket
from server.features.queue.schemas import TicketOut, WalkInIn
from server.features.queue.service._arrive import check_in_due, hall_of_token
from server.features.queue.service._caps import check_kiosk, check_person
from server.features.queue.service._places import in_hand, same, say_green
from server.features.queue.service._policy import check_hall, kinds_of, offered, policy_of
from server.features.queue.service._ticket import Arrival, issue, one_at_a_time
from server.features.queue.service._view import kind_name, screen
from server.features.thread import service as thread


@db.transactional
async def walk_in(actor: Citizen, wish: WalkInIn) -> TicketOut:
    """Take a number by the hall's QR. Whoever has a booking or a number for it already gets that one.

    Refuses: `codes.*`, `queue.closed`, `queue.not_taking`, `queue.closed_today`, `queue.kind_closed`,
    `queue.no_window`, `queue.booked_later`, `queue.not_at_door`, `queue.too_many_live`, `queue.too_many_today`.
    """
    scanned = await hall_of_token(wish.token)
    if wish.subscriptions is not None:
        await push.note_subscriptions(actor, wish.subscriptions)
    asked = _Asked(scanned.hall_id, wish.skill, wish.item_id, wish.green, actor.person_id, at_door=scanned.at_door)
    return await _take(actor, asked)


async def walk_in_at_kiosk(
    actor: Actor, hall_id: UUID, skill: str, item_id: UUID | None = None, green: Green | None = None, *, device_id: UUID
) -> TicketOut:
    """Take a number at the kiosk, without a phone and without a name. Refuses also `queue.kiosk_too_fast`, `_full`."""
    return await _take(actor, _Asked(hall_id, skill, item_id, green, device_id=device_id))


async def walk_in_at_desk(
    actor: Staff, hall_id: UUID, skill: str, item_id: UUID | None = None, green: Green | None = None
) -> TicketOut:
    """Give a number at the reception."""
    await check_hall(actor, hall_id)
    return await _take(actor, _Asked(hall_id, skill, item_id, green))


@dataclass(frozen=True, slots=True)
class _Asked:
    """A number wished for, and by which way."""

    hall_id: UUID
    skill: str
    item_id: UUID | None
    green: Green | None
    person_id: UUID | None = None
    device_id: UUID | None = None
    at_door: bool = True


@db.transactional
async def _take(actor: Actor, asked: _Asked) -> TicketOut:
    hall_id, skill, item_id, person_id = asked.hall_id, asked.skill, asked.item_id, asked.person_id
    hall, policy = await catalogue.hall(hall_id), await policy_of(hall_id)
    await one_at_a_time(hall_id)
    item = None if item_id is None else await _item(hall, item_id, skill)
    if person_id is not None:
        known = await _already(actor, asked, person_id)
        if known is not None:
            await say_green(known, asked.green, policy)
            await _say_item(actor, known, hall, item)
            return await screen(known, actor)
        if policy.at_door and not asked.at_door:
            raise Conflict("queue.not_at_door", hall=hall.name)
        await check_person(policy, person_id)
    if asked.device_id is not None:
        await check_kiosk(policy, asked.device_id)
    if skill not in await offered(hall, policy):
        if skill in await kinds_of(hall_id):
            raise Conflict("queue.kind_closed", kind=kind_name(actor.locale, skill), hall=hall.name)
        raise Conflict("queue.no_window", hall=hall.name)
    thread_id = None
    if person_id is not None and item is not None:
        thread_id = await _thread(actor, hall, item, person_id)
    ticket = await issue(
        Arrival(
            hall_id=hall_id,
            skill=skill,
            item_id=item_id,
            person_id=person_id,
            thread_id=thread_id,
            green=asked.green,
            device_id=asked.device_id,
        ),
        policy,
    )
    if thread_id is not None:
        await thread.record(thread_id, "queue.taken", actor, ticket=ticket.number)
    if isinstance(actor, Staff):
        await audit.record(actor, "queue.number_given", "ticket", ticket.id)
    return await screen(ticket, actor)


async def _say_item(actor: Actor, known: Ticket, hall: catalogue.HallView, item: catalogue.ItemView | None) -> None:
    """Let whoever could not say it before say what for: the number is the same, and shows what to bring."""
    if item is None or known.item_id is not None or known.person_id is None:
        return
    thread_id = await _thread(actor, hall, item, known.person_id)
    await known.change(item_id=item.id, thread_id=thread_id)
    await thread.record(thread_id, "queue.taken", actor, ticket=known.number)


async def _thread(actor: Actor, hall: catalogue.HallView, item: catalogue.ItemView, person_id: UUID) -> UUID:
    opened = await thread.open(
        actor, person_id=person_id, enterprise_id=None, item_id=item.id, title=item.name, region_code=hall.region_code
    )
    return opened.id


async def _item(hall: catalogue.HallView, item_id: UUID, skill: str) -> catalogue.ItemView:
    item = (await catalogue.items([item_id])).get(item_id)
    if item is None or item.guide_id is None:
        raise NotFound
    content = (await catalogue.guide(item.guide_id)).content
    if hall.key not in content.hall_keys or item.skill != skill:
        raise Conflict("booking.not_in_this_hall")
    return item


async def _already(actor: Actor, asked: _Asked, person_id: UUID) -> Ticket | None:
    hall_id, skill, item_id = asked.hall_id, asked.skill, asked.item_id
    held = await in_hand(hall_id, person_id, skill, item_id)
    if held:
        return held[0]
    if not isinstance(actor, Citizen):
        return None
    visits = [
        visit
        for visit in await booking.todays_confirmed(actor)
        if visit.booking.hall_id == hall_id
        and visit.booking.person_id == person_id
        and same(visit.skill, visit.booking.item_id, skill, item_id)
    ]
    return await check_in_due(actor, visits[0], asked.green) if visits else None
