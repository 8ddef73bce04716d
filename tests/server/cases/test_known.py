"""What is known is filled in with its source, never asked twice; what is wrong in it becomes somebody's work."""

from __future__ import annotations

from typing import Any

import pytest

from server import db
from server.errors import Conflict, InvalidInput, NotFound
from server.features.cases import service as cases
from server.features.catalogue import service as catalogue
from server.features.catalogue.schemas import Meaning
from server.ports import Ports
from tests.factories import catalogue as make
from tests.factories.booking import key
from tests.factories.cases import CASES, Applicant, begun, office, submitted
from tests.factories.identity import AsCitizen, AsStaff, SomeCitizen, enterprise_of, staff
from tests.fixtures_web import Client

NAME: dict[str, Any] = {"key": "name", "label": "姓名", "type": "name", "required": True, "prefill": "person.name"}
HOME: dict[str, Any] = {"key": "at", "label": "现住址", "type": "address", "required": True, "prefill": "person.home"}
PHONE: dict[str, Any] = {"key": "tel", "label": "电话", "type": "phone", "required": False, "prefill": "person.phone"}
PERMIT: dict[str, Any] = {"name": "居住证", "kind": "certificate", "certificate_type": "residence_permit"}


async def lived(client: Client, ports: Ports, at: str = "颍上县慎城镇一路1号") -> Applicant:
    """Somebody who has told one office where they live."""
    who = await begun(client, ports, await office(form=[NAME, HOME]))
    form = {"name": who.someone.name, "at": at}
    answer = await who.post("submit", await who.application(form=form))
    assert answer.status == 200, answer.text
    return who


async def permitted(client: Client, ports: Ports, someone: SomeCitizen | None = None) -> Applicant:
    """Somebody whose residence permit says where they live."""
    permits = await office(form=[NAME, HOME | {"key": "address"}], result=PERMIT)
    who = await begun(client, ports, permits, someone)
    form = {"name": who.someone.name, "address": "颍上县建颍乡二路2号"}
    assert (await who.post("submit", await who.application(form=form))).status == 200
    await cases.accept(permits.clerk.actor, who.id)
    await cases.grant(permits.reviewer.actor, ports.signer, who.id, None)
    return who


async def reported(client: Client, ports: Ports, holder: Applicant, words: str) -> Applicant:
    """They fill in the next form, and what the permit says there is wrong."""
    who = await begun(client, ports, await office(form=[NAME, HOME]), holder.someone)
    wrong = {"key": "at", "right": "颍上县建颍乡三路3号", "words": words, "version": 1}
    assert (await who.post("report", wrong)).status == 200
    return who


async def test_an_answer_once_given_is_filled_in_wherever_it_is_asked(client: Client, ports: Ports) -> None:
    before = await lived(client, ports)
    # Another office calls the question otherwise; the dictionary knows that it means the same.
    home = HOME | {"key": "address", "label": "居住地址"}
    who = await begun(client, ports, await office(form=[NAME, home, PHONE]), before.someone)
    assert who.case["form"]["address"] == "颍上县慎城镇一路1号"
    assert who.case["known"]["address"]["kind"] == "case"
    assert who.case["known"]["address"]["name"] == before.case["item"]["name"]
    assert who.case["known"]["name"]["kind"] == "register"
    assert who.case["prefilled"] == ["address", "name", "tel"]


async def test_a_certificate_goes_before_an_older_answer_and_the_newest_counts(client: Client, ports: Ports) -> None:
    holder = await lived(client, ports)
    await permitted(client, ports, holder.someone)
    who = await begun(client, ports, await office(form=[NAME, HOME]), holder.someone)
    assert who.case["form"]["at"] == "颍上县建颍乡二路2号"
    known = who.case["known"]["at"]
    assert (known["kind"], known["name"]) == ("certificate", "居住证")
    # One that holds no longer says nothing; what was written last does.
    await db.execute("UPDATE certificate SET state = 'revoked'")
    await who.post("withdraw")
    again = await begun(client, ports, who.office, holder.someone)
    assert again.case["known"]["at"]["kind"] == "case"


async def test_nobody_is_filled_in_with_somebody_elses_answers(
    client: Client, ports: Ports, as_citizen: AsCitizen
) -> None:
    await lived(client, ports)
    stranger = await begun(client, ports, await office(form=[NAME, HOME]), await as_citizen(name="李敏"))
    assert "at" not in stranger.case["form"]
    # What a colleague wrote of themselves is not the next clerk's; what they wrote of the enterprise is.
    shop = {"key": "shop", "label": "场所", "type": "address", "required": True, "prefill": "enterprise.address"}
    owner, clerk = await as_citizen(name="王刚"), await as_citizen(name="周洁")
    company = str(await enterprise_of(owner))
    at = await office(form=[NAME, HOME, shop], audience=["enterprise"], themes=[])
    first = await begun(client, ports, at, owner, enterprise_id=company)
    form = {"name": "王刚", "at": "自己的家", "shop": "颍河路8号"}
    assert (await first.post("submit", await first.application(form=form))).status == 200
    await client.as_(owner.token).post(
        f"/api/v1/enterprises/{company}/clerks", json={"phone": clerk.phone}, headers=key()
    )
    other = await office(form=[NAME, HOME, shop | {"key": "place"}], audience=["enterprise"], themes=[])
    second = await begun(client, ports, other, clerk, enterprise_id=company)
    assert second.case["form"] == {"name": "周洁", "place": "颍河路8号"}


async def test_what_is_wrong_is_overwritten_and_looked_up(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    before = await lived(client, ports)
    who = await begun(client, ports, await office(form=[NAME, HOME]), before.someone)
    wrong = {"key": "at", "right": "颍上县十八里铺镇3号", "words": "去年搬了家", "version": 1}
    told = await who.post("report", wrong)
    assert told.status == 200, told.text
    assert told.json["form"]["at"] == "颍上县十八里铺镇3号"
    assert (told.json["prefilled"], told.json["known"]["at"]["reported"]) == (["name"], True)
    assert told.json["reports"] == [{"label": "现住址", "state": "open", "answer": None}]
    again = await who.post("report", wrong | {"right": "又一处", "version": 2})
    assert (again.status, again.json["code"]) == (409, "cases.nothing_to_report")
    # It lies with the department of the source, and with no other.
    officer = before.office.reviewer.actor
    waiting = (await (await cases.reports(officer)).page()).items
    assert [(one.held, one.right, one.words, one.source) for one in waiting] == [
        ("颍上县慎城镇一路1号", "颍上县十八里铺镇3号", "去年搬了家", "case")
    ]
    assert await cases.open_reports(officer) == 1
    elsewhere = await as_staff("reviewer", department=(await make.department("civil")).id)
    assert (await (await cases.reports(elsewhere.actor)).page()).items == []
    with pytest.raises(NotFound):
        await cases.answer_report(elsewhere.actor, ports.signer, waiting[0].id, "kept", "不归我管")
    await cases.answer_report(officer, ports.signer, waiting[0].id, "corrected", "已按居住证更正")
    with pytest.raises(Conflict, match="report_answered"):
        await cases.answer_report(officer, ports.signer, waiting[0].id, "kept", "再答一次")
    seen = (await who.phone.get(f"{CASES}/{who.id}")).json
    assert seen["reports"] == [{"label": "现住址", "state": "corrected", "answer": "已按居住证更正"}]
    assert await db.fetchval("SELECT count(*) FROM inbox WHERE kind = 'cases.report_answered'") == 1
    assert await cases.open_reports(officer) == 0


async def test_what_is_corrected_is_corrected_in_the_certificate_that_shows_it(client: Client, ports: Ports) -> None:
    holder = await permitted(client, ports)
    who = await reported(client, ports, holder, "门牌写错了")
    [report] = (await (await cases.reports(holder.office.reviewer.actor)).page()).items
    await cases.answer_report(holder.office.reviewer.actor, ports.signer, report.id, "corrected", "已更正")
    rows = await db.fetch("SELECT id, state, version FROM certificate ORDER BY version")
    assert [(row["state"], row["version"]) for row in rows] == [("superseded", 1), ("valid", 2)]
    newer = (await who.phone.get(f"/api/v1/certificates/{rows[1]['id']}")).json
    assert "颍上县建颍乡三路3号" in [one["value"] for one in newer["fields"]]
    basis = await db.fetchval("SELECT basis FROM certificate_change WHERE verb = 'supersede'")
    assert who.case["number"] in basis
    assert await db.fetchval("SELECT count(*) FROM inbox WHERE kind = 'certificates.superseded'") == 1
    # The next form is filled in right.
    after = await begun(client, ports, await office(form=[NAME, HOME]), holder.someone)
    assert after.case["form"]["at"] == "颍上县建颍乡三路3号"


async def test_another_departments_certificate_is_that_departments_to_mend(client: Client, ports: Ports) -> None:
    holder = await permitted(client, ports)
    await reported(client, ports, holder, "")
    civil = await make.department("civil")
    await db.execute("UPDATE field_report SET department_id = $1", civil.id)
    officer = await staff("reviewer", department=civil.id)
    [report] = (await (await cases.reports(officer.actor)).page()).items
    await cases.answer_report(officer.actor, ports.signer, report.id, "corrected", "已更正")
    assert await db.fetchval("SELECT count(*) FROM certificate WHERE state = 'superseded'") == 0
    [passed_on] = (await (await cases.reports(holder.office.reviewer.actor)).page()).items
    assert (passed_on.held, passed_on.right) == ("颍上县建颍乡二路2号", "颍上县建颍乡三路3号")
    await cases.answer_report(holder.office.reviewer.actor, ports.signer, passed_on.id, "corrected", "已更正")
    assert await db.fetchval("SELECT count(*) FROM certificate WHERE state = 'superseded'") == 1
    assert await db.fetchval("SELECT count(*) FROM field_report") == 2, "nobody is asked twice"


async def test_reports_that_are_refused_change_nothing(client: Client, ports: Ports) -> None:
    who = await begun(client, ports, await office(form=[NAME, PHONE]))
    for wrong, status, code in (
        ({"key": "reason", "right": "没有这一项", "version": 1}, 409, "cases.nothing_to_report"),
        ({"key": "name", "right": who.someone.name, "version": 1}, 409, "cases.nothing_to_report"),
        ({"key": "tel", "right": "12", "version": 1}, 422, "invalid_input"),
        ({"key": "name", "right": "张桂", "version": 7}, 409, "cases.newer_elsewhere"),
    ):
        refused = await who.post("report", wrong)
        assert (refused.status, refused.json["code"]) == (status, code), refused.text
    assert await db.fetchval("SELECT count(*) FROM field_report") == 0
    assert (await who.phone.get(f"{CASES}/{who.id}")).json["version"] == 1


async def test_who_saved_a_newer_draft_and_when(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    at = await office(audience=["enterprise"], themes=[])
    owner, colleague = await as_citizen(name="李敏"), await as_citizen(name="周洁")
    company = await enterprise_of(owner)
    mine = await begun(client, ports, at, owner, enterprise_id=str(company))
    theirs = client.as_(colleague.token)
    await mine.phone.post(f"/api/v1/enterprises/{company}/clerks", json={"phone": colleague.phone}, headers=key())
    draft = {"form": {"reason": "同事写的"}, "materials": [], "version": 1}
    saved = await theirs.put(f"{CASES}/{mine.id}/draft", json=draft, headers=key())
    assert (saved.status, saved.json["saved_by"]) == (200, None)
    refused = await mine.post("draft", draft | {"form": {"reason": "我写的"}})
    assert (refused.status, refused.json["code"]) == (409, "cases.newer_elsewhere")
    assert "周" not in refused.text
    newer = (await mine.phone.get(f"{CASES}/{mine.id}")).json
    assert (newer["saved_by"], newer["form"]["reason"]) == ("周*", "同事写的")
    # Who chooses their own saves it over the version they have now seen.
    chosen = await mine.post("draft", {"form": {"reason": "我写的"}, "materials": [], "version": newer["version"]})
    assert (chosen.status, chosen.json["form"]["reason"], chosen.json["saved_by"]) == (200, "我写的", None)


async def test_what_was_told_is_kept_with_its_version(client: Client, ports: Ports) -> None:
    who = await submitted(client, ports, await office())
    kept = await db.fetchval("SELECT told::text FROM case_record WHERE id = $1", who.id)
    assert '"version": 1' in kept
    assert str(who.office.guide.id) in kept
    shown = (await who.phone.get(f"{CASES}/{who.id}", headers={"Accept-Language": "en"})).json
    assert shown["told"] == who.case["told"]


async def test_the_dictionary_holds_for_every_guide() -> None:
    home = Meaning(key="person.home", type="address", certificates={"residence_permit": "address"})
    assert catalogue.dictionary()["person.home"] == home


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("form", "path", "code"),
    [
        ([HOME | {"type": "number"}], "form.0.type", "not_as_in_dictionary"),
        ([HOME, HOME | {"key": "other"}], "form.1.prefill", "asked_twice"),
    ],
)
async def test_a_guide_that_asks_twice_is_not_published(form: list[dict[str, Any]], path: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await make.guide(form=form)
    assert (path, code) in [(one.path, one.code) for one in refused.value.fields]
