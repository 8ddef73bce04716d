"""What the courier tells us of a parcel: counted once, taken forwards only; what changes nothing is kept with why."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

from server import db
from server.actor import System
from server.errors import AppError, Conflict, NotFound
from server.features.audit import service as audit
from server.features.delivery.models import HEARD, LIVE, CourierOrder, CourierSaid, Delivery, Sending, SendingEvent
from server.features.delivery.service import _attempts, _ordering, _posting
from server.kit import clock
from server.kit.ids import new_id
from server.ports import CourierCall, OutsideError, ParcelNews, Ports

COURIER = System(name="delivery.courier")
# Their clocks may be a little before ours.
AHEAD = timedelta(minutes=10)
# A parcel of which nothing was told is asked after.
SILENT = timedelta(hours=6)
# A parcel nobody has fetched in so long is called off: the desk may send it another way. Past the second, nobody asks.
NEVER_FETCHED, NEVER_HEARD = timedelta(days=7), timedelta(days=90)
# A call is fresh for minutes; what it did is looked for longer.
KEPT = timedelta(days=30)
_BATCH = 20
_NONCE = """
    INSERT INTO courier_call (id, created_at, nonce, order_id, state) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (nonce) DO NOTHING RETURNING id
"""
_SILENT = """
    UPDATE courier_order SET asked_at = $1 WHERE id IN (
        SELECT id FROM courier_order WHERE state = 'ordered' AND asked_at < $2 AND deadline > $4
        ORDER BY asked_at LIMIT $3 FOR UPDATE SKIP LOCKED)
    RETURNING id
"""
_NEVER = """
    SELECT o.delivery_id FROM courier_order o JOIN delivery d ON d.id = o.delivery_id
    WHERE o.state = 'ordered' AND o.deadline < $1 AND o.reason IS DISTINCT FROM 'picked_up'
        AND d.state IN ('preparing', 'handed_to_window') LIMIT $2
"""
_FORGET = "DELETE FROM courier_call WHERE id IN (SELECT id FROM courier_call WHERE created_at < $1 LIMIT 5000)"

_log = logging.getLogger(__name__)


async def told_by_courier(call: CourierCall) -> str | None:
    """Take one call that was proven; give why it changed nothing, if so.

    Refuses `delivery.waybill_unknown`, `.call_replayed`, and keeps that it was refused.
    """
    try:
        async with _attempts.kept_if_refused("courier"):
            return await _take(call)
    except AppError as refusal:
        _log.warning("courier call refused: %s", refusal.code)
        async with db.tx():
            await audit.record(COURIER, "delivery.call_refused", "delivery", None, reason=refusal.code)
        raise


@db.transactional
async def _take(call: CourierCall) -> str | None:
    found = await _held(call.news)
    if found is None:
        raise NotFound("delivery.waybill_unknown")
    order, delivery = found
    kept = await db.fetchval(_NONCE, new_id(), clock.now(), call.nonce, order.id, call.news.state)
    if kept is None:
        raise Conflict("delivery.call_replayed")
    ignored = await _apply(order, delivery, call.news)
    if ignored is not None:
        _log.info("courier call for order %s ignored: %s", order.id, ignored)
        await CourierSaid.filter(id=kept).update(ignored=ignored)
    return ignored


async def ask_courier(ports: Ports) -> int:
    """Ask after parcels of which nothing was told for long, in case it was said and lost; give how many were."""
    if not ports.courier.configured:
        return 0
    now = clock.now()
    silent = await db.fetch(_SILENT, now, now - SILENT, _BATCH, now - NEVER_HEARD)
    for row in silent:
        try:
            track = await ports.courier.track(row["id"].hex)
        except OutsideError as lost:
            _log.info("no news of courier order %s: %s", row["id"], lost.code)
            continue
        for news in track:
            try:
                await _learn(news)
            except AppError as refusal:
                # What one parcel cannot become is no other parcel's trouble.
                _log.warning("courier order %s: %s", row["id"], refusal.code)
    for row in await db.fetch(_NEVER, now - NEVER_FETCHED, _BATCH):
        await _give_up(row["delivery_id"])
    return len(silent)


@db.transactional
async def _give_up(delivery_id: UUID) -> None:
    """Call off what nobody fetched; one that was fetched meanwhile is let go on."""
    delivery = await Delivery.filter(id=delivery_id).select_for_update().get()
    if _posting.is_here(delivery) and await _ordering.drop(delivery_id, reason="never_fetched"):
        await audit.record(COURIER, "delivery.called_off", "delivery", delivery_id, reason="never_fetched")


async def forget_calls() -> int:
    """Remove what was told long ago."""
    return int((await db.execute(_FORGET, clock.now() - KEPT)).removeprefix("DELETE "))


@db.transactional
async def _learn(news: ParcelNews) -> None:
    found = await _held(news)
    if found is not None:
        await _apply(*found, news)


async def _held(news: ParcelNews) -> tuple[CourierOrder, Delivery] | None:
    """Hold the delivery first, as the desk does, then read what was ordered for it."""
    number = UUID(hex=news.order)
    known = await CourierOrder.get_or_none(id=number)
    if known is None or known.waybill not in (None, news.waybill):
        return None
    delivery = await Delivery.filter(id=known.delivery_id).select_for_update().get()
    # Its answer was lost or is still on its way: then the courier's own word gives the waybill.
    if known.waybill is None and not await CourierOrder.exists(waybill=news.waybill):
        await CourierOrder.filter(id=number, waybill=None).update(waybill=news.waybill, asked_at=clock.now())
    return await CourierOrder.get(id=number), delivery


async def _apply(order: CourierOrder, delivery: Delivery, news: ParcelNews) -> str | None:
    """Do what the news say, or name why it is ignored. What comes before its time brings what was missed with it."""
    if news.at > clock.now() + AHEAD:
        return "from_the_future"
    told: dict[str, Any] = {"place": news.place or None, "told_at": news.at}
    parcel = await Sending.filter(waybill=news.waybill).first()
    if parcel is not None and parcel.delivery_id != delivery.id:
        return "waybill_used"
    if parcel is None:
        if delivery.method != "post" or not _posting.is_here(delivery):
            return "not_to_post"
        parcel = Sending(delivery_id=delivery.id, waybill=news.waybill, staff_id=order.staff_id)
        first = news.state == "picked_up"
        await _posting.hand_on(COURIER, delivery, parcel, order.carrier, **(told if first else {}))
        await _fetched(order)
        if first:
            return None
    return await _follow(delivery, parcel, news, told)


async def _fetched(order: CourierOrder) -> None:
    """It is too late to call this order off; one that was placed after it need not be fetched any more."""
    others = CourierOrder.filter(delivery_id=order.delivery_id, state__in=LIVE).exclude(id=order.id)
    if await others.exists():
        await _ordering.drop(order.delivery_id)
    else:
        await CourierOrder.filter(id=order.id).update(state="ordered", lease_until=None)


async def _follow(delivery: Delivery, parcel: Sending, news: ParcelNews, told: dict[str, Any]) -> str | None:
    if parcel.state in _posting.ENDED:
        return "ended"
    heard = SendingEvent.filter(sending_id=parcel.id)
    newest = await heard.filter(told_at__isnull=False).order_by("-told_at").first()
    # How it ended counts whenever it comes: their clocks differ, and nobody would say it again.
    late = newest is not None and newest.told_at is not None and news.at < newest.told_at
    if late and news.state not in _posting.ENDED:
        return "out_of_order"
    if news.state == "picked_up" or await heard.filter(state=news.state, told_at=news.at).exists():
        return "heard_before"
    if parcel.state in HEARD.get(news.state, ()):
        await _posting.happened(COURIER, delivery, parcel, news.state, **told)
        return None
    if parcel.state == "posted":
        await _posting.happened(COURIER, delivery, parcel, "in_transit")
    # Another place on its way: nothing for the person to be told, and something to look at.
    await _posting.note(parcel, COURIER, state=news.state, **told)
    return None
