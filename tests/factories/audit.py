"""Sealing in tests, where other test processes may have transactions of their own on the same PostgreSQL."""

from __future__ import annotations

import asyncio

from server import db
from server.features.audit import service as audit
from server.ports import Witness


async def seal(witness: Witness) -> int:
    """Seal once nothing older runs anywhere: a transaction in another database holds sealing up as well."""
    own = await db.fetchval("SELECT pg_current_xact_id()::text::bigint")
    async with asyncio.timeout(30):
        while await db.fetchval("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint") <= own:  # noqa: ASYNC110 - PostgreSQL tells nobody
            await asyncio.sleep(0.01)
    return await audit.seal(witness)
