"""Handing over by list: the department scans and signs, the window counts, shelves and signs; what is missing stays."""

from __future__ import annotations

from uuid import UUID

from tortoise.exceptions import IntegrityError

from server import db
from server.actor import Role, Staff
from server.errors import Conflict, Forbidden, NotFound
from server.features.audit import service as audit
from server.features.cases import service as cases
from server.features.catalogue import service as catalogue
from server.features.delivery.models import Delivery, DeliveryState, HandoverLine, HandoverList
from server.features.delivery.service import _rows, _shelving
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import clock

GIVERS = (Role.REVIEWER,)


async def departments(actor: Staff) -> tuple[UUID, ...] | None:
    """Name the departments for which an officer gives; None is all of them."""
    return await catalogue.departments_within(await identity.reach(actor, *GIVERS))


async def reached(actor: Staff, list_id: UUID, *, lock: bool = False) -> HandoverList:
    """Reach a list of the actor's departments or halls. Raises NotFound."""
    rows = HandoverList.between(await departments(actor), await _rows.halls(actor))
    found = await (rows.select_for_update() if lock else rows).get_or_none(id=list_id)
    if found is None:
        raise NotFound
    return found


@db.transactional
async def begin_list(actor: Staff, department_id: UUID, hall_id: UUID) -> UUID:
    """Begin a list for a hall, or go on with the one that is open. Raises NotFound, Forbidden."""
    within = await departments(actor)
    if not actor.has(*GIVERS) or (within is not None and department_id not in within):
        raise Forbidden("forbidden")
    await catalogue.hall(hall_id)
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"handover:{department_id}:{hall_id}")
    going = await HandoverList.filter(department_id=department_id, hall_id=hall_id, state="open").first()
    if going is not None:
        return going.id
    number = await db.fetchval("SELECT nextval('handover_number')")
    begun = HandoverList(number=number, department_id=department_id, hall_id=hall_id, opened_by=actor.staff_id)
    await begun.save(force_create=True)
    await audit.record(actor, "delivery.list_begun", "handover_list", begun.id)
    return begun.id


@db.transactional
async def scan_on(actor: Staff, list_id: UUID, code: str) -> None:
    """Put a result on an open list by its number, as its barcode says it.

    Refuses `delivery.list_closed`, `.code_not_here`, `.other_hall`, `.on_a_list`, `.wrong_state`,
    `cases.tolerance_open`.
    """
    going = await _given_by(actor, list_id, "open")
    delivery = await _made(going, code)
    if delivery.hall_id != going.hall_id:
        raise Conflict("delivery.other_hall", hall=(await catalogue.hall(delivery.hall_id)).name)
    if delivery.state is not DeliveryState.PREPARING:
        raise Conflict("delivery.wrong_state")
    await cases.require_complete(delivery.case_id)
    try:
        async with db.savepoint():
            await HandoverLine(list_id=going.id, delivery_id=delivery.id).save(force_create=True)
    except IntegrityError as taken:
        raise Conflict("delivery.on_a_list") from taken


@db.transactional
async def take_off(actor: Staff, list_id: UUID, delivery_id: UUID) -> None:
    """Take a result off an open list again. Refuses `delivery.list_closed`."""
    going = await _given_by(actor, list_id, "open")
    if not await HandoverLine.filter(delivery_id=delivery_id, list_id=going.id).delete():
        raise NotFound


@db.transactional
async def give(actor: Staff, list_id: UUID) -> None:
    """Sign as the giver: the window may count. Refuses `delivery.list_empty`, `.list_closed`."""
    going = await _given_by(actor, list_id, "open")
    if not await HandoverLine.exists(list_id=going.id):
        raise Conflict("delivery.list_empty")
    going.state, going.given_by, going.given_at = "given", actor.staff_id, clock.now()
    await going.save(update_fields=["state", "given_by", "given_at"])
    await audit.record(actor, "delivery.list_given", "handover_list", going.id)


@db.transactional
async def count(actor: Staff, list_id: UUID, code: str, shelf: str) -> None:
    """Count one result of a given list, and put it on a shelf. Refuses `delivery.not_on_list`, `.shelf_missing`."""
    going = await _received_by(actor, list_id)
    place = _shelving.shelf_of(shelf)
    found = await thread.by_number(code)
    delivery = await Delivery.filter(thread_id=found).first() if found else None
    line = await HandoverLine.filter(list_id=going.id, delivery_id=delivery.id).first() if delivery else None
    if line is None:
        raise NotFound("delivery.not_on_list")
    line.shelf = place
    await line.save(update_fields=["shelf"])


@db.transactional
async def receive(actor: Staff, list_id: UUID) -> tuple[int, int]:
    """Sign as the receiver: what was counted is the window's, what was not is missing and stays with the giver.

    Gives how many of each. Who is to collect is told now. Refuses `delivery.own_list`, `.list_closed`.
    """
    going = await _received_by(actor, list_id)
    if going.given_by == actor.staff_id:
        raise Conflict("delivery.own_list")
    lines = await HandoverLine.filter(list_id=going.id).order_by("created_at", "id")
    here = 0
    for line in lines:
        delivery = await Delivery.filter(id=line.delivery_id).select_for_update().get()
        # Taken back by the department meanwhile, or a paper is awaited: it is not handed out, wherever it lies.
        taken = line.shelf is not None and delivery.state is DeliveryState.PREPARING
        taken = taken and not await cases.awaits_papers(delivery.case_id)
        line.state = "received" if taken else "missing"
        line.shelf = line.shelf if taken else None
        await line.save(update_fields=["state", "shelf"])
        if taken:
            here += 1
            await _take(actor, delivery, line.shelf or "")
    going.state, going.counted_by, going.counted_at = "counted", actor.staff_id, clock.now()
    await going.save(update_fields=["state", "counted_by", "counted_at"])
    await audit.record(actor, "delivery.list_counted", "handover_list", going.id, missing=str(len(lines) - here))
    return here, len(lines) - here


async def _take(actor: Staff, delivery: Delivery, shelf: str) -> None:
    await delivery.move("take", shelf=shelf)
    await thread.record(delivery.thread_id, "delivery.handed_to_window", actor, delivery_id=delivery.id)
    if delivery.method == "counter":
        await _shelving.lay_out(actor, delivery, shelf)


async def _given_by(actor: Staff, list_id: UUID, state: str) -> HandoverList:
    going = await reached(actor, list_id, lock=True)
    within = await departments(actor)
    if not actor.has(*GIVERS) or (within is not None and going.department_id not in within):
        raise Forbidden("forbidden")
    if going.state != state:
        raise Conflict("delivery.list_closed")
    return going


async def _received_by(actor: Staff, list_id: UUID) -> HandoverList:
    going = await reached(actor, list_id, lock=True)
    within = await _rows.halls(actor)
    if not actor.has(*_rows.DESK) or (within is not None and going.hall_id not in within):
        raise Forbidden("forbidden")
    if going.state != "given":
        raise Conflict("delivery.list_closed")
    return going


async def _made(going: HandoverList, code: str) -> Delivery:
    """Find by its number what the list's department has made, and hold it."""
    found = await thread.by_number(code)
    rows = Delivery.filter(department_id=going.department_id, made_at="department")
    delivery = await rows.filter(thread_id=found).select_for_update().first() if found else None
    if delivery is None:
        raise NotFound("delivery.code_not_here")
    return delivery
