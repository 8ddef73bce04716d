"""Saying something now or later. What is said later moves and ends with its cause: a moved visit moves its reminder."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from server import db
from server.errors import Unavailable
from server.features.push.schemas import To
from server.features.push.service._kinds import Message, kind_named
from server.features.push.service._send import say
from server.features.push.service._tally import COUNTED, ENDED
from server.kit import clock
from server.kit.ids import new_id
from server.kit.sealing import UnsealError

if TYPE_CHECKING:
    from asyncpg import Record

_AT_ONCE = 100

_PLAN = """
    INSERT INTO planned_message
        (id, created_at, kind, event, cause, person_id, enterprise_id, account_id, thread_id, at, message_sealed)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT (event, kind, (coalesce(enterprise_id, person_id, account_id))) DO NOTHING RETURNING id
"""
_OF_CAUSE = """
    SELECT id, event, person_id, enterprise_id, account_id, thread_id, state FROM planned_message
    WHERE cause = $1 AND kind = $2 ORDER BY created_at DESC, id DESC FOR UPDATE
"""
_MOVE = "UPDATE planned_message SET at = $2, message_sealed = $3, state = 'planned' WHERE id = $1"
_CANCEL = """
    UPDATE planned_message SET state = 'cancelled'
    WHERE cause = $1 AND state = 'planned' AND ($2::text IS NULL OR kind = $2) RETURNING id
"""
_CALL_OFF = f"""
    WITH ended AS (
        UPDATE outbox SET state = 'too_late', reason = 'cancelled', ended_at = $3
        WHERE cause = $1 AND state = 'pending' AND ($2::text IS NULL OR kind = $2) RETURNING {ENDED}),
    {COUNTED}
    SELECT id FROM ended
"""  # noqa: S608 - our own words
_CALL_OFF_EVENTS = f"""
    WITH ended AS (
        UPDATE outbox SET state = 'too_late', reason = 'cancelled', ended_at = $2
        WHERE inbox_id IN (SELECT id FROM inbox WHERE event = ANY($1::text[])) AND state = 'pending' RETURNING {ENDED}),
    {COUNTED}
    SELECT id FROM ended
"""  # noqa: S608 - our own words
_DUE = """
    SELECT id, kind, event, cause, person_id, enterprise_id, account_id, thread_id, message_sealed
    FROM planned_message WHERE state = 'planned' AND at <= $1 ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED
"""
_END = "UPDATE planned_message SET state = $2 WHERE id = $1"

_log = logging.getLogger(__name__)


@db.transactional
async def send(
    message: Message,
    *,
    to: To,
    dedupe: str,
    thread_id: UUID | None = None,
    at: datetime | None = None,
    cause: str | None = None,
) -> bool:
    """Say something to somebody once, in the caller's transaction: their inbox has it, the worker tries their phone.

    `dedupe` names the event: the same kind, event and recipient again is not said again (False). With `at` it is said
    then, unless `move` or `cancel` with the same `cause` comes before. What is of no use any more by then is dropped.
    """
    if at is None or at <= clock.now():
        return await say(message, to=to, dedupe=dedupe, thread_id=thread_id, cause=cause)
    return await _plan(message, to=to, dedupe=dedupe, thread_id=thread_id, at=at, cause=cause or dedupe)


@db.transactional
async def move(cause: str, message: Message, *, at: datetime) -> int:
    """Say what was planned for a cause, of this kind, at another time and in these words; gives how many moved.

    What has been said for the old time is said again for the new one, to the same people.
    """
    moved, seen = 0, set[tuple[UUID | None, ...]]()
    for row in await db.fetch(_OF_CAUSE, cause, message.kind):
        party = row["enterprise_id"], row["person_id"], row["account_id"]
        if party in seen or row["state"] == "cancelled":
            continue
        seen.add(party)
        moved += await _moved(row, cause, message, at)
    return moved


async def _moved(row: Record, cause: str, message: Message, at: datetime) -> bool:
    if row["state"] == "planned":
        sealed = db.seal_json("planned_message", "message_sealed", row["id"], message)
        await db.execute(_MOVE, row["id"], at, sealed)
        return True
    event = f"{row['event'].partition('@')[0]}@{at.isoformat()}"
    return await _plan(message, to=_to(row), dedupe=event, thread_id=row["thread_id"], at=at, cause=cause)


@db.transactional
async def cancel(cause: str, kind: type[Message] | None = None) -> int:
    """Say nothing more of a cause: neither what is planned nor what waits to be sent. Gives how many were called off.

    What the inbox has it keeps.
    """
    name = None if kind is None else kind.kind
    planned = await db.fetch(_CANCEL, cause, name)
    waiting = await db.fetch(_CALL_OFF, cause, name, clock.now())
    return len(planned) + len(waiting)


@db.transactional
async def call_off(*events: str) -> int:
    """Send nothing more of what was said for these events (the `dedupe` of `send`); gives how many were called off.

    For what is said in a statement of its own, without a cause. What the inbox has it keeps.
    """
    return len(await db.fetch(_CALL_OFF_EVENTS, list(events), clock.now()))


@db.transactional
async def say_due() -> int:
    """Say what is due. One that cannot be said ends alone."""
    rows = await db.fetch(_DUE, clock.now(), _AT_ONCE)
    for row in rows:
        await db.execute(_END, row["id"], "said" if await _said(row) else "broken")
    return len(rows)


async def _said(row: Record) -> bool:
    try:
        async with db.savepoint():
            message = _message(row)
            await say(message, to=_to(row), dedupe=row["event"], thread_id=row["thread_id"], cause=row["cause"])
    except Unavailable:
        raise
    except (UnsealError, msgspec.DecodeError, msgspec.ValidationError, KeyError):
        _log.error("planned message %s (%s) cannot be read and is given up", row["id"], row["kind"])
        return False
    except Exception:  # noqa: BLE001 - as above, and it is logged
        _log.exception("planned message %s (%s) cannot be said and is given up", row["id"], row["kind"])
        return False
    return True


def _message(row: Record) -> Message:
    kept: Any = db.unseal_json("planned_message", "message_sealed", row["id"], row["message_sealed"])
    return msgspec.convert(kept, type=kind_named(row["kind"]))


def _to(row: Record) -> To:
    return To(person_id=row["person_id"], enterprise_id=row["enterprise_id"], account_id=row["account_id"])


async def _plan(message: Message, *, to: To, dedupe: str, thread_id: UUID | None, at: datetime, cause: str) -> bool:
    row_id = new_id()
    planned = await db.fetchval(
        _PLAN,
        row_id,
        clock.now(),
        message.kind,
        dedupe,
        cause,
        to.person_id,
        to.enterprise_id,
        to.account_id,
        thread_id,
        at,
        db.seal_json("planned_message", "message_sealed", row_id, message),
    )
    return planned is not None
