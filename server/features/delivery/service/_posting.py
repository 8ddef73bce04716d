"""By post: handed to the post with a waybill, followed until it is signed for, and a way on when it is not."""

from __future__ import annotations

from uuid import UUID

from msgspec import convert
from tortoise.exceptions import IntegrityError

from server import db
from server.actor import Actor, Staff
from server.errors import Conflict, NotFound
from server.features.catalogue import service as catalogue
from server.features.delivery import messages
from server.features.delivery.models import HEARD, WAITING, Delivery, Sending, SendingEvent, read_waybill
from server.features.delivery.schemas import LabelOut
from server.features.delivery.service import _rows
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import clock
from server.kit.texts import SOURCE, text

# What the delivery does when this is heard of its parcel; the lost one is as gone as the one that came back.
_MOVES = {"in_transit": "carry", "signed": "sign", "returned": "send_back", "lost": "send_back"}


@db.transactional
async def post(actor: Staff, delivery_id: UUID, waybill: str) -> None:
    """Hand a result to the post under a waybill; the person is told it.

    Refuses `delivery.not_to_post`, `.waybill_used`, `invalid_input`; raises NotFound.
    """
    rows = Delivery.in_halls(await _rows.halls(actor)).select_for_update()
    delivery = await rows.get_or_none(id=delivery_id)
    if delivery is None:
        raise NotFound
    if delivery.method != "post" or not is_here(delivery):
        raise Conflict("delivery.not_to_post")
    number = read_waybill(waybill)
    parcel = Sending(delivery_id=delivery.id, waybill=number, staff_id=actor.staff_id)
    try:
        async with db.savepoint():
            await parcel.save(force_create=True)
    except IntegrityError as known:
        raise Conflict("delivery.waybill_used") from known
    await _note(parcel, actor)
    await delivery.move("post")
    await thread.record(delivery.thread_id, "delivery.posted", actor, delivery_id=delivery.id, waybill=number)
    opened = await thread.get(delivery.thread_id)
    await _rows.tell(
        delivery,
        messages.Posted(
            thread_id=str(delivery.thread_id),
            number=opened.number,
            item=opened.title,
            carrier=text(SOURCE, "delivery.carrier"),
            waybill=number,
            at=clock.now(),
        ),
        again=number,
    )
    await _rows.on_record(actor, "delivery.posted", delivery)


@db.transactional
async def heard(actor: Staff, waybill: str, state: str) -> None:
    """Note what is heard of a parcel of the actor's halls. Refuses `delivery.waybill_unknown`, `.heard_before`."""
    parcel = await Sending.get_or_none(waybill=read_waybill(waybill))
    within = Delivery.in_halls(await _rows.halls(actor)).select_for_update()
    delivery = await within.get_or_none(id=parcel.delivery_id) if parcel else None
    if parcel is None or delivery is None:
        raise NotFound("delivery.waybill_unknown")
    moved = await Sending.filter(id=parcel.id, state__in=HEARD[state]).update(state=state, moved_at=clock.now())
    if not moved:
        raise Conflict("delivery.heard_before")
    parcel.state = state
    await _note(parcel, actor)
    await delivery.move(_MOVES[state], **({"made_at": "department"} if state == "lost" else {}))
    await thread.record(delivery.thread_id, f"delivery.post_{state}", actor, delivery_id=delivery.id)
    await _say(delivery, parcel)
    await _rows.on_record(actor, f"delivery.post_{state}", delivery)
    if state == "signed":
        await thread.close(delivery.thread_id, actor)


def is_here(delivery: Delivery) -> bool:
    """Say whether the window has it, to be sent."""
    return delivery.state in WAITING and (delivery.state is not WAITING[0] or delivery.made_at == "window")


async def label(actor: Staff, delivery_id: UUID) -> LabelOut:
    """Give what stands on the label; the look at the address is on record. Raises NotFound."""
    async with db.tx():
        delivery = await Delivery.in_halls(await _rows.halls(actor)).get_or_none(id=delivery_id)
        parcel = await Sending.filter(delivery_id=delivery_id).order_by("-created_at").first()
        if delivery is None:
            raise NotFound
        if delivery.address is None:
            raise Conflict("delivery.not_to_post")
        await _rows.on_record(actor, "delivery.label_printed", delivery)
        hall = await catalogue.hall(delivery.hall_id)
        return LabelOut(
            to=convert(delivery.address, identity.Postal),
            sender=hall.name,
            sender_address=hall.address,
            sender_phone=hall.phone,
            waybill=parcel.waybill if parcel else None,
            number=(await thread.get(delivery.thread_id)).number,
        )


async def _note(parcel: Sending, actor: Actor) -> None:
    staff_id = actor.staff_id if isinstance(actor, Staff) else None
    await SendingEvent(sending_id=parcel.id, state=parcel.state, staff_id=staff_id).save(force_create=True)


async def _say(delivery: Delivery, parcel: Sending) -> None:
    news = messages.PARCEL_NEWS.get(parcel.state)
    if news is None:
        return
    opened = await thread.get(delivery.thread_id)
    said = news(thread_id=str(delivery.thread_id), number=opened.number, item=opened.title, at=clock.now())
    await _rows.tell(delivery, said, again=parcel.waybill)
