from __future__ import annotations

import asyncio
import os
from uuid import uuid4

import pytest

from server.adapters.cache import LocalLimits, RedisLimits
from server.ports import BUCKETS
from tests.fixtures_web import Client


async def test_asking_too_often_is_refused_with_the_seconds_to_wait(small: Client) -> None:
    answers = [await small.post("/small/careful") for _ in range(BUCKETS["track_number"].most + 1)]
    assert {answer.status for answer in answers[:-1]} == {204}
    assert (answers[-1].status, answers[-1].json["code"]) == (429, "too_many")
    assert 1 <= int(answers[-1].headers["retry-after"]) <= BUCKETS["track_number"].seconds


async def test_people_are_counted_apart() -> None:
    limits = LocalLimits()
    for _ in range(BUCKETS["track_number"].most):
        assert await limits.take("track_number", "a") == 0
    assert await limits.take("track_number", "a") > 0
    assert await limits.take("track_number", "b") == 0
    assert await limits.take("login", "a") == 0


async def test_the_allowance_comes_back_little_by_little(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    limits = LocalLimits()
    bucket = BUCKETS["track_number"]
    for _ in range(bucket.most):
        await limits.take("track_number", "a")
    wait = await limits.take("track_number", "a")
    assert wait == bucket.seconds / bucket.most
    now += wait
    assert await limits.take("track_number", "a") == 0
    assert await limits.take("track_number", "a") > 0


async def test_a_share_of_processes_divides_the_allowance() -> None:
    limits = LocalLimits(share=2)
    passed = [await limits.take("track_number", "a") == 0 for _ in range(BUCKETS["track_number"].most)]
    assert passed.count(True) == BUCKETS["track_number"].most // 2


async def test_without_redis_careful_buckets_become_stricter_never_open() -> None:
    limits = RedisLimits("redis://127.0.0.1:1/0")
    try:
        for name, bucket in BUCKETS.items():
            tries = bucket.most + 1
            passed = [await limits.take(name, "a") == 0 for _ in range(tries)].count(True)
            allowed = bucket.most / 4 if bucket.careful else bucket.most
            # The allowance grows while so many are asked.
            assert 1 <= passed <= allowed * 1.02 + 1, name
            assert passed < tries
    finally:
        await limits.close()


async def test_a_hanging_redis_costs_a_moment_once() -> None:
    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    limits = RedisLimits(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0")
    try:
        began = asyncio.get_running_loop().time()
        for _ in range(20):
            assert await limits.take("default", "a") == 0
        each = 0.25  # what is waited for an answer
        assert asyncio.get_running_loop().time() - began < 20 * each / 2
    finally:
        await limits.close()
        server.close()


@pytest.mark.skipif("REDIS_URL" not in os.environ, reason="needs Redis: REDIS_URL=redis://…")
async def test_redis_counts_for_all_hosts() -> None:
    hosts = [RedisLimits(os.environ["REDIS_URL"]) for _ in range(2)]
    subject = f"test-{uuid4()}"
    try:
        passed = [
            await hosts[number % 2].take("track_number", subject) == 0
            for number in range(BUCKETS["track_number"].most + 5)
        ]
        assert passed.count(True) == BUCKETS["track_number"].most
        assert 1 <= await hosts[0].take("track_number", subject) <= BUCKETS["track_number"].seconds
    finally:
        for host in hosts:
            await host.close()
