"""By post: handed to the post with a waybill, followed until it is signed for, and a way on when it is not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from msgspec import convert
from tortoise.exceptions import IntegrityError

from server import db
from server.actor import Actor, Staff
from server.errors import Conflict, NotFound
from server.features.cases import service as cases
from server.features.catalogue import service as catalogue
from server.features.delivery import messages
from server.features.delivery.models import (
    HEARD,
    LIVE,
    WAITING,
    CourierOrder,
    Delivery,
    Sending,
    SendingEvent,
    read_waybill,
)
from server.features.delivery.schemas import LabelOut
from server.features.delivery.service import _attempts, _rows
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import clock
from server.kit.texts import SOURCE, text

# What the delivery does when this is heard of its parcel; the lost one is as gone as the one that came back.
ENDED = ("signed", "returned", "lost")
# So long is tried to call off what may have reached the courier.
LATE_FOR = timedelta(hours=24)
_MOVES = {"in_transit": "carry", "signed": "sign", "returned": "send_back", "lost": "send_back"}


async def post(actor: Staff, delivery_id: UUID, waybill: str) -> None:
    """Hand a result to the post under a waybill; the person is told it.

    Refuses `delivery.not_to_post`, `.ordered`, `.waybill_used`, `invalid_input`; raises NotFound.
    """
    async with _attempts.kept_if_refused("desk", actor=actor), db.tx():
        await _post(actor, delivery_id, waybill)


async def _post(actor: Staff, delivery_id: UUID, waybill: str) -> None:
    rows = Delivery.in_halls(await _rows.halls(actor)).select_for_update()
    delivery = await rows.get_or_none(id=delivery_id)
    if delivery is None:
        raise NotFound
    if delivery.method != "post" or not is_here(delivery):
        raise Conflict("delivery.not_to_post")
    await cases.require_complete(delivery.case_id)
    number = read_waybill(waybill)
    placed = await CourierOrder.filter(delivery_id=delivery.id, state__in=LIVE).first()
    if placed is not None and placed.waybill != number:
        raise Conflict("delivery.ordered")
    await _call_off_late(delivery.id)
    if await CourierOrder.filter(waybill=number).exclude(delivery_id=delivery.id).exists():
        raise Conflict("delivery.waybill_used")
    carrier = placed.carrier if placed else text(SOURCE, "delivery.carrier")
    await hand_on(actor, delivery, Sending(delivery_id=delivery.id, waybill=number, staff_id=actor.staff_id), carrier)


async def _call_off_late(delivery_id: UUID) -> None:
    """Have an order called off that ended unsaid: perhaps its answer was lost, and nobody shall come for the parcel."""
    now = clock.now()
    late = CourierOrder.filter(delivery_id=delivery_id, state="too_late")
    newest = await late.order_by("-created_at").first()
    if newest is not None:
        newest.state, newest.failures, newest.run_at = "cancelling", 0, now
        newest.deadline = now + LATE_FOR
        await newest.save(update_fields=["state", "failures", "run_at", "deadline"])


async def hand_on(actor: Actor, delivery: Delivery, parcel: Sending, carrier: str, **told: Any) -> None:
    """Write down that a parcel has left, in the caller's transaction; the person is told its waybill."""
    try:
        async with db.savepoint():
            await parcel.save(force_create=True)
    except IntegrityError as known:
        raise Conflict("delivery.waybill_used") from known
    await note(parcel, actor, **told)
    await delivery.move("post")
    await thread.record(delivery.thread_id, "delivery.posted", actor, delivery_id=delivery.id, waybill=parcel.waybill)
    opened = await thread.get(delivery.thread_id)
    await _rows.tell(
        delivery,
        messages.Posted(
            thread_id=str(delivery.thread_id),
            number=opened.number,
            item=opened.title,
            carrier=carrier,
            waybill=parcel.waybill,
            at=clock.now(),
        ),
        again=parcel.waybill,
    )
    await _rows.on_record(actor, "delivery.posted", delivery)


async def heard(actor: Staff, waybill: str, state: str) -> None:
    """Note what is heard of a parcel of the actor's halls. Refuses `delivery.waybill_unknown`, `.heard_before`."""
    async with _attempts.kept_if_refused("desk", actor=actor), db.tx():
        parcel = await Sending.get_or_none(waybill=read_waybill(waybill))
        within = Delivery.in_halls(await _rows.halls(actor)).select_for_update()
        delivery = await within.get_or_none(id=parcel.delivery_id) if parcel else None
        if parcel is None or delivery is None:
            raise NotFound("delivery.waybill_unknown")
        await happened(actor, delivery, parcel, state)


async def happened(actor: Actor, delivery: Delivery, parcel: Sending, state: str, **told: Any) -> None:
    """Move a parcel along in the caller's transaction, who holds its delivery. Refuses `delivery.heard_before`."""
    moved = await Sending.filter(id=parcel.id, state__in=HEARD[state]).update(state=state, moved_at=clock.now())
    if not moved:
        raise Conflict("delivery.heard_before")
    parcel.state = state
    await note(parcel, actor, **told)
    await delivery.move(_MOVES[state], **({"made_at": "department"} if state == "lost" else {}))
    await thread.record(delivery.thread_id, f"delivery.post_{state}", actor, delivery_id=delivery.id)
    await _say(delivery, parcel)
    await _rows.on_record(actor, f"delivery.post_{state}", delivery)
    if state in ENDED:
        await CourierOrder.filter(delivery_id=delivery.id, state="ordered").update(state="done")
    if state == "signed":
        await thread.close(delivery.thread_id, actor)


def is_here(delivery: Delivery) -> bool:
    """Say whether the window has it, to be sent."""
    return delivery.state in WAITING and (delivery.state is not WAITING[0] or delivery.made_at == "window")


async def label(actor: Staff, delivery_id: UUID) -> LabelOut:
    """Give what stands on the label; the look at the address is on record.

    Refuses `delivery.not_to_post`, `cases.tolerance_open` for what has not left; raises NotFound.
    """
    async with db.tx():
        delivery = await Delivery.in_halls(await _rows.halls(actor)).get_or_none(id=delivery_id)
        parcel = await Sending.filter(delivery_id=delivery_id).order_by("-created_at").first()
        placed = await CourierOrder.filter(delivery_id=delivery_id, state="ordered").first()
        if delivery is None:
            raise NotFound
        if delivery.address is None:
            raise Conflict("delivery.not_to_post")
        if is_here(delivery):
            await cases.require_complete(delivery.case_id)
        await _rows.on_record(actor, "delivery.label_printed", delivery)
        hall = await catalogue.hall(delivery.hall_id)
        return LabelOut(
            to=convert(delivery.address, identity.Postal),
            sender=hall.name,
            sender_address=hall.address,
            sender_phone=hall.phone,
            waybill=placed.waybill if placed else parcel.waybill if parcel and not is_here(delivery) else None,
            number=(await thread.get(delivery.thread_id)).number,
        )


async def note(parcel: Sending, actor: Actor, *, state: str = "", place: str | None = None, **told: Any) -> None:
    """Write down what was heard of a parcel, as it now stands unless another `state` is named."""
    staff_id = actor.staff_id if isinstance(actor, Staff) else None
    heard_of = SendingEvent(sending_id=parcel.id, state=state or parcel.state, staff_id=staff_id, **told)
    heard_of.place = place
    await heard_of.save(force_create=True)


async def _say(delivery: Delivery, parcel: Sending) -> None:
    news = messages.PARCEL_NEWS.get(parcel.state)
    if news is None:
        return
    opened = await thread.get(delivery.thread_id)
    said = news(thread_id=str(delivery.thread_id), number=opened.number, item=opened.title, at=clock.now())
    await _rows.tell(delivery, said, again=parcel.waybill)
