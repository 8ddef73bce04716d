"""The phones page in a real browser, with a page in its phones that speaks the bridge."""

import json
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import aiohttp
import pytest

from server.sandbox.app import create_app
from server.sandbox.page import STATIC, TEXTS
from server.sandbox.process import Serving
from server.sandbox.settings import Settings
from tests.server.sandbox.chromium import PATH, Page, browser
from tests.server.sandbox.conftest import Json, Sandbox, names
from tests.server.sandbox.stub_program import stub_program

needs_chromium = pytest.mark.skipif(not PATH.exists(), reason="Chromium is not installed")
GRANDMA = "#phone-grandma"
ONE_SEND = "/cgi-bin/message/subscribe/send"
# Collects what the stub page tells its parent, next to the bridge.
EAR = "window.told = {}; addEventListener('message', (e) => { if (e.data.stub) told[e.data.stub] = e.data.reply })"


class Scene(NamedTuple):
    sandbox: Sandbox
    page: Page


@asynccontextmanager
async def scene(width: int = 1440, height: int = 900, query: str = "") -> AsyncIterator[Scene]:
    async with stub_program() as origin, aiohttp.ClientSession() as session, browser() as page:
        line = socket.create_server(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{line.getsockname()[1]}"
        settings = Settings(app_origin=origin, public_url=base, send_latency=0.0)
        app = create_app(settings, name=f"sandbox_{next(names)}")
        async with Serving(app, line):
            await page.open(f"{base}/?lang=zh-CN{query}", width, height)
            await page.until("document.querySelectorAll('.column').length === 5")
            await page.until("!!document.querySelector('.state.live')")
            await page.look(EAR)
            yield Scene(Sandbox(app.ctx.world, session, base), page)
            # A refused subscription is answered with 409, which the browser notes as if it were a fault.
            assert [words for words in page.complaints if "/subscribe/ask" not in words] == []


async def open_program(page: Page) -> None:
    await page.click(f"{GRANDMA} .switcher button:nth-child(3)")
    await page.until("!!told.hello")


async def run(page: Page, name: str, args: Json) -> None:
    """Lets the page in grandma's phone make a call; the answer arrives in told[name]."""
    message = json.dumps({"onetrip": 1, "run": name, "args": args})
    await page.look(f"delete told[{name!r}]")
    await page.look(f"document.querySelector('{GRANDMA} iframe').contentWindow.postMessage({message}, '*')")


async def told(page: Page, name: str) -> Json:
    return await page.until(f"told[{name!r}]")


@needs_chromium
async def test_login_number_and_title_over_the_bridge() -> None:
    async with scene() as (sandbox, page):
        await open_program(page)
        hello = await told(page, "hello")
        assert hello == {
            "onetrip": 1,
            "id": 1,
            "ok": True,
            "result": {"phone": "grandma", "name": "周桂兰", "locale": "zh-CN"},
        }
        await run(page, "login", {})
        code = (await told(page, "login"))["result"]["code"]
        assert sandbox.world.login_codes.look(code).payload == "grandma"
        await run(page, "getPhoneNumber", {})
        await page.click(f"{GRANDMA} .sheet .button.green")
        assert sandbox.world.phone_codes.look((await told(page, "getPhoneNumber"))["result"]["code"]).refused is None
        await run(page, "getPhoneNumber", {})
        await page.click(f"{GRANDMA} .sheet .button.plain")
        denied = await told(page, "getPhoneNumber")
        assert (denied["ok"], denied["errMsg"]) == (False, "getPhoneNumber:fail user deny")
        await run(page, "setNavigationBarTitle", {"title": "我的预约"})
        await page.until(f"document.querySelector('{GRANDMA} .bar-title').textContent === '我的预约'")
        await run(page, "format-disk", {})
        assert (await told(page, "format-disk"))["errMsg"] == "format-disk:fail not supported"


@needs_chromium
async def test_subscribing_and_opening_the_message_that_comes_of_it() -> None:
    async with scene() as (sandbox, page):
        await open_program(page)
        first, second = sandbox.template("booking_result").id, sandbox.template("booking_reminder").id
        await run(page, "requestSubscribeMessage", {"tmplIds": [first, second]})
        await page.click(f"{GRANDMA} .ticks li:nth-child(2) label")
        await page.click(f"{GRANDMA} .sheet .button.green")
        result = (await told(page, "requestSubscribeMessage"))["result"]
        assert result == {first: "accept", second: "reject", "errMsg": "requestSubscribeMessage:ok"}
        await run(page, "requestSubscribeMessage", {"tmplIds": ["none"]})
        assert (await told(page, "requestSubscribeMessage"))["errCode"] == 20001
        await run(page, "getSubscribeSetting", {})
        assert (await told(page, "getSubscribeSetting"))["result"] == {"mainSwitch": True, "itemSettings": {}}
        sent = await sandbox.wechat(ONE_SEND, sandbox.message(page="features/booking/pages/detail?id=7"))
        assert sent["errcode"] == 0
        await page.click(f"{GRANDMA} .banner")
        await page.click(f"{GRANDMA} .card-body")
        await page.until("told.at === '?phone=grandma#/features/booking/pages/detail?id=7'")
        assert await page.look("document.querySelectorAll('iframe').length") == 1


@needs_chromium
async def test_a_message_starts_the_mini_program_at_its_page() -> None:
    async with scene() as (sandbox, page):
        await sandbox.accept("booking_result")
        await sandbox.wechat(ONE_SEND, sandbox.message(page="features/booking/pages/detail?id=8"))
        await page.click(f"{GRANDMA} .chat:nth-child(2)")
        await page.click(f"{GRANDMA} .card-body")
        await page.until("told.at === '?phone=grandma#/features/booking/pages/detail?id=8'")
        await page.until(f"!document.querySelector('{GRANDMA} .switcher .badge')")


@needs_chromium
async def test_scanning_what_another_phone_shows() -> None:
    async with scene() as (sandbox, page):
        await sandbox.post("/_sandbox/phones/worker/codes", {"text": "https://x.test/q/1", "label": "务工证明"})
        await open_program(page)
        await run(page, "scanCode", {})
        await page.click(f"{GRANDMA} .scan-code")
        assert (await told(page, "scanCode"))["result"] == {"result": "https://x.test/q/1"}
        await run(page, "codeShown", {"text": "A012", "label": "排队号"})
        assert (await told(page, "codeShown"))["ok"]
        codes = (await sandbox.get("/_sandbox/codes")).json
        assert [(code["phone"], code["text"]) for code in codes] == [
            ("grandma", "A012"),
            ("worker", "https://x.test/q/1"),
        ]
        await run(page, "scanCode", {})
        await page.click(f"{GRANDMA} .scan-bar button")
        assert (await told(page, "scanCode"))["errMsg"] == "scanCode:fail cancel"
        await page.click(f"{GRANDMA} .capsule button:last-child")
        await page.until("!document.querySelector('iframe')")
        await page.until("fetch('/_sandbox/codes').then((reply) => reply.json()).then((codes) => codes.length === 1)")


@needs_chromium
async def test_a_stranger_in_the_window_is_not_heard() -> None:
    async with scene() as (_, page):
        await open_program(page)
        await page.look("window.postMessage({onetrip: 1, id: 9, call: 'close', args: {}}, '*')")
        await run(page, "vibrate", {})
        await told(page, "vibrate")
        assert await page.look("document.querySelectorAll('iframe').length") == 1


@needs_chromium
async def test_small_window_shows_one_phone_and_tabs() -> None:
    async with scene(390, 844) as (sandbox, page):
        await sandbox.post("/_sandbox/authenticator", {"label": "窗口 李梅", "secret": "GEZDGNBVGY3TQOJQ"})
        shown = "[...document.querySelectorAll('.column')].filter((c) => c.offsetWidth).length"
        assert await page.look(shown) == 1
        assert await page.look("document.documentElement.scrollWidth <= innerWidth") is True
        await page.click(".tabs button:nth-child(5)")
        assert await page.look(shown) == 1
        code = await page.until("document.querySelector('.totp-code')?.textContent")
        assert re.fullmatch(r"\d{3} \d{3}", code)


@needs_chromium
async def test_an_address_that_opens_a_page_at_once() -> None:
    async with scene(query="&phone=grandma&path=pages/home/index") as (_, page):
        await page.until(
            f"document.querySelector('{GRANDMA} iframe').src.endsWith('/?phone=grandma#/pages/home/index')"
        )


@needs_chromium
async def test_a_page_whose_sandbox_has_gone_asks_more_and_more_seldom_and_says_so() -> None:
    async with stub_program() as origin, browser() as page:
        line = socket.create_server(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{line.getsockname()[1]}"
        app = create_app(Settings(app_origin=origin, public_url=base), name=f"sandbox_{next(names)}")
        async with Serving(app, line):
            await page.open(f"{base}/?lang=zh-CN", 1440, 900)
            await page.until("!!document.querySelector('.state.live')")
            await page.look(
                "window.asked = []; const real = fetch; window.fetch = (...a) => (asked.push(Date.now()), real(...a))"
            )
        await page.until("document.querySelector('.state').textContent.includes('4 秒后再试')")
        asked = json.loads(await page.look("JSON.stringify(asked)"))
        # Several questions of one moment are one try.
        first, second, third, *_ = [at for at, before in zip(asked, [0, *asked], strict=False) if at - before > 500]
        assert second - first >= 900
        assert third - second >= 1900


def test_the_page_has_every_text_in_both_languages_and_uses_no_other() -> None:
    assert TEXTS["zh-CN"].keys() == TEXTS["en"].keys()
    holes = {
        name: {key: set(re.findall(r"{\w+}", text)) for key, text in words.items()} for name, words in TEXTS.items()
    }
    assert holes["zh-CN"] == holes["en"]
    scripts = "".join(file.read_text() for file in STATIC.values() if file.suffix == ".js")
    used = set(re.findall(r"\bt\('(\w+)'", scripts))
    assert used <= TEXTS["en"].keys()
    unused = TEXTS["en"].keys() - used - {"title"}
    assert all(f"'{key}'" in scripts for key in unused), unused


def test_nothing_is_fetched_from_elsewhere() -> None:
    files = [*STATIC.values(), Path(__file__).parents[3] / "server/sandbox/templates/phones.html"]
    for file in files:
        outside = re.findall(r"https?://(?!www\.w3\.org/2000/svg)[^\s'\"]+", file.read_text())
        assert outside == [], file
