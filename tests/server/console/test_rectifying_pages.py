"""A bad rating is worked off at the desk, step by step; each role sees the steps that are its own."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from server import db
from server.kit import clock
from server.ports import Ports
from tests.factories.identity import AsStaff, staff
from tests.fixtures_web import Client
from tests.server.console.desk import HTML, at_desk, goes_to
from tests.server.ratings.test_rating import WORST, finished, rate
from tests.server.ratings.test_rectifying import shown

LIST = "/console/rectifications"


async def test_from_the_list_to_the_answer(client: Client, ports: Ports) -> None:
    who, token = await finished(client, ports)
    await rate(who.phone, token, **WORST)
    manager = at_desk(client, await staff("hall_manager", hall=who.office.hall.id))
    found = re.search(rf'href="({LIST}/[0-9a-f-]+)"', await manager.sees(LIST))
    assert found
    page = found[1]
    deeds = (
        ("verify", {"founded": "yes", "finding": "确实等了两个小时"}, "登记整改"),
        ("rectify", {"measures": "增开窗口"}, "实名差评要先回访再答复"),
        ("call", {"words": "已道歉。", "reached": "yes"}, "答复评价人"),
        ("answer", {"words": "对不起，已增开窗口。"}, "等评价人确认"),
    )
    for deed, form, then in deeds:
        empty = {name: "x" * 501 if name not in ("founded", "reached") else value for name, value in form.items()}
        assert (await manager.refused(f"{page}/{deed}", empty, on=page)).status == 422
        assert goes_to(await manager.does(f"{page}/{deed}", form, on=page)) == page
        assert then in await manager.sees(page)
    assert (await shown(who.phone, token))["answer"] == "对不起，已增开窗口。"
    again = await manager.refused(f"{page}/answer", {"words": "再答一次"}, on=page)
    assert (again.status, "状态已经变化" in again.text) == (409, True)


async def test_whom_to_call_is_shown_on_asking_only(client: Client, ports: Ports) -> None:
    who, token = await finished(client, ports)
    await rate(who.phone, token, **WORST)
    page = f"{LIST}/{await db.fetchval('SELECT id FROM rectification')}"
    manager = at_desk(client, await staff("hall_manager", hall=who.office.hall.id))
    assert who.someone.phone not in await manager.sees(page)
    called = await manager.does(f"{page}/caller", on=page)
    assert who.someone.phone in called.text
    goes_to(await manager.does(f"{page}/call", {"reached": "yes", "words": "已道歉"}, on=page))
    assert "回访接通" in await manager.sees(page)


async def test_the_officers_see_it_and_not_who_rated(client: Client, ports: Ports) -> None:
    who, token = await finished(client, ports)
    await rate(who.phone, token, **WORST)
    page = f"{LIST}/{await db.fetchval('SELECT id FROM rectification')}"
    for officer in (who.office.clerk, who.office.reviewer):
        desk = at_desk(client, officer)
        seen = await desk.sees(page)
        assert who.case["number"] not in seen
        assert (await desk.refused(f"{page}/caller", on="/console/cases")).status == 403
        _, _, matter = (await desk.sees(f"/console/cases/{who.id}")).partition("<main")
        assert "评价" not in matter, "the matter's page does not tell either"


async def test_a_supervisor_presses_and_decides(client: Client, ports: Ports) -> None:
    who, token = await finished(client, ports)
    await rate(who.phone, token, **WORST)
    page = f"{LIST}/{await db.fetchval('SELECT id FROM rectification')}"
    manager = at_desk(client, await staff("hall_manager", hall=who.office.hall.id))
    supervisor = at_desk(client, await staff("supervisor"))
    goes_to(await supervisor.does(f"{page}/urge", {"words": "今天办完"}, on=page))
    assert "今天办完" in await manager.sees(page)
    goes_to(await manager.does(f"{page}/exclusion", {"kind": "malicious", "reason": "同一人连评"}, on=page))
    assert "由其他人决定" in await manager.sees(page)
    goes_to(await supervisor.does(f"{page}/decide", {"verdict": "exclude", "words": "查实为恶意"}, on=page))
    assert "没有待整改的差评" in await manager.sees(LIST)
    assert "恶意评价 1 条，误评 0 条" in await manager.sees(LIST)
    assert "不计入" in await manager.sees(LIST, ended="1")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_the_clocks_of_an_area_are_set_on_the_desk(
    client: Client, ports: Ports, as_staff: AsStaff, language: str
) -> None:
    who, token = await finished(client, ports)
    desk = at_desk(client.with_(accept_language=language), await as_staff("administrator"))
    here = "/console/policies/rectifications"
    form = {
        "region_code": "341226", "first_on": clock.today().isoformat(), "call_back_days": "2", "within_days": "10",
        "working": "false", "red_days": "8", "judge_days": "5", "call_tries": "3", "escalate_days": "2",
        "rate_days": "60", "caller_days": "20", "reason": "县里规定",
    }  # fmt: skip
    for wrong in ({"red_days": "11"}, {"region_code": "999999"}, {"first_on": "2020-01-01"}, {"call_back_days": "31"}):
        assert (await desk.refused(here, form | wrong, on=here)).status == 422, wrong
    goes_to(await desk.does(here, form, on=here))
    assert (await desk.refused(here, form, on=here)).status == 409
    page = await desk.sees(here)
    assert "县里规定" in page
    assert "console." not in page.replace("onetrip_console", ""), "a text is missing"
    taken = await rate(who.phone, token, **WORST)
    assert taken.json["rectification"]["due_on"] == (clock.today() + timedelta(days=10)).isoformat()


async def test_the_clocks_are_the_countys_to_set(client: Client, as_staff: AsStaff) -> None:
    town = at_desk(client, await as_staff("administrator", region="341226100"))
    assert (await town.browser.get("/console/policies/rectifications", headers=HTML)).status == 403


async def test_a_call_is_taken_down_at_the_desk(client: Client, ports: Ports) -> None:
    who, token = await finished(client, ports)
    manager = at_desk(client, await staff("hall_manager", hall=who.office.hall.id))
    page = f"{LIST}/calls"
    assert page in await manager.sees(LIST)
    number = await db.fetchval("SELECT number FROM thread WHERE id = $1", who.case["thread_id"])
    found = await manager.sees(page, q=number)
    assert (found.count('name="level"'), " checked" in found) == (5, False), "nothing is chosen beforehand"
    form = {"number": number, "token": token, "level": "dissatisfied", "name": "王大山", "behalf": "self"}
    assert (await manager.refused(page, {**form, "behalf": "boss"}, on=page)).status == 422
    assert goes_to(await manager.does(page, form, on=page)) == f"{page}?done=1"
    assert "没有等待评价" in await manager.sees(page, q=number)
    assert "没有等待评价" in await manager.sees(page, q="123")
