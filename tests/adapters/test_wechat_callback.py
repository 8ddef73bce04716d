"""What WeChat pushes: its published vectors, every mode and format, and everything that is not from it."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from server.adapters import wechat_callback
from server.adapters.wechat_xml import XmlError, read_xml
from server.config import Settings
from server.errors import AppError, Forbidden, Malformed
from server.kit import clock
from server.ports import WeChatEvent
from server.sandbox.wechat import events
from server.sandbox.wechat.envelope import encrypted, signature
from server.sandbox.wechat.events import Event
from server.sandbox.wechat.pusher import Callback, Format, Mode, dressed

TOKEN, KEY, APPID = "AAAAA", "A" * 43, "wxba5fad812f8e6fb9"
NOW = int(datetime(2026, 11, 23, 1, 0, tzinfo=UTC).timestamp())
PUBLISHED = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR"
    "8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km3"
    "2IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="
)
OPENID = "oABCD0123456789012345678901z"


@pytest.fixture(autouse=True)
def _at() -> Iterator[None]:
    clock.advance(datetime.fromtimestamp(NOW, UTC) - clock.now())
    yield
    clock.reset()


@pytest.fixture
def ours(settings: Settings) -> Settings:
    return replace(
        settings,
        wechat_appid=APPID,
        wechat_token=TOKEN,
        wechat_aes_key=KEY,
        service_account_appid="wxservice",
        service_account_token="BBBBB",
        service_account_aes_key="B" * 43,
    )


def callback(**changes: object) -> Callback:
    plain = {"url": "http://127.0.0.1/", "appid": APPID, "original_id": "gh_1", "token": TOKEN, "aes_key": KEY}
    return msgspec.convert(plain | changes, Callback)


def pushed(event: Event, **changes: object) -> tuple[dict[str, str], bytes]:
    return dressed(event, callback(**changes), str(NOW), "486452656")


def sent_event(msgid: str = "1700827132819554304") -> Event:
    return events.sent(OPENID, NOW, "t1", msgid, code=0, status="success")


def opened(settings: Settings, query: dict[str, str], body: bytes) -> WeChatEvent:
    found = wechat_callback.make(settings).read(query, body)
    assert found is not None
    return found


def at(stamp: int) -> None:
    clock.advance(datetime.fromtimestamp(stamp, UTC) - clock.now())


# The vectors of WeChat's own page on message push.
def test_the_published_echo_is_answered(ours: Settings) -> None:
    at(1714036504)
    query = {"timestamp": "1714036504", "nonce": "1514711492", "echostr": "4375120948345356249"}
    query["signature"] = "f464b24fc39322e44b38aa78f5edd27bd1441696"
    assert wechat_callback.make(ours).echo(query) == "4375120948345356249"


def test_the_published_plain_signature_is_taken(ours: Settings) -> None:
    at(1714037059)
    query = {"timestamp": "1714037059", "nonce": "486452656"}
    query["signature"] = "899cf89e464efb63f54ddac96b0a0a235f53aa78"
    body = b'{"ToUserName":"gh_1","FromUserName":"o1","CreateTime":1714037059,"MsgType":"event","Event":"debug_demo"}'
    assert opened(replace(ours, wechat_aes_key=""), query, body).name == "debug_demo"


def test_the_published_safe_push_opens(ours: Settings) -> None:
    at(1714112445)
    query = {"timestamp": "1714112445", "nonce": "415670741", "encrypt_type": "aes"}
    query["signature"] = "6c5c811b55cc85e0e1b54100749188c20beb3f5d"
    query["msg_signature"] = "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3"
    found = opened(ours, query, msgspec.json.encode({"ToUserName": "gh_97417a04a28d", "Encrypt": PUBLISHED}))
    assert (found.account, found.name, found.openid) == ("program", "debug_demo", "o9AgO5Kd5ggOC-bXrbNODIiE3bGY")
    assert found.values["debug_str"] == "hello world"


def test_the_published_reply_opens(ours: Settings) -> None:
    text = "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="
    at(1713424427)
    query = {"timestamp": "1713424427", "nonce": "415670741"}
    query["msg_signature"] = "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1"
    assert wechat_callback.make(ours).read(query, msgspec.json.encode({"Encrypt": text})) is None
    account = wechat_callback.make(ours)._accounts[0]
    assert wechat_callback._opened(account, text) == b'{"demo_resp":"good luck"}'


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
@pytest.mark.parametrize("form", ["json", "xml"])
def test_every_mode_and_format_says_the_same(ours: Settings, mode: Mode, form: Format) -> None:
    settings = replace(ours, wechat_aes_key="") if mode == "plain" else ours
    choices = {"t1": "accept", "t2": "reject"}
    found = opened(settings, *pushed(events.popup(OPENID, NOW, choices), mode=mode, format=form))
    assert (found.account, found.name, found.openid) == ("program", "subscribe_msg_popup_event", OPENID)
    assert found.at == datetime.fromtimestamp(NOW, UTC)
    assert {row["TemplateId"]: row["SubscribeStatusString"] for row in found.rows} == choices


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("always_list", [True, False])
def test_one_row_is_an_object_or_a_list(ours: Settings, form: Format, always_list: bool) -> None:
    found = opened(ours, *pushed(sent_event(), format=form, always_list=always_list))
    row = {"TemplateId": "t1", "MsgID": "1700827132819554304", "ErrorCode": "0", "ErrorStatus": "success"}
    assert found.rows == (row,)


def test_a_64_bit_number_keeps_its_last_digit(ours: Settings) -> None:
    finished = events.job_finished(OPENID, NOW, "1700827132819554305", "failed:user block")
    given = {"appid": "wxservice", "token": "BBBBB", "aes_key": "B" * 43}
    for form in ("json", "xml"):
        found = opened(ours, *pushed(finished, format=form, **given))
        assert (found.account, found.values["MsgID"]) == ("service", "1700827132819554305")
        assert found.values["Status"] == "failed:user block"


def test_the_documented_popup_event_is_read() -> None:
    # As the page has it: an element of the event's name round the List.
    body = """<xml><ToUserName><![CDATA[gh_123456789abc]]></ToUserName>
    <FromUserName><![CDATA[otFpruAK8D-E6EfStSYonYSBZ8_4]]></FromUserName><CreateTime>1610969440</CreateTime>
    <MsgType><![CDATA[event]]></MsgType><Event><![CDATA[subscribe_msg_popup_event]]></Event>
    <SubscribeMsgPopupEvent>
      <List><TemplateId><![CDATA[VRR0UEO9VJOLs0MHlU0OilqX6MVFDwH3_3gz3Oc0NIc]]></TemplateId>
        <SubscribeStatusString><![CDATA[accept]]></SubscribeStatusString><PopupScene>2</PopupScene></List>
      <List><TemplateId><![CDATA[9nLIlbOQZC5Y89AZteFEux3WCXRRRG5Wfzkpssu4bLI]]></TemplateId>
        <SubscribeStatusString><![CDATA[reject]]></SubscribeStatusString><PopupScene>2</PopupScene></List>
    </SubscribeMsgPopupEvent></xml>"""
    rows = wechat_callback._rows(read_xml(body.encode()))
    assert [row["SubscribeStatusString"] for row in rows] == ["accept", "reject"]


def test_what_is_no_event_is_taken_and_passed_over(ours: Settings) -> None:
    words = {"FromUserName": "o1", "CreateTime": NOW, "MsgType": "text", "Content": "在吗", "MsgId": 7}
    query, body = sealed(msgspec.json.encode(words))
    assert wechat_callback.make(ours).read(query, body) is None


def sealed(content: bytes, appid: str = APPID, token: str = TOKEN, stamp: int = NOW) -> tuple[dict[str, str], bytes]:
    text = encrypted(KEY, appid, content)
    query = {"timestamp": str(stamp), "nonce": "1", "msg_signature": signature(token, str(stamp), "1", text)}
    return query, msgspec.json.encode({"ToUserName": "gh_1", "Encrypt": text})


EVENT = msgspec.json.encode({"FromUserName": "o1", "CreateTime": NOW, "MsgType": "event", "Event": "subscribe"})


@pytest.mark.parametrize("change", ["appid", "token", "old", "future", "no_stamp", "cut", "swapped", "unsealed"])
def test_what_is_not_provably_theirs_is_refused(ours: Settings, change: str, caplog: pytest.LogCaptureFixture) -> None:
    query, body = sealed(EVENT)
    if change == "appid":
        query, body = sealed(EVENT, appid="wxanother")
    elif change == "token":
        query, body = sealed(EVENT, token="CCCCC")
    elif change in {"old", "future"}:
        query, body = sealed(EVENT, stamp=NOW + (601 if change == "future" else -601))
    elif change == "no_stamp":
        query["timestamp"] = "now"
    elif change == "cut":
        text = encrypted(KEY, APPID, EVENT)[:-24]
        query["msg_signature"] = signature(TOKEN, str(NOW), "1", text)
        body = msgspec.json.encode({"Encrypt": text})
    elif change == "swapped":
        # The right signature of another body.
        body = sealed(EVENT)[1]
    else:
        # A captured query with words of one's own: `signature` does not cover the body.
        query, body = pushed(sent_event(), mode="plain")
    with pytest.raises(Forbidden, match="callback_refused"):
        wechat_callback.make(ours).read(query, body)
    assert "wechat callback refused" in caplog.text
    assert TOKEN not in caplog.text
    assert KEY not in caplog.text


def test_a_right_push_passes_through_the_same_gate(ours: Settings) -> None:
    assert opened(ours, *sealed(EVENT)).name == "subscribe"


def test_signatures_are_compared_in_constant_time(ours: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []

    def watch(one: bytes, other: bytes) -> bool:
        compared.append(one.decode())
        return one == other

    monkeypatch.setattr(hmac, "compare_digest", watch)
    opened(ours, *sealed(EVENT))
    # Both accounts, then the appid: none is compared in another way.
    assert len(compared) == 3


def test_without_a_token_nobody_is_listened_to(ours: Settings) -> None:
    deaf = wechat_callback.make(replace(ours, wechat_token="", service_account_token=""))
    with pytest.raises(Forbidden):
        deaf.read(*sealed(EVENT))
    with pytest.raises(Forbidden):
        deaf.echo({"signature": signature("", str(NOW), "1"), "timestamp": str(NOW), "nonce": "1", "echostr": "x"})


BOMB = (
    b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><xml><A>&b;</A></xml>"""
)
FILE = b"""<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><A>&a;</A></xml>"""
BAD_XML = {
    "bomb": BOMB,
    "file": FILE,
    "doctype": b"<!DOCTYPE x><xml><A>1</A></xml>",
    "instruction": b"<xml><?php x ?><A>1</A></xml>",
    "attribute": b'<xml a="1"><A>1</A></xml>',
    "deep": b"<a>" * 9 + b"</a>" * 9,
    "many": b"<xml>" + b"<a>1</a>" * 1001 + b"</xml>",
    "unclosed": b"<xml><A>1</A>",
    "unknown_entity": b"<xml><A>&a;</A></xml>",
    "words": b"<xml>1</xml>",
}


@pytest.mark.parametrize("name", BAD_XML)
def test_xml_that_can_do_harm_is_refused(name: str) -> None:
    with pytest.raises(XmlError):
        read_xml(BAD_XML[name])


@pytest.mark.parametrize("name", ["nonsense", "list", "deep", "large", "number"])
def test_what_cannot_be_read_is_refused_quietly(ours: Settings, name: str) -> None:
    bodies = {
        "nonsense": b"\xff\xfe",
        "list": b"[]",
        "deep": b'{"a":' * 5000,
        "large": b'{"a":"' + b"a" * wechat_callback.MOST_BYTES + b'"}',
        "number": b'{"Encrypt": 7}',
    }
    with pytest.raises(AppError) as refused:
        wechat_callback.make(ours).read({"signature": "x"}, bodies[name])
    assert isinstance(refused.value, Malformed)


def test_each_try_of_an_event_has_its_key_and_no_other_event_has_it(ours: Settings) -> None:
    first = opened(ours, *pushed(sent_event("1")))
    again = opened(ours, *dressed(sent_event("1"), callback(), str(NOW + 5), "99"))
    assert first.key == again.key
    # The same person, kind and second: only the content differs.
    keys = {opened(ours, *pushed(sent_event(str(number)))).key for number in range(20)}
    assert len(keys) == 20


def test_a_message_id_of_one_person_says_nothing_of_another(ours: Settings) -> None:
    def numbered(openid: str, words: str) -> str:
        body = {"FromUserName": openid, "CreateTime": NOW, "MsgType": "event", "Event": words, "MsgId": 7}
        return opened(ours, *sealed(msgspec.json.encode(body))).key

    assert numbered("o1", "a") == numbered("o1", "b")
    assert numbered("o1", "a") != numbered("o2", "a")


def test_a_slow_retry_is_fresh_for_it_has_a_new_timestamp(ours: Settings) -> None:
    event = sent_event()
    clock.advance(timedelta(hours=1))
    late = dressed(event, callback(), str(NOW + 3600), "1")
    assert opened(ours, *late).at == datetime.fromtimestamp(NOW, UTC)


def test_a_padding_that_lies_is_refused(ours: Settings) -> None:
    text = base64.b64encode(b"\x00" * 64).decode()
    query = {"timestamp": str(NOW), "nonce": "1", "msg_signature": signature(TOKEN, str(NOW), "1", text)}
    with pytest.raises(Forbidden):
        wechat_callback.make(ours).read(query, msgspec.json.encode({"Encrypt": text}))
