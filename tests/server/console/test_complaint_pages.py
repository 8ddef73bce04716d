"""What people write is worked off at the desk: found, taken, answered, published, each role with its own steps."""

from __future__ import annotations

import pytest

from server import db
from server.kit.texts import text
from tests.factories.cases import office
from tests.factories.identity import AsCitizen, AsStaff, staff
from tests.fixtures_web import Client
from tests.server.complaints.test_complaints import STUCK, only, write
from tests.server.console.desk import HTML, at_desk, goes_to

LIST = "/console/complaints"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_from_the_list_to_the_public_answer(client: Client, as_citizen: AsCitizen, language: str) -> None:
    at, who = await office(), await as_citizen()
    sent = await write(client.as_(who.token), item_id=str(at.item_id), page="catalogue.guide?problem=unexpected")
    here = f"{LIST}/{await only()}"
    officer = at_desk(client.with_(accept_language=language), at.reviewer)
    assert here in await officer.sees(LIST)
    assert sent.json["number"] in await officer.sees(LIST, q=sent.json["number"][-4:])
    assert here not in await officer.sees(LIST, kind="stuck")
    read = await officer.sees(here)
    assert who.phone not in read
    assert text(language, "catalogue.guide") in read
    assert "problem=unexpected" in read
    assert (await officer.refused(f"{here}/answer", {"words": "先答"}, on=here)).status == 409
    goes_to(await officer.does(f"{here}/take", on=here))
    assert here in await officer.sees(LIST, which="mine")
    assert who.phone in (await officer.does(f"{here}/caller", on=here)).text
    goes_to(await officer.does(f"{here}/extend", {"words": "要问市局"}, on=here))
    assert (await officer.refused(f"{here}/answer", {"words": "x" * 1001}, on=here)).status == 422
    goes_to(await officer.does(f"{here}/answer", {"words": "要带户口簿。"}, on=here))
    assert (await officer.refused(f"{here}/publish", {"question": "问", "answer": "答"}, on=here)).status == 403
    supervisor = at_desk(client.with_(accept_language=language), await staff("supervisor"))
    assert (
        await supervisor.refused(f"{here}/publish", {"question": "问", "answer": "13800138000"}, on=here)
    ).status == 422
    goes_to(await supervisor.does(f"{here}/publish", {"question": "换证带什么？", "answer": "户口簿。"}, on=here))
    goes_to(await supervisor.does(f"{here}/account", {"words": "已约谈"}, on=here))
    page = await supervisor.sees(here)
    assert "换证带什么？" in page
    assert "console." not in page.replace("onetrip_console", ""), "a text is missing"
    goes_to(await supervisor.does(f"{here}/unpublish", on=here))
    assert "换证带什么？" not in await supervisor.sees(here)


async def test_a_supervisor_routes_and_a_manager_grades(client: Client, as_citizen: AsCitizen) -> None:
    at = await office()
    phone = client.as_((await as_citizen()).token)
    await write(phone, **STUCK)
    here = f"{LIST}/{await only()}"
    supervisor = at_desk(client, await staff("supervisor"))
    manager = at_desk(client, await staff("hall_manager", hall=at.hall.id))
    assert (await manager.browser.get(here, headers=HTML)).status == 404
    assert here in await supervisor.sees(LIST, which="unrouted")
    assert (await supervisor.refused(f"{here}/route", {}, on=here)).status == 422
    goes_to(await supervisor.does(f"{here}/route", {"hall_id": str(at.hall.id)}, on=here))
    goes_to(await supervisor.does(f"{here}/urge", {"words": "当场解决"}, on=here))
    assert "当场解决" in await manager.sees(here)
    goes_to(await manager.does(f"{here}/take", on=here))
    offered = await manager.sees(here)
    assert all(one in offered for one in ("当场办", "短期（2个工作日）", "较长（7个工作日）")), "each with its days"
    goes_to(await manager.does(f"{here}/grade", {"grade": "most"}, on=here))
    assert "短期（" not in await manager.sees(here), "what would be refused is not offered"
    goes_to(await manager.does(f"{here}/hand-over", {"words": "我明天请假"}, on=here))
    assert (await db.fetchval("SELECT state FROM complaint")) == "routed"


async def test_a_clerk_has_no_list_of_them(client: Client, as_staff: AsStaff) -> None:
    at = await office()
    clerk = at_desk(client, at.clerk)
    assert (await clerk.browser.get(LIST, headers=HTML)).status == 403
