"""Faults on order, and the request log that tells of them."""

from typing import Any

import aiohttp
import pytest

from tests.server.sandbox.conftest import Json, Sandbox

SEND = "/cgi-bin/message/subscribe/send"


async def order(sandbox: Sandbox, kind: str, path: str = SEND, **more: Any) -> None:
    assert (await sandbox.post("/_sandbox/faults", {"path": path, "kind": kind} | more)).status == 201


async def send(sandbox: Sandbox) -> Json:
    token = await sandbox.token()
    return await sandbox.call("POST", SEND, params={"access_token": token}, json=sandbox.message())


async def inbox(sandbox: Sandbox) -> int:
    return len((await sandbox.get("/_sandbox/phones/grandma/messages")).json)


async def test_an_errcode_so_many_times_and_nothing_is_done(sandbox: Sandbox) -> None:
    await sandbox.accept("booking_result")
    await order(sandbox, "errcode", errcode=-1, times=2)
    assert [(await send(sandbox)).json["errcode"] for _ in range(3)] == [-1, -1, 0]
    assert await inbox(sandbox) == 1


async def test_a_fault_without_times_lasts_until_it_is_cleared(sandbox: Sandbox) -> None:
    await order(sandbox, "errcode", path="*", errcode=45009, times=None)
    for _ in range(3):
        assert (await sandbox.get("/cgi-bin/token")).json["errcode"] == 45009
    await sandbox.call("DELETE", "/_sandbox/faults")
    assert (await sandbox.get("/cgi-bin/token")).json["errcode"] == 40002


async def test_drop_after_commit_sends_the_message_and_no_answer(sandbox: Sandbox) -> None:
    await sandbox.accept("booking_result")
    await order(sandbox, "drop_after_commit")
    with pytest.raises(aiohttp.ClientConnectionError):
        await send(sandbox)
    assert await inbox(sandbox) == 1
    assert (await send(sandbox)).json["errcode"] == 43101


async def test_reset_does_nothing_and_answers_nothing(sandbox: Sandbox) -> None:
    await sandbox.accept("booking_result")
    await order(sandbox, "reset")
    with pytest.raises(aiohttp.ClientConnectionError):
        await send(sandbox)
    assert await inbox(sandbox) == 0
    assert (await send(sandbox)).json["errcode"] == 0


async def test_bad_gateway(sandbox: Sandbox) -> None:
    await order(sandbox, "http", status=502)
    answer = await send(sandbox)
    assert (answer.status, answer.json) == (502, None)


async def test_latency_goes_together_with_another_fault(sandbox: Sandbox) -> None:
    await order(sandbox, "latency", seconds=0.15)
    await order(sandbox, "errcode", errcode=-1)
    assert (await send(sandbox)).json["errcode"] == -1
    (entry,) = (await sandbox.get("/_sandbox/requests", path=SEND)).json
    assert entry["took_ms"] >= 140
    assert (await sandbox.get("/_sandbox/faults")).json == []


async def test_spoilt_answers(sandbox: Sandbox) -> None:
    for _ in range(3):
        await sandbox.accept("booking_result")
    await order(sandbox, "no_msgid")
    assert (await send(sandbox)).json == {"errcode": 0, "errmsg": "ok"}
    await order(sandbox, "text_plain")
    assert (await send(sandbox)).headers["Content-Type"].startswith("text/plain")
    await order(sandbox, "truncated")
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        await send(sandbox)
    assert await inbox(sandbox) == 3


async def test_the_twins_fail_on_order_too(sandbox: Sandbox) -> None:
    await order(sandbox, "errcode", path="/twins/sms/", errcode="FailedOperation.InsufficientBalanceInSmsPackage")
    refused = (await sandbox.post("/twins/sms/")).json["Response"]["Error"]
    assert refused["Code"] == "FailedOperation.InsufficientBalanceInSmsPackage"
    await order(sandbox, "errcode", path="/twins/identity/check")
    assert (await sandbox.post("/twins/identity/check")).status == 503
    await order(sandbox, "http", path="/twins/identity/check", status=504)
    assert (await sandbox.post("/twins/identity/check")).status == 504


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"path": "*", "kind": "explode"},
        {"path": "*", "kind": "http", "status": 200},
        {"path": "*", "kind": "reset", "times": 0},
    ],
)
async def test_senseless_faults(sandbox: Sandbox, body: dict[str, Any]) -> None:
    assert (await sandbox.post("/_sandbox/faults", body)).status == 422


async def test_the_log_finds_a_call_by_its_rid_and_keeps_no_secret(sandbox: Sandbox) -> None:
    refused = (await send(sandbox)).json
    rid = refused["errmsg"].rpartition("rid: ")[2]
    (entry,) = (await sandbox.get("/_sandbox/requests", rid=rid)).json
    assert (entry["path"], entry["errcode"], entry["query"]) == (SEND, 43101, {"access_token": "***"})
    assert entry["body"]["touser"] == sandbox.openid()
    token_call = (await sandbox.get("/_sandbox/requests", path="/cgi-bin/stable_token")).json[0]
    assert token_call["body"]["secret"] == token_call["reply"]["access_token"] == "***"
    await sandbox.call("DELETE", "/_sandbox/requests")
    assert (await sandbox.get("/_sandbox/requests")).json == []
