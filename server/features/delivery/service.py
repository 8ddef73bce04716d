"""The door of delivery: prepare, make ready, hand over against a pickup code."""

from __future__ import annotations

import secrets
import string
import unicodedata
from datetime import timedelta
from uuid import UUID

from tortoise.exceptions import IntegrityError

from server import db
from server.actor import Actor, Citizen, Role, Staff
from server.errors import Conflict, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.cases import service as cases
from server.features.catalogue import service as catalogue
from server.features.delivery import messages
from server.features.delivery.messages import ReadyToCollect
from server.features.delivery.models import MOVES, WAITING, Delivery, DeliveryState
from server.features.delivery.schemas import Claim, DeliveryOut, DeskDelivery, HallRef, HandedOver
from server.features.identity import service as identity
from server.features.push import service as push
from server.features.thread import service as thread
from server.kit import clock, masking
from server.kit.texts import text

__all__ = [
    "Claim",
    "DeliveryOut",
    "DeskDelivery",
    "ReadyToCollect",
    "counts",
    "desk",
    "find",
    "hand_over",
    "of_thread",
    "ready",
]

DESK = (Role.CLERK, Role.HALL_MANAGER)
CODE_DIGITS = 8
TRIES = 5
SHOWN = 200
KEPT_FOR = timedelta(days=30)


@thread.on("cases.granted")
async def prepare(happening: thread.Recorded) -> None:
    """Open the delivery of a granted case in the transaction of the decision; nothing to hand over ends the matter."""
    case, wish = await cases.wanted_delivery(happening.thread.id)
    if wish.method == "none" or case.hall_id is None:
        # Every case that was handed in has a hall; one without could only wait for ever.
        await thread.close(case.thread_id, happening.actor)
        return
    delivery = Delivery(thread_id=case.thread_id, case_id=case.id, person_id=case.person_id, hall_id=case.hall_id)
    await _with_code(delivery)
    await thread.record(case.thread_id, "delivery.preparing", happening.actor, delivery_id=delivery.id, case_id=case.id)


@thread.on("cases.revoked")
async def withhold(happening: thread.Recorded) -> None:
    """Keep back at the desk what was granted and is taken back before it was collected."""
    waiting = Delivery.filter(thread_id=happening.thread.id, state__in=MOVES["withhold"][0])
    await waiting.update(state=MOVES["withhold"][1])


async def _with_code(delivery: Delivery) -> None:
    # Eight digits of which at most some thousand are live: a clash is rare, and the unique index finds it.
    for _ in range(TRIES):
        delivery.pickup_code = "".join(secrets.choice(string.digits) for _ in range(CODE_DIGITS))
        delivery.pickup_index = db.blind_index("delivery.pickup_code", delivery.pickup_code)
        try:
            async with db.savepoint():
                await delivery.save(force_create=True)
        except IntegrityError:
            continue
        return
    raise Conflict("delivery.no_code")


async def of_thread(actor: Actor, thread_id: UUID) -> DeliveryOut | None:
    """Show the delivery of a thread; the caller has already checked who may see the thread."""
    delivery = await Delivery.filter(thread_id=thread_id).order_by("-created_at").first()
    if delivery is None:
        return None
    hall = await catalogue.hall(delivery.hall_id)
    collectable = delivery.state is DeliveryState.READY_TO_COLLECT and isinstance(actor, Citizen)
    return DeliveryOut(
        id=delivery.id,
        method=delivery.method,
        state=delivery.state.value,
        state_text=text(actor.locale, f"delivery.state.{delivery.state.value}"),
        hall=HallRef(id=hall.id, name=hall.name, address=hall.address, phone=hall.phone, hours_text=hall.hours_text),
        pickup_code=delivery.pickup_code if collectable else None,
        shelf=delivery.shelf,
        ready_at=delivery.ready_at,
        collected_at=delivery.collected_at,
    )


async def desk(actor: Staff, hall_id: UUID | None = None) -> list[DeskDelivery]:
    """List what the actor's halls must make ready or hand out, the longest waiting first."""
    rows = Delivery.in_halls(await _halls(actor)).filter(state__in=(*WAITING, DeliveryState.READY_TO_COLLECT))
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
    rows = Delivery.in_halls(await _halls(actor))
    ready_now = rows.filter(state=DeliveryState.READY_TO_COLLECT)
    return await rows.filter(state__in=WAITING).count(), await ready_now.count()


@db.transactional
async def ready(actor: Staff, delivery_id: UUID, shelf: str) -> None:
    """Say that the result lies on a shelf of the counter; the person is told. Refuses `delivery.shelf_missing`."""
    place = shelf.strip()
    if not place or len(place) > 20:
        raise InvalidInput("delivery.shelf_missing")
    delivery = await Delivery.in_halls(await _halls(actor)).get_or_none(id=delivery_id)
    if delivery is None:
        raise NotFound
    await delivery.move("ready", shelf=place, ready_at=clock.now())
    hall = await catalogue.hall(delivery.hall_id)
    await thread.record(delivery.thread_id, "delivery.ready_to_collect", actor, delivery_id=delivery.id, hall=hall.name)
    await _say_ready(delivery)
    await _on_record(actor, "delivery.ready", delivery)


async def _say_ready(delivery: Delivery) -> None:
    """Tell the person, once all that is handed out together is there: one way to the counter, and one message."""
    together, decided = await cases.handed_out_together(delivery.case_id)
    there = await Delivery.filter(case_id__in=together).exclude(state__in=WAITING).count()
    if not decided or there < len(together):
        return
    hall = await catalogue.hall(delivery.hall_id)
    whole = await thread.parent_of(delivery.thread_id) if len(together) > 1 else None
    opened = await thread.get(whole or delivery.thread_id)
    await _tell(
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
    await _on_record(actor, "delivery.found", delivery)
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
    await _tell(
        delivery,
        messages.Collected(thread_id=str(delivery.thread_id), number=opened.number, item=opened.title, hall=hall.name),
    )
    await _on_record(actor, "delivery.handed_over", delivery)
    await thread.close(delivery.thread_id, actor)
    person = await identity.person(delivery.person_id)
    return HandedOver(
        thread_id=delivery.thread_id, number=opened.number, item=opened.title, person=masking.name(person.name)
    )


async def _collectable(actor: Staff, pickup_code: str) -> Delivery:
    plain = unicodedata.normalize("NFKC", pickup_code)
    digits = "".join(letter for letter in plain if letter in string.digits)
    rows = Delivery.in_halls(await _halls(actor)).filter(pickup_index=db.blind_index("delivery.pickup_code", digits))
    delivery = await rows.order_by("-created_at").first()
    if delivery is None:
        raise NotFound("delivery.code_unknown")
    if delivery.state is DeliveryState.COLLECTED:
        raise Conflict("delivery.collected")
    if delivery.state is not DeliveryState.READY_TO_COLLECT:
        raise Conflict("delivery.not_ready")
    return delivery


async def _halls(actor: Staff) -> tuple[UUID, ...] | None:
    return await catalogue.halls_within(await identity.reach(actor, *DESK))


async def _tell(delivery: Delivery, message: push.Message) -> None:
    await push.send(
        message,
        to=push.To(person_id=delivery.person_id),
        thread_id=delivery.thread_id,
        dedupe=f"{message.kind}:{delivery.id}",
    )


async def _on_record(actor: Staff, action: str, delivery: Delivery) -> None:
    await audit.record(
        actor, action, "delivery", delivery.id, person_id=delivery.person_id, thread_id=delivery.thread_id
    )
