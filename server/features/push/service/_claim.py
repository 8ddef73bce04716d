"""Taking messages from the outbox and writing back how it went: two short transactions round every send."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from server import db
from server.features.push.models import Channel, OutboxState
from server.features.push.service._send import Payload, Queued
from server.features.push.service._tally import COUNTED, ENDED
from server.kit import clock
from server.kit.ids import new_id
from server.kit.sealing import UnsealError

if TYPE_CHECKING:
    from asyncpg import Record

LEASE = timedelta(seconds=60)
# What concerns one matter reaches a person in its order, unless the earlier message has been in trouble for so long.
ORDER_HOLDS = timedelta(minutes=30)

COLUMNS = (
    "id, created_at, inbox_id, kind, account_id, person_id, thread_id, cause, payload_sealed, priority, deadline, "
    "retry_unknown, sms, attempt, failures, doubts"
)
# Taking turns and taking rows is one round trip: the function of migration `pace` says how and why.
_CLAIM = f"SELECT {COLUMNS} FROM outbox_claim($1, $2, $3, $4, $5)"  # noqa: S608 - our own columns
# What has a lease is being sent, and nothing else is (`outbox_lease_check`). Asked for plainly the planner knows that
# next to nothing is, and takes either the whole index of what was being sent since the last vacuum or every pair of two
# lists. It has no figures for this.
_HELD = "coalesce(outbox.lease_until, '-infinity') > '-infinity'"
# The attempt is the fence: a worker that lost its lease finds another number and changes nothing.
_RECORD = f"""
    WITH ended AS (
        UPDATE outbox SET state = done.state, reason = done.reason, provider_id = done.provider_id,
            run_at = coalesce(done.run_at, outbox.run_at), failures = done.failures, doubts = done.doubts,
            lease_until = NULL,
            ended_at = CASE WHEN done.state = 'pending' THEN NULL ELSE $1::timestamptz END
        FROM unnest($2::uuid[], $3::int[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::smallint[],
                    $9::smallint[]) AS done (id, attempt, state, reason, provider_id, run_at, failures, doubts)
        WHERE outbox.id = ANY($2) AND outbox.id = done.id AND outbox.attempt = done.attempt
            AND {_HELD}
        RETURNING {ENDED}),
    {COUNTED}
    SELECT id FROM ended
"""  # noqa: S608 - our own words
# The usual case, everything accepted, as one statement of its own transaction. Accounts of two workers never meet.
# `= ANY` holds both updates to their index, however the planner guesses the size of a batch.
_SENT = f"""
    WITH done AS (
        SELECT * FROM unnest($2::uuid[], $3::int[], $4::text[], $5::uuid[], $6::text[])
            AS sent (id, attempt, provider_id, account_id, template_id)),
    paid AS (
        UPDATE subscription_credit AS credit SET balance = greatest(credit.balance - spent.times, 0)
        FROM (SELECT account_id, template_id, count(*)::int AS times FROM done GROUP BY 1, 2) AS spent
        WHERE credit.account_id = ANY($5) AND NOT credit.long_term
            AND credit.account_id = spent.account_id AND credit.template_id = spent.template_id),
    ended AS (
        UPDATE outbox SET state = 'sent', reason = NULL, provider_id = done.provider_id, lease_until = NULL,
            ended_at = $1
        FROM done
        WHERE outbox.id = ANY($2) AND outbox.id = done.id AND outbox.attempt = done.attempt
            AND {_HELD}
        RETURNING {ENDED}),
    {COUNTED}
    SELECT
"""  # noqa: S608 - as above
_LAPSED = f"""
    SELECT {COLUMNS}
    FROM outbox WHERE channel = $1 AND state = 'sending' AND lease_until < $2 LIMIT 500 FOR UPDATE SKIP LOCKED
"""  # noqa: S608 - as above
_IMPATIENT = f"""
    WITH ended AS (
        UPDATE outbox SET state = 'refused', reason = coalesce(reason, 'paused'), ended_at = $1
        WHERE id = ANY(ARRAY(
            SELECT id FROM outbox
            WHERE channel = $2 AND state = 'pending' AND patience_at <= $1 AND (reason IS NOT NULL OR $3)
            ORDER BY patience_at LIMIT 500 FOR UPDATE SKIP LOCKED))
        RETURNING outbox.*),
    {COUNTED}
    SELECT {COLUMNS} FROM ended
"""  # noqa: S608 - our own columns
_OVERDUE = f"""
    WITH ended AS (
        UPDATE outbox SET state = 'too_late', reason = 'deadline', ended_at = $1
        WHERE id = ANY(ARRAY(
            SELECT id FROM outbox WHERE channel = $2 AND state = 'pending' AND deadline <= $1
            ORDER BY deadline LIMIT 500 FOR UPDATE SKIP LOCKED))
        RETURNING {ENDED}),
    {COUNTED}
    SELECT id FROM ended
"""  # noqa: S608 - our own words
# What it was before stays in the log: it had been taken.
_CONCLUDE = f"""
    WITH old AS (
        SELECT id, attempt, state, ended_at FROM outbox WHERE id = $1 AND state IN ('pending', 'sent') FOR UPDATE),
    logged AS (
        INSERT INTO outbox_attempt (created_at, outbox_id, attempt, state)
        SELECT ended_at, id, attempt, state FROM old WHERE state = 'sent' AND $3 = 'dead'),
    concluded AS (
        UPDATE outbox SET state = $3, reason = $4, provider_id = coalesce($5, provider_id), ended_at = $2
        FROM old WHERE outbox.id = old.id RETURNING {ENDED}, old.state AS before),
    -- One that had been taken is counted already.
    ended AS (SELECT * FROM concluded WHERE before = 'pending'),
    {COUNTED}
    SELECT
"""  # noqa: S608 - as above
_UNREADABLE = f"""
    WITH ended AS (
        UPDATE outbox SET state = 'dead', reason = 'unreadable', lease_until = NULL, ended_at = $1
        WHERE id = ANY($2) AND state IN ('pending', 'sending') RETURNING {ENDED}),
    {COUNTED}
    SELECT
"""  # noqa: S608 - as above
_CHANNEL = "SELECT paused_until, probing FROM channel WHERE name = $1"
_PAUSE = """
    INSERT INTO channel (id, created_at, name, paused_until, probing, reason) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (name) DO UPDATE SET reason = excluded.reason, probing = excluded.probing,
        paused_until = greatest(channel.paused_until, excluded.paused_until)
"""
# One worker at a time finds out whether a channel works again; the others wait for what it finds.
_PROBE = """
    UPDATE channel SET paused_until = $3
    WHERE name = $1 AND probing AND (paused_until IS NULL OR paused_until <= $2) RETURNING true
"""
_RESUME = "UPDATE channel SET paused_until = NULL, probing = false, reason = NULL WHERE name = $1"

_log = logging.getLogger(__name__)
_payload = msgspec.json.Decoder(Payload)


class Claimed(Queued, frozen=True, kw_only=True, gc=False):
    """One message this worker may send until `lease_until`."""

    id: UUID
    created_at: datetime
    attempt: int
    failures: int
    doubts: int
    lease_until: datetime


class Outcome(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How one send went, as the outbox keeps it."""

    state: OutboxState
    reason: str | None = None
    provider_id: str | None = None
    run_at: datetime | None = None
    failures: int = 0
    doubts: int = 0
    template_id: str | None = None  # whose credit it cost


class ChannelState(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a channel may be used now. While `probing` one message at a time finds out whether it works again."""

    paused_until: datetime | None = None
    probing: bool = False

    @property
    def paused(self) -> bool:
        """Say whether nothing may be sent now."""
        return self.paused_until is not None and self.paused_until > clock.now()


async def claim(channel: Channel, limit: int) -> list[Claimed]:
    """Take messages that are due, the urgent first, under a lease. Committed before anything is sent."""
    now = clock.now()
    until = now + LEASE
    return await readable(await db.fetch(_CLAIM, channel.value, now, until, limit, now - ORDER_HOLDS), until)


async def lapsed(channel: Channel) -> list[Claimed]:
    """List messages whose worker has gone, locked for the caller's transaction: they may or may not have been sent."""
    now = clock.now()
    return await readable(await db.fetch(_LAPSED, channel.value, now), now)


async def impatient(channel: Channel, *, paused: bool) -> list[Claimed]:
    """End a way for messages that have met trouble, or a pause, for too long, and give them in the transaction."""
    now = clock.now()
    return await readable(await db.fetch(_IMPATIENT, now, channel.value, paused), now)


async def overdue(channel: Channel) -> int:
    """End messages that are of no use any more, also while nothing is sent, and give their number."""
    return len(await db.fetch(_OVERDUE, clock.now(), channel.value))


async def conclude(row: Claimed, outcome: Outcome) -> None:
    """End a message that waits or was accepted, in the caller's transaction, after the other side told how it went."""
    await db.execute(_CONCLUDE, row.id, clock.now(), outcome.state.value, outcome.reason, outcome.provider_id)


async def readable(rows: list[Record], until: datetime) -> list[Claimed]:
    """Open the payloads. One that does not open ends its own message and no other."""
    found, broken = [], []
    for row in rows:
        try:
            found.append(_claimed(row, until))
        except (UnsealError, msgspec.DecodeError):
            broken.append(row["id"])
    if broken:
        _log.error("messages %s cannot be opened and are given up", broken)
        await db.execute(_UNREADABLE, clock.now(), broken)
    return found


def _claimed(row: Record, until: datetime) -> Claimed:
    sealed = db.unseal("outbox", "payload_sealed", row["id"], row["payload_sealed"])
    return Claimed(
        id=row["id"],
        created_at=row["created_at"],
        inbox_id=row["inbox_id"],
        kind=row["kind"],
        account_id=row["account_id"],
        person_id=row["person_id"],
        thread_id=row["thread_id"],
        cause=row["cause"],
        payload=_payload.decode(sealed),
        priority=row["priority"],
        deadline=row["deadline"],
        retry_unknown=row["retry_unknown"],
        sms=row["sms"],
        attempt=row["attempt"],
        failures=row["failures"],
        doubts=row["doubts"],
        lease_until=until,
    )


async def record(done: list[tuple[Claimed, Outcome]]) -> set[UUID]:
    """Write back outcomes in the caller's transaction; gives the ids that were still this worker's to write."""
    if not done:
        return set()
    rows = await db.fetch(
        _RECORD,
        clock.now(),
        [row.id for row, _ in done],
        [row.attempt for row, _ in done],
        [outcome.state.value for _, outcome in done],
        [outcome.reason for _, outcome in done],
        [outcome.provider_id for _, outcome in done],
        [outcome.run_at for _, outcome in done],
        [outcome.failures for _, outcome in done],
        [outcome.doubts for _, outcome in done],
    )
    return {row["id"] for row in rows}


async def record_sent(done: list[tuple[Claimed, Outcome]]) -> None:
    """Write back a batch that was accepted whole, and take the credits it cost."""
    await db.execute(
        _SENT,
        clock.now(),
        [row.id for row, _ in done],
        [row.attempt for row, _ in done],
        [outcome.provider_id for _, outcome in done],
        [row.account_id for row, _ in done],
        [outcome.template_id for _, outcome in done],
    )


async def state_of(channel: Channel) -> ChannelState:
    """Say whether a channel may be used."""
    row = await db.fetchrow(_CHANNEL, channel.value)
    return ChannelState() if row is None else ChannelState(paused_until=row["paused_until"], probing=row["probing"])


async def pause(channel: Channel, until: datetime, reason: str, *, probing: bool) -> None:
    """Stop a channel for all workers; the longest pause asked for counts."""
    await db.execute(_PAUSE, new_id(), clock.now(), channel.value, until, probing, reason)


async def take_probe(channel: Channel, until: datetime) -> bool:
    """Be the one who tries a channel; until then nobody else does."""
    return await db.fetchval(_PROBE, channel.value, clock.now(), until) is not None


async def resume(channel: Channel) -> None:
    """Use a channel again."""
    await db.execute(_RESUME, channel.value)
