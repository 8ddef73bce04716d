"""One matter from search to rating, as citizen and as clerk, in Chinese, on a small screen and a large one."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import Iterator
from datetime import timedelta

import asyncpg
import pytest

from server.kit import clock
from server.kit.ids import new_id
from server.sample.people import PASSWORD, PEOPLE, SamplePerson
from tests.e2e.demo import CHROMIUM, HERE, NEEDS_BROWSER, Demo, running

WALK_SECONDS = 300
ENOUGH = timedelta(minutes=5)  # for the part of a walk that must not run past midnight

FREE = """
SELECT count(*) FROM slot WHERE hall_id = (SELECT id FROM hall WHERE key = 'county') AND skill = 'social'
    AND day = $1 AND starts_at > $2
"""
ONE_MORE = """
INSERT INTO slot (id, created_at, hall_id, skill, day, starts_at, ends_at, capacity)
SELECT $1, $2, hall.id, 'social', $3, $4, $5, 1 FROM hall WHERE key = 'county'
"""

pytestmark = [*NEEDS_BROWSER, pytest.mark.timeout(WALK_SECONDS + 120)]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running(tmp_path_factory.mktemp("walks") / "var") as ready:
        yield ready


def _known(key: str) -> SamplePerson:
    return next(one for one in PEOPLE if one.key == key)


def _walk(demo: Demo, name: str) -> None:
    person, elder = _known("li-ming"), _known("zhang-guilan")
    scene = {
        "base": demo.app,
        "sandbox": demo.sandbox,
        "password": PASSWORD,
        "chromium": CHROMIUM,
        "shots": str(HERE / "shots"),
        "person": {"key": person.key, "name": person.name, "number": person.number},
        "elder": {"phone": elder.phone},
    }
    done = subprocess.run(
        ["node", f"walk/{name}.mjs"],
        cwd=HERE,
        env={**os.environ, "E2E": json.dumps(scene)},
        capture_output=True,
        text=True,
        timeout=WALK_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


async def _place_today(demo: Demo) -> None:
    """See to it that there is a place left today: late in the evening and on a holiday there is none of itself."""
    now = clock.now().astimezone(clock.SHANGHAI)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    if midnight - now < ENOUGH:
        await asyncio.sleep((midnight - now).total_seconds() + 1)
        midnight += timedelta(days=1)
    day = (midnight - timedelta(days=1)).date()
    connection = await asyncpg.connect(demo.database)
    if not await connection.fetchval(FREE, day, clock.now() + ENOUGH):
        last = midnight - timedelta(minutes=1)
        await connection.execute(ONE_MORE, new_id(), clock.now(), day, last, midnight)
    await connection.close()


async def test_in_wechat_with_a_visit_and_one_star(demo: Demo) -> None:
    await _place_today(demo)
    _walk(demo, "in_wechat")


def test_in_a_browser_without_a_visit(demo: Demo) -> None:
    _walk(demo, "in_browser")


@pytest.fixture
def another_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A hall of its own: whoever else has taken a number would change the numbers of this walk."""
    with running(tmp_path_factory.mktemp("hall") / "var") as ready:
        yield ready


@pytest.mark.timeout(WALK_SECONDS + 60)
async def test_in_the_hall_from_number_to_rating(another_demo: Demo) -> None:
    await _place_today(another_demo)
    _walk(another_demo, "in_hall")
