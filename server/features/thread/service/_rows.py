"""Threads as rows, for everything that reads one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from server import db
from server.errors import NotFound
from server.features.thread.models import Thread, ThreadState
from server.features.thread.schemas import ThreadView
from server.features.thread.service._number import parse_number

if TYPE_CHECKING:
    from asyncpg import Record

COLUMNS = (
    "id, number, region_code, item_id, title, person_id, enterprise_id, account_id, state, status, status_data, "
    "created_at, updated_at"
)
_GET = f"SELECT {COLUMNS} FROM thread WHERE id = ANY($1)"  # noqa: S608 - our own columns


async def many(thread_ids: Iterable[UUID]) -> dict[UUID, ThreadView]:
    """Fetch threads for a feature that has already decided who may see them."""
    return {row["id"]: view_of(row) for row in await db.fetch(_GET, list(thread_ids))}


async def get(thread_id: UUID) -> ThreadView:
    """Fetch one thread for a feature that has already decided who may see it."""
    found = await many((thread_id,))
    if not found:
        raise NotFound
    return found[thread_id]


async def by_number(written: str) -> UUID | None:
    """Find a thread by its public number, for a feature that decides who may see it."""
    number = parse_number(written)
    found: UUID | None = await db.fetchval("SELECT id FROM thread WHERE number = $1", number) if number else None
    return found


def view_of(row: Record) -> ThreadView:
    """Turn a row of COLUMNS into what features above see."""
    return ThreadView(
        id=row["id"],
        number=row["number"],
        region_code=row["region_code"],
        item_id=row["item_id"],
        title=row["title"],
        person_id=row["person_id"],
        enterprise_id=row["enterprise_id"],
        account_id=row["account_id"],
        state=ThreadState(row["state"]),
        status=row["status"],
        data=msgspec.json.decode(row["status_data"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def view_of_model(row: Thread) -> ThreadView:
    """Turn a model into what features above see."""
    return ThreadView(
        id=row.id,
        number=row.number,
        region_code=row.region_code,
        item_id=row.item_id,
        title=row.title,
        person_id=row.person_id,
        enterprise_id=row.enterprise_id,
        account_id=row.account_id,
        state=row.state,
        status=row.status,
        data=row.status_data,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
