from __future__ import annotations

import re

from server.web.pages import local
from tests.fixtures_web import Answer, Client
from tests.server.web.small_app import World

NOTES = "/console/notes"


def token(answer: Answer) -> str:
    hit = re.search(r'name="csrf" value="([0-9a-f]{64})"', answer.text)
    assert hit
    return hit[1]


async def test_nobody_logged_in_is_led_to_the_log_in(small: Client) -> None:
    answer = await small.get(NOTES)
    assert (answer.status, answer.headers["location"]) == (303, "/console/login?next=%2Fconsole%2Fnotes")
    piece = await small.get(NOTES, headers={"hx-request": "true"})
    assert (piece.status, piece.headers["hx-redirect"]) == (200, "/console/login?next=%2Fconsole")


async def test_a_page_speaks_escapes_and_holds_its_token(small: Client) -> None:
    page = await small.in_console("staff:clerk").get(NOTES)
    assert page.status == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-store"
    assert "clerk: &lt;b&gt;&amp; so on" in page.text
    assert "没有找到" in page.text
    assert token(page)


async def test_a_deed_needs_the_token_of_this_very_session(small: Client, world: World) -> None:
    clerk, reviewer = small.in_console("staff:clerk"), small.in_console("staff:reviewer")
    mine, theirs = token(await clerk.get(NOTES)), token(await reviewer.get(NOTES))
    assert mine != theirs
    for data in ({"text": "a"}, {"text": "a", "csrf": ""}, {"text": "a", "csrf": theirs}, {"text": "a", "csrf": "ü"}):
        assert (await clerk.post(NOTES, data=data)).status == 403
    cross = await clerk.post(NOTES, data={"text": "a", "csrf": mine}, headers={"sec-fetch-site": "cross-site"})
    assert cross.status == 403
    assert not world.done
    done = await clerk.post(NOTES, data={"text": "by form", "csrf": mine})
    assert (done.status, done.headers["location"]) == (303, NOTES)
    assert (await clerk.post(NOTES, data={"text": "by htmx"}, headers={"x-csrf-token": mine})).status == 303
    assert world.done == ["by form", "by htmx"]


async def test_a_deed_that_needs_no_words_takes_none(small: Client) -> None:
    clerk = small.in_console("staff:clerk")
    mine = token(await clerk.get(NOTES))
    assert (await clerk.post(f"{NOTES}/all", data={"csrf": mine})).status == 303
    stray = await clerk.post(f"{NOTES}/all", data={"csrf": mine, "text": "a"}, headers={"hx-request": "true"})
    assert stray.status == 422
    assert 'data-field="text"' in stray.text
    assert (await clerk.post(f"{NOTES}/all", data={"text": "a"})).status == 403, "first of all, whose deed it is"


async def test_a_role_without_the_right_sees_a_page_that_says_so(small: Client) -> None:
    answer = await small.in_console("staff:auditor").get(NOTES, headers={"accept": "text/html,*/*"})
    assert answer.status == 403
    assert answer.headers["content-type"].startswith("text/html")
    assert "您没有办理此操作的权限" in answer.text


async def test_a_wrong_form_names_its_fields(small: Client) -> None:
    clerk = small.in_console("staff:clerk")
    data = {"csrf": token(await clerk.get(NOTES)), "text": ""}
    piece = await clerk.post(NOTES, data=data, headers={"hx-request": "true"})
    assert piece.status == 422
    assert 'data-field="text"' in piece.text
    assert "<html" not in piece.text


async def test_logging_in_is_protected_before_there_is_a_session(small: Client) -> None:
    page = await small.get("/console/login")
    visit = re.match(r"onetrip_visit=([^;]+); .*", page.headers["set-cookie"])
    assert visit
    assert "HttpOnly" in page.headers["set-cookie"]
    assert "SameSite=Lax" in page.headers["set-cookie"]
    data = {"name": "clerk", "csrf": token(page), "next": "/console/notes"}
    assert (await small.post("/console/login", data=data)).status == 403
    visitor = small.with_(cookie=f"onetrip_visit={visit[1]}")
    logged_in = await visitor.post("/console/login", data=data)
    assert (logged_in.status, logged_in.headers["location"]) == (303, "/console/notes")
    assert logged_in.headers["set-cookie"].startswith("onetrip_console=")
    for part in ("HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in logged_in.headers["set-cookie"]


async def test_logging_out_removes_the_cookie(small: Client) -> None:
    clerk = small.in_console("staff:clerk")
    data = {"csrf": token(await clerk.get(NOTES))}
    answer = await clerk.post("/console/logout", data=data)
    assert (answer.status, answer.headers["location"]) == (303, "/console/login")
    assert "Max-Age=0" in answer.headers["set-cookie"]


def test_only_paths_of_the_console_are_gone_to() -> None:
    assert local("/console/cases?page=2") == "/console/cases?page=2"
    for lure in (None, "", "//evil.example", "https://evil.example", "/console\\@evil", "/console\r\nX: y", "/other"):
        assert local(lure) == "/console"
