"""One use case, one transaction."""

from __future__ import annotations

import pytest

from server import db

pytestmark = pytest.mark.usefixtures("database")

INSERT = "INSERT INTO idempotency_key (owner, key, body_hash, created_at) VALUES ('a', $1, ''::bytea, now())"


async def keys() -> list[str]:
    return [row["key"] for row in await db.fetch("SELECT key FROM idempotency_key ORDER BY key")]


async def test_a_transaction_commits_whole() -> None:
    async with db.tx():
        await db.execute(INSERT, "1")
        async with db.tx():
            await db.execute(INSERT, "2")
    assert await keys() == ["1", "2"]


async def test_an_error_rolls_back_all() -> None:
    with pytest.raises(ZeroDivisionError):
        async with db.tx():
            await db.execute(INSERT, "1")
            async with db.tx():
                await db.execute(INSERT, "2")
            raise ZeroDivisionError
    assert await keys() == []
