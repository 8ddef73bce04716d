"""Only who has the name, the password and the code of the moment gets behind the desk."""

from __future__ import annotations

import re

import pytest

from tests.conftest import Clock
from tests.factories.identity import AsStaff, totp_now
from tests.fixtures_web import Answer, Client
from tests.server.console.desk import HTML, at_desk, csrf, goes_to


async def visitor(client: Client) -> tuple[Client, str]:
    page = await client.get("/console/login", headers=HTML)
    visit = re.match(r"(onetrip_visit=[^;]+);", page.headers["set-cookie"])
    assert visit
    return client.with_(cookie=visit[1]), csrf(page.text)


async def first_step(client: Client, username: str, password: str) -> tuple[Client, str, Answer]:
    browser, token = await visitor(client)
    form = {"csrf": token, "username": username, "password": password, "next": "/console/queue"}
    return browser, token, await browser.post("/console/login", data=form, headers=HTML)


async def test_name_password_code(client: Client, as_staff: AsStaff, clock: Clock) -> None:
    clerk = await as_staff("clerk", name="周慧")
    clock.advance(minutes=5)  # a code is good once, and the factory has used this moment's
    browser, token, asked = await first_step(client, clerk.username, clerk.password)
    assert asked.status == 200, asked.text
    pending = re.search(r'name="pending" value="([^"]+)"', asked.text)
    assert pending
    form = {"csrf": token, "pending": pending[1], "code": totp_now(clerk.totp_secret), "next": "/console/queue"}
    wrong = await browser.post("/console/login/code", data=form | {"code": "000000"}, headers=HTML)
    assert wrong.status in (401, 422)
    inside = await browser.post("/console/login/code", data=form, headers=HTML)
    assert goes_to(inside) == "/console/queue"
    cookie = re.match(r"onetrip_console=([^;]+); ", inside.headers["set-cookie"])
    assert cookie
    desk = client.in_console(cookie[1])
    assert "周慧" in (await desk.get("/console/cases", headers=HTML)).text
    again = await browser.post("/console/login/code", data=form, headers=HTML)
    assert again.status in (401, 410, 422)


@pytest.mark.parametrize(("username", "password"), [("nobody", "lantern-river-42"), ("", ""), ("x\u0000", "y")])
async def test_a_wrong_name_or_password_says_the_same(
    client: Client, as_staff: AsStaff, username: str, password: str
) -> None:
    clerk = await as_staff("clerk")
    _, _, unknown = await first_step(client, username, password)
    _, _, wrong = await first_step(client, clerk.username, "wrong")
    assert unknown.status >= 400
    if username == "nobody":
        assert (unknown.status, unknown.text.partition("<code>")[0][:300]) == (wrong.status, wrong.text[:300])
    assert "onetrip_console" not in unknown.headers.get("set-cookie", "")


async def test_next_never_leads_away(client: Client) -> None:
    for lure in ("https://evil.example", "//evil.example", "/console/../../evil\\", '"><script>'):
        page = await client.get("/console/login", params={"next": lure}, headers=HTML)
        assert 'name="next" value="/console"' in page.text, lure


async def test_leaving_ends_the_session(client: Client, as_staff: AsStaff) -> None:
    clerk = await as_staff("clerk")
    desk = at_desk(client, clerk)
    assert goes_to(await desk.does("/console/logout")) == "/console/login"
    led = await desk.browser.get("/console/cases", headers=HTML)
    assert goes_to(led).startswith("/console/login")
