"""Grants by rules on the pages of the desk: read, looked at, stopped, taken back; the rules written in the guide."""

from __future__ import annotations

import pytest

from server import db
from server.ports import Ports
from tests.factories.cases import office
from tests.factories.identity import staff
from tests.fixtures_web import Client
from tests.server.cases.test_rulings import AGE, NAME, SAME_NAME, decided, ruled
from tests.server.console.desk import at_desk, goes_to
from tests.server.console.test_pledges import whole

HERE = "/console/rulings"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_read_looked_at_and_stopped_on_the_page(client: Client, ports: Ports, language: str) -> None:
    at = await office(**ruled(AGE, percent=100))
    who = await decided(client, ports, at)
    first = at_desk(client.with_(accept_language=language), at.reviewer)
    second = at_desk(client.with_(accept_language=language), await staff("reviewer", department=at.guide.department.id))
    listed = await first.sees(HERE)
    assert whole(listed)
    assert f"{HERE}/cases/{who.id}" in listed
    assert "张桂兰" not in listed, "a list is not a look"
    auditor = at_desk(client.with_(accept_language=language), await staff("auditor"))
    told = await auditor.sees(f"{HERE}/cases/{who.id}")
    assert whole(told)
    assert "年满六十五周岁" in told
    assert "张桂兰" not in told
    assert f"/console/cases/{who.id}" not in told
    page = await first.sees(f"/console/cases/{who.id}")
    assert whole(page)
    assert "测试秒批规则" in page
    look = {"verdict": "wrong", "found": "人口信息有误。"}
    for missing in ({"found": ""}, {"verdict": "perhaps"}):
        assert (await first.refused(f"{HERE}/cases/{who.id}/look", look | missing)).status == 422
    goes_to(await first.does(f"{HERE}/cases/{who.id}/look", look))
    assert (await first.refused(f"{HERE}/cases/{who.id}/look", look)).status == 409
    stopped = await first.sees(HERE, list="granted")
    assert whole(stopped)
    assert str(await db.fetchval("SELECT reason FROM ruling_switch")) in stopped
    assert "/revoke" not in await first.sees(f"/console/cases/{who.id}")
    ended = await second.sees(f"/console/cases/{who.id}")
    assert whole(ended)
    goes_to(await second.does(f"/console/pledges/{who.id}/revoke", {"reason": "决定有误，依法撤销。"}))
    goes_to(await first.does(f"{HERE}/items/{at.item_id}", {"running": "true", "reason": "已更正。"}))
    assert await db.fetchval("SELECT running FROM ruling_switch")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_what_was_left_to_a_person_shows_what_the_rules_found(
    client: Client, ports: Ports, language: str
) -> None:
    at = await office(**ruled(SAME_NAME, form=[NAME]))
    who = await decided(client, ports, at, form={"name": "李四"})
    desk = at_desk(client.with_(accept_language=language), at.reviewer)
    listed = await desk.sees(HERE, list="person")
    assert whole(listed)
    page = await desk.sees(f"/console/cases/{who.id}")
    assert whole(page)
    assert "姓名与实名一致" in page
    assert "/accept" in page, "and goes on as any other"
    for empty in ("look", "granted"):
        assert whole(await desk.sees(HERE, list=empty))


async def test_only_its_readers_come_here(client: Client) -> None:
    at = await office()
    answer = await client.in_console(at.clerk.cookie).get(HERE, headers={"accept": "text/html"})
    assert answer.status == 403
