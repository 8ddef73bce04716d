"""Orders to the courier: written at the desk, said by the worker, called off, and tried again by hand."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from msgspec import Struct, convert
from tortoise.exceptions import IntegrityError

from server import db
from server.actor import Staff
from server.errors import Conflict, NotFound
from server.features.cases import service as cases
from server.features.catalogue import service as catalogue
from server.features.delivery.models import FAILED, CourierOrder, Delivery
from server.features.delivery.service import _posting, _rows
from server.features.identity import service as identity
from server.kit import clock
from server.kit.texts import SOURCE, text
from server.ports import Courier, OutsideError, ParcelEnd, Ports

if TYPE_CHECKING:
    from asyncpg import Record

WAKE = "courier"
LEASE = timedelta(seconds=60)
# Whoever waits for a courier longer than that sends by hand.
PATIENCE = timedelta(hours=24)
# Nothing is begun that could still be under way when somebody else may begin it.
MARGIN = timedelta(seconds=20)
BATCH = 10
# Of a hall without a number; every county answers it.
HOTLINE = "12345"
_FIRST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(minutes=30)

_CLAIM = """
    UPDATE courier_order SET attempt = attempt + 1, lease_until = $2
    WHERE id IN (
        SELECT id FROM courier_order
        WHERE state IN ('waiting', 'cancelling') AND run_at <= $1 AND coalesce(lease_until, $1) <= $1
        ORDER BY run_at LIMIT $3 FOR UPDATE SKIP LOCKED)
    RETURNING id, delivery_id, state, attempt, failures, deadline
"""
_RECORD = """
    UPDATE courier_order SET reason = $5, waybill = coalesce($6, waybill), failures = $7, run_at = $8, asked_at = $9,
        state = CASE WHEN $4 = 'ordered' AND coalesce($6, waybill) IS NULL THEN 'dead' ELSE $4 END, lease_until = NULL
    WHERE id = $1 AND attempt = $2 AND state = $3
"""
_KNOWN = "UPDATE courier_order SET waybill = $2 WHERE id = $1 AND waybill IS NULL"

_log = logging.getLogger(__name__)


class _Said(Struct, frozen=True, kw_only=True):
    """How saying it went."""

    state: str
    reason: str | None = None
    waybill: str | None = None


@db.transactional
async def order(actor: Staff, courier: Courier, delivery_id: UUID) -> None:
    """Have the courier fetch a result; the worker asks. What failed before is asked again under the same number.

    Refuses `delivery.no_courier`, `.not_to_post`, `.ordered`; raises NotFound.
    """
    delivery = await _held(actor, delivery_id)
    if not courier.configured:
        raise Conflict("delivery.no_courier")
    if delivery.method != "post" or not _posting.is_here(delivery) or delivery.address is None:
        raise Conflict("delivery.not_to_post")
    await cases.require_complete(delivery.case_id)
    failed = await CourierOrder.filter(delivery_id=delivery.id, state__in=FAILED).order_by("-created_at").first()
    placed = failed or CourierOrder(delivery_id=delivery.id, attempt=0)
    placed.carrier, placed.staff_id = courier.name or text(SOURCE, "delivery.carrier"), actor.staff_id
    placed.state, placed.reason, placed.failures = "waiting", None, 0
    placed.run_at, placed.deadline = clock.now(), clock.now() + PATIENCE
    try:
        async with db.savepoint():
            await placed.save(force_create=failed is None)
    except IntegrityError as live:
        raise Conflict("delivery.ordered") from live
    await _rows.on_record(actor, "delivery.ordered", delivery)
    db.after_commit(_wake)


@db.transactional
async def call_off(actor: Staff, delivery_id: UUID) -> None:
    """Call an order off while the parcel still lies here. Refuses `delivery.not_ordered`; raises NotFound."""
    delivery = await _held(actor, delivery_id)
    if not _posting.is_here(delivery) or not await drop(delivery.id):
        raise Conflict("delivery.not_ordered")
    await _rows.on_record(actor, "delivery.called_off", delivery)


async def drop(delivery_id: UUID, *, reason: str | None = None) -> bool:
    """Call off what is ordered for a delivery, in the caller's transaction; say whether anything was."""
    now = clock.now()
    placed = CourierOrder.filter(delivery_id=delivery_id)
    # Nobody has asked the courier yet, and nobody is asking now.
    unsaid = placed.filter(state="waiting", lease_until=None, attempt=0)
    if await unsaid.update(state="cancelled", reason=reason):
        return True
    going = await placed.filter(state__in=("waiting", "ordered")).first()
    if going is None:
        return False
    # Whoever asks at this moment is let finish: a courier cannot call off what it has not heard of.
    going.run_at = max(now, going.lease_until or now)
    going.state, going.reason, going.failures, going.deadline = "cancelling", reason, 0, now + PATIENCE
    await going.save(update_fields=["state", "reason", "failures", "run_at", "deadline"])
    db.after_commit(_wake)
    return True


async def place_orders(ports: Ports) -> int:
    """Say to the courier what waits to be said; give how much it was. Nothing is asked inside a transaction."""
    until = clock.now() + LEASE
    rows = await db.fetch(_CLAIM, clock.now(), until, BATCH)
    for done, row in enumerate(rows):
        if clock.now() > until - MARGIN:
            return done
        said = await (_create(ports.courier, row) if row["state"] == "waiting" else _cancel(ports.courier, row))
        await _record(row, said)
    return len(rows)


async def _create(courier: Courier, row: Record) -> _Said | OutsideError:
    delivery = await Delivery.get(id=row["delivery_id"])
    ready = delivery.method == "post" and _posting.is_here(delivery) and delivery.address is not None
    if not ready or await cases.awaits_papers(delivery.case_id):
        # An earlier try may have reached the courier.
        return _Said(state="cancelled" if row["attempt"] == 1 else "cancelling", reason="not_to_post")
    hall, to = await catalogue.hall(delivery.hall_id), convert(delivery.address, identity.Postal)
    try:
        waybill = await courier.create(
            row["id"].hex,
            sender=ParcelEnd(name=hall.name, phone=hall.phone or HOTLINE, address=hall.address),
            to=ParcelEnd(name=to.name, phone=to.phone, address=f"{to.province}{to.city}{to.county}{to.street}"),
        )
    except OutsideError as refused:
        if refused.code == "order_differs":
            # An earlier try has reached the courier, with another address: that one is called off, and the next order
            # has a number of its own.
            return _Said(state="cancelling", reason=refused.code)
        return _Said(state="dead", reason=refused.code) if refused.final else refused
    return _Said(state="ordered", waybill=waybill)


async def _cancel(courier: Courier, row: Record) -> _Said | OutsideError:
    try:
        await courier.cancel(row["id"].hex)
    except OutsideError as refused:
        if refused.code == "unknown_order":
            return _Said(state="cancelled")
        return _Said(state="ordered", reason=refused.code) if refused.final else refused
    return _Said(state="cancelled")


async def _record(row: Record, said: _Said | OutsideError) -> None:
    """Write back how it went; whoever lost the lease, or was overtaken by a deed of the desk, changes nothing."""
    now, failures, run_at = clock.now(), row["failures"], clock.now()
    if isinstance(said, OutsideError):
        wait = min(_FIRST_WAIT * 2**failures, _LONGEST_WAIT)
        failures, run_at = min(failures + 1, 30), now + wait
        if run_at > row["deadline"]:
            _log.error("courier order %s ends unsaid: %s", row["id"], said.code)
            over = "too_late" if row["state"] == "waiting" else "ordered"
            said = _Said(state=over, reason=said.code)
        else:
            said = _Said(state=row["state"], reason=said.code)
    key = (row["id"], row["attempt"], row["state"])
    await db.execute(_RECORD, *key, said.state, said.reason, said.waybill, failures, run_at, now)
    if said.waybill is not None:
        # Overtaken or not: the courier calls the parcel by it, should it be fetched all the same.
        await db.execute(_KNOWN, row["id"], said.waybill)


async def _held(actor: Staff, delivery_id: UUID) -> Delivery:
    delivery = await Delivery.in_halls(await _rows.halls(actor)).select_for_update().get_or_none(id=delivery_id)
    if delivery is None:
        raise NotFound
    return delivery


async def _wake() -> None:
    await db.notify(WAKE)
