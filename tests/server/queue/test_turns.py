"""A crowd at one door waits outside of the database: nobody elsewhere feels it, and all are answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from server import db
from server.features.queue import service as queue
from server.features.queue.service import _turns
from tests.conftest import Clock
from tests.factories.booking import key
from tests.factories.identity import AsCitizen
from tests.factories.queue import grown_up
from tests.fixtures_web import Answer, Client
from tests.server.queue.test_walking_in import opened

_WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


@pytest.fixture
async def beside(database: None) -> AsyncIterator[asyncpg.Connection]:
    """Outside the pool."""
    connection = await asyncpg.connect(db.address())
    yield connection
    await connection.close()


async def phones(client: Client, as_citizen: AsCitizen, people: int) -> list[Client]:
    return [client.as_((await as_citizen(born=grown_up())).token) for _ in range(people)]


def taps(phones: list[Client], token: str) -> list[asyncio.Task[Answer]]:
    wish = {"token": token, "skill": "general"}
    return [asyncio.create_task(phone.post("/api/v1/walk-ins", json=wish, headers=key())) for phone in phones]


async def waits(beside: asyncpg.Connection) -> None:
    """Wait until somebody waits for the door inside the database."""
    async with asyncio.timeout(30):
        while not await beside.fetchval(_WAITING):  # noqa: ASYNC110 - PostgreSQL tells nobody
            await asyncio.sleep(0.01)


async def test_a_crowd_at_one_door_takes_nobodys_connection(
    client: Client, as_citizen: AsCitizen, clock: Clock, beside: asyncpg.Connection
) -> None:
    place, _ = await opened(clock)
    token, people = await queue.hall_token(place.hall.id), 3 * db.pool().get_max_size()
    coming, (other,) = await phones(client, as_citizen, people), await phones(client, as_citizen, 1)
    async with beside.transaction():
        await beside.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"queue:{place.hall.id}")
        answers = taps(coming, token)
        await waits(beside)
        elsewhere = await asyncio.gather(*(other.get("/api/v1/bookings") for _ in range(3)))
        assert [answer.status for answer in elsewhere] == [200] * 3
        assert await beside.fetchval(_WAITING) == 1
    told = await asyncio.gather(*answers)
    assert {answer.status for answer in told} == {201}, [answer.text for answer in told if answer.status != 201][:1]
    assert sorted(answer.json["number"] for answer in told) == [f"B{nth:03d}" for nth in range(1, people + 1)]


async def test_who_waits_too_long_is_told_when_to_come_again(
    client: Client, as_citizen: AsCitizen, clock: Clock, beside: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, _ = await opened(clock)
    token = await queue.hall_token(place.hall.id)
    first, *others = await phones(client, as_citizen, 4)
    monkeypatch.setattr(_turns, "MOST_SECONDS", 0.2)
    async with beside.transaction():
        await beside.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"queue:{place.hall.id}")
        (answer,) = taps([first], token)
        await waits(beside)
        late = await asyncio.gather(*taps(others, token))
    told = {(answer.status, answer.json["code"], answer.headers["retry-after"]) for answer in late}
    assert told == {(503, "busy", "2")}
    assert (await answer).status == 201
    # Nothing was taken for them, and the door is nobody's: they come again.
    assert await db.fetchval("SELECT count(*) FROM ticket") == 1
    monkeypatch.undo()
    assert [answer.status for answer in await asyncio.gather(*taps(others, token))] == [201] * 3
