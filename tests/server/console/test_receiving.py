"""The window's pages: from somebody at the counter to the printed notice, in both languages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server import db
from server.features.cases import service as cases
from server.features.cases.service import WindowIn
from server.features.identity import service as identity
from server.kit import checks, clock
from server.ports import Ports
from tests.factories.cases import office, submitted
from tests.factories.identity import REGISTER, AsStaff, sample_number
from tests.fixtures_web import Client
from tests.server.cases.test_window import CARD, PHOTO, received
from tests.server.console.desk import at_desk, goes_to

RECEIVE = "/console/receive"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_received_checked_and_told_at_the_window(client: Client, ports: Ports, language: str) -> None:
    at = await office()
    someone = await submitted(client, ports, at)
    desk = at_desk(client.with_(accept_language=language), at.clerk)
    assert at.guide.item.name in await desk.sees(RECEIVE, q=at.guide.item.name)
    page = await desk.sees(RECEIVE, item=str(at.item_id))
    assert "居民身份证" in page
    assert "console." not in page.replace("onetrip_console", ""), "a text is missing"
    # A case at the desk, whoever brought it, shows what was found, and tells all of it.
    case = f"/console/cases/{someone.id}"
    checks = f"{RECEIVE}/{someone.id}/checks"
    assert (await desk.refused(checks, {"verdict.id_card": "lost"})).status == 422
    assert (await desk.refused(checks, {"verdict.bank_statement": "missing"})).status == 422
    assert (await desk.refused(f"{RECEIVE}/{someone.id}/answers", {"answer.name": "别人"})).status == 409
    goes_to(await desk.does(checks, {"verdict.id_card": "wrong", "why.id_card": "照片模糊"}))
    assert "照片模糊" in await desk.sees(case)
    assert (await desk.refused(f"{case}/decline", {"reason": "不收"})).status == 403
    goes_to(await desk.does(f"{case}/ask-correction", {"days": "10"}))
    told = await desk.sees(case)
    assert "照片模糊" in told
    assert ".pdf" in told
    assert "console." not in told.replace("onetrip_console", ""), "a text is missing"
    assert await db.fetchval("SELECT count(*) FROM telling") == 1


async def test_who_stands_there_is_written_down_only_with_a_true_document(client: Client, ports: Ports) -> None:
    at = await office()
    desk = at_desk(client, at.clerk)
    form = {"hall": str(at.hall.id), "item": str(at.item_id), "kind": "resident_id", "name": "赵长庚"}
    assert (await desk.refused(RECEIVE, form | {"number": sample_number()[:-1] + "?"})).status == 422
    assert await db.fetchval("SELECT count(*) FROM case_record") == 0


async def test_the_answers_are_typed_on_the_page_of_the_case(client: Client, ports: Ports) -> None:
    at = await office()
    desk = at_desk(client, at.clerk)
    person = await identity.register_person(
        at.clerk.actor, kind="resident_id", name="赵长庚", number=sample_number(), checker=REGISTER
    )
    case_id = await cases.receive(
        at.clerk.actor, WindowIn(item_id=at.item_id, hall_id=at.hall.id, person_id=person.id, situation={})
    )
    assert 'name="answer.reason"' in await desk.sees(f"/console/cases/{case_id}")
    goes_to(await desk.does(f"{RECEIVE}/{case_id}/answers", {"answer.name": "赵长庚", "answer.reason": "年满八十"}))
    goes_to(await desk.does(f"{RECEIVE}/{case_id}/checks", {"verdict.id_card": "received"}))
    goes_to(await desk.does(f"/console/cases/{case_id}/accept"))
    page = await desk.sees(f"/console/cases/{case_id}")
    assert "年满八十" in page
    assert f"{RECEIVE}/{case_id}/slip" in page
    receipt = await desk.sees(f"{RECEIVE}/{case_id}/slip")
    assert all(one in receipt for one in ("赵*庚", at.guide.item.name, "居民身份证", "五个工作日"))
    assert "赵长庚" not in receipt, "paper lies about"


async def test_a_question_is_shown_where_another_answer_calls_for_it(client: Client, ports: Ports) -> None:
    bank = {"key": "bank", "label": "银行卡", "type": "choice", "required": True,
            "choices": [{"value": "now", "label": "现在填写"}, {"value": "later", "label": "以后"}]}  # fmt: skip
    number = {"key": "account", "label": "卡号", "type": "text", "required": True,
              "when": {"field": "bank", "equals": "now"}}  # fmt: skip
    at = await office(form=[bank, number])
    desk, case_id = at_desk(client, at.clerk), await received(at)
    asked = '<label data-if="answer.bank" data-is="now"{}>卡号'
    assert asked.format(" hidden") in await desk.sees(f"/console/cases/{case_id}")
    refused = await desk.refused(f"{RECEIVE}/{case_id}/answers", {"answer.bank": "now"})
    assert (refused.status, 'data-field="form.account"' in refused.text) == (422, True)
    goes_to(await desk.does(f"{RECEIVE}/{case_id}/answers", {"answer.bank": "now", "answer.account": "6217"}))
    assert asked.format("") in await desk.sees(f"/console/cases/{case_id}")
    goes_to(await desk.does(f"{RECEIVE}/{case_id}/answers", {"answer.bank": "later", "answer.account": "6217"}))
    assert (await cases.view(at.clerk.actor, case_id)).case.form == {"bank": "later"}


async def test_for_another_or_an_enterprise_all_are_written_down_or_nobody(
    client: Client, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    for asked in ("person", "enterprise"):
        monkeypatch.setattr(type(ports.identity_check), asked, staticmethod(getattr(REGISTER, asked)))
    at = await office(audience=["person", "enterprise"])
    desk = at_desk(client, at.clerk)
    offered = await desk.sees(RECEIVE, item=str(at.item_id), whom="enterprise")
    assert all(f'name="{name}"' in offered for name in ("uscc", "company", "legal_name", "authority"))
    form = {"hall": str(at.hall.id), "item": str(at.item_id), "kind": "resident_id", "name": "赵长庚"}
    form |= {"number": sample_number(), "whom": "agent", "authority": "signed_authority"}
    refused = await desk.refused(RECEIVE, form)
    assert refused.status == 422
    assert 'data-field="agent_name"' in refused.text
    assert await db.fetchval("SELECT count(*) FROM person") == 0
    case = goes_to(await desk.does(RECEIVE, form | {"agent_name": "钱小兵", "agent_number": sample_number()}))
    page = await desk.sees(case)
    assert "钱小兵" in page
    assert "授权委托书" in page
    firm = {"uscc": checks.sample_uscc("341226", "MA000902"), "company": "样例商贸有限公司"}
    refused = await desk.refused(RECEIVE, form | firm | {"whom": "enterprise"})
    assert 'data-field="legal_name"' in refused.text
    case = goes_to(await desk.does(RECEIVE, form | firm | {"whom": "enterprise", "authority": "legal_person"}))
    assert "样例商贸有限公司" in await desk.sees(case)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_what_may_follow_is_committed_to_and_received(client: Client, ports: Ports, language: str) -> None:
    rules = PHOTO | {"key": "rules", "name": "规章制度", "need": "deficiency", "medium": "either"}
    at = await office(materials=[CARD, rules], form=[])
    desk = at_desk(client.with_(accept_language=language), at.clerk)
    person = await identity.register_person(
        at.clerk.actor, kind="resident_id", name="赵长庚", number=sample_number(), checker=REGISTER
    )
    case_id = await cases.receive(
        at.clerk.actor, WindowIn(item_id=at.item_id, hall_id=at.hall.id, person_id=person.id, situation={})
    )
    here = f"/console/cases/{case_id}"
    assert f"{here}/tolerate" not in await desk.sees(here), "the main paper is lacking"
    goes_to(await desk.does(f"{RECEIVE}/{case_id}/checks", {"verdict.id_card": "received"}))
    assert f"{here}/tolerate" in await desk.sees(here)
    assert (await desk.refused(f"{here}/tolerate", {"days": "3"})).status == 422
    assert (await desk.refused(f"{here}/tolerate", {"days": "many", "signed": "true"})).status == 422
    goes_to(await desk.does(f"{here}/tolerate", {"days": "3", "signed": "true"}))
    page = await desk.sees(here)
    assert f"{here}/supplement" in page
    assert "console." not in page.replace("onetrip_console", ""), "a text is missing"
    goes_to(await desk.does(f"{here}/supplement", {"keys": "rules"}))
    assert f"{here}/supplement" not in await desk.sees(here)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_what_follows_is_signed_on_the_phone_and_looked_at_here(
    client: Client, ports: Ports, language: str
) -> None:
    rules = PHOTO | {"key": "rules", "name": "规章制度", "need": "deficiency", "medium": "either"}
    who = await submitted(client, ports, await office(materials=[CARD, rules]))
    desk = at_desk(client.with_(accept_language=language), who.office.clerk)
    here = f"/console/cases/{who.id}"
    assert f"{here}/offer" in await desk.sees(here)
    assert (await desk.refused(f"{here}/offer", {"days": "99"})).status == 422
    assert (await desk.refused(f"{here}/recall-offer")).status == 409
    goes_to(await desk.does(f"{here}/offer", {"days": "3"}))
    page = await desk.sees(here)
    assert f"{here}/recall-offer" in page
    assert f"{here}/offer" not in page
    goes_to(await desk.does(f"{here}/recall-offer"))
    goes_to(await desk.does(f"{here}/offer", {"days": "3"}))
    words = (await who.screen())["case"]["following"]["commitment"]
    signed = {"commitment_id": words["id"], "version": words["version"], "agreed": True}
    assert (await who.post("commitment", signed)).status == 200
    file = {"key": "rules", "file_id": str((await who.picture("#345678")).id)}
    assert (await who.post("supplement", {"materials": [file]})).status == 200
    assert who.case["number"] in await desk.sees("/console/cases", list="followed")
    assert "list=followed" in await desk.sees("/console")
    page = await desk.sees(here)
    assert f"{here}/send-back" in page
    assert words["lines"][1] in page
    assert "console." not in page.replace("onetrip_console", ""), "a text is missing"
    assert (await desk.refused(f"{here}/send-back", {"key": "rules", "reason": ""})).status == 422
    goes_to(await desk.does(f"{here}/send-back", {"key": "rules", "reason": "印章看不清"}))
    assert "印章看不清" in await desk.sees(here)
    assert who.case["number"] not in await desk.sees("/console/cases", list="followed")
    goes_to(await desk.does(f"{here}/supplement", {"keys": "rules"}))
    assert f"{here}/supplement" not in await desk.sees(here)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_a_hall_is_authorised_on_the_desk_and_not_any_longer(
    client: Client, ports: Ports, as_staff: AsStaff, language: str
) -> None:
    at = await office(authorised=False, materials=[CARD])
    manager = at_desk(client.with_(accept_language=language), await as_staff("hall_manager", hall=at.hall.id))
    reviewer = at_desk(client.with_(accept_language=language), at.reviewer)
    here = "/console/authorisations"
    today = clock.today()
    offered = await manager.sees(f"{here}/new", department=str(at.guide.department.id))
    assert at.guide.item.name in offered
    form = {
        "department": str(at.guide.department.id), "place": str(at.hall.id), "kind": "accept", "number": "颍公授 9 号",
        "signed_by": "李局长", "first_on": today.isoformat(), "last_on": (today + timedelta(days=20)).isoformat(),
    }  # fmt: skip
    for wrong in ({"place": "town"}, {"last_on": "1999-01-01"}, {"number": ""}, {"some": "true"}):
        assert (await manager.refused(f"{here}/new", form | wrong, on=here)).status == 422
    one = goes_to(await manager.does(f"{here}/new", form | {"some": "true", "items": str(at.item_id)}, on=here))
    assert f"{one}/approve" not in await manager.sees(one)
    assert (await manager.refused(f"{one}/approve", on=here)).status == 403
    assert f"{one}/approve" in await reviewer.sees(one)
    assert here in await reviewer.sees("/console")
    goes_to(await reviewer.does(f"{one}/approve"))
    for page in (
        await manager.sees(here),
        await manager.sees(one),
        await manager.sees(f"{here}/new", extends=one[-36:]),
    ):
        assert "console." not in page.replace("onetrip_console", ""), "a text is missing"
    who = await submitted(client, ports, at)
    window = at_desk(client.with_(accept_language=language), at.clerk)
    assert f"/console/cases/{who.id}/accept" in await window.sees(f"/console/cases/{who.id}")
    goes_to(await manager.does(f"{one}/end", {"reason": "人员调整"}, on=here))
    page = await window.sees(f"/console/cases/{who.id}")
    assert f"/console/cases/{who.id}/accept" not in page
    goes_to(await window.does(f"/console/cases/{who.id}/route"))
    page = await window.sees(f"/console/cases/{who.id}")
    assert f"/console/cases/{who.id}/route" not in page
    assert "console." not in page.replace("onetrip_console", ""), "a text is missing"
    assert who.case["number"] in await reviewer.sees("/console/cases", list="routed")
    goes_to(await reviewer.does(f"/console/cases/{who.id}/accept"))
    assert one in await manager.sees(here, list="over")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_the_days_to_mend_are_set_on_the_desk(
    client: Client, ports: Ports, as_staff: AsStaff, language: str
) -> None:
    at = await office()
    desk = at_desk(client.with_(accept_language=language), await as_staff("administrator"))
    here = "/console/policies/corrections"
    form = {
        "region_code": "341226", "least_days": "8", "usual_days": "10", "most_days": "20", "reason": "县里规定",
        "first_on": clock.today().isoformat(),
    }  # fmt: skip
    assert (await desk.refused(here, form | {"most_days": "9"}, on=here)).status == 422
    goes_to(await desk.does(here, form, on=here))
    page = await desk.sees(here)
    assert "县里规定" in page
    assert "console." not in page.replace("onetrip_console", ""), "a text is missing"
    who = await submitted(client, ports, at)
    assert 'value="10" min="8" max="20"' in await at_desk(client, at.clerk).sees(f"/console/cases/{who.id}")
