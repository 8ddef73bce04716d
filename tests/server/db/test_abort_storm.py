"""Clients that hang up must not cost the service its database connections (stock Tortoise loses them all)."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from server import db

ROOT = Path(__file__).parents[3]
IN_TRANSACTION = (
    "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND datname = current_database()"
)


async def storm(entry: str) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.server.db.storm", db.address(), entry, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )  # fmt: skip
    try:
        async with asyncio.timeout(150):
            line = await process.stdout.readline() if process.stdout else b""
            result: dict[str, Any] = json.loads(line)
            return result
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.usefixtures("database")
async def test_2000_aborted_requests_leave_the_pool_whole() -> None:
    result = await storm("safe")
    assert result == {"answered": True, "in_use": 0}
    assert await db.fetchval(IN_TRANSACTION) == 0


@pytest.mark.usefixtures("database")
async def test_the_storm_is_strong_enough_to_ruin_the_stock_entry() -> None:
    result = await storm("stock")
    assert not result["answered"]
    assert result["in_use"] > 0
