"""How results ended, told to the department that made them: taken, by whom and how; or not, and back."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from server import db
from server.actor import Staff
from server.features.audit import service as audit
from server.features.delivery.schemas import Delivered
from server.features.delivery.service import _lists
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import clock, masking
from server.kit.texts import text

if TYPE_CHECKING:
    from asyncpg import Record

_MINE = "d.ended_at IS NOT NULL AND ($1::uuid[] IS NULL OR d.department_id = ANY($1))"
# A parcel says more than its delivery: what was lost came back as little as what was returned.
_ROWS = """
    SELECT d.id, d.person_id, d.ended_at, d.noted_at, d.method, t.number, t.title, h.name AS hall, r.as_agent,
        r.signed_on, CASE WHEN s.state IN ('signed', 'returned', 'lost') AND d.method = 'post' THEN s.state
            ELSE d.state END AS how, s.waybill
    FROM delivery d JOIN thread t ON t.id = d.thread_id JOIN hall h ON h.id = coalesce(d.bank_id, d.hall_id)
    LEFT JOIN delivery_receipt r ON r.delivery_id = d.id AND r.signed_at IS NOT NULL
    LEFT JOIN LATERAL (
        SELECT state, waybill FROM sending WHERE delivery_id = d.id ORDER BY created_at DESC LIMIT 1
    ) s ON true
    WHERE d.id = ANY($1)
"""
_ENDED = thread.listing(
    "delivery d JOIN thread t ON t.id = d.thread_id JOIN hall h ON h.id = coalesce(d.bank_id, d.hall_id)",
    "d.id",
    at=db.By("d.ended_at", datetime),
    place=db.By("h.name", str),
)
_COUNT = f"SELECT count(*) FROM delivery d WHERE {_MINE} AND d.noted_at IS NULL"  # noqa: S608 - as above
_NOTE = f"""
    UPDATE delivery d SET noted_at = $2, noted_by = $3
    WHERE {_MINE} AND d.noted_at IS NULL AND d.ended_at <= $4 RETURNING d.id
"""  # noqa: S608 - as above


async def delivered(actor: Staff, *, fresh: bool = False) -> db.Found[Delivered]:
    """List how the results of the actor's departments ended, the newest first; `fresh`: what nobody has noted yet."""

    async def shown(ids: list[UUID]) -> list[Delivered]:
        found = {row["id"]: row for row in await db.fetch(_ROWS, ids)}
        people = await identity.people([row["person_id"] for row in found.values()])
        return [_shown(actor, row, people[row["person_id"]].name) for row in (found[one] for one in ids)]

    ended = _ENDED.found(shown, usual="-at").where("d.ended_at IS NOT NULL")
    if not actor.has(*_lists.GIVERS):
        return ended.where("false")
    ended = ended.within("d.department_id", await _lists.departments(actor))
    return ended.where("d.noted_at IS NULL") if fresh else ended


async def news(actor: Staff) -> int:
    """Count what ended and was not noted by the actor's departments."""
    count: int = await db.fetchval(_COUNT, await _lists.departments(actor)) if actor.has(*_lists.GIVERS) else 0
    return count


@db.transactional
async def note_delivered(actor: Staff, until: datetime) -> int:
    """Note everything that had ended when the actor looked; give how much it was."""
    if not actor.has(*_lists.GIVERS):
        return 0
    noted = await db.fetch(_NOTE, await _lists.departments(actor), clock.now(), actor.staff_id, until)
    if noted:
        await audit.record(actor, "delivery.delivered_noted", "delivery", None, lines=len(noted))
    return len(noted)


def _shown(actor: Staff, row: Record, name: str) -> Delivered:
    how = row["how"]
    if how == "collected":
        by = "agent" if row["as_agent"] else "holder"
        how = "locker" if row["method"] == "locker" else f"{by}_{row['signed_on'] or 'pad'}"
    return Delivered(
        number=row["number"],
        item=row["title"],
        person=masking.name(name),
        place=row["hall"],
        how=text(actor.locale, f"delivery.ended.{how}"),
        good=row["how"] in ("collected", "signed"),
        waybill=row["waybill"] if row["method"] == "post" else None,
        at=row["ended_at"],
        noted=row["noted_at"] is not None,
    )
