"""Several logins of one person, numbers that change hands, and nobody in somebody else's papers."""

from __future__ import annotations

import asyncio

from server import db
from tests.conftest import Clock
from tests.factories.identity import sample_number, sample_phone
from tests.fixtures_web import Answer
from tests.server.identity.conftest import NewPhone, Outside, Phone


def told(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["code"]


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
    assert len(joined["sessions"]) == 2
    assert joined["person"] is not None
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
    assert seen["account_id"] == mine["account_id"]
    assert seen["person"]["id"] == mine["person"]["id"]


async def test_a_number_handed_on_opens_nobodys_papers(new_phone: NewPhone, clock: Clock) -> None:
    telephone, number = sample_phone(), sample_number()
    before = new_phone()
    mine = await before.verified("王小明", number, telephone)
    clock.advance(days=91)
    after = new_phone()
    stranger = await after.log_in_by_sms(telephone)
    assert stranger["account_id"] != mine["account_id"]
    assert stranger["person"] is None
    assert stranger["consent"] is None
    assert len(stranger["sessions"]) == 1
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
    assert back["account_id"] == mine["account_id"]
    assert back["person"]["id"] == mine["person"]["id"]


async def test_a_number_in_use_by_another_person_is_not_taken_over(new_phone: NewPhone) -> None:
    telephone = sample_phone()
    await new_phone().verified("王小明", sample_number(), telephone)
    other = new_phone()
    await other.verified("张三", sample_number(), sample_phone())
    assert told(await other.give_phone(telephone)) == (409, "identity.phone_taken")


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


async def test_everybody_at_once_with_one_number(new_phone: NewPhone, outside: Outside) -> None:
    """Logins, numbers and consent of one telephone number, all at the same moment: one holder, no failure."""
    telephone = sample_phone()
    wechats = [new_phone() for _ in range(6)]
    for phone in wechats:
        await phone.log_in()
        await phone.agree()
    browser = new_phone()
    code = await browser.ask_code(telephone)
    version = (await browser.get("/privacy")).json["version"]
    body = {"phone": telephone, "code": code, "consent": version}
    answers = await asyncio.gather(
        *(phone.give_phone(telephone) for phone in wechats for _ in range(2)),
        *(browser.post("/login/phone", body) for _ in range(3)),
    )
    assert {answer.status for answer in answers} <= {200, 410}
    assert await db.fetchval("SELECT count(*) FROM account WHERE phone_index IS NOT NULL") == 1
