"""Logging in, over HTTP: by WeChat and by SMS, with everything a stranger may try."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from server import db
from server.ports import BUCKETS, OutsideError, Ports
from tests.conftest import Clock
from tests.factories.identity import sample_phone
from tests.fixtures_web import Client
from tests.server.identity.conftest import NewPhone, Outside, Phone


def code_of(answer: object) -> str:
    return answer.json["code"]  # type: ignore[attr-defined,no-any-return]


# --- WeChat ---------------------------------------------------------------------------------------------------------


async def test_wechat_login_opens_a_session(phone: Phone) -> None:
    me = await phone.log_in()
    assert me["phone"] is None
    assert me["person"] is None
    assert me["consent"] is None
    assert [session["current"] for session in me["sessions"]] == [True]
    assert (await phone.me())["account_id"] == me["account_id"]


async def test_the_same_wechat_account_is_the_same_account(new_phone: NewPhone) -> None:
    first, second = new_phone(), new_phone()
    one = await first.log_in("o-same")
    other = await second.log_in("o-same")
    assert one["account_id"] == other["account_id"]
    assert first.token != second.token
    assert len((await first.me())["sessions"]) == 2


async def test_two_first_logins_at_once_make_one_account(new_phone: NewPhone) -> None:
    found = await asyncio.gather(*(new_phone().log_in("o-race") for _ in range(8)))
    assert len({me["account_id"] for me in found}) == 1


async def test_a_code_logs_in_once(phone: Phone, outside: Outside) -> None:
    code = outside.login_code("o-once")
    answers = await asyncio.gather(*(phone.post("/login/wechat", {"code": code}) for _ in range(5)))
    assert sorted(answer.status for answer in answers) == [200, 401, 401, 401, 401]
    assert outside.asked == ["login"], "WeChat was asked about one code more than once"
    assert code_of(await phone.post("/login/wechat", {"code": code})) == "identity.wechat_code_spent"


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("40029", 401, "identity.wechat_code_spent"),
        ("40163", 401, "identity.wechat_code_spent"),
        ("40226", 403, "identity.wechat_blocked"),
        ("45011", 429, "too_many"),
        ("-1", 503, "identity.wechat_unavailable"),
        ("timeout", 503, "identity.wechat_unavailable"),
    ],
)
async def test_what_wechat_refuses(phone: Phone, outside: Outside, fault: str, status: int, code: str) -> None:
    wechat_code = outside.login_code("o-any")
    outside.fault = OutsideError(fault, final=False)
    answer = await phone.post("/login/wechat", {"code": wechat_code})
    assert (answer.status, code_of(answer)) == (status, code)


async def test_an_openid_in_the_body_is_refused(phone: Phone, outside: Outside) -> None:
    answer = await phone.post("/login/wechat", {"code": outside.login_code("o-me"), "openid": "o-somebody-else"})
    assert (answer.status, answer.json["fields"][0]["code"]) == (422, "unknown_field")


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "missing"), ({"code": ""}, "too_short"), ({"code": "x" * 201}, "too_long"), ({"code": 7}, "wrong_type")],
)
async def test_bad_bodies(phone: Phone, body: dict[str, object], field: str) -> None:
    answer = await phone.post("/login/wechat", body)
    assert (answer.status, answer.json["fields"][0]["code"]) == (422, field)


# --- SMS ------------------------------------------------------------------------------------------------------------


async def test_sms_login(phone: Phone, outside: Outside) -> None:
    number = sample_phone()
    me = await phone.log_in_by_sms(number)
    assert len(outside.sent[-1][2]["code"]) == 6
    assert me["phone"] is None, "the number was kept before consent"
    assert (await phone.agree())["phone"] == f"{number[:3]}****{number[-4:]}"


async def test_consent_may_come_with_the_login(phone: Phone) -> None:
    version = (await phone.get("/privacy")).json["version"]
    me = await phone.log_in_by_sms(sample_phone(), consent=version)
    assert me["consent"]["version"] == version
    assert me["phone"] is not None


async def test_the_same_number_is_the_same_account(new_phone: NewPhone, clock: Clock) -> None:
    number = sample_phone()
    one = await new_phone().log_in_by_sms(number)
    clock.advance(minutes=2)
    other = await new_phone().log_in_by_sms(f"+86 {number[:3]} {number[3:7]} {number[7:]}".replace(" ", ""))
    assert one["account_id"] == other["account_id"]


async def test_a_hall_full_of_people_logs_in_through_one_address(
    new_phone: NewPhone, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    buckets: Any = vars(ports.limits)["_buckets"]
    for name in ("sms", "login"):
        monkeypatch.setitem(buckets, name, BUCKETS[name])
    for _ in range(50):
        assert (await new_phone().log_in_by_sms(sample_phone()))["account_id"]


async def test_one_address_does_not_send_codes_to_the_whole_county(phone: Phone, clock: Clock) -> None:
    answers = []
    for _ in range(303):
        answers.append((await phone.post("/login/code", {"phone": sample_phone()})).status)
        clock.advance(seconds=1)
    assert answers == [204] * 300 + [429] * 3


async def test_a_code_by_sms_works_once(phone: Phone) -> None:
    number = sample_phone()
    code = await phone.ask_code(number)
    body = {"phone": number, "code": code}
    answers = await asyncio.gather(*(phone.post("/login/phone", body) for _ in range(4)))
    assert sorted(answer.status for answer in answers) == [200, 410, 410, 410]


async def test_a_wrong_code_is_refused_five_times_and_then_even_the_right_one(phone: Phone) -> None:
    number = sample_phone()
    code = await phone.ask_code(number)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(5):
        answer = await phone.post("/login/phone", {"phone": number, "code": wrong})
        assert (answer.status, code_of(answer)) == (422, "identity.code_wrong")
        assert wrong not in answer.text
    answer = await phone.post("/login/phone", {"phone": number, "code": code})
    assert (answer.status, code_of(answer)) == (410, "identity.code_expired")


async def test_many_guesses_at_once_are_still_only_five(phone: Phone) -> None:
    number = sample_phone()
    code = await phone.ask_code(number)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    answers = await asyncio.gather(*(phone.post("/login/phone", {"phone": number, "code": wrong}) for _ in range(20)))
    assert sorted(answer.status for answer in answers) == [410] * 15 + [422] * 5


async def test_a_code_dies_after_five_minutes(phone: Phone, clock: Clock) -> None:
    number = sample_phone()
    code = await phone.ask_code(number)
    clock.advance(minutes=5, seconds=1)
    answer = await phone.post("/login/phone", {"phone": number, "code": code})
    assert (answer.status, code_of(answer)) == (410, "identity.code_expired")


async def test_only_the_newest_code_counts(phone: Phone, clock: Clock) -> None:
    number = sample_phone()
    old = await phone.ask_code(number)
    clock.advance(minutes=1, seconds=1)
    new = await phone.ask_code(number)
    if old != new:
        assert (await phone.post("/login/phone", {"phone": number, "code": old})).status == 422
    assert (await phone.post("/login/phone", {"phone": number, "code": new})).status == 200


async def test_somebody_elses_code_does_not_fit(phone: Phone) -> None:
    mine, theirs = sample_phone(), sample_phone()
    my_code, their_code = await phone.ask_code(mine), await phone.ask_code(theirs)
    if my_code != their_code:
        assert (await phone.post("/login/phone", {"phone": theirs, "code": my_code})).status == 422


async def test_a_number_gets_one_code_a_minute_and_few_an_hour(phone: Phone, clock: Clock) -> None:
    number = sample_phone()
    await phone.ask_code(number)
    answer = await phone.post("/login/code", {"phone": number})
    assert (answer.status, code_of(answer)) == (429, "too_many")
    assert 1 <= int(answer.headers["retry-after"]) <= 61
    for _ in range(4):
        clock.advance(minutes=1, seconds=1)
        await phone.ask_code(number)
    clock.advance(minutes=1, seconds=1)
    answer = await phone.post("/login/code", {"phone": number})
    assert answer.status == 429
    assert int(answer.headers["retry-after"]) > 60


async def test_two_wishes_at_once_send_one_message(phone: Phone, outside: Outside) -> None:
    number = sample_phone()
    answers = await asyncio.gather(*(phone.post("/login/code", {"phone": number}) for _ in range(6)))
    assert sorted(answer.status for answer in answers) == [204, 429, 429, 429, 429, 429]
    assert len(outside.sent) == 1


async def test_known_and_unknown_numbers_answer_alike(phone: Phone, new_phone: NewPhone, clock: Clock) -> None:
    known, unknown = sample_phone(), sample_phone()
    await new_phone().log_in_by_sms(known)
    clock.advance(minutes=2)
    one, other = [await phone.post("/login/code", {"phone": number}) for number in (known, unknown)]
    assert (one.status, one.body) == (other.status, other.body)
    one, other = [await phone.post("/login/phone", {"phone": number, "code": "x"}) for number in (known, unknown)]
    assert (one.status, code_of(one)) == (other.status, code_of(other))


async def test_a_provider_that_is_down_costs_no_wait(phone: Phone, outside: Outside) -> None:
    number = sample_phone()
    outside.fault = OutsideError("down", final=False)
    answer = await phone.post("/login/code", {"phone": number})
    assert (answer.status, code_of(answer)) == (503, "identity.sms_unavailable")
    outside.fault = None
    assert (await phone.post("/login/code", {"phone": number})).status == 204


@pytest.mark.parametrize("number", ["12345678901", "1381234321", "+85291234567", "0558-1234567", "ⅩⅩ"])
async def test_numbers_that_are_none(phone: Phone, outside: Outside, number: str) -> None:
    answer = await phone.post("/login/code", {"phone": number})
    assert (answer.status, answer.json["fields"][0]["path"]) == (422, "phone")
    assert outside.sent == []
    assert number not in answer.text


# --- sessions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer x", "Basic abc", f"Bearer {'x' * 5000}"])
async def test_no_token_no_page(client: Client, header: str) -> None:
    answer = await client.get("/api/v1/me", headers={"authorization": header})
    assert (answer.status, code_of(answer)) == (401, "unauthenticated")


async def test_a_token_has_256_bits_and_is_kept_nowhere(phone: Phone) -> None:
    await phone.log_in()
    assert len(phone.token) >= 43
    kept = await db.fetchval("SELECT count(*) FROM session WHERE strpos(session::text, $1) > 0", phone.token)
    assert kept == 0


async def test_logout_ends_this_session_and_no_other(new_phone: NewPhone) -> None:
    one, other = new_phone(), new_phone()
    await one.log_in("o-two-devices")
    await other.log_in("o-two-devices")
    assert (await one.post("/logout")).status == 204
    assert (await one.get("/me")).status == 401
    assert (await one.post("/logout")).status == 401
    assert (await other.get("/me")).status == 200


async def test_another_device_can_be_seen_and_killed(new_phone: NewPhone) -> None:
    mine, stolen = new_phone(), new_phone()
    await mine.log_in("o-stolen")
    await stolen.log_in("o-stolen")
    target = next(session for session in (await mine.me())["sessions"] if not session["current"])
    assert (await mine.delete(f"/me/sessions/{target['id']}")).status == 204
    assert (await stolen.get("/me")).status == 401
    assert (await mine.delete(f"/me/sessions/{target['id']}")).status == 404


async def test_somebody_elses_session_looks_like_none(new_phone: NewPhone) -> None:
    mine, other = new_phone(), new_phone()
    await mine.log_in()
    theirs = (await other.log_in())["sessions"][0]["id"]
    absent = "01890000-0000-7000-8000-000000000000"
    one, none = [await mine.delete(f"/me/sessions/{session}") for session in (theirs, absent)]
    assert one.status == none.status == 404
    assert code_of(one) == code_of(none)
    assert (await other.get("/me")).status == 200


async def test_sessions_end_when_idle_or_old(phone: Phone, clock: Clock) -> None:
    await phone.log_in()
    for _ in range(5):
        clock.advance(days=35)
        assert (await phone.get("/me")).status == 200, "seen every 35 days, it lives"
    clock.advance(days=6)
    assert (await phone.get("/me")).status == 401, "after 180 days it ends all the same"
    await phone.log_in()
    clock.advance(days=61)
    assert (await phone.get("/me")).status == 401, "not seen for 60 days"
