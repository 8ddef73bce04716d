"""Login codes, sessions and phone numbers."""

import base64
import re
from typing import Any

import pytest

from tests.server.sandbox.conftest import APPID, SECRET, Json, Sandbox

NUMBER = "/wxa/business/getuserphonenumber"


async def login_code(sandbox: Sandbox, key: str = "grandma") -> str:
    return str((await sandbox.post(f"/_sandbox/phones/{key}/login")).json["code"])


async def exchange(sandbox: Sandbox, code: str, **changes: str) -> Json:
    asked = {"appid": APPID, "secret": SECRET, "js_code": code, "grant_type": "authorization_code"}
    return await sandbox.get("/sns/jscode2session", **(asked | changes))


async def test_a_code_gives_the_person_behind_the_phone_in_text_plain(sandbox: Sandbox) -> None:
    answer = await exchange(sandbox, await login_code(sandbox))
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert set(answer.json) == {"session_key", "openid", "unionid"}
    assert answer.json["openid"] == sandbox.openid("grandma")
    assert len(answer.json["openid"]) == 28
    assert len(base64.b64decode(answer.json["session_key"])) == 16


async def test_a_code_is_good_once(sandbox: Sandbox) -> None:
    code = await login_code(sandbox)
    await exchange(sandbox, code)
    again = (await exchange(sandbox, code)).json
    assert again["errcode"] == 40163
    assert re.fullmatch(r"code been used, rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}", again["errmsg"])


async def test_a_code_is_good_for_five_minutes(sandbox: Sandbox) -> None:
    young, old = await login_code(sandbox), await login_code(sandbox)
    sandbox.world.clock.advance(299)
    assert "openid" in (await exchange(sandbox, young)).json
    sandbox.world.clock.advance(1)
    assert (await exchange(sandbox, old)).json["errcode"] == 40029


async def test_the_rid_begins_with_the_second_of_the_call(sandbox: Sandbox) -> None:
    errmsg = (await exchange(sandbox, "unknown")).json["errmsg"]
    assert int(errmsg.rpartition("rid: ")[2][:8], 16) == int(sandbox.world.clock.now())


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"js_code": "never-issued"}, 40029),
        ({"js_code": ""}, 41008),
        ({"appid": ""}, 41002),
        ({"appid": "wx1"}, 40013),
        ({"secret": ""}, 41004),
        ({"secret": "x"}, 40125),
        ({"grant_type": "client_credential"}, 40002),
    ],
)
async def test_refused_exchanges(sandbox: Sandbox, changes: dict[str, str], errcode: int) -> None:
    code = await login_code(sandbox)
    assert (await exchange(sandbox, code, **changes)).json["errcode"] == errcode
    assert "openid" in (await exchange(sandbox, code)).json  # a refused call uses nothing up


async def test_a_post_is_met_as_a_missing_appid(sandbox: Sandbox) -> None:
    assert (await sandbox.post("/sns/jscode2session")).json["errcode"] == 41002


async def test_one_person_logs_in_a_hundred_times_a_minute(sandbox: Sandbox) -> None:
    for _ in range(100):
        assert "openid" in (await exchange(sandbox, await login_code(sandbox))).json
    assert (await exchange(sandbox, await login_code(sandbox))).json["errcode"] == 45011
    assert "openid" in (await exchange(sandbox, await login_code(sandbox, "worker"))).json
    sandbox.world.clock.advance(60)
    assert "openid" in (await exchange(sandbox, await login_code(sandbox))).json


async def test_session_key_stays_until_it_is_old(sandbox: Sandbox) -> None:
    first = (await exchange(sandbox, await login_code(sandbox))).json["session_key"]
    assert (await exchange(sandbox, await login_code(sandbox))).json["session_key"] == first
    sandbox.world.clock.advance(259_200)
    assert (await exchange(sandbox, await login_code(sandbox))).json["session_key"] != first


async def number_code(sandbox: Sandbox, **body: str) -> str:
    return str((await sandbox.post("/_sandbox/phones/grandma/phone-number", body)).json["code"])


async def test_an_allowed_number(sandbox: Sandbox) -> None:
    body = {"code": await number_code(sandbox), "openid": sandbox.openid()}
    answer = await sandbox.wechat(NUMBER, body)
    assert answer == {
        "errcode": 0,
        "errmsg": "ok",
        "phone_info": {
            "phoneNumber": "19900000001",
            "purePhoneNumber": "19900000001",
            "countryCode": "86",
            "watermark": {"timestamp": int(sandbox.world.clock.now()), "appid": APPID},
        },
    }
    assert (await sandbox.wechat(NUMBER, body))["errcode"] == 40029


async def test_another_number_than_the_own_one(sandbox: Sandbox) -> None:
    answer = await sandbox.wechat(NUMBER, {"code": await number_code(sandbox, number="13911112222")})
    assert answer["phone_info"]["phoneNumber"] == "13911112222"


async def test_login_and_number_codes_are_different_things(sandbox: Sandbox) -> None:
    assert (await sandbox.wechat(NUMBER, {"code": await login_code(sandbox)}))["errcode"] == 40029
    assert (await exchange(sandbox, await number_code(sandbox))).json["errcode"] == 40029


async def test_somebody_elses_number_code_is_refused_and_not_used_up(sandbox: Sandbox) -> None:
    code = await number_code(sandbox)
    assert (await sandbox.wechat(NUMBER, {"code": code, "openid": sandbox.openid("worker")}))["errcode"] == 40003
    assert (await sandbox.wechat(NUMBER, {"code": code, "openid": sandbox.openid()}))["errcode"] == 0


@pytest.mark.parametrize("body", [{}, {"code": ""}, {"code": 5}, {"code": ["x"]}])
async def test_senseless_number_codes(sandbox: Sandbox, body: dict[str, Any]) -> None:
    assert (await sandbox.wechat(NUMBER, body))["errcode"] == 40029


async def test_an_old_number_code(sandbox: Sandbox) -> None:
    code = await number_code(sandbox)
    sandbox.world.clock.advance(300)
    assert (await sandbox.wechat(NUMBER, {"code": code}))["errcode"] == 40029
