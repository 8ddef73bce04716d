"""The first page shows each role what waits for them, and every number leads somewhere."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from server.features.cases import service as cases
from server.features.delivery import service as delivery
from server.ports import Ports
from tests.factories import catalogue as make
from tests.factories.booking import bookable
from tests.factories.cases import ON_THE_SPOT, SIGNED, granted, office, ready, submitted
from tests.factories.identity import AsCitizen, AsStaff
from tests.fixtures_web import Client
from tests.server.console.desk import at_desk
from tests.server.console.test_pages import booked

_TILE = re.compile(r'href="([^"]+)"><strong>(\d+)</strong><span>([^<]+)</span>')


def tiles(page: str) -> dict[str, tuple[int, str]]:
    return {words: (int(count), to.replace("&amp;", "&")) for to, count, words in _TILE.findall(page)}


@pytest.mark.parametrize("role", ["clerk", "hall_manager", "reviewer", "supervisor", "auditor", "administrator"])
async def test_every_role_finds_its_work(client: Client, as_staff: AsStaff, role: str) -> None:
    await make.county()
    desk = at_desk(client, await as_staff(role, name="周慧"))
    page = await desk.sees("/console")
    assert "周慧，您好" in page
    found = tiles(page)
    assert found, "an empty console"
    for words, (_, to) in found.items():
        assert "<main" in await desk.sees(to), words


async def test_the_numbers_are_those_of_the_lists(
    client: Client, ports: Ports, as_staff: AsStaff, as_citizen: AsCitizen
) -> None:
    at = await office()
    accepted = await submitted(client, ports, at)
    await cases.accept(at.clerk.actor, accepted.id)
    await submitted(client, ports, at)
    done, code = await ready(client, ports, at)
    await delivery.hand_over(at.clerk.actor, code, identity_checked=True, signature=SIGNED)
    await granted(client, ports, replace(at, guide=await make.guide(**ON_THE_SPOT)))
    token = (await done.screen())["rating"]["token"]
    bad = {"token": token, "level": "dissatisfied", "tags": [], "words": ""}
    assert (await client.post("/api/v1/ratings", json=bad)).status == 200
    place = await bookable(capacity=9)
    wish = await booked(client, as_citizen, place)
    front = tiles(await at_desk(client, at.clerk).sees("/console"))
    assert front["办件待受理"][0] == 1
    assert front["结果待上架"][0] == 1
    assert front["差评待整改"][0] == 1
    count, to = front["预约待确认"]
    assert count == 1
    assert wish["number"] in await at_desk(client, at.clerk).sees(to)
    back = tiles(await at_desk(client, at.reviewer).sees("/console"))
    assert back["办件待审批"][0] == 1
    town = await make.hall("town", region_code="341226100")
    elsewhere = tiles(await at_desk(client, await as_staff("clerk", hall=town.id)).sees("/console"))
    assert {words: count for words, (count, _) in elsewhere.items() if count} == {}


async def test_what_an_administrator_is_told(client: Client, as_staff: AsStaff) -> None:
    await make.county()
    page = tiles(await at_desk(client, await as_staff("administrator")).sees("/console"))
    assert page["在用的工作人员账号"][0] == 1
    assert page["暂停的窗口"][0] == 0
