"""Wake-ups arrive after the commit, across connections, and after a lost one too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from server import db

pytestmark = pytest.mark.usefixtures("database")


class Heard:
    """Collects what a channel says."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[str] = asyncio.Queue()

    async def next(self, seconds: float = 30) -> str:
        async with asyncio.timeout(seconds):
            return await self.queue.get()


@pytest.fixture
async def heard() -> AsyncIterator[Heard]:
    heard = Heard()
    end: Callable[[], None] = await db.listen("test_channel", heard.queue.put_nowait)
    yield heard
    end()


async def test_a_wake_up_comes_with_the_commit(heard: Heard) -> None:
    async with db.tx():
        await db.notify("test_channel", "one")
        await asyncio.sleep(0.05)
        assert heard.queue.empty()
    assert await heard.next() == "one"


async def test_nothing_is_heard_of_a_rollback(heard: Heard) -> None:
    async def fails() -> None:
        async with db.tx():
            await db.notify("test_channel", "never")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()
    await db.notify("test_channel", "after")
    assert await heard.next() == "after"


async def test_who_ended_listening_hears_nothing_and_the_others_go_on(heard: Heard) -> None:
    other = Heard()
    end = await db.listen("test_channel", other.queue.put_nowait)
    end()
    await db.notify("test_channel", "one")
    assert await heard.next() == "one"
    assert other.queue.empty()


async def test_after_a_lost_connection_everybody_is_woken_once(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.db.listening._RETRY_SECONDS", 0.05)
    await db.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'onetrip listen' AND datname = current_database()"
        " AND datname = current_database()"
    )
    assert await heard.next() == ""
    await db.notify("test_channel", "again")
    assert await heard.next() == "again"


async def test_listening_begun_inside_a_transaction_outlives_it() -> None:
    heard = Heard()
    async with db.tx():
        end = await db.listen("another_channel", heard.queue.put_nowait)
    await db.notify("another_channel", "x")
    assert await heard.next() == "x"
    end()
