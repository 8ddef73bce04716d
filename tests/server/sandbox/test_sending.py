"""subscribe/send: order of checks, credits, long-term consents, one send a person, and the card that arrives."""

import asyncio
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.server.sandbox.conftest import Json, Sandbox

SEND = "/cgi-bin/message/subscribe/send"


async def send(sandbox: Sandbox, slug: str = "booking_result", **changes: Any) -> Json:
    return await sandbox.wechat(SEND, sandbox.message(slug, **changes))


async def test_one_accept_is_one_message(sandbox: Sandbox) -> None:
    await sandbox.accept("booking_result")
    sent = await send(sandbox)
    assert sent["errcode"] == 0
    assert sent["errmsg"] == "ok"
    assert sent["msgid"] > 2**53
    refused = await send(sandbox)
    assert refused["errcode"] == 43101
    assert re.fullmatch(r"user refuse to accept the msg rid: [0-9a-f]{8}(-[0-9a-f]{8}){2}", refused["errmsg"])


async def test_three_accepts_are_three_messages(sandbox: Sandbox) -> None:
    for _ in range(3):
        await sandbox.accept("booking_result")
    assert [(await send(sandbox))["errcode"] for _ in range(4)] == [0, 0, 0, 43101]


async def test_long_term_consent_does_not_wear_out_until_it_is_turned_off(sandbox: Sandbox) -> None:
    template = sandbox.template("case_progress")
    await sandbox.accept("case_progress")
    assert [(await send(sandbox, "case_progress"))["errcode"] for _ in range(5)] == [0] * 5
    off = {"itemSettings": {template.id: "reject"}}
    await sandbox.call("PUT", "/_sandbox/phones/grandma/subscribe-setting", json=off)
    assert (await send(sandbox, "case_progress"))["errcode"] == 43101


async def test_main_switch_off_is_a_refusal(sandbox: Sandbox) -> None:
    await sandbox.accept("booking_result")
    await sandbox.call("PUT", "/_sandbox/phones/grandma/subscribe-setting", json={"mainSwitch": False})
    assert (await send(sandbox))["errcode"] == 43101
    await sandbox.call("PUT", "/_sandbox/phones/grandma/subscribe-setting", json={"mainSwitch": True})
    assert (await send(sandbox))["errcode"] == 0


async def test_the_message_is_in_the_chat(sandbox: Sandbox) -> None:
    await sandbox.accept("booking_result")
    sent = await send(sandbox, page="features/booking/pages/detail?id=7")
    (message,) = (await sandbox.get("/_sandbox/phones/grandma/messages")).json
    assert message["title"] == "预约结果通知"
    assert message["page"] == "features/booking/pages/detail?id=7"
    assert message["msgid"] == str(sent["msgid"])
    assert message["fields"][0] == {"key": "thing1", "label": "预约事项", "value": "居民身份证换领"}
    assert (await sandbox.get("/_sandbox/phones/worker/messages")).json == []


def bad_thing(body: dict[str, Any]) -> None:
    body["data"]["thing1"]["value"] = "一" * 21


def no_value(body: dict[str, Any]) -> None:
    body["data"]["phrase2"] = {}


def as_text(body: dict[str, Any]) -> None:
    body["data"] = '{"thing1": {"value": "x"}}'


@pytest.mark.parametrize(
    ("spoil", "errcode", "words"),
    [
        (lambda body: body.update(touser="onobody"), 40003, "invalid openid"),
        (lambda body: body.pop("touser"), 40003, "invalid openid"),
        (lambda body: body.update(template_id="none"), 40037, "invalid template_id"),
        (bad_thing, 47003, "argument invalid! data.thing1.value invalid"),
        (no_value, 47003, "argument invalid! data.phrase2.value is empty"),
        (as_text, 47003, "argument invalid! data.thing1.value is empty"),
        (lambda body: body.update(data=None), 47003, "argument invalid! data.thing1.value is empty"),
        (lambda body: body.update(page="/features/x"), 41030, "invalid page"),
        (lambda body: body.update(page="https://example.test/"), 41030, "invalid page"),
        (lambda body: body.update(page=7), 47001, "data format error"),
        (lambda body: body.update(miniprogram_state="beta"), 40097, "invalid args"),
        (lambda body: body.update(lang="fr_FR"), 40097, "invalid args"),
    ],
)
async def test_refusals(sandbox: Sandbox, spoil: Callable[[dict[str, Any]], object], errcode: int, words: str) -> None:
    await sandbox.accept("booking_result")
    body = sandbox.message()
    spoil(body)
    refused = await sandbox.wechat(SEND, body)
    assert refused["errcode"] == errcode
    assert refused["errmsg"].startswith(f"{words} rid: ")
    assert (await send(sandbox))["errcode"] == 0  # a refused message costs no credit


async def test_long_words_of_47003_are_cut_at_48_characters(sandbox: Sandbox) -> None:
    await sandbox.accept("case_accepted")
    body = sandbox.message("case_accepted")
    body["data"]["character_string1"]["value"] = "办件"
    assert (await sandbox.wechat(SEND, body))["errmsg"].startswith(
        "argument invalid! data.character_string1.value i rid: "
    )


async def test_checks_come_in_wechats_order(sandbox: Sandbox) -> None:
    """Everything is wrong at first; each mended thing shows the next one."""
    account = {"sensitive_words": ["身份证"], "subscribe_banned": True, "pages": ["pages/home/index"]}
    await sandbox.call("PATCH", "/_sandbox/account", json=account)
    body = sandbox.message(touser="", template_id="", page="features/none/pages/none")
    body["data"]["thing1"]["value"] = ""
    seen = [(await sandbox.wechat(SEND, body))["errcode"]]
    mend: list[Callable[[], object]] = [
        lambda: body.update(touser=sandbox.openid()),
        lambda: body.update(template_id=sandbox.template("booking_result").id),
        lambda: body["data"]["thing1"].update(value="居民身份证换领"),
        lambda: body.update(page="pages/home/index"),
        sandbox.world.account.sensitive_words.clear,
        lambda: setattr(sandbox.world.account, "subscribe_banned", False),
    ]
    for step in mend:
        step()
        seen.append((await sandbox.wechat(SEND, body))["errcode"])
    assert seen == [40003, 40037, 47003, 41030, 45168, 43107, 43101]


async def test_released_pages_only(sandbox: Sandbox) -> None:
    await sandbox.accept("booking_result")
    await sandbox.accept("booking_result")
    await sandbox.call("PATCH", "/_sandbox/account", json={"pages": ["features/booking/pages/detail"]})
    assert (await send(sandbox, page="features/x/pages/y"))["errcode"] == 41030
    assert (await send(sandbox, page="features/booking/pages/detail?id=3"))["errcode"] == 0
    assert (await send(sandbox, page=None))["errcode"] == 0


async def test_two_sends_to_one_person_at_once(sandbox: Sandbox) -> None:
    await sandbox.call("PATCH", "/_sandbox/account", json={"send_latency": 0.2})
    await sandbox.accept("booking_result")
    await sandbox.accept("booking_result")
    await sandbox.accept("booking_result", key="worker")
    await sandbox.token()
    other = sandbox.message(touser=sandbox.openid("worker"))
    answers = await asyncio.gather(send(sandbox), send(sandbox), sandbox.wechat(SEND, other))
    assert sorted(answer["errcode"] for answer in answers) == [0, 0, 43108]
    assert answers[2]["errcode"] == 0
    assert (await send(sandbox))["errcode"] == 0


async def test_msgid_can_be_missing_as_it_sometimes_is(sandbox: Sandbox) -> None:
    await sandbox.call("PATCH", "/_sandbox/account", json={"return_msgid": False})
    await sandbox.accept("booking_result")
    assert await send(sandbox) == {"errcode": 0, "errmsg": "ok"}


@pytest.mark.parametrize(
    ("method", "raw", "errcode"),
    [
        ("GET", b"", 43002),
        ("POST", b"", 44002),
        ("POST", b"  ", 44002),
        ("POST", b"[1]", 47001),
        ("POST", b"\xff", 47001),
    ],
)
async def test_malformed_calls(sandbox: Sandbox, method: str, raw: bytes, errcode: int) -> None:
    token = await sandbox.token()
    answer = await sandbox.call(method, SEND, params={"access_token": token}, data=raw)
    assert answer.status == 200
    assert answer.json["errcode"] == errcode


async def test_without_token(sandbox: Sandbox) -> None:
    assert (await sandbox.post(SEND, sandbox.message())).json["errcode"] == 41001


async def test_unknown_paths_are_invalid_urls(sandbox: Sandbox) -> None:
    for path in ("/cgi-bin/nothing", "/wxa/nothing", "/sns/x"):
        answer = await sandbox.post(path)
        assert (answer.status, answer.json["errcode"]) == (200, 40066)


async def test_gettemplate_lists_what_the_file_holds(sandbox: Sandbox) -> None:
    rows = (await sandbox.get("/wxaapi/newtmpl/gettemplate", access_token=await sandbox.token())).json["data"]
    row = next(row for row in rows if row["title"] == "排队叫号提醒")
    assert row["type"] == 2
    assert row["content"].startswith("排队号码:{{character_string1.DATA}}\n当前状态:{{phrase2.DATA}}\n")
    assert {row["type"] for row in rows} == {2, 3}


async def test_every_templates_own_example_can_be_sent(sandbox: Sandbox) -> None:
    for template in sandbox.world.templates.values():
        assert len(template.fields) <= 5
        assert len(template.id) == 43
        await sandbox.accept(template.slug)
        assert (await send(sandbox, template.slug))["errcode"] == 0, template.slug
