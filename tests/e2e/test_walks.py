"""One matter from search to rating, as citizen and as clerk, in Chinese, on a small screen and a large one."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import asyncpg
import pytest

from server.kit import clock
from server.kit.checks import sample_resident_id
from server.kit.ids import new_id
from server.sample.people import COUNTY, PASSWORD, PEOPLE, STAFF, VISITORS, SamplePerson
from tests.e2e.demo import CHROMIUM, HERE, NEEDS_BROWSER, Demo, running
from tests.pace import slowness

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

_NEWCOMERS = ("chinese", "english", "elder")

pytestmark = [*NEEDS_BROWSER, pytest.mark.timeout(WALK_SECONDS + 120)]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running(tmp_path_factory.mktemp("walks") / "var") as ready:
        yield ready


def _known(key: str) -> SamplePerson:
    return next(one for one in PEOPLE if one.key == key)


def _walk(demo: Demo, name: str, **more: object) -> None:
    person, elder = _known("li-ming"), _known("zhang-guilan")
    scene = {
        "base": demo.app,
        "sandbox": demo.sandbox,
        "password": PASSWORD,
        "chromium": CHROMIUM,
        "shots": str(HERE / "shots"),
        "seats": str(demo.var.parent),
        "person": {"key": person.key, "name": person.name, "number": person.number},
        "elder": {"phone": elder.phone},
        **more,
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


@pytest.mark.parametrize(
    ("name", "locale", "elder", "at_window", "granted"),
    [
        ("chinese", "zh-CN", False, False, True),
        ("english", "en", False, False, False),
        ("elder", "zh-CN", True, True, True),
    ],
)
def test_an_application_is_corrected_completed_and_decided(
    demo: Demo, name: str, locale: str, elder: bool, at_window: bool, granted: bool
) -> None:
    place = _NEWCOMERS.index(name)
    newcomer = {
        "person": f"样例老人{'甲乙丙'[place]}",
        "number": sample_resident_id(COUNTY, date(1940 + place, 5, 17)),
        "phone": f"1990000030{place}",
        "names": [one.name for one in STAFF],
    }
    wish = {"name": name, "locale": locale, "elder": elder, "atWindow": at_window, "granted": granted}
    _walk(demo, "cases", **{"as": wish | newcomer})


def test_a_certificate_is_shown_checked_by_camera_and_read_once_with_consent(demo: Demo, tmp_path: Path) -> None:
    holder = next(one for one in VISITORS if one.key == "visitor-zheng")
    person = {"phone": holder.phone, "name": holder.name}
    company = {"phone": _known("chen-jianguo").phone}
    film = str(tmp_path / "camera.y4m")
    _walk(demo, "certificate", film=film, person=person, company=company, slowness=slowness())


def test_one_star_to_the_end_in_two_languages(demo: Demo) -> None:
    _walk(demo, "one_star")


@pytest.mark.parametrize(
    ("way", "key", "item"),
    [("locker", "chen-jianguo", "个体工商户设立登记"), ("post", "liu-yang", "食品经营许可（新办）")],
)
def test_a_result_is_brought_to_its_end(demo: Demo, way: str, key: str, item: str) -> None:
    _walk(demo, way, receives={"key": key, "item": item})


def test_a_mother_collects_for_her_daughter(demo: Demo) -> None:
    _walk(demo, "mandate", agent=_known("wang-fang").name, child="王小雨", item="居民身份证换领")


async def test_a_grandchild_does_it_all_for_a_grandmother(demo: Demo) -> None:
    await _place_today(demo)
    agent, elder = _known("liu-yang"), _known("zhang-guilan")
    _walk(
        demo,
        "relative",
        agent={"key": agent.key, "name": agent.name},
        person={"key": elder.key, "name": elder.name, "number": elder.number},
    )


@pytest.fixture
def another_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A hall of its own: whoever else has taken a number would change the numbers of this walk."""
    with running(tmp_path_factory.mktemp("hall") / "var") as ready:
        yield ready


@pytest.mark.timeout(WALK_SECONDS + 60)
async def test_in_the_hall_from_number_to_rating(another_demo: Demo) -> None:
    await _place_today(another_demo)
    _walk(another_demo, "in_hall")
