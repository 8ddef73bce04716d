"""Taking messages from the outbox and writing back how it went: two short transactions round every send."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from server import db
from server.features.push.models import Channel, OutboxState
from server.features.push.service._send import Payload
from server.kit import clock
from server.kit.ids import new_id
from server.kit.sealing import UnsealError

if TYPE_CHECKING:
    from asyncpg import Record

LEASE = timedelta(seconds=60)
PATIENCE = timedelta(minutes=30)

_COLUMNS = (
    "id, created_at, inbox_id, kind, account_id, person_id, payload_sealed, priority, deadline, retry_unknown, sms, "
    "attempt, failures, doubts"
)
# Claims take turns, so that no two workers take messages of one account: WeChat refuses a second send to a person
# while the first is under way. OFFSET 0 keeps the look-up per row: as a join it compares everything with everything.
_TURN = "SELECT pg_advisory_xact_lock(hashtextextended('push.claim', 0))"
_CLAIM = f"""
    WITH due AS MATERIALIZED (
        SELECT id FROM outbox
        WHERE channel = $1 AND state = 'pending' AND run_at <= $2 AND NOT EXISTS (
            SELECT FROM outbox AS busy WHERE busy.account_id = outbox.account_id AND busy.state = 'sending' OFFSET 0)
        ORDER BY priority, run_at LIMIT $4 FOR UPDATE SKIP LOCKED)
    UPDATE outbox SET state = 'sending', attempt = attempt + 1, lease_until = $3
    WHERE id = ANY(ARRAY(SELECT id FROM due))
    RETURNING {_COLUMNS}
"""  # noqa: S608 - our own columns
# The attempt is the fence: a worker that lost its lease finds another number and changes nothing.
_RECORD = """
    UPDATE outbox SET state = done.state, reason = done.reason, provider_id = done.provider_id,
        run_at = coalesce(done.run_at, outbox.run_at), failures = done.failures, doubts = done.doubts,
        lease_until = NULL,
        ended_at = CASE WHEN done.state = 'pending' THEN NULL ELSE $1::timestamptz END
    FROM unnest($2::uuid[], $3::int[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::smallint[],
                $9::smallint[]) AS done (id, attempt, state, reason, provider_id, run_at, failures, doubts)
    WHERE outbox.id = ANY($2) AND outbox.id = done.id AND outbox.attempt = done.attempt AND outbox.state = 'sending'
    RETURNING outbox.id
"""
# The usual case, everything accepted, as one statement of its own transaction. Accounts of two workers never meet.
# `= ANY` holds both updates to their index, however the planner guesses the size of a batch.
_SENT = """
    WITH done AS (
        SELECT * FROM unnest($2::uuid[], $3::int[], $4::text[], $5::uuid[], $6::text[])
            AS sent (id, attempt, provider_id, account_id, template_id)),
    paid AS (
        UPDATE subscription_credit AS credit SET balance = greatest(credit.balance - spent.times, 0)
        FROM (SELECT account_id, template_id, count(*)::int AS times FROM done GROUP BY 1, 2) AS spent
        WHERE credit.account_id = ANY($5) AND NOT credit.long_term
            AND credit.account_id = spent.account_id AND credit.template_id = spent.template_id)
    UPDATE outbox SET state = 'sent', reason = NULL, provider_id = done.provider_id, lease_until = NULL, ended_at = $1
    FROM done
    WHERE outbox.id = ANY($2) AND outbox.id = done.id AND outbox.attempt = done.attempt AND outbox.state = 'sending'
"""
_LAPSED = f"""
    SELECT {_COLUMNS}
    FROM outbox WHERE channel = $1 AND state = 'sending' AND lease_until < $2 LIMIT 500 FOR UPDATE SKIP LOCKED
"""  # noqa: S608 - as above
# Half of its useful life, at most so long, a message waits for WeChat to mend what it has met; then it goes by SMS.
_IMPATIENT = f"""
    UPDATE outbox SET state = 'refused', reason = coalesce(reason, 'paused'), ended_at = $1
    WHERE id = ANY(ARRAY(
        SELECT id FROM outbox
        WHERE channel = 'wechat' AND state = 'pending' AND sms AND (reason IS NOT NULL OR $2)
            AND created_at + least($3::interval, (deadline - created_at) / 2) <= $1
        ORDER BY priority, run_at LIMIT 500 FOR UPDATE SKIP LOCKED))
    RETURNING {_COLUMNS}
"""  # noqa: S608 - our own columns
_UNREADABLE = """
    UPDATE outbox SET state = 'dead', reason = 'unreadable', lease_until = NULL, ended_at = $1
    WHERE id = ANY($2) AND state IN ('pending', 'sending')
"""
_CHANNEL = "SELECT paused_until, probing FROM channel WHERE name = $1"
_PAUSE = """
    INSERT INTO channel (id, created_at, name, paused_until, probing, reason) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (name) DO UPDATE SET reason = excluded.reason, probing = excluded.probing,
        paused_until = greatest(channel.paused_until, excluded.paused_until)
"""
_RESUME = "UPDATE channel SET paused_until = NULL, probing = false, reason = NULL WHERE name = $1"

_log = logging.getLogger(__name__)
_payload = msgspec.json.Decoder(Payload)


class Claimed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One message this worker may send until `lease_until`."""

    id: UUID
    created_at: datetime
    inbox_id: UUID
    kind: str
    account_id: UUID | None
    person_id: UUID | None
    payload: Payload
    priority: int
    deadline: datetime
    retry_unknown: bool
    sms: bool
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
    async with db.tx():
        await db.execute(_TURN)
        rows = await db.fetch(_CLAIM, channel.value, now, until, limit)
    return await _readable(rows, until)


async def lapsed(channel: Channel) -> list[Claimed]:
    """List messages whose worker has gone, locked for the caller's transaction: they may or may not have been sent."""
    now = clock.now()
    return await _readable(await db.fetch(_LAPSED, channel.value, now), now)


async def impatient(*, paused: bool) -> list[Claimed]:
    """End WeChat for messages that have met trouble, or a pause, for too long, and give them in the transaction."""
    now = clock.now()
    return await _readable(await db.fetch(_IMPATIENT, now, paused, PATIENCE), now)


async def _readable(rows: list[Record], until: datetime) -> list[Claimed]:
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


async def record_sent(done: list[tuple[Claimed, Outcome]], template_ids: list[str | None]) -> None:
    """Write back a batch that was accepted whole, and take the credits it cost. `template_ids` beside `done`."""
    await db.execute(
        _SENT,
        clock.now(),
        [row.id for row, _ in done],
        [row.attempt for row, _ in done],
        [outcome.provider_id for _, outcome in done],
        [row.account_id for row, _ in done],
        template_ids,
    )


async def state_of(channel: Channel) -> ChannelState:
    """Say whether a channel may be used."""
    row = await db.fetchrow(_CHANNEL, channel.value)
    return ChannelState() if row is None else ChannelState(paused_until=row["paused_until"], probing=row["probing"])


async def pause(channel: Channel, until: datetime, reason: str, *, probing: bool) -> None:
    """Stop a channel for all workers; the longest pause asked for counts."""
    await db.execute(_PAUSE, new_id(), clock.now(), channel.value, until, probing, reason)


async def resume(channel: Channel) -> None:
    """Use a channel again."""
    await db.execute(_RESUME, channel.value)
