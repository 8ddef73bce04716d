"""The service account's port against the local WeChat, over real HTTP."""

from __future__ import annotations

import pytest

from server.adapters import wechat
from server.ports import Follower, SendError, TemplateMessage, Verdict
from server.sandbox.state import Phone
from server.sandbox.wechat.service import follow
from tests.factories.push import Sandbox

SEND = "/cgi-bin/message/template/send"


def follower(sandbox: Sandbox) -> Phone:
    phone = sandbox.phone()
    follow(sandbox.world, phone, on=True)
    return phone


def message(sandbox: Sandbox, phone: Phone, client_msg_id: str = "m1") -> TemplateMessage:
    template = next(iter(sandbox.world.service_templates.values()))
    return TemplateMessage(
        openid=phone.service_openid,
        template_id=template.id,
        page="pages/home/index?id=1",
        data={field.key: field.example for field in template.fields},
        client_msg_id=client_msg_id,
    )


async def test_a_message_arrives_in_the_account_s_chat_and_opens_the_program(sandbox: Sandbox) -> None:
    phone = follower(sandbox)
    msgid = await sandbox.service_account.send_template(message(sandbox, phone))
    (arrived,) = sandbox.world.service_messages(phone)
    assert (arrived.msgid, arrived.page) == (msgid, "pages/home/index?id=1")
    assert not sandbox.messages(phone)


async def test_the_same_client_msg_id_is_sent_once_within_ten_minutes(sandbox: Sandbox) -> None:
    phone = follower(sandbox)
    sandbox.fault("drop_after_commit", SEND)
    with pytest.raises(SendError) as lost:
        await sandbox.service_account.send_template(message(sandbox, phone))
    assert lost.value.verdict is Verdict.UNKNOWN
    await sandbox.service_account.send_template(message(sandbox, phone))
    assert len(sandbox.world.service_messages(phone)) == 1
    sandbox.world.clock.advance(601)
    await sandbox.service_account.send_template(message(sandbox, phone))
    assert len(sandbox.world.service_messages(phone)) == 2


async def test_who_does_not_follow_is_not_reached(sandbox: Sandbox) -> None:
    phone = sandbox.phone()
    with pytest.raises(SendError, match="43004") as refused:
        await sandbox.service_account.send_template(message(sandbox, phone))
    assert (refused.value.verdict, refused.value.alarm) == (Verdict.FINAL, False)


async def test_too_often_rests_this_person_and_nobody_else(sandbox: Sandbox) -> None:
    sandbox.world.account.service_per_minute = 1
    phone = follower(sandbox)
    await sandbox.service_account.send_template(message(sandbox, phone, "m1"))
    with pytest.raises(SendError, match="43117") as refused:
        await sandbox.service_account.send_template(message(sandbox, phone, "m2"))
    assert (refused.value.verdict, refused.value.pause) == (Verdict.RETRY, None)
    assert refused.value.rest is not None
    await sandbox.service_account.send_template(message(sandbox, follower(sandbox), "m3"))


async def test_a_follower_is_known_by_the_unionid_and_a_stranger_is_not(sandbox: Sandbox) -> None:
    phone = follower(sandbox)
    found = await sandbox.service_account.follower(phone.service_openid)
    assert found == Follower(openid=phone.service_openid, follows=True, unionid=phone.unionid)
    follow(sandbox.world, phone, on=False)
    found = await sandbox.service_account.follower(phone.service_openid)
    assert found == Follower(openid=phone.service_openid, follows=False)


async def test_the_templates_are_listed_with_their_fields(sandbox: Sandbox) -> None:
    theirs = sandbox.world.service_templates
    for one in await sandbox.service_account.templates():
        assert one.fields == {field.key: field.label for field in theirs[one.id].fields}
        assert one.long_term is None
    listed = {one.id: one.long_term for one in await sandbox.wechat.templates()}
    assert listed == {one.id: one.kind == "long" for one in sandbox.world.templates.values()}


async def test_each_account_has_its_own_token(sandbox: Sandbox) -> None:
    phone = follower(sandbox)
    await sandbox.service_account.send_template(message(sandbox, phone))
    token = await sandbox.wechat._client.tokens.get()
    assert sandbox.service_account._client is not None
    sandbox.service_account._client.tokens._token = token
    with pytest.raises(SendError, match="48001") as refused:
        await sandbox.service_account.send_template(message(sandbox, phone))
    assert (refused.value.verdict, refused.value.alarm) == (Verdict.PAUSE, True)


async def test_without_a_service_account_the_next_way_is_taken(sandbox: Sandbox) -> None:
    absent = wechat.ServiceAccountApi(None, program="wx1")
    assert not absent.configured
    assert sandbox.service_account.configured
    with pytest.raises(SendError, match="no_service_account") as refused:
        await absent.send_template(message(sandbox, sandbox.phone()))
    assert refused.value.verdict is Verdict.FINAL
    await absent.close()
