"""A hall's manager orders posters, sees how far they are, and fetches the PDF; a clerk has no such page."""

from __future__ import annotations

import re

import pytest

from server.features.ratings import service as ratings
from server.ports import Ports
from tests.factories import catalogue as make
from tests.factories.identity import AsStaff
from tests.fixtures_web import Client
from tests.server.console.desk import HTML, at_desk, goes_to

PAGE = "/console/posters"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_ordered_watched_and_fetched(client: Client, as_staff: AsStaff, ports: Ports, language: str) -> None:
    hall = await make.county()
    desk = at_desk(client.with_(accept_language=language), await as_staff("hall_manager", hall=hall.id))
    assert ("还没有生成过海报" in await desk.sees(PAGE)) is (language == "zh-CN")
    assert goes_to(await desk.does(PAGE, {"sheet": "counter", "hall": ""}, on=PAGE)) == PAGE
    assert "<progress" in await desk.sees(PAGE)
    assert 'hx-trigger="every 2s"' in await desk.sees(f"{PAGE}/now")
    await ratings.draw_posters(ports.stopping)
    drawn = await desk.sees(PAGE)
    assert "every 2s" not in drawn, "nothing is asked for any more once all is there"
    found = re.search(rf'href="({PAGE}/[0-9a-f-]+\.pdf)"', drawn)
    assert found
    answer = await desk.browser.get(found[1], headers=HTML)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    assert "counters-" in answer.headers["content-disposition"]
    assert (await desk.refused(PAGE, {"sheet": "wall"}, on=PAGE)).status == 422


async def test_a_clerk_orders_none(client: Client, as_staff: AsStaff) -> None:
    hall = await make.county()
    clerk = at_desk(client, await as_staff("clerk", hall=hall.id))
    assert (await clerk.browser.get(PAGE, headers=HTML)).status == 403
    assert PAGE not in await clerk.sees("/console/queue/devices")
