"""The SMS twin: Tencent Cloud's signature, shapes and refusals."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from server.sandbox.settings import Settings
from server.sandbox.twins import tc3
from tests.server.sandbox.conftest import START, Answer, Json, Sandbox

PATH = "/twins/sms/"
LOGIN = {
    "PhoneNumberSet": ["+8619900000001"],
    "SmsSdkAppId": "1400000001",
    "SignName": "只跑一次",
    "TemplateId": "2000001",
    "TemplateParamSet": ["384712", "5"],
    "SessionContext": "row 7",
}


def signed_headers(
    body: bytes, host: str, *, stamp: int, key: str, key_id: str, service: str = "sms"
) -> dict[str, str]:
    """Signs by the published recipe, written here a second time."""
    kind = "application/json; charset=utf-8"
    canonical = f"POST\n/\n\ncontent-type:{kind}\nhost:{host}\nx-tc-action:sendsms\n\n"
    canonical += "content-type;host;x-tc-action\n" + hashlib.sha256(body).hexdigest()
    date = datetime.fromtimestamp(stamp, UTC).strftime("%Y-%m-%d")
    scope = f"{date}/{service}/tc3_request"
    to_sign = f"TC3-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    secret = ("TC3" + key).encode()
    for part in (date, service, "tc3_request", to_sign):
        secret = hmac.new(secret, part.encode(), hashlib.sha256).digest()
    return {
        "Content-Type": kind,
        "Authorization": f"TC3-HMAC-SHA256 Credential={key_id}/{scope}, "
        f"SignedHeaders=content-type;host;x-tc-action, Signature={secret.hex()}",
        "X-TC-Action": "SendSms",
        "X-TC-Version": "2021-01-11",
        "X-TC-Timestamp": str(stamp),
        "X-TC-Region": "ap-guangzhou",
    }


async def send(sandbox: Sandbox, body: Json, headers: dict[str, str] | None = None, **signing: Any) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    asked: dict[str, Any] = {"stamp": int(START), "key": Settings().sms_secret_key, "key_id": Settings().sms_secret_id}
    good = signed_headers(raw, sandbox.base.removeprefix("http://"), **(asked | signing))
    return await sandbox.call("POST", PATH, data=raw, headers=good | (headers or {}))


async def status_of(sandbox: Sandbox, **changes: Any) -> Json:
    (status,) = (await send(sandbox, LOGIN | changes)).json["Response"]["SendStatusSet"]
    return status


async def error_of(sandbox: Sandbox, body: Json, headers: dict[str, str] | None = None, **signing: Any) -> str:
    answer = await send(sandbox, body, headers, **signing)
    assert answer.status == 200
    assert set(answer.json["Response"]) == {"Error", "RequestId"}
    return str(answer.json["Response"]["Error"]["Code"])


def test_the_published_example_of_the_signature() -> None:
    body = b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}'
    computed = tc3.signature(
        key="Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
        service="cvm",
        timestamp=1551113065,
        headers={"content-type": "application/json; charset=utf-8", "host": "cvm.tencentcloudapi.com"},
        signed="content-type;host",
        uri="/",
        body=body,
    )
    assert computed == "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"


async def test_a_message_arrives_on_the_phone_of_its_number(sandbox: Sandbox) -> None:
    answer = await send(sandbox, LOGIN)
    (status,) = answer.json["Response"]["SendStatusSet"]
    assert status == {
        "SerialNo": status["SerialNo"],
        "PhoneNumber": "+8619900000001",
        "Fee": 1,
        "SessionContext": "row 7",
        "Code": "Ok",
        "Message": "send success",
        "IsoCode": "CN",
    }
    (sms,) = (await sandbox.get("/_sandbox/phones/grandma/sms")).json
    assert sms["text"] == "您的验证码是384712，5分钟内有效。请勿告诉他人，工作人员不会向您索要。"
    assert (sms["sign"], sms["serial"]) == ("只跑一次", status["SerialNo"])
    assert (await sandbox.get("/_sandbox/phones/worker/sms")).json == []


async def test_a_base_address_without_a_path_works_as_at_tencent_cloud(sandbox: Sandbox) -> None:
    raw = json.dumps(LOGIN).encode()
    settings = Settings()
    host = sandbox.base.removeprefix("http://")
    keys = {"key": settings.sms_secret_key, "key_id": settings.sms_secret_id}
    answer = await sandbox.call("POST", "/", data=raw, headers=signed_headers(raw, host, stamp=int(START), **keys))
    assert answer.json["Response"]["SendStatusSet"][0]["Code"] == "Ok"


async def test_a_number_without_a_phone_is_kept_for_looking_at(sandbox: Sandbox) -> None:
    await send(sandbox, LOGIN | {"PhoneNumberSet": ["13911112222"]})
    (sms,) = (await sandbox.get("/_sandbox/sms", number="13911112222")).json
    assert sms["params"] == ["384712", "5"]


@pytest.mark.parametrize("number", ["+8619900000001", "008619900000001", "8619900000001", "19900000001"])
async def test_ways_to_write_a_mainland_number(sandbox: Sandbox, number: str) -> None:
    assert (await status_of(sandbox, PhoneNumberSet=[number]))["PhoneNumber"] == "+8619900000001"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"PhoneNumberSet": ["12345"]}, "InvalidParameterValue.IncorrectPhoneNumber"),
        ({"SmsSdkAppId": "1"}, "InvalidParameterValue.SdkAppIdNotExist"),
        ({"SignName": "别家"}, "FailedOperation.SignatureIncorrectOrUnapproved"),
        ({"TemplateId": "1"}, "FailedOperation.TemplateIncorrectOrUnapproved"),
        ({"TemplateParamSet": ["384712"]}, "FailedOperation.TemplateIncorrectOrUnapproved"),
        ({"TemplateParamSet": ["1", "2", "3"]}, "FailedOperation.TemplateIncorrectOrUnapproved"),
    ],
)
async def test_refused_numbers_are_in_the_status(sandbox: Sandbox, changes: dict[str, Any], code: str) -> None:
    status = await status_of(sandbox, **changes)
    assert (status["Code"], status["Fee"], status["SerialNo"]) == (code, 0, "")
    assert (await sandbox.get("/_sandbox/sms")).json == []


async def test_good_and_bad_numbers_in_one_call(sandbox: Sandbox) -> None:
    numbers = {"PhoneNumberSet": ["+8619900000001", "x", "+8619900000002"]}
    statuses = (await send(sandbox, LOGIN | numbers)).json["Response"]["SendStatusSet"]
    assert [status["Code"] == "Ok" for status in statuses] == [True, False, True]


async def test_thirty_seconds_between_messages_when_the_policy_is_on(sandbox: Sandbox) -> None:
    await sandbox.call("PATCH", "/_sandbox/account", json={"sms_limit": True})
    assert (await status_of(sandbox))["Code"] == "Ok"
    assert (await status_of(sandbox))["Code"] == "LimitExceeded.PhoneNumberThirtySecondLimit"


@pytest.mark.parametrize(
    ("signing", "code"),
    [
        ({"key": "wrong"}, "AuthFailure.SignatureFailure"),
        ({"service": "cvm"}, "AuthFailure.SignatureFailure"),
        ({"key_id": "AKIDnobody"}, "AuthFailure.SecretIdNotFound"),
        ({"stamp": int(START) - 301}, "AuthFailure.SignatureExpire"),
        ({"stamp": int(START) + 301}, "AuthFailure.SignatureExpire"),
    ],
)
async def test_signatures_are_verified(sandbox: Sandbox, signing: dict[str, Any], code: str) -> None:
    assert await error_of(sandbox, LOGIN, **signing) == code
    assert (await sandbox.get("/_sandbox/sms")).json == []


async def test_a_body_changed_on_the_way_breaks_the_signature(sandbox: Sandbox) -> None:
    raw = json.dumps(LOGIN).encode()
    good = signed_headers(
        raw,
        sandbox.base.removeprefix("http://"),
        stamp=int(START),
        key=Settings().sms_secret_key,
        key_id=Settings().sms_secret_id,
    )
    answer = await sandbox.call("POST", PATH, data=raw.replace(b"384712", b"000000"), headers=good)
    assert answer.json["Response"]["Error"]["Code"] == "AuthFailure.SignatureFailure"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Authorization": "Bearer x"}, "AuthFailure.InvalidAuthorization"),
        ({"X-TC-Timestamp": "now"}, "AuthFailure.SignatureExpire"),
        ({"X-TC-Timestamp": "9" * 400}, "AuthFailure.SignatureExpire"),
        ({"X-TC-Version": "2019-07-11"}, "NoSuchVersion"),
        ({"X-TC-Region": ""}, "MissingParameter"),
    ],
)
async def test_headers(sandbox: Sandbox, headers: dict[str, str], code: str) -> None:
    assert await error_of(sandbox, LOGIN, headers) == code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"not json", "InvalidRequest"),
        (b'{"x":' + b"[" * 50_000, "InvalidRequest"),
        ([], "InvalidParameter"),
        ({}, "MissingParameter"),
        (LOGIN | {"PhoneNumberSet": "+8619900000001"}, "InvalidParameter"),
        (LOGIN | {"PhoneNumberSet": []}, "InvalidParameterValue"),
        (LOGIN | {"PhoneNumberSet": ["1"] * 201}, "InvalidParameterValue"),
        (LOGIN | {"SessionContext": "x" * 512}, "InvalidParameterValue"),
    ],
)
async def test_bodies(sandbox: Sandbox, body: Json, code: str) -> None:
    assert await error_of(sandbox, body) == code
