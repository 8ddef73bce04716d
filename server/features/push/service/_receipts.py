"""How accepted messages ended, as WeChat tells it: seconds later, sometimes before our own record is written."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from server import db
from server.features.push.models import Channel, OutboxState
from server.features.push.service import _claim as outbox
from server.features.push.service import _credits as credits_of
from server.features.push.service import _ladder as ladder
from server.features.push.service._claim import COLUMNS, Outcome
from server.features.push.service._kinds import forms_of
from server.kit import clock
from server.kit.ids import new_id

if TYPE_CHECKING:
    from asyncpg import Record

# A message whose worker died comes back after its lease; by then its receipt must still be here.
KEPT = timedelta(minutes=10)

_KEEP = """
    INSERT INTO receipt (id, created_at, channel, provider_id, account_id, template_id, problem)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
"""
_KEPT = """
    SELECT id, channel, provider_id, account_id, template_id, problem FROM receipt
    WHERE created_at > $1 ORDER BY created_at LIMIT 500 FOR UPDATE SKIP LOCKED
"""
_DROP = "DELETE FROM receipt WHERE id = ANY($1) OR created_at <= $2"
_BY_NAME = f"SELECT {COLUMNS} FROM outbox WHERE state = 'sent' AND provider_id = $1 AND channel = $2 FOR UPDATE"  # noqa: S608 - our own columns
# Taken without a name being told for it; the oldest first, as they were sent.
_NAMELESS = f"""
    SELECT {COLUMNS} FROM outbox
    WHERE state = 'sent' AND provider_id IS NULL AND account_id = $1 AND channel = $2 AND template = ANY($3)
    ORDER BY ended_at LIMIT 1 FOR UPDATE
"""  # noqa: S608 - as above
# The answer was lost, and this is it. While something is under way to the person it may also be about that.
_DOUBTED = f"""
    SELECT {COLUMNS} FROM outbox
    WHERE state = 'pending' AND doubts > 0 AND account_id = $1 AND channel = $2 AND template = ANY($3)
        AND NOT EXISTS (SELECT FROM outbox AS busy WHERE busy.account_id = $1 AND busy.state = 'sending')
    ORDER BY created_at LIMIT 1 FOR UPDATE
"""  # noqa: S608 - as above


class Receipt(msgspec.Struct, frozen=True):
    """One report: `problem` is None where the message arrived."""

    channel: Channel
    provider_id: str
    account_id: UUID | None = None
    template_id: str | None = None
    problem: str | None = None


async def take(receipt: Receipt) -> None:
    """End the message it is about, in the caller's transaction, or keep it until that message is written back."""
    if not await _settle(receipt):
        await db.execute(
            _KEEP,
            new_id(),
            clock.now(),
            receipt.channel.value,
            receipt.provider_id,
            receipt.account_id,
            receipt.template_id,
            receipt.problem,
        )


@db.transactional
async def match_receipts() -> int:
    """Try the reports that came too early again; those of messages that are not ours are dropped after a while."""
    now = clock.now()
    settled = [row["id"] for row in await db.fetch(_KEPT, now - KEPT) if await _settle(_receipt(row))]
    await db.execute(_DROP, settled, now - KEPT)
    return len(settled)


def _receipt(row: Record) -> Receipt:
    return Receipt(Channel(row["channel"]), row["provider_id"], row["account_id"], row["template_id"], row["problem"])


async def _settle(receipt: Receipt) -> bool:
    rows = [] if not receipt.provider_id else await db.fetch(_BY_NAME, receipt.provider_id, receipt.channel.value)
    doubted = False
    if not rows and receipt.account_id is not None and receipt.template_id is not None:
        asked = receipt.account_id, receipt.channel.value, forms_of(receipt.template_id)
        rows = await db.fetch(_NAMELESS, *asked)
        if not rows:
            rows, doubted = await db.fetch(_DOUBTED, *asked), True
    for row in await outbox.readable(rows, clock.now()):
        await _end(row, receipt)
        if doubted and receipt.account_id is not None and receipt.template_id is not None:
            # Nobody has counted it yet.
            await credits_of.spend([(receipt.account_id, receipt.template_id)])
    return bool(rows)


async def _end(row: outbox.Claimed, receipt: Receipt) -> None:
    arrived = receipt.problem is None
    outcome = Outcome(
        state=OutboxState.DELIVERED if arrived else OutboxState.DEAD,
        reason=receipt.problem,
        provider_id=receipt.provider_id or None,
        failures=row.failures,
        doubts=row.doubts,
    )
    await outbox.conclude(row, outcome)
    await ladder.next_way(row, outcome, receipt.channel)
