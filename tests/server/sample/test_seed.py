"""`seed-demo`: a whole county from nothing, twice as good as once, through the doors everybody uses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pyotp
import pytest

from server import db, wiring
from server.config import Settings
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.ports import Ports
from server.sample import seed
from server.sample.people import PASSWORD, PEOPLE, STAFF
from server.sample.seed import _secret
from server.sandbox.settings import Settings as SandboxSettings
from server.sandbox.twins.identity import PATH
from tests.factories.push import running

pytestmark = pytest.mark.usefixtures("database")

COUNTS = (
    "region",
    "department",
    "hall",
    '"window"',
    "item",
    "guide",
    "calendar_day",
    "slot",
    "person",
    "staff",
    "account",
)


async def _counts() -> dict[str, int]:
    return {table: await db.fetchval(f"SELECT count(*) FROM {table}") for table in COUNTS}


@pytest.fixture
async def demo(settings: Settings) -> AsyncIterator[Settings]:
    """Settings of a demo whose sandbox runs, with its identity check."""
    async with running(settings) as sandbox:
        yield replace(
            sandbox.settings,
            identity_check_url=f"{sandbox.settings.wechat_api_base}{PATH}",
            identity_check_key=SandboxSettings().identity_key,
        )


@pytest.fixture
def alone(settings: Settings) -> Settings:
    """Settings without a sandbox: the real WeChat, which a test never reaches."""
    return replace(settings, wechat_api_base="https://api.weixin.qq.com")


async def test_the_county_stands(alone: Settings, ports: Ports) -> None:
    lines = await seed(ports, alone)
    assert any("31 halls" in line for line in lines)
    counts = await _counts()
    assert (counts["hall"], counts['"window"'], counts["item"], counts["guide"]) == (31, 10 + 30 * 6, 17, 17)
    assert counts["person"] == 0, "without a sandbox nobody is given a phone"
    county = await catalogue.hall_by_key("county")
    windows = await catalogue.windows(county.id)
    assert len(windows) == 10
    assert all("general" in window.skills for window in windows)
    towns = await catalogue.regions("341226")
    assert len(towns) == 30
    town = await catalogue.windows((await catalogue.hall_by_key(f"town_{towns[0].code}")).id)
    assert [window.skills for window in town[:5]] == [["police"], ["civil"], ["finance"], ["social"], ["market"]]
    assert set(town[5].skills) > {"police", "civil", "finance", "social", "market"}


async def test_whatever_can_be_booked_has_places(alone: Settings, ports: Ports) -> None:
    await seed(ports, alone)
    missing = await db.fetch(
        "SELECT item.name, h.key FROM guide JOIN item ON item.id = guide.item_id"
        " CROSS JOIN LATERAL jsonb_array_elements_text(content -> 'hall_keys') AS wanted (key)"
        " JOIN hall h ON h.key = wanted.key"
        " WHERE (content ->> 'bookable')::boolean AND NOT EXISTS"
        " (SELECT 1 FROM slot WHERE slot.hall_id = h.id AND slot.skill = content ->> 'skill')"
    )
    assert missing == []
    staffed = await db.fetch(
        "SELECT DISTINCT hall_id, skill FROM slot WHERE NOT EXISTS"
        ' (SELECT 1 FROM "window" w WHERE w.hall_id = slot.hall_id AND slot.skill = ANY(w.skills))'
    )
    assert staffed == []


async def test_people_have_phones_and_twice_is_once(demo: Settings) -> None:
    ports = wiring.ports(demo)
    lines = await seed(ports, demo)
    ready = sum(one.ready for one in PEOPLE)
    assert lines[-1] == f"people: {len(PEOPLE)} phones, {ready} people newly known by their real names"
    first = await _counts()
    assert first["person"] == ready + 1, "and one child"
    assert await db.fetchval("SELECT count(*) FROM account WHERE elder_mode") == 1
    lines = await seed(ports, demo)
    assert lines[-1].endswith(" 0 people newly known by their real names")
    assert await _counts() == first
    for close in ports.closers:
        await close()


async def test_staff_can_log_in(alone: Settings, ports: Ports) -> None:
    await seed(ports, alone)
    for one in STAFF:
        pending = await identity.staff_login(one.username, PASSWORD)
        session = await identity.staff_verify_totp(pending, pyotp.TOTP(_secret(one.username)).now())
        actor = await identity.resolve_staff(session)
        assert actor is not None
        assert actor.has(one.role)
