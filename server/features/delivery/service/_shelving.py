"""On the shelf of the counter: from here on the person is told to come."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from server import db
from server.actor import Staff
from server.errors import Conflict, InvalidInput, NotFound
from server.features.cases import service as cases
from server.features.catalogue import service as catalogue
from server.features.delivery import messages
from server.features.delivery.models import WAITING, Delivery, DeliveryState
from server.features.delivery.service import _rows, _uncollected
from server.features.thread import service as thread
from server.kit import clock

LONGEST_SHELF = 20


def shelf_of(typed: str) -> str:
    """Read where something lies. Refuses `delivery.shelf_missing`."""
    place = typed.strip()
    if not place or len(place) > LONGEST_SHELF:
        raise InvalidInput("delivery.shelf_missing")
    return place


@db.transactional
async def ready(actor: Staff, delivery_id: UUID, shelf: str) -> None:
    """Say that what the window has made itself lies on its shelf; the person is told.

    Refuses `delivery.shelf_missing`, `cases.tolerance_open`, and `delivery.by_list` for what a department makes and
    hands over by list.
    """
    place = shelf_of(shelf)
    delivery = await Delivery.in_halls(await _rows.halls(actor)).select_for_update().get_or_none(id=delivery_id)
    if delivery is None:
        raise NotFound
    if delivery.method != "counter":
        raise Conflict("delivery.by_post" if delivery.method == "post" else "delivery.by_locker")
    if delivery.made_at != "window" and delivery.state is DeliveryState.PREPARING:
        raise Conflict("delivery.by_list")
    await lay_out(actor, delivery, place)


async def lay_out(actor: Staff, delivery: Delivery, place: str) -> None:
    """Lay a result out to be collected, in the caller's transaction.

    Refuses `delivery.wrong_state`, `cases.tolerance_open`.
    """
    await cases.require_complete(delivery.case_id)
    await delivery.move("ready", shelf=place)
    hall = await catalogue.hall(delivery.bank_id or delivery.hall_id)
    await thread.record(delivery.thread_id, "delivery.ready_to_collect", actor, delivery_id=delivery.id, hall=hall.name)
    await _say_ready(delivery)
    await _rows.on_record(actor, "delivery.ready", delivery)


async def _say_ready(delivery: Delivery) -> None:
    """Tell the person, once all that is handed out together is there: one way to the counter, and one message."""
    together, decided = await cases.handed_out_together(delivery.case_id)
    there = await Delivery.filter(case_id__in=together).exclude(state__in=WAITING).count()
    if not decided or there < len(together):
        return
    # The days it is kept begin when the person knows: what waited for the others of a theme has waited for us.
    delivery.ready_at = clock.now()
    await Delivery.filter(case_id__in=together, state=DeliveryState.READY_TO_COLLECT, ready_at=None).update(
        ready_at=delivery.ready_at
    )
    hall = await catalogue.hall(delivery.bank_id or delivery.hall_id)
    rule = await _uncollected.rule_for(delivery)
    whole = await thread.parent_of(delivery.thread_id) if len(together) > 1 else None
    opened = await thread.get(whole or delivery.thread_id)
    await _rows.tell(
        delivery,
        (messages.InLocker if delivery.bank_id else messages.ReadyToCollect)(
            thread_id=str(delivery.thread_id),
            number=opened.number,
            item=opened.title,
            hall=hall.name,
            hours=await _rows.hours_of(hall),
            code=await _code(delivery, together),
            at=clock.now(),
            keep_until=clock.today() + timedelta(days=rule.locker_days if delivery.bank_id else rule.keep_days),
        ),
        again=_rows.turn_of(delivery),
    )


async def _code(delivery: Delivery, together: list[UUID]) -> str:
    """Give what the message names: the door of a locker, or the pickup code, and how many more it is collected with."""
    if delivery.bank_id is not None:
        return delivery.shelf or ""
    more = Delivery.filter(case_id__in=together, state=DeliveryState.READY_TO_COLLECT).exclude(id=delivery.id)
    others = await more.count()
    return f"{delivery.pickup_code}+{others}" if others else delivery.pickup_code


@thread.on("cases.declined")
@thread.on("cases.denied")
@thread.on("cases.lapsed")
@thread.on("cases.terminated")
@thread.on("cases.unsupplemented")
@thread.on("cases.withdrawn")
async def _after_end(happening: thread.Recorded) -> None:
    """What waited for another item of a theme waits no more once that has ended without a result."""
    parent_id = await thread.parent_of(happening.thread.id)
    threads = await thread.children(parent_id) if parent_id is not None else []
    waiting = Delivery.filter(thread_id__in=threads, state=DeliveryState.READY_TO_COLLECT, ready_at=None)
    for delivery in await waiting.order_by("-created_at").limit(1):
        await _say_ready(delivery)
