from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, time, timedelta

import pytest

from server import db, worker
from server.errors import Unavailable
from server.kit import clock as clocks
from server.ports import Ports, Task

SOON = timedelta(milliseconds=20)
RARELY = timedelta(hours=1)


@asynccontextmanager
async def running(ports: Ports, *tasks: Task) -> AsyncIterator[asyncio.Event]:
    stopping = asyncio.Event()
    work = asyncio.create_task(worker.run(list(tasks), ports, stopping))
    try:
        yield stopping
    finally:
        stopping.set()
        await asyncio.wait_for(work, 30)


async def until(true: Callable[[], object], seconds: float = 30.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - any condition, not only one of ours
            await asyncio.sleep(0.01)


def counting(name: str, left: int = 0, **how: object) -> tuple[Task, list[str]]:
    done: list[str] = []

    async def run(_ports: Ports) -> int:
        done.append(name)
        return max(0, left - len(done))

    return Task(name=name, run=run, **how), done  # type: ignore[arg-type]


async def test_a_task_runs_at_once_and_again(ports: Ports, database: None) -> None:
    task, done = counting("a", every=SOON)
    async with running(ports, task):
        await until(lambda: len(done) >= 3)


async def test_work_left_is_done_without_waiting(ports: Ports, database: None) -> None:
    task, done = counting("a", left=50, every=RARELY)
    async with running(ports, task):
        await until(lambda: len(done) == 50)


async def test_a_wake_up_comes_before_its_time(ports: Ports, database: None) -> None:
    task, done = counting("a", every=RARELY, wake="test_wake")
    async with running(ports, task):
        await until(lambda: len(done) == 1)
        await db.notify("test_wake")
        await until(lambda: len(done) == 2)


async def test_a_failing_task_waits_and_the_others_go_on(
    ports: Ports, database: None, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []
    secret = "张三 340826199001011234"

    async def fail(_ports: Ports) -> int:
        tries.append(1)
        raise RuntimeError(secret)

    async def turned_away(_ports: Ports) -> int:
        raise Unavailable("database_unavailable")

    caplog.set_level(logging.WARNING)
    other, done = counting("b", every=SOON)
    broken = Task(name="a", run=fail, every=SOON)
    away = Task(name="c", run=turned_away, every=SOON)
    monkeypatch.setattr(worker, "_FIRST_PAUSE", 60.0)
    async with running(ports, broken, other, away):
        await until(lambda: len(done) >= 10)
        assert len(tries) == 1
    assert "task a: " in caplog.text
    assert "RuntimeError" in caplog.text
    assert secret not in caplog.text
    assert [record.levelname for record in caplog.records if "task c" in record.message] == ["WARNING"]


async def test_a_singleton_runs_in_one_worker_at_a_time(ports: Ports, database: None) -> None:
    inside = 0
    most = 0
    rounds = 0

    async def alone(_ports: Ports) -> int:
        nonlocal inside, most, rounds
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.02)
        inside -= 1
        rounds += 1
        return 0

    task = Task(name="alone", run=alone, every=timedelta(milliseconds=1), singleton=True)
    async with running(ports, task), running(ports, task), running(ports, task):
        await until(lambda: rounds >= 10)
    assert most == 1


async def test_it_stops_while_a_round_hangs(ports: Ports, database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str] = []

    begun = asyncio.Event()

    async def hang(_ports: Ports) -> int:
        begun.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append("cut")
            raise
        return 0

    monkeypatch.setattr(worker, "_DRAIN", 0.2)
    async with running(ports, Task(name="a", run=hang, every=SOON)):
        await begun.wait()
    assert ended == ["cut"]


async def test_a_round_that_has_begun_is_finished(ports: Ports, database: None) -> None:
    ended: list[str] = []

    begun = asyncio.Event()

    async def slow(_ports: Ports) -> int:
        begun.set()
        await asyncio.sleep(0.3)
        ended.append("whole")
        return 1

    async with running(ports, Task(name="a", run=slow, every=SOON)):
        await begun.wait()
    assert ended == ["whole"]


@pytest.mark.parametrize(("at", "runs"), [(time(9, 30), True), (time(22, 0), False)])
async def test_a_daily_task_missed_today_is_made_up_for(
    ports: Ports, database: None, monkeypatch: pytest.MonkeyPatch, at: time, runs: bool
) -> None:
    noon = datetime(2026, 11, 20, 12, 0, tzinfo=clocks.SHANGHAI)
    monkeypatch.setattr(clocks, "now", lambda: noon)
    task, done = counting("a", at=at)
    other, looked = counting("b", every=SOON)
    async with running(ports, task, other):
        await until(lambda: len(looked) >= 10)
        if runs:
            await until(lambda: done)
    assert bool(done) is runs


async def beating() -> int:
    """Workers of this database; the server may have other databases with workers of their own."""
    return int(
        await db.fetchval(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE application_name = 'onetrip worker' AND datname = current_database()"
        )
    )


async def until_beating(wanted: int) -> None:
    """PostgreSQL publishes a new name, and forgets a closed connection, a moment later."""
    async with asyncio.timeout(30):
        while await beating() != wanted:  # noqa: ASYNC110 - PostgreSQL tells nobody
            await asyncio.sleep(0.01)


async def test_workers_that_beat_are_counted(ports: Ports, database: None) -> None:
    before = await beating()
    task, done = counting("a", every=SOON)
    async with running(ports, task):
        await until(lambda: done)
        await until_beating(before + 1)
    await until_beating(before)


def test_every_feature_has_tasks_of_distinct_names() -> None:
    names = [task.name for task in worker.tasks()]
    assert len(names) == len(set(names))
    assert "web.forget_deeds" in names


def test_a_task_says_when() -> None:
    async def run(_ports: Ports) -> int:
        return 0

    with pytest.raises(ValueError, match="exactly one"):
        Task(name="never", run=run)
    with pytest.raises(ValueError, match="exactly one"):
        Task(name="both", run=run, every=SOON, at=time(1))
