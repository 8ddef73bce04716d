"""Web workers and PostgreSQL die while everybody taps for the last places: what was promised stands, no more."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.server.db.kill_matrix import folder
from tests.server.rude.rush import compare, kill_database, kill_worker, seeded, whole
from tests.smoke.processes import Place, Running, place, until

PEOPLE, CAPACITY, SLOTS = 64, 4, 5
MOST_MEGABYTES = 150


@pytest.fixture(scope="module")
def here() -> Iterator[Place]:
    # Not below pytest's own folder: every new session closes that to PostgreSQL's user.
    with folder() as var, place(var) as here:
        yield here


@pytest.fixture(scope="module")
def web(here: Place) -> Running:
    running = here.start("web")
    until(lambda: running.answers() == 200 or running.process.poll() is not None, 40)
    assert running.answers() == 200, running.said()
    return running


def test_a_web_process_at_rest_is_small(web: Running) -> None:
    until(lambda: len(web.children("--socket")) == 2)
    sizes = {"watcher": resident(web.process.pid)}
    sizes |= {f"worker {child.pid}": resident(child.pid) for child in web.children("--socket")}
    assert len(sizes) == 3
    assert all(20 < size <= MOST_MEGABYTES for size in sizes.values()), sizes


def resident(process: int) -> float:
    """Read how much memory a process has in use, in MB."""
    lines = Path(f"/proc/{process}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith("VmRSS:"))


async def trouble(here: Place, web: Running, chance: Random) -> None:
    """Each kill meets a running service, or it would meet nobody."""
    var = Path(here.environment["VAR_DIR"])
    await kill_worker(web, chance)
    await whole(web, 2)
    await kill_database(var, chance)
    await asyncio.sleep(0.3)
    await whole(web, 2)
    await kill_worker(web, chance)
    await whole(web, 2)


async def test_what_was_promised_stands(here: Place, web: Running) -> None:
    chance = Random(20261120)
    rush = seeded(here, web, chance, people=PEOPLE, capacity=CAPACITY, slots=SLOTS)
    await rush.run(trouble(here, web, chance))
    await rush.again()
    await compare(rush, here)
    assert not rush.faults, "\n".join(rush.faults[:20])
    assert len([deed for deed in rush.deeds if deed.status == 201]) > CAPACITY * SLOTS
    assert rush.hung_up > 0, "no killed worker was felt: this proves nothing"
    assert rush.turned_away > 0, "nobody noticed that the database was away: this proves nothing"
    assert "PostgreSQL ended by itself and is started again" in web.said()
    broken = [line for line in web.said().splitlines() if " failed: " in line]
    assert not broken, "\n".join(broken[:5])
