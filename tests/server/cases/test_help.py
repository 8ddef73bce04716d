"""An agent sees the page somebody needs help with and nothing of who they are; it ends when the matter is done."""

from __future__ import annotations

import pytest

from server import db
from server.errors import InvalidInput
from server.features.cases import service as cases
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.booking import key
from tests.factories.cases import CASES, Applicant, begun, office
from tests.factories.identity import AsStaff
from tests.fixtures_web import Answer, Client
from tests.server.cases.test_window import CARD

PAGE = {"step": "form", "faults": {"form.reason": "missing"}}


async def call(who: Applicant, **page: object) -> Answer:
    return await who.phone.post(f"{CASES}/{who.id}/help", json=PAGE | page, headers=key())


async def test_an_agent_sees_the_same_step_and_nothing_personal(
    client: Client, ports: Ports, as_staff: AsStaff
) -> None:
    who = await begun(client, ports, await office())
    asked = await call(who)
    assert (asked.status, asked.json["joined"]) == (200, False)
    code = asked.json["code"]
    assert len(code) == 6
    clerk = who.office.clerk
    assert await cases.help_page(clerk.actor, code) is None
    desk = client.in_console(clerk.cookie)
    assert who.someone.name not in (await desk.get(f"/console/help?code={code}")).text
    await cases.join_help(clerk.actor, code)
    page = await desk.get(f"/console/help/now?code={code}")
    for personal in (who.someone.name, who.someone.number, who.someone.phone, who.case["number"]):
        assert personal not in page.text
    seen = await cases.help_page(clerk.actor, code)
    assert seen is not None
    assert [(one.label, one.state, one.fault) for one in seen.questions] == [
        ("姓名", "filled", None),
        ("申请理由", "open", "missing"),
    ]
    # Whoever has not joined sees nothing, and the person sees that somebody looks along, with it on record.
    assert await cases.help_page((await as_staff("clerk", hall=who.office.hall.id)).actor, code) is None
    moved = await call(who, step="papers", faults={})
    assert (moved.json["code"], moved.json["joined"]) == (code, True)
    again = await cases.help_page(clerk.actor, code)
    assert again is not None
    assert (again.step, [one.fault for one in again.questions]) == ("papers", [None, None])
    assert await db.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'cases.helped'") == 1
    assert await db.fetchval("SELECT count(*) FROM step WHERE name IN ('cases.help_asked', 'cases.helped')") == 2


async def test_what_is_shown_at_a_window_is_not_called_open_and_no_code_is_read_as_words(
    client: Client, ports: Ports
) -> None:
    papers = [
        CARD | {"key": key, "name": key, "medium": medium} for key, medium in (("own", "paper"), ("copy", "either"))
    ]
    who = await begun(client, ports, await office(materials=papers))
    code = (await call(who, step="papers", faults={"materials.copy": "too_many", "form.reason": "missing"})).json[
        "code"
    ]
    clerk = who.office.clerk
    await cases.join_help(clerk.actor, code)
    seen = await cases.help_page(clerk.actor, code)
    assert seen is not None
    assert [(one.label, one.state) for one in seen.papers] == [("own", "window"), ("copy", "open")]
    page = (await client.in_console(clerk.cookie).get(f"/console/help/now?code={code}")).text
    assert ("填写有误" in page, "请填写此项" in page, "too_many" in page) == (True, True, False)


async def test_it_ends_with_the_matter_with_a_tap_and_with_time(client: Client, ports: Ports, clock: Clock) -> None:
    at = await office()
    who = await begun(client, ports, at)
    first = (await call(who)).json["code"]
    await cases.join_help(at.clerk.actor, first)
    assert (await who.phone.delete(f"{CASES}/{who.id}/help", headers=key())).status == 204
    assert await cases.help_page(at.clerk.actor, first) is None
    second = (await call(who)).json["code"]
    clock.advance(minutes=31)
    with pytest.raises(InvalidInput, match="help_unknown"):
        await cases.join_help(at.clerk.actor, second)
    third = (await call(who)).json["code"]
    await cases.join_help(at.clerk.actor, third)
    assert (await who.post("submit", await who.application())).status == 200
    assert await cases.help_page(at.clerk.actor, third) is None
    over = await call(who)
    assert (over.status, over.json["code"]) == (409, "cases.wrong_state")


async def test_a_strangers_application_cannot_be_helped(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    at = await office()
    who, other = await begun(client, ports, at), await begun(client, ports, at)
    refused = await other.phone.post(f"{CASES}/{who.id}/help", json=PAGE, headers=key())
    assert (refused.status, refused.json["code"]) == (404, "not_found")
    with pytest.raises(InvalidInput, match="help_unknown"):
        await cases.join_help((await as_staff("clerk", hall=at.hall.id)).actor, "000000")
