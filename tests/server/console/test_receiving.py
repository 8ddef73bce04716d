"""The window's pages: from somebody at the counter to the printed notice, in both languages."""

from __future__ import annotations

import pytest

from server import db
from server.features.cases import service as cases
from server.features.cases.service import WindowIn
from server.features.identity import service as identity
from server.kit import checks
from server.ports import Ports
from tests.factories.cases import office, submitted
from tests.factories.identity import REGISTER, sample_number
from tests.fixtures_web import Client
from tests.server.cases.test_window import CARD, PHOTO
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
