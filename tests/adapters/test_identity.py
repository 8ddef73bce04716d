"""Identity against the local WeChat, SMS provider and identity authority, over real HTTP from end to end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any

import aiohttp
import pytest

from server.adapters.identity_check import HttpIdentityCheck
from server.app import create_app
from server.kit import checks, ids
from server.ports import Checked, OutsideError, Ports
from server.sandbox.faults import Kind
from server.sandbox.settings import Settings as SandboxSettings
from server.sandbox.state import Person, Phone
from server.sandbox.twins import identity as authority
from server.sandbox.world import PhoneNumberGrant
from tests.factories.identity import sample_number, sample_phone
from tests.factories.push import Sandbox, with_sandbox
from tests.fixtures_web import Answer, Client, serve

USCC = checks.sample_uscc("341226", "MA00TWXN")
KEY = SandboxSettings().identity_key


@pytest.fixture
def checker(sandbox: Sandbox) -> HttpIdentityCheck:
    return HttpIdentityCheck(sandbox.settings.wechat_api_base + authority.PATH, KEY)


@pytest.fixture
async def product(
    sandbox: Sandbox, checker: HttpIdentityCheck, ports: Ports, http_session: aiohttp.ClientSession
) -> AsyncIterator[Client]:
    reaching = replace(with_sandbox(ports, sandbox), identity_check=checker)
    running = await serve(create_app(settings=sandbox.settings, ports=reaching))
    yield Client(running.base, http_session, {"accept-language": "zh-CN"})
    await running.stop()


def known(sandbox: Sandbox, **person: Any) -> None:
    authority.register(sandbox.world, Person(**person))


async def post(client: Client, path: str, body: dict[str, Any]) -> Answer:
    return await client.post(f"/api/v1{path}", json=body, headers={"idempotency-key": ids.token()})


async def logged_in(product: Client, sandbox: Sandbox, phone: Phone) -> Client:
    answer = await post(product, "/login/wechat", {"code": sandbox.world.login_codes.issue(phone.key)})
    assert answer.status == 200, answer.text
    return product.as_(answer.json["token"])


# --- the authority --------------------------------------------------------------------------------------------------


async def test_the_authoritys_three_answers(sandbox: Sandbox, checker: HttpIdentityCheck) -> None:
    number = sample_number()
    known(sandbox, kind="resident_id", name="周桂兰", number=number)
    assert await checker.person(kind="resident_id", name="周桂兰", number=number) is Checked.MATCH
    assert await checker.person(kind="resident_id", name="周桂芳", number=number) is Checked.MISMATCH
    assert await checker.person(kind="passport", name="周桂兰", number="E12345678") is Checked.UNKNOWN


async def test_the_register_of_enterprises(sandbox: Sandbox, checker: HttpIdentityCheck) -> None:
    owner = {"legal_name": "何立新", "legal_number": sample_number(date(1980, 2, 2))}
    known(sandbox, kind="enterprise", name="样例餐饮", number=USCC, **owner)
    assert await checker.enterprise(uscc=USCC, name="样例餐饮", **owner) is Checked.MATCH
    assert await checker.enterprise(uscc=USCC, name="样例饭店", **owner) is Checked.MISMATCH
    stranger = owner | {"legal_number": sample_number(date(1981, 2, 2))}
    assert await checker.enterprise(uscc=USCC, name="样例餐饮", **stranger) is Checked.MISMATCH


async def test_an_authority_that_cannot_be_asked(sandbox: Sandbox, checker: HttpIdentityCheck) -> None:
    wrong = HttpIdentityCheck(checker._url, "not the key")
    nowhere = HttpIdentityCheck("http://127.0.0.1:9/check", KEY)
    unset = HttpIdentityCheck("", "")
    for other, code in ((wrong, "http_401"), (nowhere, "ClientConnectorError"), (unset, "not_configured")):
        with pytest.raises(OutsideError) as refused:
            await other.person(kind="passport", name="周桂兰", number="E12345678")
        assert refused.value.code == code
    faults: tuple[Kind, ...] = ("http", "reset", "truncated", "drop_after_commit")
    for fault in faults:
        sandbox.fault(fault, authority.PATH)
        with pytest.raises(OutsideError):
            await checker.person(kind="passport", name="周桂兰", number="E12345678")


# --- the whole way --------------------------------------------------------------------------------------------------


async def test_from_wechat_to_a_verified_person(product: Client, sandbox: Sandbox) -> None:
    number, phone = sample_number(date(1953, 9, 1)), sandbox.phone(sample_phone())
    known(sandbox, kind="resident_id", name="周桂兰", number=number)
    me = await logged_in(product, sandbox, phone)
    version = (await me.get("/api/v1/privacy")).json["version"]
    assert (await post(me, "/me/consent", {"version": version})).status == 200
    code = sandbox.world.phone_codes.issue(PhoneNumberGrant(phone.openid, phone.phone_number))
    assert (await post(me, "/me/phone", {"code": code})).status == 200
    named = {"document_kind": "resident_id", "name": "周桂兰", "number": number}
    answer = await post(me, "/me/real-name", named)
    assert answer.status == 200, answer.text
    assert answer.json["person"]["name"] == "周*兰"
    assert answer.json["phone"] == f"{phone.phone_number[:3]}****{phone.phone_number[-4:]}"


async def test_wechats_code_is_good_once(product: Client, sandbox: Sandbox) -> None:
    code = sandbox.world.login_codes.issue(sandbox.phone(sample_phone()).key)
    assert (await post(product, "/login/wechat", {"code": code})).status == 200
    for spent in (code, "never-issued"):
        answer = await post(product, "/login/wechat", {"code": spent})
        assert (answer.status, answer.json["code"]) == (401, "identity.wechat_code_spent")


async def test_somebody_elses_phone_code(product: Client, sandbox: Sandbox) -> None:
    mine, other = sandbox.phone(sample_phone()), sandbox.phone(sample_phone())
    me = await logged_in(product, sandbox, mine)
    version = (await me.get("/api/v1/privacy")).json["version"]
    await post(me, "/me/consent", {"version": version})
    code = sandbox.world.phone_codes.issue(PhoneNumberGrant(other.openid, other.phone_number))
    answer = await post(me, "/me/phone", {"code": code})
    assert (answer.status, answer.json["code"]) == (401, "identity.wechat_code_spent")
    assert (await me.get("/api/v1/me")).json["phone"] is None


async def test_a_code_by_sms_is_read_off_the_phone(product: Client, sandbox: Sandbox) -> None:
    number = sandbox.phone(sample_phone()).phone_number
    assert (await post(product, "/login/code", {"phone": number})).status == 204
    sms = sandbox.world.sms_to(number)[-1]
    answer = await post(product, "/login/phone", {"phone": number, "code": sms.params[0]})
    assert answer.status == 200, answer.text
