"""`seed-demo`: a whole county from nothing, twice as good as once, through the doors everybody uses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import msgspec
import pyotp
import pytest

from server import db, wiring
from server.config import Settings
from server.features.booking import service as booking
from server.features.cases import service as cases
from server.features.catalogue import service as catalogue
from server.features.delivery import service as delivery
from server.features.identity import service as identity
from server.features.mandates import service as mandates
from server.features.queue import service as queue
from server.features.ratings import service as ratings
from server.ports import Ports
from server.sample import items, seed, standards
from server.sample.acting import desks
from server.sample.day import TOWN_HALL
from server.sample.people import PASSWORD, PEOPLE, STAFF, VISITORS
from server.sample.seed import _secret
from server.sandbox.settings import Settings as SandboxSettings
from server.sandbox.twins.identity import PATH
from tests.factories.identity import staff as somebody
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
    "case_record",
    "booking",
    "ticket",
    "delivery",
    "rating",
    "mandate",
    "inbox",
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
    assert (counts["hall"], counts['"window"'], counts["item"], counts["guide"]) == (32, 10 + 30 * 6, 23, 23)
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


async def test_a_demo_that_stood_before_takes_a_guide_that_has_changed(
    alone: Settings, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    await seed(ports, alone)
    newer = items.read()
    [changed] = [one for one in newer if one.item.name == standards.DIFFERS]
    changed.content = msgspec.structs.replace(changed.content, plain=f"{changed.content.plain}带上身份证。")
    monkeypatch.setattr(items, "read", lambda: newer)
    monkeypatch.setattr(standards, "read", lambda: newer)
    await seed(ports, alone)
    assert await db.fetchval("SELECT count(*) FROM guide") == 24
    theirs = await db.fetchval("SELECT count(*) FROM guide_standard WHERE ended_at IS NULL AND level = 'city'")
    assert theirs == 1
    lines = (await (await catalogue.standard_lines((await somebody("administrator")).actor)).page()).items
    assert [one.differs for one in lines if one.name == standards.DIFFERS] == [1], "there is one to explain still"


async def test_whatever_can_be_booked_has_places(alone: Settings, ports: Ports) -> None:
    await seed(ports, alone)
    missing = await db.fetch(
        "SELECT item.name, h.key FROM guide JOIN item ON item.id = guide.item_id"
        " CROSS JOIN LATERAL jsonb_array_elements_text(content -> 'hall_keys') AS wanted (key)"
        " JOIN hall h ON h.key = wanted.key"
        " LEFT JOIN (SELECT DISTINCT hall_id, skill FROM slot) AS open ON open.hall_id = h.id"
        " AND open.skill = content ->> 'skill'"
        " WHERE (content ->> 'bookable')::boolean AND open.skill IS NULL"
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
    assert f"people: {len(PEOPLE)} phones, {ready} people newly known by their real names" in lines
    first = await _counts()
    assert first["person"] == ready + len(VISITORS) + 2, "and a child and a grandchild"
    assert await db.fetchval("SELECT count(*) FROM account WHERE elder_mode") == 1
    lines = await seed(ports, demo)
    assert any(line.endswith(" 0 people newly known by their real names") for line in lines)
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


async def test_no_desk_is_empty_and_nobody_waits_before_whoever_tries_the_demo(demo: Settings) -> None:
    ports = wiring.ports(demo)
    await seed(ports, demo)
    county = await catalogue.hall_by_key("county")
    desk = await desks({"county": county, TOWN_HALL: await catalogue.hall_by_key(TOWN_HALL)})
    for clerk, mine in (("clerk1", "accept"), ("clerk2", "accept"), ("reviewer1", "decide"), ("manager1", "accept")):
        assert (await cases.waiting_counts(desk[clerk]))[mine] >= 1, clerk
    assert await booking.unanswered(desk["clerk1"])
    for clerk in ("clerk1", "clerk2"):
        preparing, _ = await delivery.counts(desk[clerk])
        assert preparing + await delivery.to_count(desk[clerk]), clerk
    for staff in ("reviewer1", "manager1", "supervisor1"):
        assert (await ratings.open_counts(desk[staff]))[0] == 1
    assert [row.state for row in (await mandates.waiting().page()).items] == ["asked"]
    lost = await db.fetch("SELECT state FROM outbox WHERE channel = 'sms' AND ended_at IS NOT NULL")
    assert [row["state"] for row in lost] == ["refused"]
    wallets = await db.fetch(
        "SELECT state, enterprise_id IS NOT NULL AS of_enterprise, valid_until - current_date < 45 AS soon"
        " FROM certificate"
    )
    assert {row["state"] for row in wallets} >= {"valid", "suspended", "revoked"}
    assert {row["of_enterprise"] for row in wallets if row["soon"]} == {True, False}, "some of each end soon"
    shared = "SELECT count(*) - count(DISTINCT thread_id) FROM certificate"
    assert await db.fetchval(shared) == 0, "each belongs to the matter it came of"
    states = {row["state"] for row in await db.fetch("SELECT state FROM case_record")}
    assert states >= {"submitted", "correction_asked", "accepted", "granted"}
    assert all(ticket.for_window_id is not None or ticket.state not in ("waiting", "transferred")
               for ticket in await queue.waiting(desk["clerk1"], county.id))  # fmt: skip
    for close in ports.closers:
        await close()
