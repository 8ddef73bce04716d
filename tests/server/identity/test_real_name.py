"""Consent, telephone number and real name, over HTTP, in and out of order."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest

from server import db
from server.kit import checks
from server.ports import OutsideError
from tests.conftest import Clock
from tests.factories.identity import sample_number, sample_phone
from tests.fixtures_web import Answer, Client
from tests.server.identity.conftest import NewPhone, Outside, Phone


def told(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["code"]


# --- consent --------------------------------------------------------------------------------------------------------


async def test_the_privacy_text_is_for_everybody_in_their_language(client: Client) -> None:
    chinese = (await client.get("/api/v1/privacy")).json
    english = (await client.with_(accept_language="en").get("/api/v1/privacy")).json
    assert chinese["version"] == english["version"]
    assert len(chinese["paragraphs"]) == len(english["paragraphs"]) == 10
    assert chinese["title"] != english["title"]


async def test_nothing_personal_before_consent(phone: Phone, outside: Outside) -> None:
    await phone.log_in()
    assert told(await phone.give_phone(sample_phone())) == (409, "identity.consent_required")
    assert told(await phone.give_name("王小明", sample_number())) == (409, "identity.consent_required")
    assert outside.asked == ["login"], "somebody outside was told before consent"
    assert await db.fetchval("SELECT count(*) FROM person") == 0


async def test_consent_is_kept_with_version_and_time_and_once(phone: Phone) -> None:
    await phone.log_in()
    first = await phone.agree()
    again = await phone.agree()
    assert first["consent"] == again["consent"]
    assert first["consent"]["version"] == first["privacy_version"]
    assert first["consent"]["given_at"].endswith("+08:00")
    assert await db.fetchval("SELECT count(*) FROM consent") == 1


async def test_another_version_is_not_agreed_to(phone: Phone) -> None:
    await phone.log_in()
    assert told(await phone.post("/me/consent", {"version": "2020-01-01"})) == (409, "identity.consent_outdated")


async def test_consent_taken_back_stays_in_the_ledger(phone: Phone) -> None:
    await phone.log_in()
    await phone.agree()
    me = (await phone.delete("/me/consent")).json
    assert me["consent"] is None
    assert told(await phone.give_name("王小明", sample_number())) == (409, "identity.consent_required")
    await phone.agree()
    rows = await db.fetch("SELECT withdrawn_at FROM consent ORDER BY created_at")
    assert [row["withdrawn_at"] is None for row in rows] == [False, True]


async def test_consent_needs_a_key_and_is_replayed(phone: Phone) -> None:
    await phone.log_in()
    version = (await phone.get("/privacy")).json["version"]
    me = phone.client.as_(phone.token)
    assert (await me.post("/api/v1/me/consent", json={"version": version})).status == 400
    headers = {"idempotency-key": "the-same-key-1"}
    one, two = [await me.post("/api/v1/me/consent", json={"version": version}, headers=headers) for _ in range(2)]
    assert one.body == two.body and two.headers["idempotency-replayed"] == "true"


# --- real name ------------------------------------------------------------------------------------------------------


async def test_a_citizen_is_named_and_masked(phone: Phone) -> None:
    number = checks.sample_resident_id("341226", date(1950, 3, 4))
    me = await phone.verified("李小敏", number)
    assert me["person"] == {
        "id": me["person"]["id"],
        "name": "李*敏",
        "document_kind": "resident_id",
        "document": f"341226********{number[-4:]}",
        "birth_date": "1950-03-04",
        "is_elder": True,
    }


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("passport", "e 1234 5678", "E12345678"),
        ("hk_macau_permit", "h1234567801", "H12345678"),
        ("taiwan_permit", "1234567801(B)", "12345678"),
    ],
)
async def test_other_documents(phone: Phone, outside: Outside, kind: str, typed: str, kept: str) -> None:
    await phone.log_in()
    await phone.agree()
    outside.people[kind, kept] = "陈大文"
    me = (await phone.give_name("陈大文", typed, kind, known=False)).json
    assert me["person"]["document_kind"] == kind and me["person"]["birth_date"] is None
    assert me["person"]["is_elder"] is False


async def test_names_are_spelled_as_on_documents(phone: Phone, outside: Outside) -> None:
    number = sample_number()
    outside.people["resident_id", number] = "阿依古丽·买买提"
    await phone.log_in()
    await phone.agree()
    me = (await phone.give_name(" 阿依古丽 • 买买提 ", number.lower(), known=False)).json
    assert me["person"]["name"] == "阿***·**提"


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("resident_id", "110105194912310021"),
        ("resident_id", "440524188001010014"),
        ("resident_id", ""),
        ("passport", "护照"),
        ("hk_macau_permit", "12345678"),
        ("taiwan_permit", "H12345678"),
    ],
)
async def test_numbers_that_cannot_be(phone: Phone, outside: Outside, kind: str, number: str) -> None:
    await phone.log_in()
    await phone.agree()
    answer = await phone.give_name("王小明", number, kind, known=False)
    assert answer.status == 422 and answer.json["fields"][0]["path"] == "number"
    assert "person" not in outside.asked and (not number or number not in answer.text)


async def test_nobody_born_tomorrow(phone: Phone, clock: Clock) -> None:
    await phone.log_in()
    await phone.agree()
    unborn = checks.sample_resident_id("341226", clock.today() + timedelta(days=1))
    assert told(await phone.give_name("王小明", unborn)) == (422, "identity.document_invalid")


@pytest.mark.parametrize(
    ("body", "path", "code"),
    [
        ({"name": "王小明", "number": "x"}, "document_kind", "missing"),
        ({"document_kind": "licence", "name": "王小明", "number": "x"}, "document_kind", "wrong_type"),
        ({"document_kind": "passport", "name": "", "number": "E12345678"}, "name", "too_short"),
        ({"document_kind": "passport", "name": "王" * 61, "number": "E12345678"}, "name", "too_long"),
        ({"document_kind": "passport", "name": "  ", "number": "E12345678"}, "name", "name_invalid"),
        ({"document_kind": "passport", "name": "123", "number": "E12345678"}, "name", "name_invalid"),
        ({"document_kind": "passport", "name": 5, "number": "E12345678"}, "name", "wrong_type"),
        ({"document_kind": "passport", "name": "王", "number": "1" * 41}, "number", "too_long"),
        ({"document_kind": "passport", "name": "王", "number": "E12345678", "age": 3}, "age", "unknown_field"),
    ],
)
async def test_bad_bodies(phone: Phone, body: dict[str, object], path: str, code: str) -> None:
    await phone.log_in()
    await phone.agree()
    answer = await phone.post("/me/real-name", body)
    assert answer.status == 422
    if code != "wrong_type" or path != "document_kind":
        assert answer.json["fields"][0] | {"text": ""} == {"path": path, "code": code, "text": ""}


async def test_a_wrong_name_and_an_unknown_number_sound_the_same(phone: Phone, outside: Outside) -> None:
    await phone.log_in()
    await phone.agree()
    known, unknown = sample_number(), sample_number()
    outside.people["resident_id", known] = "张三"
    one = await phone.give_name("李四", known, known=False)
    other = await phone.give_name("李四", unknown, known=False)
    assert told(one) == told(other) == (409, "identity.not_matched")
    assert one.json["detail"] == other.json["detail"]


async def test_guessing_slows_down(phone: Phone, clock: Clock) -> None:
    await phone.log_in()
    await phone.agree()
    answers = [await phone.give_name("李四", sample_number(), known=False) for _ in range(6)]
    assert [answer.status for answer in answers[:5]] == [409] * 5
    later = [await phone.give_name("李四", sample_number(), known=False) for _ in range(2)]
    assert 429 in {answer.status for answer in (answers[5], *later)}
    clock.advance(hours=1, minutes=1)
    assert (await phone.give_name("王小明", sample_number())).status == 200


async def test_an_authority_that_is_down_loses_nothing(phone: Phone, outside: Outside) -> None:
    await phone.log_in()
    await phone.agree()
    number = sample_number()
    outside.fault = OutsideError("timeout", final=False)
    for _ in range(8):
        answer = await phone.give_name("王小明", number)
        assert told(answer) == (503, "identity.check_unavailable")
        assert "retry-after" in answer.headers
    outside.fault = None
    assert (await phone.give_name("王小明", number)).status == 200, "silence was counted as a wrong name"


async def test_given_twice_it_is_given_once(phone: Phone) -> None:
    number = sample_number()
    one = await phone.verified("王小明", number)
    two = (await phone.give_name("王小明", number)).json
    assert one["person"] == two["person"]
    assert await db.fetchval("SELECT count(*) FROM person") == 1


async def test_given_at_once_from_two_windows_it_is_one_person(phone: Phone) -> None:
    await phone.log_in()
    await phone.agree()
    number = sample_number()
    answers = await asyncio.gather(*(phone.give_name("王小明", number) for _ in range(5)))
    assert {answer.status for answer in answers} == {200}
    assert await db.fetchval("SELECT count(*) FROM person") == 1


async def test_a_login_does_not_change_hands(phone: Phone) -> None:
    await phone.verified("王小明", sample_number())
    assert told(await phone.give_name("张三", sample_number())) == (409, "identity.already_named")


async def test_children_under_fourteen_have_a_guardian(phone: Phone, clock: Clock) -> None:
    await phone.log_in()
    await phone.agree()
    today = clock.today()
    child = checks.sample_resident_id("341226", today.replace(year=today.year - 13))
    assert told(await phone.give_name("王一一", child)) == (403, "identity.too_young")
    teenager = checks.sample_resident_id("341226", today.replace(year=today.year - 14))
    assert (await phone.give_name("王二二", teenager)).status == 200


async def test_a_new_name_for_the_same_number_is_taken_over(phone: Phone) -> None:
    number = sample_number()
    before = await phone.verified("王小明", number)
    after = (await phone.give_name("王大明", number)).json
    assert after["person"]["id"] == before["person"]["id"]
    assert after["person"]["name"] == "王*明"


# --- one person, several logins -------------------------------------------------------------------------------------


async def test_somebody_who_only_knows_name_and_number_gets_nothing(new_phone: NewPhone) -> None:
    number = sample_number()
    await new_phone().verified("王小明", number, sample_phone())
    thief = new_phone()
    await thief.log_in()
    await thief.agree()
    assert told(await thief.give_name("王小明", number)) == (409, "identity.person_taken")
    await thief.give_phone(sample_phone())
    assert told(await thief.give_name("王小明", number)) == (409, "identity.person_taken")
    assert (await thief.me())["person"] is None


async def test_a_second_login_with_the_same_number_is_the_same_account(new_phone: NewPhone, clock: Clock) -> None:
    number, telephone = sample_number(), sample_phone()
    browser, wechat = new_phone(), new_phone()
    await browser.log_in_by_sms(telephone)
    await browser.agree()
    assert (await browser.give_name("王小明", number)).status == 200
    await wechat.log_in()
    await wechat.agree()
    waiting = (await wechat.give_phone(telephone)).json
    assert waiting["person"] is None, "a number alone opened somebody's papers"
    assert waiting["phone"] == f"{telephone[:3]}****{telephone[-4:]}"
    joined = (await wechat.give_name("王小明", number)).json
    assert joined["account_id"] == (await browser.me())["account_id"]
    assert len(joined["sessions"]) == 2 and joined["person"] is not None
    clock.advance(minutes=2)
    third = new_phone()
    assert (await third.log_in_by_sms(telephone))["account_id"] == joined["account_id"]


async def test_wechat_and_sms_with_one_number_are_one_account(new_phone: NewPhone) -> None:
    telephone = sample_phone()
    browser, wechat = new_phone(), new_phone()
    await browser.log_in_by_sms(telephone)
    await browser.agree()
    await wechat.log_in()
    await wechat.agree()
    joined = (await wechat.give_phone(telephone)).json
    assert joined["account_id"] == (await browser.me())["account_id"]
    assert {session["device"] for session in joined["sessions"]} == {
        session["device"] for session in joined["sessions"]
    }
    assert len(joined["sessions"]) == 2


async def test_sms_into_a_wechat_account_is_that_account(new_phone: NewPhone) -> None:
    telephone = sample_phone()
    wechat, browser = new_phone(), new_phone()
    mine = await wechat.verified("王小明", sample_number(), telephone)
    seen = await browser.log_in_by_sms(telephone)
    assert seen["account_id"] == mine["account_id"] and seen["person"]["id"] == mine["person"]["id"]


async def test_a_number_handed_on_opens_nobodys_papers(new_phone: NewPhone, clock: Clock) -> None:
    telephone, number = sample_phone(), sample_number()
    before = new_phone()
    mine = await before.verified("王小明", number, telephone)
    clock.advance(days=91)
    after = new_phone()
    stranger = await after.log_in_by_sms(telephone)
    assert stranger["account_id"] != mine["account_id"]
    assert stranger["person"] is None and stranger["consent"] is None and len(stranger["sessions"]) == 1
    await after.agree()
    assert (await after.give_name("赵新", sample_number())).status == 200
    assert (await after.me())["phone"] == f"{telephone[:3]}****{telephone[-4:]}"
    await before.log_in()
    assert (await before.me())["phone"] is None, "the number still belongs to its former holder"
    assert (await before.me())["person"]["id"] == mine["person"]["id"]


async def test_the_same_person_comes_back_after_long_silence(new_phone: NewPhone, clock: Clock) -> None:
    telephone, number = sample_phone(), sample_number()
    before, after = new_phone(), new_phone()
    mine = await before.verified("王小明", number, telephone)
    clock.advance(days=100)
    assert (await after.log_in_by_sms(telephone))["person"] is None
    await after.agree()
    back = (await after.give_name("王小明", number)).json
    assert back["account_id"] == mine["account_id"] and back["person"]["id"] == mine["person"]["id"]


async def test_a_number_in_use_by_another_person_is_not_taken_over(new_phone: NewPhone) -> None:
    telephone = sample_phone()
    await new_phone().verified("王小明", sample_number(), telephone)
    other = new_phone()
    await other.verified("张三", sample_number(), sample_phone())
    assert told(await other.give_phone(telephone)) == (409, "identity.phone_taken")


# --- telephone ------------------------------------------------------------------------------------------------------


async def test_a_phone_code_of_somebody_else_is_refused(new_phone: NewPhone, outside: Outside) -> None:
    mine, other = new_phone(), new_phone()
    await mine.log_in()
    await mine.agree()
    await other.log_in()
    stolen = outside.phone_code(other.openid, sample_phone())
    assert told(await mine.post("/me/phone", {"code": stolen})) == (401, "identity.wechat_code_spent")


async def test_a_phone_code_works_once(phone: Phone, outside: Outside) -> None:
    await phone.log_in()
    await phone.agree()
    code = outside.phone_code(phone.openid, sample_phone())
    assert (await phone.post("/me/phone", {"code": code})).status == 200
    assert told(await phone.post("/me/phone", {"code": code})) == (401, "identity.wechat_code_spent")


async def test_numbers_abroad_are_refused_kindly(phone: Phone) -> None:
    await phone.log_in()
    await phone.agree()
    assert told(await phone.give_phone("91234567")) == (422, "identity.phone_unsupported")


async def test_without_wechat_there_is_no_wechat_number(phone: Phone) -> None:
    await phone.log_in_by_sms(sample_phone())
    await phone.agree()
    assert told(await phone.post("/me/phone", {"code": "any"})) == (409, "identity.not_wechat")


# --- preferences ----------------------------------------------------------------------------------------------------


async def test_preferences_change_only_what_is_named(phone: Phone) -> None:
    await phone.log_in()
    assert (await phone.put("/me/preferences", {"elder_mode": True})).json["elder_mode"] is True
    me = (await phone.put("/me/preferences", {"locale": "en"})).json
    assert (me["locale"], me["elder_mode"]) == ("en", True)
    answer = await phone.put("/me/preferences", {"locale": "tlh"})
    assert (answer.status, answer.json["fields"][0]["code"]) == (422, "not_offered")
    assert (await phone.put("/me/preferences", {"elder_mode": "yes"})).status == 422
