"""The counter: on the shelf, found by its code, handed over."""

from __future__ import annotations

import string
import unicodedata
from datetime import timedelta
from uuid import UUID

from server import db
from server.actor import Staff
from server.errors import Conflict, InvalidInput, NotFound
from server.features.cases import service as cases
from server.features.catalogue import service as catalogue
from server.features.delivery import messages
from server.features.delivery.models import WAITING, Delivery, DeliveryState
from server.features.delivery.schemas import Claim, DeskDelivery, HandedOver
from server.features.delivery.service import _rows
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import clock, masking
from server.kit.texts import text

SHOWN = 200
KEPT_FOR = timedelta(days=30)


async def desk(actor: Staff, hall_id: UUID | None = None) -> list[DeskDelivery]:
    """List what the actor's halls must make ready or hand out, the longest waiting first."""
    rows = Delivery.in_halls(await _rows.halls(actor)).filter(state__in=(*WAITING, DeliveryState.READY_TO_COLLECT))
    if hall_id is not None:
        rows = rows.filter(hall_id=hall_id)
    found = await rows.order_by("created_at").limit(SHOWN)
    people = await identity.people([row.person_id for row in found])
    threads = await thread.many([row.thread_id for row in found])
    return [
        DeskDelivery(
            id=row.id,
            thread_id=row.thread_id,
            number=threads[row.thread_id].number,
            item=threads[row.thread_id].title,
            person=masking.name(people[row.person_id].name),
            state=row.state.value,
            state_text=text(actor.locale, f"delivery.state.{row.state.value}"),
            shelf=row.shelf,
            since=row.ready_at or row.created_at,
        )
        for row in found
    ]


async def counts(actor: Staff) -> tuple[int, int]:
    """Count what must be made ready and what waits to be collected in the actor's halls."""
    rows = Delivery.in_halls(await _rows.halls(actor))
    ready_now = rows.filter(state=DeliveryState.READY_TO_COLLECT)
    return await rows.filter(state__in=WAITING).count(), await ready_now.count()


@db.transactional
async def ready(actor: Staff, delivery_id: UUID, shelf: str) -> None:
    """Say that the result lies on a shelf of the counter; the person is told. Refuses `delivery.shelf_missing`."""
    place = shelf.strip()
    if not place or len(place) > 20:
        raise InvalidInput("delivery.shelf_missing")
    delivery = await Delivery.in_halls(await _rows.halls(actor)).get_or_none(id=delivery_id)
    if delivery is None:
        raise NotFound
    await delivery.move("ready", shelf=place, ready_at=clock.now())
    hall = await catalogue.hall(delivery.hall_id)
    await thread.record(delivery.thread_id, "delivery.ready_to_collect", actor, delivery_id=delivery.id, hall=hall.name)
    await _say_ready(delivery)
    await _rows.on_record(actor, "delivery.ready", delivery)


async def _say_ready(delivery: Delivery) -> None:
    """Tell the person, once all that is handed out together is there: one way to the counter, and one message."""
    together, decided = await cases.handed_out_together(delivery.case_id)
    there = await Delivery.filter(case_id__in=together).exclude(state__in=WAITING).count()
    if not decided or there < len(together):
        return
    hall = await catalogue.hall(delivery.hall_id)
    whole = await thread.parent_of(delivery.thread_id) if len(together) > 1 else None
    opened = await thread.get(whole or delivery.thread_id)
    await _rows.tell(
        delivery,
        messages.ReadyToCollect(
            thread_id=str(delivery.thread_id),
            number=opened.number,
            item=opened.title,
            hall=hall.name,
            at=clock.now(),
            keep_until=clock.today() + KEPT_FOR,
        ),
    )


@thread.on("cases.denied")
async def _after_refusal(happening: thread.Recorded) -> None:
    """What waited for another item of a theme to be decided waits no more once that is refused."""
    parent_id = await thread.parent_of(happening.thread.id)
    threads = await thread.children(parent_id) if parent_id is not None else []
    waiting = Delivery.filter(thread_id__in=threads, state=DeliveryState.READY_TO_COLLECT)
    for delivery in await waiting.order_by("-ready_at").limit(1):
        await _say_ready(delivery)


@db.transactional
async def find(actor: Staff, pickup_code: str) -> Claim:
    """Show whose result a code is for, in clear, so that their document can be looked at. The look is on record.

    Refuses `delivery.code_unknown`, `.not_ready`, `.collected`.
    """
    delivery = await _collectable(actor, pickup_code)
    case, _ = await cases.wanted_delivery(delivery.thread_id)
    opened = await thread.get(delivery.thread_id)
    person = await identity.person(delivery.person_id)
    await _rows.on_record(actor, "delivery.found", delivery)
    return Claim(
        item=opened.title,
        number=opened.number,
        person=person.name,
        document_kind=person.document_kind,
        document=person.number,
        enterprise=(await identity.enterprise(case.enterprise_id)).name if case.enterprise_id else None,
        shelf=delivery.shelf or "",
    )


@db.transactional
async def hand_over(actor: Staff, pickup_code: str, *, identity_checked: bool) -> HandedOver:
    """Hand the result over. Refuses `delivery.code_unknown`, `.identity_unchecked`, `.not_ready`, `.collected`."""
    delivery = await _collectable(actor, pickup_code)
    if not identity_checked:
        raise InvalidInput("delivery.identity_unchecked")
    await delivery.move("collect", collected_at=clock.now(), handed_over_by=actor.staff_id)
    await thread.record(
        delivery.thread_id, "delivery.collected", actor, delivery_id=delivery.id, case_id=delivery.case_id
    )
    hall = await catalogue.hall(delivery.hall_id)
    opened = await thread.get(delivery.thread_id)
    await _rows.tell(
        delivery,
        messages.Collected(thread_id=str(delivery.thread_id), number=opened.number, item=opened.title, hall=hall.name),
    )
    await _rows.on_record(actor, "delivery.handed_over", delivery)
    await thread.close(delivery.thread_id, actor)
    person = await identity.person(delivery.person_id)
    return HandedOver(
        thread_id=delivery.thread_id, number=opened.number, item=opened.title, person=masking.name(person.name)
    )


async def _collectable(actor: Staff, pickup_code: str) -> Delivery:
    plain = unicodedata.normalize("NFKC", pickup_code)
    digits = "".join(letter for letter in plain if letter in string.digits)
    rows = Delivery.in_halls(await _rows.halls(actor)).filter(
        pickup_index=db.blind_index("delivery.pickup_code", digits)
    )
    delivery = await rows.order_by("-created_at").first()
    if delivery is None:
        raise NotFound("delivery.code_unknown")
    if delivery.state is DeliveryState.COLLECTED:
        raise Conflict("delivery.collected")
    if delivery.state is not DeliveryState.READY_TO_COLLECT:
        raise Conflict("delivery.not_ready")
    return delivery
