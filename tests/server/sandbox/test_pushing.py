"""Events pushed to an account's own server: envelopes, patience, disorder on order."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from aiohttp import web

from server.sandbox.wechat.envelope import EnvelopeError, decrypted, encrypted, signature
from server.sandbox.wechat.events import Event, popup
from server.sandbox.wechat.pusher import Callback, Mode, dressed
from tests.server.sandbox.conftest import Sandbox

TOKEN, KEY, APPID = "AAAAA", "A" * 43, "wxba5fad812f8e6fb9"
PUBLISHED = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR"
    "8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km3"
    "2IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="
)


class Receiver:
    """An account's own server: writes down what comes and answers as told."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[tuple[int, str]] = []
        self.silent = 0
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.query), await request.read()))
        if self.silent:
            self.silent -= 1
            await asyncio.sleep(5)
        status, text = self.answers.pop(0) if self.answers else (200, request.query.get("echostr", "success"))
        return web.Response(status=status, text=text)

    def events(self) -> list[dict[str, Any]]:
        return [msgspec.json.decode(body) for _, body in self.got]


@pytest.fixture
async def receiver(sandbox: Sandbox) -> AsyncIterator[Receiver]:
    held = Receiver()
    app = web.Application()
    app.router.add_route("*", "/wechat", held.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    line = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(runner, line).start()
    held.url = f"http://127.0.0.1:{line.getsockname()[1]}/wechat"
    for account in ("program", "service"):
        await turn(sandbox, account, url=held.url, mode="plain", format="json")
    yield held
    sandbox.world.pusher.forget()
    await runner.cleanup()


async def turn(sandbox: Sandbox, account: str = "program", **knobs: Any) -> None:
    answer = await sandbox.call("PATCH", f"/_sandbox/callbacks/{account}", json=knobs)
    assert answer.status == 200, answer.text


async def settled(sandbox: Sandbox) -> list[dict[str, Any]]:
    await sandbox.world.pusher.settled()
    return list((await sandbox.get("/_sandbox/pushes")).json)


def test_the_published_vectors() -> None:
    assert signature(TOKEN, "1714036504", "1514711492") == "f464b24fc39322e44b38aa78f5edd27bd1441696"
    assert signature(TOKEN, "1714037059", "486452656") == "899cf89e464efb63f54ddac96b0a0a235f53aa78"
    assert signature(TOKEN, "1714112445", "415670741") == "6c5c811b55cc85e0e1b54100749188c20beb3f5d"
    assert signature(TOKEN, "1714112445", "415670741", PUBLISHED) == "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3"
    opened = decrypted(KEY, APPID, PUBLISHED)
    assert len(opened) == 167
    assert msgspec.json.decode(opened)["Event"] == "debug_demo"
    reply = encrypted(KEY, APPID, b'{"demo_resp":"good luck"}', salt=b"707722b803182950")
    assert reply == "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="
    assert signature(TOKEN, "1713424427", "415670741", reply) == "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1"


def test_an_envelope_of_another_app_does_not_open() -> None:
    with pytest.raises(EnvelopeError):
        decrypted(KEY, "wxanother", PUBLISHED)
    with pytest.raises(EnvelopeError):
        decrypted("B" * 43, APPID, PUBLISHED)


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
def test_what_each_mode_carries(mode: Mode) -> None:
    event = popup("o1", 7, {"t1": "accept"})
    for form in ("json", "xml"):
        callback = msgspec.convert(
            {"appid": APPID, "original_id": "gh_1", "token": TOKEN, "aes_key": KEY, "mode": mode, "format": form},
            Callback,
        )
        query, body = dressed(event, callback, "1714037059", "486452656")
        assert query["signature"] == "899cf89e464efb63f54ddac96b0a0a235f53aa78"
        assert (b"subscribe_msg_popup_event" in body) is (mode != "safe")
        assert ("msg_signature" in query) is (b"Encrypt" in body) is (mode != "plain")


async def test_a_popup_a_refusal_and_a_send_are_told(sandbox: Sandbox, receiver: Receiver) -> None:
    await sandbox.accept("booking_result")
    template = sandbox.template("booking_result").id
    sent = await sandbox.wechat("/cgi-bin/message/subscribe/send", sandbox.message())
    await sandbox.call("PUT", "/_sandbox/phones/grandma/subscribe-setting", json={"itemSettings": {template: "reject"}})
    assert all(push["state"] == "taken" for push in await settled(sandbox))
    told = {event["Event"]: event for event in receiver.events()}
    assert told["subscribe_msg_popup_event"]["List"] == {
        "TemplateId": template,
        "SubscribeStatusString": "accept",
        "PopupScene": "0",
    }
    assert told["subscribe_msg_change_event"]["List"]["SubscribeStatusString"] == "reject"
    assert told["subscribe_msg_sent_event"]["List"] == {
        "TemplateId": template,
        "MsgID": str(sent["msgid"]),
        "ErrorCode": "0",
        "ErrorStatus": "success",
    }
    assert {event["FromUserName"] for event in told.values()} == {sandbox.openid()}


async def test_a_kept_choice_asks_nothing_and_tells_nothing(sandbox: Sandbox, receiver: Receiver) -> None:
    await sandbox.accept("booking_result", always=True)
    await sandbox.accept("booking_result")
    assert len(await settled(sandbox)) == 1


async def test_a_message_lost_on_the_way_is_told_as_failed(sandbox: Sandbox, receiver: Receiver) -> None:
    await sandbox.accept("booking_result")
    sandbox.world.account.sent_event_error = 1
    assert (await sandbox.wechat("/cgi-bin/message/subscribe/send", sandbox.message()))["errcode"] == 0
    await settled(sandbox)
    assert receiver.events()[-1]["List"]["ErrorCode"] == "1"
    assert (await sandbox.get("/_sandbox/phones/grandma/messages")).json == []


@pytest.mark.parametrize("trouble", ["500", "words", "silence", "refused"])
async def test_three_tries_each_with_its_own_signature(sandbox: Sandbox, receiver: Receiver, trouble: str) -> None:
    await turn(sandbox, timeout=0.1)
    if trouble == "refused":
        await turn(sandbox, url="http://127.0.0.1:9/")
    receiver.answers = [(500, "success")] * 3 if trouble == "500" else [(200, "thanks")] * 3
    receiver.silent = 3 if trouble == "silence" else 0
    await sandbox.accept("booking_result")
    (push,) = await settled(sandbox)
    assert push["state"] == "given_up"
    assert len(push["tries"]) == 3
    nonces = [query["nonce"] for query, _ in receiver.got]
    assert len(nonces) == len(set(nonces)) == (0 if trouble == "refused" else 3)
    assert len({body for _, body in receiver.got}) <= 1


async def test_a_late_success_ends_the_tries(sandbox: Sandbox, receiver: Receiver) -> None:
    receiver.answers = [(502, ""), (200, "")]
    await sandbox.accept("booking_result")
    (push,) = await settled(sandbox)
    assert (push["state"], [one["status"] for one in push["tries"]]) == ("taken", [502, 200])


async def test_disorder_on_order(sandbox: Sandbox, receiver: Receiver) -> None:
    await turn(sandbox, copies=2, always_list=True, wrong_signature=True)
    await sandbox.accept("booking_result")
    await settled(sandbox)
    first, second = receiver.got
    assert first[1] == second[1]
    assert isinstance(receiver.events()[0]["List"], list)
    assert first[0]["signature"] != signature(
        sandbox.world.pusher.callbacks["program"].token, first[0]["timestamp"], first[0]["nonce"]
    )


async def test_every_second_event_overtakes_the_first(sandbox: Sandbox, receiver: Receiver) -> None:
    await turn(sandbox, reorder=True)
    order = {"account": "program", "openid": "o1", "name": "a"}
    for name in ("first", "second"):
        await sandbox.post("/_sandbox/events", order | {"name": name})
    await settled(sandbox)
    assert sorted(event["Event"] for event in receiver.events()) == ["first", "second"]
    assert [push["event"]["name"] for push in (await sandbox.get("/_sandbox/pushes")).json] == ["second", "first"]
    assert receiver.events()[0]["Event"] == "second"


async def test_many_events_of_one_second(sandbox: Sandbox, receiver: Receiver) -> None:
    order = {"account": "service", "openid": "o1", "name": "TEMPLATESENDJOBFINISH", "count": 20}
    assert (await sandbox.post("/_sandbox/events", order)).json == {"pushed": 20}
    await settled(sandbox)
    assert len({event["CreateTime"] for event in receiver.events()}) == 1
    assert len(receiver.got) == 20


async def test_the_echo_is_asked_for(sandbox: Sandbox, receiver: Receiver) -> None:
    assert (await sandbox.post("/_sandbox/callbacks/program/verify")).json["verified"] is True
    receiver.answers = [(200, "no echo")]
    assert (await sandbox.post("/_sandbox/callbacks/program/verify")).json["verified"] is False
    await turn(sandbox, url="http://127.0.0.1:9/")
    assert (await sandbox.post("/_sandbox/callbacks/program/verify")).json["verified"] is False
    assert (await sandbox.post("/_sandbox/callbacks/nobody/verify")).status == 404


async def test_a_person_follows_gets_a_message_and_leaves(sandbox: Sandbox, receiver: Receiver) -> None:
    shown = (await sandbox.post("/_sandbox/phones/grandma/follow", {"follow": True})).json
    assert shown["follows"] is True
    body = service_message(sandbox, shown["service_openid"])
    answer = await service(sandbox, "/cgi-bin/message/template/send", body)
    assert answer["errcode"] == 0
    await sandbox.post("/_sandbox/phones/grandma/follow", {"follow": False})
    assert (await service(sandbox, "/cgi-bin/message/template/send", body | {"client_msg_id": "2"}))["errcode"] == 43004
    await settled(sandbox)
    told = {event["Event"]: event for event in receiver.events()}
    assert set(told) == {"subscribe", "TEMPLATESENDJOBFINISH", "unsubscribe"}
    assert told["TEMPLATESENDJOBFINISH"]["MsgID"] == answer["msgid"]
    assert told["TEMPLATESENDJOBFINISH"]["Status"] == "success"
    chat = (await sandbox.get("/_sandbox/phones/grandma/service-messages")).json
    assert [message["msgid"] for message in chat] == [str(answer["msgid"])]


async def test_each_account_s_token_opens_its_own_calls_only(sandbox: Sandbox) -> None:
    shown = (await sandbox.post("/_sandbox/phones/grandma/follow", {"follow": True})).json
    body = service_message(sandbox, shown["service_openid"])
    assert (await sandbox.wechat("/cgi-bin/message/template/send", body))["errcode"] == 48001
    assert (await service(sandbox, "/cgi-bin/message/subscribe/send", sandbox.message()))["errcode"] == 48001


async def test_the_same_words_within_a_minute_and_too_many(sandbox: Sandbox) -> None:
    shown = (await sandbox.post("/_sandbox/phones/grandma/follow", {"follow": True})).json
    body = service_message(sandbox, shown["service_openid"])
    await sandbox.call("PATCH", "/_sandbox/account", json={"refuse_duplicates": True})
    first = await service(sandbox, "/cgi-bin/message/template/send", body)
    assert await service(sandbox, "/cgi-bin/message/template/send", body) == first
    again = await service(sandbox, "/cgi-bin/message/template/send", body | {"client_msg_id": "2"})
    assert again["errcode"] == 40241
    await sandbox.call("PATCH", "/_sandbox/account", json={"refuse_duplicates": False, "service_per_minute": 1})
    again = await service(sandbox, "/cgi-bin/message/template/send", body | {"client_msg_id": "3"})
    assert again["errcode"] == 43117
    sandbox.world.clock.advance(61)
    again = await service(sandbox, "/cgi-bin/message/template/send", body | {"client_msg_id": "4"})
    assert again["errcode"] == 0


def service_message(sandbox: Sandbox, openid: str) -> dict[str, Any]:
    template = next(iter(sandbox.world.service_templates.values()))
    return {
        "touser": openid,
        "template_id": template.id,
        "client_msg_id": "1",
        "miniprogram": {"appid": sandbox.world.settings.appid, "pagepath": "pages/home"},
        "data": {field.key: {"value": field.example} for field in template.fields},
    }


async def service(sandbox: Sandbox, path: str, body: dict[str, Any]) -> dict[str, Any]:
    told = sandbox.world.settings
    asked = {"grant_type": "client_credential", "appid": told.service_appid, "secret": told.service_secret}
    token = (await sandbox.post("/cgi-bin/stable_token", asked)).json["access_token"]
    return dict((await sandbox.post(path, body, access_token=token)).json)


def test_words_that_end_a_cdata_section_stay_words() -> None:
    event = Event(account="program", openid="o]]>1", name="x", at=1)
    assert b"<FromUserName>o]]&gt;1</FromUserName>" in event.as_xml("gh_1")
