"""Messages that did not go: put together by cause, and sent again once that is mended. Never one that is useless."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from server import db
from server.actor import Staff
from server.errors import Conflict, NotFound
from server.features.audit import service as audit
from server.features.push.models import Channel
from server.features.push.service._causes import cause_of
from server.features.push.service._inbox import text_of
from server.features.push.service._kinds import kinds
from server.features.push.service._log import JUST_NOW, message_at_desk, require_county
from server.features.push.service._send import WAKE
from server.features.push.service._shown import ResendReason, Stuck, StuckMessage
from server.features.push.service._tally import NOT_AGREED
from server.features.thread import service as thread
from server.kit import clock
from server.kit.ids import new_id

if TYPE_CHECKING:
    from asyncpg import Record

SHOWN_FOR = timedelta(days=30)
MOST_COUNTED = 1000
MOST_SHOWN = 50
AT_ONCE = 500

_STUCK = f"state IN ('dead', 'refused') AND reason NOT IN {NOT_AGREED}"
# Whoever was reached another way, is being tried, or has read it in the inbox, lacks nothing.
_LACKING = """
    NOT EXISTS (
        SELECT FROM outbox AS other WHERE other.inbox_id = outbox.inbox_id
            AND other.state IN ('sent', 'delivered', 'pending', 'sending'))
    AND NOT EXISTS (
        SELECT FROM outbox AS later WHERE later.inbox_id = outbox.inbox_id
            AND (later.created_at, later.id) > (outbox.created_at, outbox.id))
    AND NOT EXISTS (SELECT FROM inbox WHERE inbox.id = outbox.inbox_id AND inbox.read_at IS NOT NULL)
"""
# From one pair of reason and channel to the next by the index, however many rows a pair has.
_GROUPS = f"""
    WITH RECURSIVE pair AS (
        (SELECT reason, channel FROM outbox WHERE {_STUCK} ORDER BY reason, channel LIMIT 1)
        UNION ALL
        SELECT next.reason, next.channel FROM pair, LATERAL (
            SELECT reason, channel FROM outbox
            WHERE {_STUCK} AND (reason, channel) > (pair.reason, pair.channel) ORDER BY reason, channel LIMIT 1) next)
    SELECT pair.reason, pair.channel, count(*)::int AS count, min(row.ended_at) AS oldest, max(row.ended_at) AS newest
    FROM pair, LATERAL (
        SELECT ended_at FROM outbox
        WHERE {_STUCK} AND reason = pair.reason AND channel = pair.channel AND ended_at > $1 AND {_LACKING}
        ORDER BY ended_at DESC LIMIT $2) row
    GROUP BY pair.reason, pair.channel ORDER BY count(*) DESC, pair.reason
"""  # noqa: S608 - our own words
_OF_GROUP = f"""
    SELECT outbox.id, outbox.inbox_id, outbox.kind, outbox.created_at, outbox.ended_at, outbox.deadline, outbox.state,
           said.thread_id, said.text_sealed
    FROM outbox JOIN inbox AS said ON said.id = outbox.inbox_id
    WHERE {_STUCK} AND reason = $1 AND channel = $2 AND ended_at > $3 AND {_LACKING}
    ORDER BY outbox.ended_at DESC LIMIT $4
"""  # noqa: S608 - as above
# `fresh` are the kinds that stay of use for a while from when they are said, whenever that is.
_AGAIN = """
    state = 'pending', run_at = $1::timestamptz, reason = NULL, failures = 0, doubts = 0, ended_at = NULL,
    provider_id = NULL, deadline = greatest(deadline, $1::timestamptz + coalesce(
        (SELECT useful FROM unnest($2::text[], $3::interval[]) AS fresh (kind, useful) WHERE fresh.kind = outbox.kind),
        interval '0'))
"""
_RETRY_ALL = f"""
    UPDATE outbox SET {_AGAIN} WHERE id = ANY(ARRAY(
        SELECT id FROM outbox
        WHERE {_STUCK} AND reason = $4 AND channel = $5 AND ended_at > $6 AND {_LACKING}
            AND (deadline > $1 OR kind = ANY($2)) ORDER BY ended_at LIMIT $7 FOR UPDATE SKIP LOCKED))
"""  # noqa: S608 - as above
_RETRY_ONE = f"UPDATE outbox SET {_AGAIN} WHERE id = $4"  # noqa: S608 - as above
_LOCKED = """
    SELECT id, kind, channel, state, deadline, ended_at, payload_sealed, sms FROM outbox
    WHERE inbox_id = $1 ORDER BY created_at FOR UPDATE
"""
_BY_SMS = """
    INSERT INTO outbox (id, created_at, inbox_id, channel, kind, account_id, person_id, template, payload_sealed,
                        priority, run_at, deadline, retry_unknown, sms)
    SELECT $2, $3, inbox_id, 'sms', kind, account_id, person_id, template, $4, priority, $3, $5, retry_unknown, sms
    FROM outbox WHERE id = $1 ON CONFLICT (inbox_id, channel) DO NOTHING RETURNING id
"""
# Reasons that only a page from before its success can give.
_AFTER_FAILURE: tuple[ResendReason, ...] = ("agreed_now", "mended")


async def stuck(actor: Staff) -> list[Stuck]:
    """List what was given up in the last thirty days and reached nobody, by answer, the most first."""
    await require_county(actor)
    return [
        Stuck(
            code=row["reason"],
            channel=row["channel"],
            cause=cause_of("dead", row["reason"]) or "other",
            count=min(row["count"], MOST_COUNTED),
            more=row["count"] > MOST_COUNTED,
            oldest=row["oldest"],
            newest=row["newest"],
        )
        for row in await db.fetch(_GROUPS, clock.now() - SHOWN_FOR, MOST_COUNTED + 1)
    ]


async def stuck_messages(actor: Staff, code: str, channel: Channel) -> list[StuckMessage]:
    """Show the newest of one answer."""
    await require_county(actor)
    rows = await db.fetch(_OF_GROUP, code, channel.value, clock.now() - SHOWN_FOR, MOST_SHOWN)
    threads = await thread.many([row["thread_id"] for row in rows if row["thread_id"] is not None])
    return [
        StuckMessage(
            id=row["inbox_id"],
            kind=row["kind"],
            title=text_of({"id": row["inbox_id"], "text_sealed": row["text_sealed"]}, actor.locale)[0],
            at=row["created_at"],
            ended_at=row["ended_at"],
            thread_id=row["thread_id"],
            number=threads[row["thread_id"]].number if row["thread_id"] in threads else None,
            too_late=not _useful(row),
        )
        for row in rows
    ]


@db.transactional
async def retry_all(actor: Staff, code: str, channel: Channel) -> int:
    """Send what one answer has stopped once more, at most five hundred at a time; gives how many."""
    await require_county(actor)
    named, useful = _fresh()
    done = await db.execute(
        _RETRY_ALL, clock.now(), named, useful, code, channel.value, clock.now() - SHOWN_FOR, AT_ONCE
    )
    count = int(done.removeprefix("UPDATE "))
    if count:
        await audit.record(actor, "push.retried", "messages", None, code=code, channel=channel.value, count=count)
        db.after_commit(_wake)
    return count


@db.transactional
async def resend(actor: Staff, message_id: UUID, channel: Channel, reason: ResendReason) -> None:
    """Send one message once more on a way it has been on, or by SMS where it has not, whatever became of it.

    Refuses `push.under_way` while it is on its way, `push.just_sent` within ten minutes of a success on that way,
    `push.sent_meanwhile` where what the reason speaks of has been made good, `push.too_late` for one that is of no use
    any more.
    """
    message = await message_at_desk(actor, message_id)
    rows = await db.fetch(_LOCKED, message_id)
    if any(one["state"] in ("pending", "sending") for one in rows):
        raise Conflict("push.under_way")
    row = next((row for row in rows if row["channel"] == channel), None)
    known = row or next((row for row in rows if channel is Channel.SMS and row["sms"]), None)
    if known is None:
        raise NotFound
    if not _useful(known):
        raise Conflict("push.too_late")
    if row is not None and row["state"] in ("sent", "delivered"):
        if clock.now() - row["ended_at"] < JUST_NOW:
            raise Conflict("push.just_sent")
        if reason in _AFTER_FAILURE:
            raise Conflict("push.sent_meanwhile")
    if row is None:
        await _by_sms(known)
    else:
        await db.execute(_RETRY_ONE, clock.now(), *_fresh(), row["id"])
    await audit.record(
        actor,
        "push.resent",
        "message",
        message_id,
        person_id=message["person_id"],
        thread_id=message["thread_id"],
        channel=channel.value,
        reason=reason,
    )
    db.after_commit(_wake)


async def _by_sms(row: Record) -> None:
    again, now = new_id(), clock.now()
    payload = db.unseal("outbox", "payload_sealed", row["id"], row["payload_sealed"])
    named, useful = _fresh()
    longer = dict(zip(named, useful, strict=True)).get(row["kind"], timedelta())
    sealed = db.seal("outbox", "payload_sealed", again, payload)
    made = await db.fetchval(_BY_SMS, row["id"], again, now, sealed, max(row["deadline"], now + longer))
    if made is None:
        # A second tap, or the worker itself, came first: what it made was not there yet when we looked.
        raise Conflict("push.under_way")


def _useful(row: Record) -> bool:
    return row["deadline"] > clock.now() or row["kind"] in _fresh()[0]


def _fresh() -> tuple[list[str], list[timedelta]]:
    found = {name: kind.deadline for name, kind in kinds().items() if isinstance(kind.deadline, timedelta)}
    return list(found), list(found.values())


async def _wake() -> None:
    await db.notify(WAKE)
