"""Real names, over HTTP, with everything that can be wrong about one."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest

from server import db
from server.kit import checks
from server.ports import OutsideError
from tests.conftest import Clock
from tests.factories.identity import sample_number
from tests.fixtures_web import Answer
from tests.server.identity.conftest import Outside, Phone


def told(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["code"]


async def test_a_citizen_is_named_and_masked(phone: Phone) -> None:
    number = checks.sample_resident_id("341226", date(1950, 3, 4))
    me = await phone.verified("李小敏", number)
    assert me["person"] == {
        "id": me["person"]["id"],
        "name": "李*敏",
        "document_kind": "resident_id",
        "document": f"341226********{number[-4:]}",
        "birth_date": "1950-03-04",
        "age": me["person"]["age"],
        "is_elder": True,
    }
    assert me["person"]["age"] >= 76


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
    assert me["person"]["document_kind"] == kind
    assert me["person"]["birth_date"] is None
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
    assert answer.status == 422
    assert answer.json["fields"][0]["path"] == "number"
    assert "person" not in outside.asked
    assert not number or number not in answer.text


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
