"""The WeChat adapter against the local WeChat, over real HTTP."""

from __future__ import annotations

import asyncio
import logging
import re
import traceback

import pytest

from server import db
from server.adapters import wechat, wechat_client, wechat_token
from server.ports import OutsideError, SendError, SubscribeMessage, Verdict
from server.sandbox.faults import Kind
from server.sandbox.state import Phone
from server.sandbox.world import PhoneNumberGrant
from tests.factories.push import Sandbox

TEMPLATE = "r99qjIM9H1cGGwmkqpJzP0X-YwZZPAhSO9umX73-aWw"
SEND = "/cgi-bin/message/subscribe/send"
TOKEN = "/cgi-bin/stable_token"
DATA = {
    "thing1": "居民身份证换领",
    "phrase2": "预约成功",
    "time3": "2026年11月23日 09:00~09:30",
    "thing4": "县政务服务中心",
    "thing5": "请带好原件",
}


def message(phone: Phone, **changes: object) -> SubscribeMessage:
    plain: dict[str, object] = {
        "openid": phone.openid,
        "template_id": TEMPLATE,
        "page": "pages/home/index?id=1",
        "data": DATA,
        "locale": "en",
    }
    return SubscribeMessage(**(plain | changes))  # type: ignore[arg-type]


def ready(sandbox: Sandbox) -> Phone:
    phone = sandbox.phone()
    sandbox.world.subscriptions.grant(phone.openid, TEMPLATE, 10)
    return phone


async def test_a_login_code_works_once_and_needs_no_token(sandbox: Sandbox) -> None:
    phone = sandbox.phone()
    code = sandbox.world.login_codes.issue(phone.key)
    found = await sandbox.wechat.code_to_session(code)
    assert (found.openid, found.unionid) == (phone.openid, phone.unionid)
    assert sandbox.calls(TOKEN) == 0
    with pytest.raises(OutsideError, match="40163") as again:
        await sandbox.wechat.code_to_session(code)
    assert again.value.final


async def test_a_phone_number_code_belongs_to_one_person(sandbox: Sandbox) -> None:
    phone, other = sandbox.phone(), sandbox.phone()
    code = sandbox.world.phone_codes.issue(PhoneNumberGrant(phone.openid, phone.phone_number))
    with pytest.raises(OutsideError):
        await sandbox.wechat.phone_number(code, other.openid)
    assert await sandbox.wechat.phone_number(code, phone.openid) == phone.phone_number


async def test_a_message_arrives_with_its_values_state_and_language(sandbox: Sandbox) -> None:
    phone = ready(sandbox)
    msgid = await sandbox.wechat.send_subscribe(message(phone))
    arrived = sandbox.messages(phone)[-1]
    assert arrived.msgid == msgid
    assert int(msgid) > 2**53
    assert {field.key: field.value for field in arrived.fields} == DATA
    assert (arrived.miniprogram_state, arrived.lang, arrived.page) == ("trial", "en_US", "pages/home/index?id=1")


async def test_a_missing_message_id_is_fine(sandbox: Sandbox) -> None:
    sandbox.fault("no_msgid")
    assert await sandbox.wechat.send_subscribe(message(ready(sandbox))) == ""


async def test_a_mini_program_code_is_a_picture(sandbox: Sandbox) -> None:
    picture = await sandbox.wechat.wxacode(scene="token-22-characters-abc", page="pages/home/index")
    assert picture.startswith(b"\x89PNG")
    with pytest.raises(OutsideError, match="40169"):
        await sandbox.wechat.wxacode(scene="x" * 33, page="pages/home/index")


@pytest.mark.parametrize(
    ("errcode", "verdict", "pauses", "alarm"),
    [
        (43101, Verdict.FINAL, False, False),
        (40003, Verdict.FINAL, False, False),
        (47003, Verdict.FINAL, False, True),
        (40037, Verdict.FINAL, False, True),
        (41030, Verdict.FINAL, False, True),
        (45168, Verdict.FINAL, False, True),
        (43108, Verdict.RETRY, False, False),
        (45011, Verdict.PAUSE, True, False),
        (45009, Verdict.PAUSE, True, True),
        (43107, Verdict.PAUSE, True, True),
        (48001, Verdict.PAUSE, True, True),
        (40164, Verdict.PAUSE, True, True),
        (-1, Verdict.UNKNOWN, False, False),
        (99999, Verdict.RETRY, False, True),
    ],
)
async def test_every_refusal_says_what_may_be_done_next(
    sandbox: Sandbox, errcode: int, verdict: Verdict, pauses: bool, alarm: bool
) -> None:
    sandbox.fault("errcode", errcode=errcode)
    with pytest.raises(SendError, match=str(errcode)) as refused:
        await sandbox.wechat.send_subscribe(message(ready(sandbox)))
    assert (refused.value.verdict, refused.value.pause is not None, refused.value.alarm) == (verdict, pauses, alarm)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("drop_after_commit", "answer_lost"),
        ("reset", "answer_lost"),
        ("truncated", "bad_answer"),
        ("http", "http_502"),
    ],
)
async def test_a_lost_answer_is_neither_sent_nor_failed(sandbox: Sandbox, kind: Kind, code: str) -> None:
    phone = ready(sandbox)
    await sandbox.wechat.send_subscribe(message(phone))
    sandbox.fault(kind)
    with pytest.raises(SendError, match=code) as lost:
        await sandbox.wechat.send_subscribe(message(phone))
    assert lost.value.verdict is Verdict.UNKNOWN


async def test_a_server_that_is_not_there_has_received_nothing(sandbox: Sandbox) -> None:
    phone = ready(sandbox)
    await sandbox.wechat.send_subscribe(message(phone))
    client = wechat_client.Client(sandbox.settings.wechat_appid, sandbox.settings.wechat_secret, "http://127.0.0.1:9")
    away = wechat.WeChatApi(client, release=False)
    with pytest.raises(SendError, match="unreachable") as failed:
        await away.send_subscribe(message(phone))
    assert failed.value.verdict is Verdict.RETRY
    await away.close()


async def test_the_type_of_an_answer_is_read_from_the_answer(sandbox: Sandbox) -> None:
    sandbox.fault("text_plain")
    assert await sandbox.wechat.send_subscribe(message(ready(sandbox)))


async def test_two_processes_fetch_one_token(sandbox: Sandbox) -> None:
    sandbox.fault("latency", TOKEN, seconds=0.2)
    phones = [ready(sandbox) for _ in range(16)]
    other = sandbox.another()
    await asyncio.gather(
        *(api.send_subscribe(message(phone)) for phone, api in zip(phones, [sandbox.wechat, other] * 8, strict=True))
    )
    await other.close()
    assert sandbox.calls(TOKEN) == 1


async def test_a_dead_token_is_renewed_once_for_everybody(sandbox: Sandbox) -> None:
    other = sandbox.another()
    first = ready(sandbox)
    await sandbox.wechat.send_subscribe(message(first))
    await other.send_subscribe(message(first))
    sandbox.world.tokens.expire()
    phones = [ready(sandbox) for _ in range(16)]
    await asyncio.gather(
        *(api.send_subscribe(message(phone)) for phone, api in zip(phones, [sandbox.wechat, other] * 8, strict=True))
    )
    await other.close()
    assert sandbox.calls(TOKEN) == 2
    assert all(len(sandbox.messages(phone)) == 1 for phone in phones)


async def test_a_token_revoked_under_32_sends_is_renewed_once(sandbox: Sandbox) -> None:
    others = [sandbox.another() for _ in range(3)]
    clients = [sandbox.wechat, *others]
    warm = ready(sandbox)
    for client in clients:
        await client.send_subscribe(message(warm))
    sandbox.world.account.send_latency = 0.05
    phones = [ready(sandbox) for _ in range(32)]
    sends = [
        asyncio.create_task(api.send_subscribe(message(phone))) for phone, api in zip(phones, clients * 8, strict=True)
    ]
    # Half-way: some are under way with the old token, some have not begun.
    await asyncio.sleep(0)
    sandbox.world.tokens.revoke()
    await asyncio.gather(*sends)
    for client in others:
        await client.close()
    assert sandbox.calls(TOKEN) == 2
    assert all(len(sandbox.messages(phone)) == 1 for phone in phones)
    asked = [entry.errcode for entry in sandbox.world.journal.entries(path=SEND, limit=500)]
    assert 40001 in asked, "no send met the revoked token: this shows nothing"
    # One resend each is the most.
    assert len(asked) <= len(clients) + 2 * len(phones)


async def test_without_the_turn_a_revoked_token_is_fetched_by_everybody(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other test's own test: with the lease in the database switched off, it would see the storm."""
    monkeypatch.setattr(
        wechat_token,
        "_LEASED",
        "SELECT id FROM wechat_token WHERE id = $1 AND $2::timestamptz > $3 AND $4::bytea IS NOT DISTINCT FROM $4",
    )
    clients = [sandbox.another() for _ in range(8)]
    sandbox.fault("latency", TOKEN, seconds=0.1, times=None)
    await asyncio.gather(*(client.send_subscribe(message(ready(sandbox))) for client in clients))
    for client in clients:
        await client.close()
    assert sandbox.calls(TOKEN) > 1


async def test_a_token_that_is_never_taken_is_not_fetched_for_ever(sandbox: Sandbox) -> None:
    sandbox.fault("errcode", errcode=40001, times=None)
    phone = ready(sandbox)
    with pytest.raises(SendError, match="40001") as refused:
        await sandbox.wechat.send_subscribe(message(phone))
    assert refused.value.verdict is Verdict.RETRY
    assert sandbox.calls(SEND) == 2
    assert sandbox.calls(TOKEN) <= 2


async def test_a_process_that_dies_while_fetching_holds_nobody_up(sandbox: Sandbox) -> None:
    phone = ready(sandbox)
    await sandbox.wechat.send_subscribe(message(phone))
    await db.execute("UPDATE wechat_token SET token_sealed = NULL, expires_at = NULL, lease_until = now() + '300 ms'")
    other = sandbox.another()
    async with asyncio.timeout(10):
        await other.send_subscribe(message(phone))
    await other.close()


async def test_a_failed_fetch_gives_the_turn_back(sandbox: Sandbox) -> None:
    sandbox.fault("errcode", TOKEN, errcode=40164)
    with pytest.raises(SendError, match="40164"):
        await sandbox.wechat.send_subscribe(message(ready(sandbox)))
    async with asyncio.timeout(10):
        assert await sandbox.wechat.send_subscribe(message(ready(sandbox)))


async def test_nothing_secret_is_logged_or_raised(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    phone = ready(sandbox)
    said = [repr(sandbox.wechat), repr(sandbox.wechat._client), repr(sandbox.wechat._client.tokens)]
    with caplog.at_level(logging.DEBUG):
        code = sandbox.world.login_codes.issue(phone.key)
        await sandbox.wechat.code_to_session(code)
        await sandbox.wechat.send_subscribe(message(phone))
        number = sandbox.world.phone_codes.issue(PhoneNumberGrant(phone.openid, phone.phone_number))
        await sandbox.wechat.phone_number(number, phone.openid)
        kinds: tuple[Kind, ...] = ("drop_after_commit", "reset", "truncated", "errcode", "http")
        for kind in kinds:
            sandbox.fault(kind)
            with pytest.raises(SendError) as lost:
                await sandbox.wechat.send_subscribe(message(phone))
            assert lost.value.__cause__ is None
            assert lost.value.__context__ is None
            said.append("".join(traceback.format_exception(lost.value)))
        wrong = wechat_client.Client(sandbox.settings.wechat_appid, "w" * 32, sandbox.settings.wechat_api_base)
        stored = bytes(await db.fetchval("SELECT token_sealed FROM wechat_token"))
        await db.execute("DELETE FROM wechat_token")
        with pytest.raises(SendError, match="40125") as refused:
            await wechat.WeChatApi(wrong, release=False).send_subscribe(message(phone))
        said.append("".join(traceback.format_exception(refused.value)))
        await wrong.close()
    assert phone.session_key
    token = await sandbox.wechat._client.tokens.get()
    whole = caplog.text + "".join(said)
    for secret in (sandbox.settings.wechat_secret, "w" * 32, token, phone.session_key, code, number):
        assert secret not in whole
    assert re.search(r"errcode -?\d+, rid [0-9a-f]{8}(-[0-9a-f]{8}){2}", caplog.text), "whom it is looked up by"
    assert token.encode() not in stored
