"""The web process as an operator meets it: it starts, outlives its workers, ends in time, says why it cannot start."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.db.kill_matrix import folder
from tests.smoke.processes import Place, Running, place, until


@pytest.fixture(scope="module")
def here() -> Iterator[Place]:
    # Not below pytest's own folder: every new session closes that to PostgreSQL's user.
    with folder() as var, place(var) as here:
        yield here


@pytest.fixture(scope="module")
def web(here: Place) -> Running:
    running = here.start("web")
    with contextlib.suppress(TimeoutError):
        until(lambda: running.answers() == 200 or running.process.poll() is not None, 40)
    assert running.answers() == 200, running.said()
    return running


def workers(web: Running) -> list[int]:
    return [child.pid for child in web.children("--socket")]


def test_two_workers_serve(web: Running) -> None:
    until(lambda: len(workers(web)) == 2)
    assert web.answers("/health/live") == 200
    assert web.answers("/openapi.json") == 200
    assert web.answers("/api/v1/nothing") == 404


def test_a_killed_worker_comes_back_and_nobody_notices(web: Running) -> None:
    until(lambda: len(workers(web)) == 2)
    victim = workers(web)[0]
    os.kill(victim, signal.SIGKILL)
    until(lambda: victim not in workers(web) and len(workers(web)) == 2)
    for _ in range(20):
        assert web.answers("/health/live") == 200


def test_all_workers_killed_at_once_come_back(web: Running) -> None:
    until(lambda: len(workers(web)) == 2)
    for victim in workers(web):
        os.kill(victim, signal.SIGKILL)
    until(lambda: web.answers() == 200)


def test_a_second_one_says_that_the_port_is_taken(web: Running, here: Place) -> None:
    second = here.finish("web")
    assert second.process.returncode == 1
    lines = second.said().strip().splitlines()
    assert len(lines) == 1
    assert f"port {here.environment['PORT']} is taken" in lines[0]
    assert "PORT=" in lines[0]


def test_commands_join_the_running_database(web: Running, here: Place) -> None:
    migrated = here.finish("migrate")
    assert migrated.process.returncode == 0, migrated.said()
    again = here.finish("migrate")
    assert "nothing to do" in again.said()
    looked = here.finish("doctor")
    assert "migrated" in looked.said()
    assert "ok  database" in looked.said()


def test_a_worker_process_runs_and_ends_in_time(web: Running, here: Place) -> None:
    worker = here.start("worker")
    until(lambda: "worker runs" in worker.said() or worker.process.poll() is not None)
    assert worker.process.poll() is None, worker.said()
    began = time.monotonic()
    worker.process.send_signal(signal.SIGTERM)
    assert worker.process.wait(6) == 0
    assert time.monotonic() - began < 4.5


def test_it_ends_within_four_seconds_and_leaves_nobody_behind(web: Running) -> None:
    left, said = workers(web), len(web.said())
    began = time.monotonic()
    web.process.send_signal(signal.SIGTERM)
    assert web.process.wait(6) == 0
    assert time.monotonic() - began < 4.5
    for pid in left:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    assert "Traceback" not in web.said()[said:]


def test_workers_end_with_their_parent(here: Place) -> None:
    web = here.start("web")
    until(lambda: web.answers() == 200)
    left = workers(web)
    web.process.kill()
    web.process.wait()

    def gone() -> bool:
        return not any(Path(f"/proc/{pid}").exists() for pid in left)

    until(gone)
    assert web.answers("/health/live") == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"PORT": "99999"}, "PORT: '99999' cannot be used"),
        ({"ENV": "production"}, "WECHAT_APPID: is empty"),
        ({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}, "database"),
    ],
)
def test_a_wrong_setting_is_one_line(here: Place, changes: dict[str, str], words: str) -> None:
    refused = here.finish("migrate", **changes)
    assert refused.process.returncode == 1
    assert len(refused.said().strip().splitlines()) == 1, refused.said()
    assert words in refused.said()


def test_the_sandbox_refuses_production(here: Place) -> None:
    production = {
        "ENV": "production",
        "WECHAT_APPID": "wx1",
        "WECHAT_SECRET": "s",
        "IDENTITY_CHECK_URL": "https://id.example.gov.cn",
        "PUBLIC_URL": "https://x.example.gov.cn",
        "WECHAT_TEMPLATES": "/etc/onetrip/templates.json",
    }
    refused = here.finish("sandbox", **production)
    assert refused.process.returncode == 1
    assert "production" in refused.said()
