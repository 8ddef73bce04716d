"""The inbox: everything that was said, whether or not it reached a phone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from server import db
from server.actor import Citizen
from server.errors import NotFound
from server.features.identity import service as identity
from server.features.push.schemas import Delivery, InboxOut, MessageOut, Told, UnreadOut, WayOut, WayState
from server.features.push.service._causes import cause_of
from server.features.push.service._kinds import own_kinds
from server.kit import clock, masking, texts
from server.kit.paging import Page, PageQuery, after, cursor_of

if TYPE_CHECKING:
    from asyncpg import Record

# One door to the rows: mine, of whom I act for (but for what is their own affair: who else acts for them), of
# enterprises I belong to, and what was said to this account alone.
_MINE = """(inbox.person_id = ANY($1) AND (inbox.person_id = ($1)[1] OR inbox.kind <> ALL($4))
    OR inbox.enterprise_id = ANY($2) OR inbox.account_id = $3)"""
_KEPT = f"{_MINE} AND inbox.deleted_at IS NULL"
MOST_COUNTED = 99
UNDO = timedelta(days=1)
_STATE: dict[str, WayState] = {"pending": "waiting", "sending": "waiting", "sent": "sent", "delivered": "arrived"}
_STATES = """
    LEFT JOIN LATERAL (
        SELECT array_agg(outbox.channel || ':' || outbox.state ORDER BY outbox.created_at) AS ways
        FROM outbox WHERE outbox.inbox_id = inbox.id) AS sent ON true
"""
_ROW = """
    SELECT inbox.id, inbox.kind, inbox.page, inbox.thread_id, inbox.created_at, inbox.read_at, inbox.text_sealed,
           inbox.person_id, inbox.enterprise_id, sent.ways
    FROM inbox
"""
_LIST = f"""
    {_ROW} {_STATES}
    WHERE {_KEPT} AND ($5::timestamptz IS NULL OR (inbox.created_at, inbox.id) < ($5, $6::uuid))
    ORDER BY inbox.created_at DESC, inbox.id DESC LIMIT $7
"""
_READ = f"UPDATE inbox SET read_at = coalesce(read_at, $6) WHERE {_MINE} AND inbox.id = $5"  # noqa: S608 - as above
_READ_ALL = f"UPDATE inbox SET read_at = $5 WHERE {_KEPT} AND inbox.read_at IS NULL"  # noqa: S608 - as above
_UNREAD = f"""
    SELECT count(*) FROM (SELECT FROM inbox WHERE {_KEPT} AND inbox.read_at IS NULL LIMIT $5) AS found
"""  # noqa: S608 - as above
_ONE = f"{_ROW} {_STATES} WHERE {_KEPT} AND inbox.id = $5"
_WAYS = """
    SELECT channel, state, reason, coalesce(ended_at, run_at) AS at
    FROM outbox WHERE inbox_id = $1 ORDER BY created_at, id
"""
_DELETE = f"""
    UPDATE inbox SET deleted_at = coalesce(deleted_at, $6), read_at = coalesce(read_at, $6)
    WHERE {_MINE} AND inbox.id = $5
"""  # noqa: S608 - as above
_RESTORE = f"UPDATE inbox SET deleted_at = NULL WHERE {_MINE} AND inbox.id = $5 AND deleted_at > $6"  # noqa: S608 - as above
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
        items=await _lines(shown, actor),
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
    return UnreadOut(count=await db.fetchval(_UNREAD, *await _parties(actor), MOST_COUNTED + 1))


async def message(actor: Citizen, message_id: UUID) -> MessageOut:
    """Show one message and how it reached me; showing it is opening it."""
    row = await db.fetchrow(_ONE, *await _parties(actor), message_id)
    if row is None:
        raise NotFound
    await mark_read(actor, message_id)
    [line] = await _lines([row], actor)
    line.read = True
    ways = [
        WayOut(channel=way["channel"], state=_went(way["state"], way["reason"]), at=way["at"])
        for way in await db.fetch(_WAYS, message_id)
    ]
    return MessageOut(message=line, ways=ways)


async def delete(actor: Citizen, message_id: UUID) -> None:
    """Take one message out of my inbox; for a while it can be put back. The office's own record of it stays.

    Deleted again, it is deleted. Raises NotFound for one that is not mine.
    """
    if await db.execute(_DELETE, *await _parties(actor), message_id, clock.now()) == "UPDATE 0":
        raise NotFound


async def restore(actor: Citizen, message_id: UUID) -> None:
    """Put a message back that I have just deleted. Raises NotFound for one deleted longer ago than a day."""
    if await db.execute(_RESTORE, *await _parties(actor), message_id, clock.now() - UNDO) == "UPDATE 0":
        raise NotFound


async def told(thread_id: UUID, locale: str) -> list[Told]:
    """List what was said in a thread and how it went, for staff who may see the thread; without the text itself."""
    return [
        Told(
            kind=row["kind"],
            title=text_of(row, locale)[0],
            at=row["created_at"],
            read=row["read_at"] is not None,
            channel=row["channel"],
            state=row["state"],
            reason=row["reason"],
            ended_at=row["ended_at"],
        )
        for row in await db.fetch(_TOLD, thread_id)
    ]


async def _parties(actor: Citizen) -> tuple[list[UUID], list[UUID], UUID, list[str]]:
    parties = await identity.parties(actor)  # oneself comes first
    return list(parties.person_ids), list(parties.enterprise_ids), actor.account_id, own_kinds()


async def _lines(rows: list[Record], actor: Citizen) -> list[InboxOut]:
    others = {row["person_id"] for row in rows} - {actor.person_id, None}
    names = {one: masking.name(person.name) for one, person in (await identity.people(others)).items()}
    firms = {row["enterprise_id"] for row in rows} - {None}
    names |= {one: (await identity.enterprise(one)).name for one in firms}
    return [_line(row, actor.locale, names.get(row["enterprise_id"] or row["person_id"])) for row in rows]


def _line(row: Record, locale: str, addressee: str | None) -> InboxOut:
    title, body = text_of(row, locale)
    return InboxOut(
        id=row["id"],
        kind=row["kind"],
        title=title,
        body=body,
        addressee=addressee,
        page=row["page"],
        thread_id=row["thread_id"],
        at=row["created_at"],
        read=row["read_at"] is not None,
        delivery=_delivery(row["ways"] or ()),
    )


def text_of(row: Record, locale: str) -> tuple[str, str]:
    """Open title and body in a language."""
    said: dict[str, list[str]] = db.unseal_json("inbox", "text_sealed", row["id"], row["text_sealed"])
    title, body = said.get(locale) or said[texts.SOURCE]
    return title, body


def _went(state: str, reason: str | None) -> WayState:
    if state == "refused" and cause_of(state, reason) == "not_agreed":
        return "not_allowed"
    return _STATE.get(state, "failed")


def _delivery(ways: list[str] | tuple[()]) -> Delivery:
    states = dict(way.split(":") for way in ways)
    # The service account is WeChat too, to whoever reads it.
    if any(states.get(channel) in ("sent", "delivered") for channel in ("wechat", "service")):
        return "wechat"
    if states.get("sms") in ("sent", "delivered"):
        return "sms"
    if any(state in ("pending", "sending") for state in states.values()):
        return "waiting"
    return "failed" if "dead" in states.values() else "inbox"
