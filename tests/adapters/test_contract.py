"""One class over two other sides: the sandbox, and the answers that WeChat's and Tencent Cloud's pages show.

What holds here holds of whatever stands behind the ports. The recorded side keeps the sandbox honest: what only our
sandbox answers is not asked for here.
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import msgspec
import pytest
from aiohttp import web

from server.adapters import sms
from server.adapters import wechat as adapter
from server.config import Settings
from server.ports import SendError, SubscribeMessage, TemplateMessage, Verdict
from server.sandbox.state import Phone
from server.sandbox.wechat.service import follow
from server.sandbox.world import PhoneNumberGrant
from tests.factories.push import Sandbox, running

RECORDED = msgspec.json.decode(Path(__file__).with_name("recorded.json").read_bytes(), type=dict[str, list[list[Any]]])
TEMPLATE = "r99qjIM9H1cGGwmkqpJzP0X-YwZZPAhSO9umX73-aWw"
NUMBER = "19912340001"
DATA = {
    "thing1": "居民身份证换领",
    "phrase2": "预约成功",
    "time3": "2026年11月23日 09:00~09:30",
    "thing4": "县政务服务中心",
    "thing5": "请带好原件",
}
CODE = {"code": "804213", "minutes": "5"}


class Side(Protocol):
    """The other side. `happens` brings about what one test is about and gives what it has to be asked with."""

    wechat: adapter.WeChatApi
    service: adapter.ServiceAccountApi
    sms: sms.TencentSms

    async def happens(self, what: str) -> str: ...


@dataclass
class Ours:
    """The sandbox."""

    sandbox: Sandbox
    wechat: adapter.WeChatApi
    service: adapter.ServiceAccountApi
    sms: sms.TencentSms

    async def happens(self, what: str) -> str:
        world = self.sandbox.world
        phone = self.sandbox.phone(NUMBER)
        if what in {"sent", "sent_nameless", "stale_token", "bad_value", "no_template", "no_page"}:
            world.subscriptions.grant(phone.openid, TEMPLATE, 1)
        world.account.return_msgid = what != "sent_nameless"
        world.account.sms_limit = what == "text_too_soon"
        if what == "stale_token":
            await self.wechat._client.tokens.get()
            world.tokens.revoke()
        if what in {"service_sent", "follower"}:
            follow(world, phone, on=True)
        if what in {"text_too_soon", "reports"}:
            await self.sms.send(NUMBER, "login_code", CODE)
        if what == "text_key":
            self.sms._account = replace(self.sms._account, secret_key="another")
        return self._asked_with(what, phone)

    def _asked_with(self, what: str, phone: Phone) -> str:
        world = self.sandbox.world
        if what in {"login", "login_again"}:
            code = world.login_codes.issue(phone.key)
            if what == "login_again":
                world.login_codes.use(code)
            return code
        if what == "phone":
            return world.phone_codes.issue(PhoneNumberGrant(phone.openid, NUMBER))
        return phone.service_openid if what in SERVICE else phone.openid


SERVICE = {"service_sent", "not_following", "follower", "no_follower"}


class Pages:
    """A server that gives the answers the pages show, and asks as they do for what each call must carry."""

    def __init__(self, settings: Settings, base: str) -> None:
        told = replace(
            settings,
            wechat_api_base=base,
            wechat_appid="wxpages",
            wechat_secret="s" * 32,
            service_account_appid="wxpagesservice",
            service_account_secret="t" * 32,
            sms_api_base=f"{base}/",
        )
        self.wechat = adapter.make(told)
        self.service = adapter.make_service_account(told)
        self.sms = sms.make(told)
        self._answers: list[list[Any]] = []

    async def happens(self, what: str) -> str:
        self._answers = list(RECORDED[what])
        return "oSERVICE" if what in SERVICE else "oABCDEFGHIJKLMNOPQRSTUVWXYZ0"

    async def answer(self, request: web.Request) -> web.Response:
        if request.path == "/cgi-bin/stable_token":
            asked = await request.json()
            assert set(asked) == {"grant_type", "appid", "secret"}
            ((_, kind, content),) = RECORDED["token"]
        else:
            assert request.path in {"/sns/jscode2session", "/"} or request.query["access_token"] == "ACCESS_TOKEN"
            path, kind, content = self._answers.pop(0)
            assert request.path == path
        return web.Response(body=msgspec.json.encode(content), content_type=kind)


@pytest.fixture(params=["sandbox", "pages"])
async def side(request: pytest.FixtureRequest, settings: Settings, database: None) -> AsyncIterator[Side]:
    if request.param == "sandbox":
        async with running(settings) as sandbox:
            yield Ours(sandbox, sandbox.wechat, sandbox.service_account, sandbox.sms)
        return
    line = socket.create_server(("127.0.0.1", 0))
    pages = Pages(settings, f"http://127.0.0.1:{line.getsockname()[1]}")
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", pages.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.SockSite(runner, line).start()
    yield pages
    for port in (pages.wechat, pages.service, pages.sms):
        await port.close()
    await runner.cleanup()


def message(openid: str, **changes: Any) -> SubscribeMessage:
    plain: dict[str, Any] = {"openid": openid, "template_id": TEMPLATE, "page": "pages/home?id=1", "data": DATA}
    return SubscribeMessage(**(plain | changes))


def template_message(openid: str) -> TemplateMessage:
    return TemplateMessage(
        openid=openid,
        template_id="any",
        page="pages/home",
        data=DATA,
        client_msg_id="1",
    )


class TestContract:
    async def test_a_code_tells_who_it_is(self, side: Side) -> None:
        found = await side.wechat.code_to_session(await side.happens("login"))
        assert len(found.openid) == 28
        assert found.unionid

    async def test_a_code_is_good_once(self, side: Side) -> None:
        with pytest.raises(SendError, match="40163") as refused:
            await side.wechat.code_to_session(await side.happens("login_again"))
        assert refused.value.final

    async def test_a_number_comes_bare(self, side: Side) -> None:
        assert await side.wechat.phone_number(await side.happens("phone")) == NUMBER

    async def test_a_message_is_taken_and_named_by_64_bits(self, side: Side) -> None:
        msgid = await side.wechat.send_subscribe(message(await side.happens("sent")))
        assert int(msgid) > 2**53

    async def test_a_message_is_taken_without_a_name(self, side: Side) -> None:
        assert await side.wechat.send_subscribe(message(await side.happens("sent_nameless"))) == ""

    @pytest.mark.parametrize(
        ("what", "code", "changes"),
        [
            ("not_agreed", "43101", {}),
            ("bad_value", "47003", {"data": DATA | {"phrase2": "有 5 个"}}),
            ("no_template", "40037", {"template_id": "x"}),
            ("no_page", "41030", {"page": "/pages/home"}),
            ("no_person", "40003", {"openid": "oNOBODY"}),
        ],
    )
    async def test_a_message_is_refused_for_good(
        self, side: Side, what: str, code: str, changes: dict[str, Any]
    ) -> None:
        asked = {"openid": await side.happens(what)} | changes
        with pytest.raises(SendError, match=code) as refused:
            await side.wechat.send_subscribe(message(**asked))
        assert refused.value.verdict is Verdict.FINAL

    async def test_a_token_that_is_not_the_latest_costs_one_more_try(self, side: Side) -> None:
        assert await side.wechat.send_subscribe(message(await side.happens("stale_token")))

    async def test_a_scene_has_32_characters(self, side: Side) -> None:
        await side.happens("long_scene")
        with pytest.raises(SendError, match="40169"):
            await side.wechat.wxacode(scene="x" * 33, page="pages/home")

    async def test_templates_are_listed(self, side: Side) -> None:
        await side.happens("templates")
        found = {one.id: one for one in await side.wechat.templates()}
        assert list(found[TEMPLATE].fields) == list(DATA)
        assert found[TEMPLATE].long_term is False
        assert {one.long_term for one in found.values()} == {True, False}
        for one in found.values():
            assert set(one.choices) <= set(one.fields)

    async def test_a_quota_is_told_and_begins_anew(self, side: Side) -> None:
        path = "/cgi-bin/message/subscribe/send"
        await side.happens("quota")
        found = await side.wechat.quota(path)
        assert (found.path, found.daily - found.used) == (path, found.left)
        await side.happens("quota_clear")
        await side.wechat.clear_quota(path)

    async def test_the_service_account_is_answered(self, side: Side) -> None:
        openid = await side.happens("service_sent")
        message = template_message(openid)
        assert int(await side.service.send_template(replace(message, template_id=self.service_template(side))))

    async def test_who_does_not_follow_is_not_reached(self, side: Side) -> None:
        openid = await side.happens("not_following")
        with pytest.raises(SendError, match="43004"):
            await side.service.send_template(replace(template_message(openid), template_id=self.service_template(side)))

    async def test_a_follower_is_known(self, side: Side) -> None:
        openid = await side.happens("follower")
        found = await side.service.follower(openid)
        assert (found.openid, found.follows) == (openid, True)
        assert found.unionid

    async def test_nothing_is_told_of_who_does_not_follow(self, side: Side) -> None:
        found = await side.service.follower(await side.happens("no_follower"))
        assert (found.follows, found.unionid) == (False, None)

    async def test_a_text_is_taken(self, side: Side) -> None:
        await side.happens("text")
        assert ":" in await side.sms.send(NUMBER, "login_code", CODE)

    async def test_a_text_comes_too_soon(self, side: Side) -> None:
        await side.happens("text_too_soon")
        with pytest.raises(SendError, match="ThirtySecondLimit") as refused:
            await side.sms.send(NUMBER, "login_code", CODE)
        assert refused.value.rest is not None

    async def test_a_wrong_key_is_noticed(self, side: Side) -> None:
        await side.happens("text_key")
        with pytest.raises(SendError, match=r"AuthFailure\.SignatureFailure") as refused:
            await side.sms.send(NUMBER, "login_code", CODE)
        assert refused.value.alarm

    async def test_a_text_s_end_is_reported(self, side: Side) -> None:
        await side.happens("reports")
        (report,) = await side.sms.reports()
        assert ":" in report.serial
        assert report.problem is None

    def service_template(self, side: Side) -> str:
        if not isinstance(side, Ours):
            return "any"
        world = side.sandbox.world
        return next(one.id for one in world.service_templates.values() if [f.key for f in one.fields] == list(DATA))


def test_every_recorded_answer_is_asked_for() -> None:
    text = Path(__file__).read_text("utf-8")
    assert not [name for name in RECORDED if f'"{name}"' not in text]
