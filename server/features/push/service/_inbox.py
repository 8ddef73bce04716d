"""The inbox: everything that was said, whether or not it reached a phone."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from server import db
from server.actor import Citizen
from server.errors import NotFound
from server.features.identity import service as identity
from server.features.push.schemas import Delivery, InboxOut, Told, UnreadOut
from server.kit import clock, texts
from server.kit.paging import Page, PageQuery, after, cursor_of

if TYPE_CHECKING:
    from asyncpg import Record

# One door to the rows: mine, of whom I act for, of enterprises I belong to, and what was said to this account alone.
_MINE = "(inbox.person_id = ANY($1) OR inbox.enterprise_id = ANY($2) OR inbox.account_id = $3)"
_STATES = """
    LEFT JOIN LATERAL (
        SELECT array_agg(outbox.channel || ':' || outbox.state ORDER BY outbox.created_at) AS ways
        FROM outbox WHERE outbox.inbox_id = inbox.id) AS sent ON true
"""
_LIST = f"""
    SELECT inbox.id, inbox.kind, inbox.page, inbox.thread_id, inbox.created_at, inbox.read_at, inbox.text_sealed,
           sent.ways
    FROM inbox {_STATES}
    WHERE {_MINE} AND ($4::timestamptz IS NULL OR (inbox.created_at, inbox.id) < ($4, $5::uuid))
    ORDER BY inbox.created_at DESC, inbox.id DESC LIMIT $6
"""  # noqa: S608 - our own words
_READ = f"UPDATE inbox SET read_at = coalesce(read_at, $5) WHERE {_MINE} AND inbox.id = $4"  # noqa: S608 - as above
_READ_ALL = f"UPDATE inbox SET read_at = $4 WHERE {_MINE} AND inbox.read_at IS NULL"  # noqa: S608 - as above
_UNREAD = f"SELECT count(*) FROM inbox WHERE {_MINE} AND inbox.read_at IS NULL"  # noqa: S608 - as above
_TOLD = """
    SELECT inbox.id, inbox.kind, inbox.created_at, inbox.read_at, inbox.text_sealed,
           outbox.channel, outbox.state, outbox.reason, outbox.ended_at
    FROM inbox LEFT JOIN outbox ON outbox.inbox_id = inbox.id
    WHERE inbox.thread_id = $1 ORDER BY inbox.created_at, inbox.id, outbox.created_at
"""


async def inbox(actor: Citizen, query: PageQuery) -> Page[InboxOut]:
    """List what was said to me and to whom I act for, the newest first, in my language."""
    at, last = after(query.cursor, tuple[datetime, UUID]) or (None, None)
    rows = await db.fetch(_LIST, *await _parties(actor), at, last, query.limit + 1)
    shown = rows[: query.limit]
    more = len(rows) > query.limit
    return Page(
        items=[_line(row, actor.locale) for row in shown],
        next=cursor_of(shown[-1]["created_at"], shown[-1]["id"]) if more else None,
    )


async def mark_read(actor: Citizen, message_id: UUID) -> None:
    """Note that one message was opened; it stays opened."""
    if await db.execute(_READ, *await _parties(actor), message_id, clock.now()) == "UPDATE 0":
        raise NotFound


async def mark_all_read(actor: Citizen) -> None:
    """Note that all were seen."""
    await db.execute(_READ_ALL, *await _parties(actor), clock.now())


async def unread(actor: Citizen) -> UnreadOut:
    """Count what nobody has opened yet."""
    return UnreadOut(count=await db.fetchval(_UNREAD, *await _parties(actor)))


async def told(thread_id: UUID, locale: str) -> list[Told]:
    """List what was said in a thread and how it went, for staff who may see the thread; without the text itself."""
    return [
        Told(
            kind=row["kind"],
            title=_text(row, locale)[0],
            at=row["created_at"],
            read=row["read_at"] is not None,
            channel=row["channel"],
            state=row["state"],
            reason=row["reason"],
            ended_at=row["ended_at"],
        )
        for row in await db.fetch(_TOLD, thread_id)
    ]


async def _parties(actor: Citizen) -> tuple[list[UUID], list[UUID], UUID]:
    parties = await identity.parties(actor)
    return list(parties.person_ids), list(parties.enterprise_ids), actor.account_id


def _line(row: Record, locale: str) -> InboxOut:
    title, body = _text(row, locale)
    return InboxOut(
        id=row["id"],
        kind=row["kind"],
        title=title,
        body=body,
        page=row["page"],
        thread_id=row["thread_id"],
        at=row["created_at"],
        read=row["read_at"] is not None,
        delivery=_delivery(row["ways"] or ()),
    )


def _text(row: Record, locale: str) -> tuple[str, str]:
    said: dict[str, list[str]] = db.unseal_json("inbox", "text_sealed", row["id"], row["text_sealed"])
    title, body = said.get(locale) or said[texts.SOURCE]
    return title, body


def _delivery(ways: list[str] | tuple[()]) -> Delivery:
    states = dict(way.split(":") for way in ways)
    if states.get("wechat") in ("sent", "delivered"):
        return "wechat"
    if states.get("sms") in ("sent", "delivered"):
        return "sms"
    if any(state in ("pending", "sending") for state in states.values()):
        return "waiting"
    return "failed" if "dead" in states.values() else "inbox"
