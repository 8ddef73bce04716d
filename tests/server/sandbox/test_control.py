"""The control plane: phones, the clock, staff codes, reset, and manners towards rude callers."""

from typing import Any

import pytest

from server.sandbox.authenticator import code_at, decode_secret
from tests.server.sandbox.conftest import START, Json, Sandbox

GRANDPA = {"key": "grandpa", "name": "周大山", "phone_number": "19900000009"}


async def keys(sandbox: Sandbox) -> list[str]:
    return [phone["key"] for phone in (await sandbox.get("/_sandbox/phones")).json]


async def test_starts_with_four_invented_people(sandbox: Sandbox) -> None:
    phones = (await sandbox.get("/_sandbox/phones")).json
    assert [phone["key"] for phone in phones] == ["grandma", "worker", "parent", "clerk-of-enterprise"]
    assert all(len(phone["openid"]) == len(phone["unionid"]) == 28 for phone in phones)
    assert len({phone["openid"] for phone in phones}) == 4


async def test_the_invented_people_step_aside_for_the_first_real_one(sandbox: Sandbox) -> None:
    kept = sandbox.openid("grandma")
    named = {"key": "grandma", "name": "王秀英", "phone_number": "19900000008"}
    answer = await sandbox.post("/_sandbox/phones", [named, GRANDPA])
    assert answer.status == 201
    assert [phone["key"] for phone in answer.json] == await keys(sandbox) == ["grandma", "grandpa"]
    assert answer.json[0]["openid"] == kept


async def test_hidden_phones_take_part_without_being_drawn(sandbox: Sandbox) -> None:
    await sandbox.post("/_sandbox/phones", GRANDPA | {"hidden": True, "openid": "oHiddenPerson0000000000000001"})
    assert "grandpa" not in await keys(sandbox)
    assert len(await keys(sandbox)) == 4
    assert len((await sandbox.get("/_sandbox/phones", hidden="1")).json) == 5
    assert (await sandbox.post("/_sandbox/phones/grandpa/login")).status == 200


async def test_an_openid_belongs_to_one_phone(sandbox: Sandbox) -> None:
    taken = await sandbox.post("/_sandbox/phones", GRANDPA | {"hidden": True, "openid": sandbox.openid("grandma")})
    assert (taken.status, taken.json["error"]["code"]) == (409, "openid_taken")


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "Grand Pa"},
        {"key": "../x"},
        {"name": ""},
        {"phone_number": "123"},
        {"openid": "o!"},
        {"more": 1},
        {"hidden": "yes"},
    ],
)
async def test_senseless_phones(sandbox: Sandbox, changes: dict[str, Any]) -> None:
    answer = await sandbox.post("/_sandbox/phones", GRANDPA | changes)
    assert (answer.status, answer.json["error"]["code"]) == (422, "invalid_input")
    assert len(await keys(sandbox)) == 4


async def test_a_phone_that_is_gone(sandbox: Sandbox) -> None:
    assert (await sandbox.call("DELETE", "/_sandbox/phones/parent")).status == 204
    assert "parent" not in await keys(sandbox)
    for path in ("", "/messages", "/sms", "/subscribe-setting"):
        assert (await sandbox.get(f"/_sandbox/phones/parent{path}")).status == 404
    assert (await sandbox.post("/_sandbox/phones/parent/login")).status == 404


async def test_reading_clears_the_badges(sandbox: Sandbox) -> None:
    await sandbox.accept("booking_result")
    await sandbox.wechat("/cgi-bin/message/subscribe/send", sandbox.message())
    assert (await sandbox.get("/_sandbox/phones/grandma")).json["unread"] == {"messages": 1, "service": 0, "sms": 0}
    assert (await sandbox.post("/_sandbox/phones/grandma/read", {"messages": True})).json["unread"]["messages"] == 0


async def test_clock_moves_forward_only(sandbox: Sandbox) -> None:
    assert (await sandbox.post("/_sandbox/clock", {"advance": 90.5})).json == {"now": START + 90.5, "offset": 90.5}
    assert (await sandbox.post("/_sandbox/clock", {"advance": -1})).status == 422
    assert (await sandbox.get("/_sandbox/clock")).json["offset"] == 90.5


# RFC 6238, appendix B, for SHA-1 (eight digits there; the last six are what an app shows).
@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "94287082"), (1111111109, "07081804"), (1234567890, "89005924"), (20000000000, "65353130")],
)
def test_staff_codes_follow_the_rfc(seconds: int, code: str) -> None:
    assert code_at(b"12345678901234567890", seconds, digits=8) == code
    assert code_at(b"12345678901234567890", seconds) == code[2:]


async def test_staff_codes_on_the_authenticator(sandbox: Sandbox) -> None:
    added = await sandbox.post("/_sandbox/authenticator", {"label": "窗口 李梅", "secret": "gezd gnbv gy3t qojq"})
    assert (added.status, added.json) == (201, {"labels": ["窗口 李梅"]})
    (shown,) = (await sandbox.get("/_sandbox/authenticator")).json
    assert shown["code"] == code_at(decode_secret("GEZDGNBVGY3TQOJQ"), START)
    assert shown["next_code"] == code_at(decode_secret("GEZDGNBVGY3TQOJQ"), START + 30)
    assert 0 < shown["seconds_left"] <= 30
    await sandbox.post("/_sandbox/clock", {"advance": 3600})
    assert (await sandbox.get("/_sandbox/authenticator")).json == [shown]  # it follows the wall, not the sandbox
    await sandbox.post("/_sandbox/authenticator", [{"label": "窗口 李梅", "secret": "A" * 16}])
    assert len((await sandbox.get("/_sandbox/authenticator")).json) == 1
    assert (await sandbox.post("/_sandbox/authenticator", {"label": "x", "secret": "not base 32!"})).status == 422


async def test_account_knobs(sandbox: Sandbox) -> None:
    changed = await sandbox.call("PATCH", "/_sandbox/account", json={"pages": ["pages/home/index"]})
    assert changed.json["pages"] == ["pages/home/index"]
    assert (await sandbox.get("/_sandbox/account")).json["return_msgid"] is True
    refused: list[Json] = [{"pages": "x"}, {"nonsense": 1}, {"link_rules": [{"prefix": "x"}]}, []]
    for senseless in refused:
        assert (await sandbox.call("PATCH", "/_sandbox/account", json=senseless)).status == 422


async def test_reset_makes_everything_new(sandbox: Sandbox) -> None:
    await sandbox.accept("booking_result")
    await sandbox.wechat("/cgi-bin/message/subscribe/send", sandbox.message())
    await sandbox.post("/_sandbox/phones", GRANDPA)
    token = await sandbox.token()
    await sandbox.post("/_sandbox/reset")
    assert await keys(sandbox) == ["grandma", "worker", "parent", "clerk-of-enterprise"]
    assert (await sandbox.get("/_sandbox/phones/grandma/messages")).json == []
    assert (await sandbox.get("/_sandbox/credits")).json == {"balances": {}, "ledger": []}
    assert (await sandbox.get("/wxaapi/newtmpl/gettemplate", access_token=token)).json["errcode"] == 40001


async def test_quotas_are_visible(sandbox: Sandbox) -> None:
    await sandbox.token()
    assert (await sandbox.get("/_sandbox/quotas")).json["/cgi-bin/stable_token"] == {"minute": 1, "day": 1}


async def test_lists_for_the_products_configuration(sandbox: Sandbox) -> None:
    slugs = {template["slug"] for template in (await sandbox.get("/_sandbox/templates")).json}
    assert {"booking_result", "case_progress", "rating_invite"} <= slugs
    texts = {template["slug"]: template["id"] for template in (await sandbox.get("/_sandbox/sms-templates")).json}
    assert texts["login_code"] == "2000001"
    assert (await sandbox.get("/_sandbox/health")).json == {"status": "ok", "now": START}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/_sandbox/phones"),
        ("PATCH", "/_sandbox/account"),
        ("POST", "/_sandbox/faults"),
        ("POST", "/_sandbox/clock"),
        ("POST", "/_sandbox/people"),
        ("POST", "/_sandbox/authenticator"),
        ("POST", "/_sandbox/credits"),
        ("POST", "/_sandbox/resolve"),
        ("POST", "/_sandbox/phones/grandma/codes"),
        ("POST", "/_sandbox/phones/grandma/subscribe"),
        ("PUT", "/_sandbox/phones/grandma/subscribe-setting"),
    ],
)
@pytest.mark.parametrize("raw", [b"{", b"\xff\xfe", b"null", b"17", b'"x"', b"[" * 20_000, b'{"a":' * 20_000])
async def test_rude_bodies_are_refused_and_break_nothing(sandbox: Sandbox, method: str, path: str, raw: bytes) -> None:
    assert 400 <= (await sandbox.call(method, path, data=raw)).status < 500


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=99999", "limit=٣"])
async def test_rude_limits(sandbox: Sandbox, query: str) -> None:
    assert (await sandbox.call("GET", f"/_sandbox/requests?{query}")).status == 422


async def test_other_web_pages_cannot_turn_the_knobs(sandbox: Sandbox) -> None:
    stranger = {"Sec-Fetch-Site": "cross-site"}
    assert (await sandbox.call("POST", "/_sandbox/reset", headers=stranger)).status == 403
    assert (await sandbox.call("POST", "/_sandbox/reset", headers={"Sec-Fetch-Site": "same-origin"})).status == 200


async def test_the_page_has_one_name_on_this_machine(sandbox: Sandbox) -> None:
    own = sandbox.world.settings.public_url
    port = own.rpartition(":")[2]
    answer = await sandbox.call("GET", "/?lang=en", headers={"Host": f"localhost:{port}"})
    assert (answer.status, answer.headers["Location"]) == (302, f"{own}/?lang=en")
    assert (await sandbox.call("GET", "/", headers={"Host": f"demo.test:{port}"})).status == 200
    assert (await sandbox.get("/authenticator")).headers["Location"] == "/#authenticator"


async def test_unknown_addresses(sandbox: Sandbox) -> None:
    for path in ("/nothing", "/_sandbox/nothing", "/static/nothing.js", "/static/..%2Fapp.py"):
        answer = await sandbox.get(path)
        assert (answer.status, set(answer.json)) == (404, {"error"})
    assert (await sandbox.call("DELETE", "/_sandbox/clock")).status == 405
