"""The post ledger: what is to be sent, what is on its way, and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from server import db
from server.actor import Staff
from server.features.audit import service as audit
from server.features.delivery.models import CourierOrder, Sending, SendingEvent
from server.features.delivery.schemas import OrderOut, ParcelStep, PostRow
from server.features.delivery.service import _lists, _rows
from server.features.identity import service as identity
from server.kit import masking
from server.kit.paging import Page, after, cursor_of, each
from server.kit.texts import text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from asyncpg import Record

LINES = 500  # of an export, at a time
STATES = ("to_send", "posted", "in_transit", "signed", "returned", "lost")
_HERE = "(d.state = 'handed_to_window' OR (d.state = 'preparing' AND d.made_at = 'window'))"
# What was taken back before it was sent is nobody's to send. An order that is over says nothing of the next sending.
_ROWS = f"""
    SELECT d.id, d.person_id, d.hall_id, t.number, t.title, h.name AS hall,
        CASE WHEN {_HERE} THEN 'to_send' ELSE s.state END AS stands,
        CASE WHEN {_HERE} THEN o.waybill ELSE s.waybill END AS waybill,
        CASE WHEN {_HERE} THEN d.created_at ELSE s.moved_at END AS since,
        CASE WHEN {_HERE} THEN o.state END AS order_state, o.reason AS order_reason
    FROM delivery d
    JOIN thread t ON t.id = d.thread_id
    JOIN hall h ON h.id = d.hall_id
    LEFT JOIN LATERAL (
        SELECT state, waybill, moved_at FROM sending WHERE delivery_id = d.id ORDER BY created_at DESC LIMIT 1
    ) s ON true
    LEFT JOIN LATERAL (
        SELECT state, waybill, reason FROM courier_order WHERE delivery_id = d.id AND state NOT IN ('cancelled', 'done')
        ORDER BY created_at DESC LIMIT 1
    ) o ON true
    WHERE d.method = 'post' AND ({_HERE} OR (s.state IS NOT NULL AND d.state <> 'preparing'))
        AND ($1::uuid[] IS NULL OR $2::uuid[] IS NULL OR d.hall_id = ANY($1) OR d.department_id = ANY($2))
"""  # noqa: S608 - our own words
_ASKED = f"""FROM ({_ROWS}) AS parcel
    WHERE ($3 = '' OR stands = $3) AND ($4 = '' OR strpos(upper(concat_ws(' ', number, title, waybill)), $4) > 0)
"""
_FOUND = f"SELECT * {_ASKED} ORDER BY {{order}}, id LIMIT $5 OFFSET $6"
_COUNT = f"SELECT count(*) {_ASKED}"
_ORDERS = {"since": "since", "-since": "since DESC", "hall": "hall", "-hall": "hall DESC"}
_TEXTS = frozenset(
    {
        "address_unserved",
        "answer_lost",
        "never_fetched",
        "not_to_post",
        "not_understood",
        "order_differs",
        "picked_up",
        "unavailable",
    }
)


async def ledger(
    actor: Staff, state: str = "", *, q: str = "", sort: str = "-since", cursor: str | None = None, limit: int = 50
) -> Page[PostRow]:
    """List what the actor's halls send, and what their departments have made; one state, if named.

    `q` is part of a number, an item or a waybill.
    """
    halls, departments = await _rows.halls(actor), await _lists.departments(actor)
    before = after(cursor, tuple[int])
    begin = 0 if before is None else max(before[0], 0)
    sql, words = _FOUND.format(order=_ORDERS[sort]), q.strip().upper()
    found = await db.fetch(sql, halls, departments, state, words, limit + 1, begin)
    people = await identity.people([row["person_id"] for row in found])
    sends = actor.has(*_rows.DESK)
    return Page(
        items=[
            _shown(actor, row, people[row["person_id"]].name, can=sends and (halls is None or row["hall_id"] in halls))
            for row in found[:limit]
        ],
        next=cursor_of(begin + limit) if len(found) > limit else None,
    )


async def export_ledger(actor: Staff, state: str = "", *, q: str = "", sort: str = "-since") -> AsyncIterator[PostRow]:
    """Give the whole ledger for a table to work with, a page at a time; it is on record."""
    places = (await _rows.halls(actor), await _lists.departments(actor))
    # Before the first line goes: whoever breaks off has read what came until then.
    lines = await db.fetchval(_COUNT, *places, state, q.strip().upper())
    async with db.tx():
        await audit.record(actor, "delivery.ledger_exported", "delivery", None, state=state, lines=lines)
    return each(lambda cursor: ledger(actor, state, q=q, sort=sort, cursor=cursor, limit=LINES))


def _shown(actor: Staff, row: Record, name: str, *, can: bool) -> PostRow:
    placed = None
    if row["order_state"] is not None:
        why = row["order_reason"]
        known = why if why in _TEXTS or why is None else "other"
        placed = OrderOut(
            state=row["order_state"],
            state_text=text(actor.locale, f"delivery.order.{row['order_state']}"),
            reason=None if known is None else text(actor.locale, f"delivery.order.reason.{known}", code=why or ""),
        )
    return PostRow(
        id=row["id"],
        number=row["number"],
        item=row["title"],
        person=masking.name(name),
        hall=row["hall"],
        state=row["stands"],
        state_text=text(actor.locale, f"delivery.parcel.{row['stands']}"),
        waybill=row["waybill"],
        since=row["since"],
        can=can,
        order=placed,
    )


async def track(delivery_id: UUID, locale: str) -> tuple[str | None, str | None, list[ParcelStep]]:
    """Give carrier and waybill of the newest parcel, and what was heard of it, the newest first."""
    parcel = await Sending.filter(delivery_id=delivery_id).order_by("-created_at").first()
    if parcel is None:
        return None, None, []
    placed = await CourierOrder.filter(waybill=parcel.waybill).first()
    carrier = placed.carrier if placed else text(locale, "delivery.carrier")
    heard = await SendingEvent.filter(sending_id=parcel.id).order_by("-created_at", "-id")
    return (
        carrier,
        parcel.waybill,
        [
            ParcelStep(
                at=one.told_at or one.created_at, text=text(locale, f"delivery.parcel.{one.state}"), place=one.place
            )
            for one in heard
        ],
    )
