"""The desk's messages: looked up, sent again, put together by cause, and whoever may not see them does not."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from server import db
from server.actor import Role
from server.config import Settings
from server.features.booking.schemas import BookIn
from server.features.push import service as push
from server.features.push.service import _kinds
from server.ports import Ports
from tests.factories import catalogue as make
from tests.factories.booking import book, bookable
from tests.factories.identity import AsCitizen, AsStaff
from tests.factories.push import Hello, Reached, Sandbox, reached, rows, running, say, with_sandbox
from tests.factories.thread import opened
from tests.fixtures_web import Client
from tests.server.console.desk import HTML, at_desk, goes_to

LOG = "/console/messages"


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(_kinds._kinds, Hello.kind, Hello)


async def stopped(sandbox: Sandbox, ports: Ports) -> tuple[Reached, UUID]:
    """Somebody's matter with a message that WeChat refused and whose number takes no SMS."""
    outside = with_sandbox(ports, sandbox)
    to = await reached(sandbox, credits=3)
    about = await opened(to.someone)
    sandbox.fault("errcode", errcode=47003)
    sandbox.fault("errcode", path="/twins/sms/", errcode="FailedOperation.PhoneNumberInBlacklist")
    await push.send(Hello(), to=push.To(person_id=to.someone.person_id), dedupe="one", thread_id=about.id)
    await push.deliver(outside, push.Channel.WECHAT)
    await push.deliver(outside, push.Channel.SMS)
    return to, about.id


async def test_from_a_phone_number_to_every_attempt_and_once_more(
    client: Client, as_staff: AsStaff, settings: Settings, ports: Ports
) -> None:
    async with running(settings) as sandbox:
        to, _ = await stopped(sandbox, ports)
        desk = at_desk(client, await as_staff(Role.SUPERVISOR))
        assert (await desk.does(f"{LOG}/find", {"words": to.someone.phone}, on=LOG)).status == 422, "why?"
        asked = {"words": to.someone.phone, "why": "asked"}
        person = goes_to(await desk.does(f"{LOG}/find", asked, on=LOG))
        assert person == f"{LOG}/people/{to.someone.person_id}"
        seen = await desk.sees(person)
        for words in (
            "模板不存在，或字段与模板不符",
            "47003",
            "手机号收不到短信",
            "FailedOperation.PhoneNumberInBlacklist",
        ):
            assert words in seen
        assert to.someone.name not in seen
        (row,) = await rows("sms")
        form = {"channel": "wechat", "reason": "mended", "back": person}
        assert goes_to(await desk.does(f"{LOG}/{row['inbox_id']}/again", form, on=LOG)) == person
        assert "等待发送" in await desk.sees(person)
        await desk.refused(f"{LOG}/{row['inbox_id']}/again", form, on=LOG)
        nobody = await desk.does(f"{LOG}/find", {"words": "19999999999", "why": "trouble"}, on=LOG)
        assert (nobody.status, "没有找到这个人" in nobody.text) == (200, True)


async def test_credits_three_messages_five_and_the_desk_says_why(
    client: Client, as_staff: AsStaff, settings: Settings, ports: Ports
) -> None:
    async with running(settings) as sandbox:
        outside = with_sandbox(ports, sandbox)
        to = await reached(sandbox, credits=3)
        for _ in range(5):
            await say(to)
        await push.deliver(outside, push.Channel.WECHAT)
        await push.deliver(outside, push.Channel.SMS)
        desk = at_desk(client, await as_staff(Role.SUPERVISOR))
        seen = await desk.sees(f"{LOG}/people/{to.someone.person_id}")
        assert seen.count('群众没有订阅，或订阅次数已用完 <small class="figure">答复码 used_up</small>') == 2
        assert len(re.findall(r"<strong>微信订阅消息</strong>\s*<span class=\"state sent\">", seen)) == 3
        # Nobody's fault, and they were reached: it is not shown as one.
        assert len(re.findall(r"<strong>微信订阅消息</strong>\s*<span class=\"state\">没有订阅</span>", seen)) == 2
        assert len(re.findall(r"<strong>短信</strong>\s*<span class=\"state sent\">", seen)) == 2


async def test_a_clerk_sees_the_matter_in_hand_and_no_more(
    client: Client, as_staff: AsStaff, settings: Settings, ports: Ports
) -> None:
    async with running(settings) as sandbox:
        to, thread_id = await stopped(sandbox, ports)
        clerk = at_desk(client, await as_staff(Role.CLERK))
        assert "47003" in await clerk.sees(f"{LOG}/threads/{thread_id}")
        for path in ("", f"/people/{to.someone.person_id}", "/stuck", "/health"):
            assert (await clerk.browser.get(f"{LOG}{path}", headers=HTML)).status == 403
        number = await db.fetchval("SELECT number FROM thread WHERE id = $1", thread_id)
        boss = at_desk(client, await as_staff(Role.HALL_MANAGER))
        assert goes_to(await boss.does(f"{LOG}/find", {"words": number}, on=LOG)) == f"{LOG}/threads/{thread_id}"


async def test_what_nobody_got_is_sent_again_by_cause(
    client: Client, as_staff: AsStaff, settings: Settings, ports: Ports
) -> None:
    async with running(settings) as sandbox:
        await stopped(sandbox, ports)
        desk = at_desk(client, await as_staff(Role.ADMINISTRATOR))
        code = "FailedOperation.PhoneNumberInBlacklist"
        seen = await desk.sees(f"{LOG}/stuck", code=code, channel="sms")
        assert "请核对手机号是否有误" in seen
        answer = await desk.does(f"{LOG}/stuck", {"code": code, "channel": "sms"}, on=LOG)
        assert goes_to(answer).endswith("again=1")
        assert "都送到了" in await desk.sees(f"{LOG}/stuck")


async def test_health_is_shown(client: Client, as_staff: AsStaff, settings: Settings, ports: Ports) -> None:
    async with running(settings) as sandbox:
        await stopped(sandbox, ports)
        desk = at_desk(client, await as_staff(Role.ADMINISTRATOR))
        for path in ("health", "health/now"):
            seen = await desk.sees(f"{LOG}/{path}")
            assert "未被接收 1" in seen
            # A way that nobody has set up is not called well.
            assert "没有配置公众号" in seen
            assert "console." not in seen.replace("/console/", "").replace("onetrip_console", "")


async def test_the_newest_are_shown_and_paged_both_ways(
    client: Client, as_staff: AsStaff, settings: Settings, ports: Ports
) -> None:
    async with running(settings) as sandbox:
        to, thread_id = await stopped(sandbox, ports)
        for turn in range(50):
            await push.send(Hello(), to=push.To(person_id=to.someone.person_id), dedupe=f"more{turn}")
        desk = at_desk(client, await as_staff(Role.ADMINISTRATOR))
        first = await desk.sees(LOG)
        number = await db.fetchval("SELECT number FROM thread WHERE id = $1", thread_id)
        assert (number in first, 'data-page="back"' in first) == (False, False)
        second = await desk.sees(link(first, "next"))
        assert number in second, "the oldest"
        assert to.someone.name not in first + second
        assert link(second, "back") == LOG
        hall = await make.hall()
        assert "输入办件编号" in await at_desk(client, await as_staff(Role.HALL_MANAGER, hall=hall.id)).sees(LOG)


async def test_a_halls_manager_finds_only_whom_the_halls_know(
    client: Client, as_staff: AsStaff, as_citizen: AsCitizen
) -> None:
    at, guest, stranger = await bookable(), await as_citizen(), await as_citizen()
    slot = (await at.slots())[0]
    await book(guest.actor, BookIn(item_id=at.item_id, slot_id=slot.id))
    desk = at_desk(client, await as_staff(Role.HALL_MANAGER))
    found = await desk.does(f"{LOG}/find", {"words": guest.phone}, on=LOG)
    assert goes_to(found) == f"{LOG}/people/{guest.person_id}"
    nobody = await desk.does(f"{LOG}/find", {"words": stranger.phone}, on=LOG)
    assert (nobody.status, "没有找到这个人" in nobody.text) == (200, True)
    assert (await desk.browser.get(f"{LOG}/people/{stranger.person_id}", headers=HTML)).status == 404


def link(page: str, which: str) -> str:
    """Read where a pager's link leads."""
    found = re.search(rf'href="([^"]+)" data-page="{which}"', page)
    assert found
    return found[1].replace("&amp;", "&")
