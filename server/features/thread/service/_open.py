"""Opening and closing: one open thread a party and item."""

from __future__ import annotations

from uuid import UUID

from server import db
from server.actor import Actor, Citizen
from server.features.identity import service as identity
from server.features.thread.schemas import ThreadView
from server.features.thread.service._number import format_number, tail_index
from server.features.thread.service._rows import COLUMNS, view_of
from server.features.thread.service._steps import record
from server.kit import clock
from server.kit.ids import new_id_of

# A second opening of a live matter changes nothing and gives the first one back, locked until the caller commits.
_OPEN = f"""
    INSERT INTO thread (id, created_at, updated_at, number, region_code, item_id, title,
                        person_id, enterprise_id, account_id, tail_index)
    VALUES ($1, $2, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT ((coalesce(enterprise_id, person_id)), item_id) WHERE state = 'open'
        DO UPDATE SET state = thread.state
    RETURNING {COLUMNS}
"""  # noqa: S608 - our own columns
_ADOPT = "UPDATE thread SET parent_id = $2 WHERE id = $1 AND id <> $2"
_CLOSE = "UPDATE thread SET state = 'closed' WHERE id = $1 AND state = 'open' RETURNING id"


@db.transactional
async def open(  # noqa: A001 - `thread.open` is what it does
    actor: Actor,
    *,
    person_id: UUID | None,
    enterprise_id: UUID | None,
    item_id: UUID,
    title: str,
    region_code: str,
    account_id: UUID | None = None,
) -> ThreadView:
    """Give the party's live thread for an item, or begin one. The party is the enterprise when there is one.

    `account_id`: whose wish it follows when nobody is asking now; by default who asks.
    """
    serial = await db.fetchval("SELECT nextval('thread_serial')")
    number = format_number(region_code, clock.today(), serial)
    if isinstance(actor, Citizen):
        account_id = actor.account_id
    phone = await identity.phone_to_text(account_id, person_id)
    row = await db.fetchrow(
        _OPEN,
        new_id_of(person_id),
        clock.now(),
        number,
        region_code,
        item_id,
        title,
        person_id,
        enterprise_id,
        account_id,
        tail_index(number, phone) if phone else None,
    )
    assert row is not None  # noqa: S101 - the statement gives one row in either case
    return view_of(row)


@db.transactional
async def adopt(thread_id: UUID, parent_id: UUID) -> None:
    """Put a matter under the one it was begun with: lists show that one, and it ends when all under it have."""
    await db.execute(_ADOPT, thread_id, parent_id)


async def parent_of(thread_id: UUID) -> UUID | None:
    """Name the matter this one was begun with."""
    found: UUID | None = await db.fetchval("SELECT parent_id FROM thread WHERE id = $1", thread_id)
    return found


async def children(thread_id: UUID) -> list[UUID]:
    """Name the matters under this one."""
    return [row["id"] for row in await db.fetch("SELECT id FROM thread WHERE parent_id = $1 ORDER BY id", thread_id)]


async def has_open_children(thread_id: UUID) -> bool:
    """Say whether a matter under this one is still open."""
    sql = "SELECT EXISTS (SELECT FROM thread WHERE parent_id = $1 AND state = 'open')"
    return bool(await db.fetchval(sql, thread_id))


@db.transactional
async def close(thread_id: UUID, actor: Actor) -> None:
    """End the matter and write it on the timeline; closing twice is once."""
    if await db.fetchval(_CLOSE, thread_id) is not None:
        await record(thread_id, "thread.closed", actor)
