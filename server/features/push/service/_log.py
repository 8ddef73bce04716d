"""What was said to whom and what became of it: every attempt on every way, for staff. Never what it says."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from server import db
from server.actor import Role, Staff
from server.errors import Forbidden, NotFound
from server.features.audit import service as audit
from server.features.identity import service as identity
from server.features.push.models import Channel, OutboxState
from server.features.push.service._causes import cause_of
from server.features.push.service._inbox import text_of
from server.features.push.service._kinds import kinds
from server.features.push.service._shown import Attempt, LogLine, Way
from server.features.thread import service as thread
from server.kit import clock
from server.kit.paging import Page, PageQuery, after, cursor_of

if TYPE_CHECKING:
    from asyncpg import Record

# Who answers for messages; what is not of one matter is theirs only with the whole county in reach.
MANAGERS = (Role.HALL_MANAGER, Role.SUPERVISOR, Role.ADMINISTRATOR)
# What has just been taken for delivery is not said again: it may still be on its way.
JUST_NOW = timedelta(minutes=10)

_MESSAGES = "SELECT id, kind, created_at, read_at, deleted_at, thread_id, text_sealed FROM inbox"
_OF_THREAD = f"""
    {_MESSAGES} WHERE thread_id = $1 AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3::uuid))
    ORDER BY created_at DESC, id DESC LIMIT $4
"""
_OF_PERSON = f"""
    {_MESSAGES} WHERE person_id = $1 AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3::uuid))
    ORDER BY created_at DESC, id DESC LIMIT $4
"""
_SOME = f"{_MESSAGES} WHERE id = ANY($1)"
# By the time-ordered id: no index has to be kept for it.
_SAID = thread.listing("inbox n LEFT JOIN thread t ON t.id = n.thread_id", "n.id", said=db.By("n.id", UUID))
_ONE = "SELECT id, kind, person_id, thread_id FROM inbox WHERE id = $1"
_WAYS = """
    SELECT id, inbox_id, channel, state, reason, attempt, run_at, created_at, ended_at, provider_id, deadline
    FROM outbox WHERE inbox_id = ANY($1) ORDER BY created_at, id
"""
_ATTEMPTS = """
    SELECT outbox_id, created_at, attempt, state, reason FROM outbox_attempt
    WHERE outbox_id = ANY($1) ORDER BY created_at, attempt
"""


async def log_of_thread(actor: Staff, thread_id: UUID, query: PageQuery) -> Page[LogLine]:
    """List what was said in a matter the actor reaches, the newest first."""
    seen = await thread.view(actor, thread_id)
    async with db.tx():
        await audit.record(actor, "push.log_viewed", "thread", thread_id, person_id=seen.person_id, thread_id=thread_id)
    return await _page(_OF_THREAD, thread_id, query, actor.locale)


async def log_of_person(actor: Staff, person_id: UUID, query: PageQuery) -> Page[LogLine]:
    """List what was said to a person, who can read that somebody looked. Raises NotFound where `reaches` says no."""
    await identity.person(person_id)
    if not await reaches(actor, person_id):
        raise NotFound
    async with db.tx():
        await audit.record(actor, "push.log_viewed", "person", person_id, person_id=person_id)
    return await _page(_OF_PERSON, person_id, query, actor.locale)


async def newest(actor: Staff) -> db.Found[LogLine]:
    """List what was said last, to whomever; for those who answer for the whole county. It names nobody."""
    await require_county(actor)

    async def shown(ids: list[UUID]) -> list[LogLine]:
        async with db.tx():
            await audit.record(actor, "push.listed", "messages", None, count=len(ids))
        found = {row["id"]: row for row in await db.fetch(_SOME, ids)}
        return await _lines([found[one] for one in ids if one in found], actor.locale)

    return _SAID.found(shown, usual="-said")


async def reaches(actor: Staff, person_id: UUID) -> bool:
    """Say whether somebody may read what a person was told: they supervise the county, or their halls know them."""
    everybody = actor.has(Role.SUPERVISOR, Role.ADMINISTRATOR) and await answers_for_county(actor)
    return everybody or await thread.met(actor, person_id)


async def answers_for_county(actor: Staff) -> bool:
    """Say whether somebody answers for the messages of the whole county."""
    return (await identity.reach(actor, *MANAGERS)).hall_ids is None


async def require_county(actor: Staff, *roles: Role) -> None:
    """Refuse whoever does not answer for the whole county: what is listed here is everybody's."""
    if (await identity.reach(actor, *(roles or MANAGERS))).hall_ids is not None:
        raise Forbidden("push.whole_county")


async def message_at_desk(actor: Staff, message_id: UUID) -> Record:
    """Reach one message: of a matter the actor reaches, or any for those who answer for the county."""
    row = await db.fetchrow(_ONE, message_id)
    if row is None:
        raise NotFound
    if row["thread_id"] is not None:
        await thread.view(actor, row["thread_id"])
    elif (await identity.reach(actor, *MANAGERS)).hall_ids is not None:
        raise NotFound
    return row


async def _page(sql: str, subject: UUID, query: PageQuery, locale: str) -> Page[LogLine]:
    at, last = after(query.cursor, tuple[datetime, UUID]) or (None, None)
    rows = await db.fetch(sql, subject, at, last, query.limit + 1)
    shown = rows[: query.limit]
    more = len(rows) > query.limit
    return Page(
        items=await _lines(shown, locale),
        next=cursor_of(shown[-1]["created_at"], shown[-1]["id"]) if more else None,
    )


async def _lines(rows: list[Record], locale: str) -> list[LogLine]:
    ways = await _ways([row["id"] for row in rows])
    return [_line(row, ways.get(row["id"], []), locale) for row in rows]


async def _ways(message_ids: list[UUID]) -> dict[UUID, list[Way]]:
    rows = await db.fetch(_WAYS, message_ids)
    attempts: dict[UUID, list[Attempt]] = {}
    for row in await db.fetch(_ATTEMPTS, [row["id"] for row in rows]):
        attempts.setdefault(row["outbox_id"], []).append(_attempt(row, row["created_at"]))
    found: dict[UUID, list[Way]] = {}
    for row in rows:
        found.setdefault(row["inbox_id"], []).append(_way(row, attempts.get(row["id"], [])))
    return found


def _way(row: Record, before: list[Attempt]) -> Way:
    waiting = row["state"] in (OutboxState.PENDING, OutboxState.SENDING)
    return Way(
        channel=row["channel"],
        state=row["state"],
        waiting_until=row["run_at"] if waiting else None,
        provider_id=row["provider_id"],
        attempts=before if waiting else [*before, _attempt(row, row["ended_at"])],
    )


def _attempt(row: Record, at: datetime) -> Attempt:
    return Attempt(at=at, state=row["state"], code=row["reason"], cause=cause_of(row["state"], row["reason"]))


def _line(row: Record, ways: list[Way], locale: str) -> LogLine:
    under_way = any(way.waiting_until is not None for way in ways)
    return LogLine(
        id=row["id"],
        kind=row["kind"],
        title=text_of(row, locale)[0],
        at=row["created_at"],
        read_at=row["read_at"],
        deleted=row["deleted_at"] is not None,
        thread_id=row["thread_id"],
        ways=ways,
        again=[] if under_way else _again(row["kind"], ways),
    )


def _again(kind: str, ways: list[Way]) -> list[str]:
    open_ways = [way.channel for way in ways if not _just_sent(way)]
    known = kinds().get(kind)
    untried = ways and known is not None and known.sms and all(way.channel != Channel.SMS for way in ways)
    return [*open_ways, Channel.SMS.value] if untried else open_ways


def _just_sent(way: Way) -> bool:
    last = way.attempts[-1] if way.attempts else None
    return last is not None and way.state in ("sent", "delivered") and clock.now() - last.at < JUST_NOW
