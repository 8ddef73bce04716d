"""What the privacy text promises: numbers changed or given back, devices logged out, consent taken back and given."""

from __future__ import annotations

import pytest

from server.errors import Conflict
from server.features.identity import service as identity
from server.kit import texts
from tests.conftest import Clock
from tests.factories.identity import sample_number, sample_phone
from tests.server.identity.conftest import NewPhone, Phone


def hidden(number: str) -> str:
    return f"{number[:3]}****{number[-4:]}"


async def test_the_number_is_changed_by_a_code_to_the_new_one(phone: Phone, clock: Clock) -> None:
    old, new = sample_phone(), sample_phone()
    await phone.log_in_by_sms(old)
    await phone.agree()
    code = await phone.ask_code(new)
    wrong = await phone.post("/me/phone/proof", {"phone": new, "code": f"{(int(code) + 1) % 1_000_000:06d}"})
    assert (wrong.status, wrong.json["code"]) == (422, "identity.code_wrong")
    changed = await phone.post("/me/phone/proof", {"phone": new, "code": code})
    assert (changed.status, changed.json["phone"]) == (200, hidden(new))
    spent = await phone.post("/me/phone/proof", {"phone": new, "code": code})
    assert spent.status == 410
    clock.advance(minutes=2)
    account = changed.json["account_id"]
    assert (await Phone(phone.client, phone.outside).log_in_by_sms(new))["account_id"] == account
    assert (await Phone(phone.client, phone.outside).log_in_by_sms(old))["account_id"] != account


async def test_nobody_takes_a_number_of_another_person(new_phone: NewPhone, clock: Clock) -> None:
    owner, other, number = new_phone(), new_phone(), sample_phone()
    await owner.verified("王小明", sample_number(), number)
    await other.verified("李强", sample_number(), sample_phone())
    code = await other.ask_code(number)
    answer = await other.post("/me/phone/proof", {"phone": number, "code": code})
    assert (answer.status, answer.json["code"]) == (409, "identity.phone_taken")


async def test_a_number_is_given_back_where_another_way_in_is_left(new_phone: NewPhone) -> None:
    wechat, sms = new_phone(), new_phone()
    await wechat.log_in()
    await wechat.agree()
    assert (await wechat.give_phone(sample_phone())).json["phone"] is not None
    assert (await wechat.delete("/me/phone")).json["phone"] is None
    assert (await wechat.me())["phone"] is None
    await sms.log_in_by_sms(sample_phone())
    await sms.agree()
    refused = await sms.delete("/me/phone")
    assert (refused.status, refused.json["code"]) == (409, "identity.only_way_in")


async def test_every_other_device_is_logged_out(new_phone: NewPhone, clock: Clock) -> None:
    here, there, elsewhere, number, who = new_phone(), new_phone(), new_phone(), sample_phone(), sample_number()
    await here.verified("王小明", who, number)
    await there.log_in(here.openid)
    # The same person through a login of its own, with another number.
    await elsewhere.log_in_by_sms(number)
    stranger = new_phone()
    await stranger.log_in()
    answer = await here.delete("/me/sessions")
    assert (answer.status, [row["current"] for row in answer.json["sessions"]]) == (200, [True])
    assert [(await one.get("/me")).status for one in (here, there, elsewhere, stranger)] == [200, 401, 401, 200]


async def test_consent_goes_and_comes_back(phone: Phone) -> None:
    await phone.verified("王小明", sample_number())
    gone = await phone.delete("/me/consent")
    assert (gone.status, gone.json["consent"]) == (200, None)
    assert gone.json["person"] is not None, "what was lawfully done stands"
    child = {"relation": "guardian", "name": "王一一", "number": sample_number()}
    assert (await phone.post("/mandates", child)).json["code"] == "identity.consent_required"
    assert (await phone.agree())["consent"] is not None


@pytest.mark.parametrize("locale", texts.available())
async def test_the_text_says_where_to_ask(phone: Phone, locale: str) -> None:
    told = (await phone.client.with_(accept_language=locale).get("/api/v1/privacy")).json
    assert "12345" in told["paragraphs"][-1]
    assert len(told["paragraphs"]) == 10
    with pytest.raises(Conflict):
        await _agree_to_an_older_text(phone)


async def _agree_to_an_older_text(phone: Phone) -> None:
    await phone.log_in()
    actor = await identity.resolve_bearer(phone.token)
    assert actor is not None
    await identity.consent(actor, "2026-11-01")
