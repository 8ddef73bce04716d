"""The long version of killing web workers and PostgreSQL under a crowd: many kills, in random order."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.server.db.kill_matrix import folder
from tests.server.rude.rush import compare, kill_database, kill_worker, seeded, whole
from tests.smoke.processes import Place, Running, place, until

KILLS = int(os.environ.get("ROUNDS", "30"))
# Its keeper gives a database up that does not stay up half a minute six times running.
DATABASE_EVERY = 8


@pytest.fixture
def here() -> Iterator[Place]:
    # Not below pytest's own folder: every new session closes that to PostgreSQL's user.
    with folder() as var, place(var) as here:
        yield here


@pytest.fixture
def web(here: Place) -> Running:
    running = here.start("web", WEB_WORKERS="3")
    until(lambda: running.answers() == 200 or running.process.poll() is not None, 60)
    assert running.answers() == 200, running.said()
    return running


async def trouble(here: Place, web: Running, chance: Random) -> None:
    var = Path(here.environment["VAR_DIR"])
    for kill in range(KILLS):
        if kill % DATABASE_EVERY == DATABASE_EVERY - 1:
            await kill_database(var, chance)
        else:
            await kill_worker(web, chance)
        await asyncio.sleep(chance.uniform(0, 1))
        if chance.random() < 0.6:
            await whole(web, 3)
    await whole(web, 3)


async def test_many_kills(here: Place, web: Running) -> None:
    chance = Random(20261121)
    rush = seeded(here, web, chance, people=128, capacity=6, slots=12)
    rush.keeps = 0.02
    await rush.run(trouble(here, web, chance))
    await rush.again()
    await compare(rush, here)
    assert not rush.faults, "\n".join(rush.faults[:20])
    assert rush.hung_up > KILLS / 2
    assert rush.turned_away > 0
    broken = [line for line in web.said().splitlines() if " failed: " in line]
    assert not broken, "\n".join(broken[:5])
