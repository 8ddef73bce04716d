"""One pool a process, shared by whoever opens it; and tests stay on this machine."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from server import db
from server.config import Settings


@pytest.mark.usefixtures("database")
async def test_a_pool_opened_twice_stays_until_the_second_leaves(settings: Settings) -> None:
    pool = db.pool()
    await db.connect(settings)
    assert db.pool() is pool
    await db.disconnect()
    assert await db.fetchval("SELECT 1") == 1


@pytest.mark.usefixtures("database")
async def test_a_second_database_is_refused(settings: Settings) -> None:
    with pytest.raises(RuntimeError, match="another database"):
        await db.connect(dataclasses.replace(settings, database_url="postgresql://elsewhere/x"))


async def test_tests_do_not_leave_this_machine() -> None:
    with pytest.raises(PermissionError, match=r"192\.0\.2\.1"):
        await asyncio.open_connection("192.0.2.1", 80)
