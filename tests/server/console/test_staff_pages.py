"""The administrator's pages of staff: nobody gets in but by their own password and authenticator, and out at once."""

from __future__ import annotations

import asyncio
import re
from uuid import UUID

import pytest

from server import db
from server.actor import Grant, Role, ScopeKind, System
from server.console import registers
from server.errors import Conflict
from server.features.identity import service as identity
from server.features.identity.service import _reaching
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.identity import AsStaff, totp_now
from tests.fixtures_web import Answer, Client
from tests.server.console.desk import HTML, Desk, at_desk, csrf, goes_to
from tests.server.console.test_login import first_step

STAFF = "/console/staff"
OWN_PASSWORD = "harbour-lights-9"


async def administrator(client: Client, as_staff: AsStaff) -> Desk:
    await make.county()
    return at_desk(client, await as_staff("administrator", name="冯涛"))


async def taken_on(desk: Desk, username: str = "newcomer", **changes: str) -> tuple[UUID, str]:
    """Take somebody on through the page; gives their id and first password."""
    form = {"username": username, "name": "何新", "role": "clerk", "scope": "region:341226"} | changes
    shown = await desk.does(f"{STAFF}/new", form, on=STAFF)
    assert shown.status == 200, shown.text
    password = re.search(r'class="figure secret">([a-z0-9-]+)<', shown.text)
    found = re.search(r"/console/staff/([0-9a-f-]{36})", shown.text)
    assert password
    assert found
    return UUID(found[1]), password[1]


def hidden(page: str, name: str) -> str:
    hit = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert hit, page[:500]
    return hit[1]


def typed(page: str) -> str:
    """Give the key a newcomer types into their authenticator."""
    hit = re.search(r'class="figure secret">([A-Z2-7 ]+)<', page)
    assert hit, page[:800]
    return hit[1].replace(" ", "")


async def enrolled(client: Client, username: str, password: str, own: str = OWN_PASSWORD) -> tuple[Answer, str]:
    browser, token, shown = await first_step(client, username, password)
    assert shown.status == 200, shown.text
    secret = typed(shown.text)
    form = {"csrf": token, "pending": hidden(shown.text, "pending"), "password": own, "again": own}
    return await browser.post("/console/login/enrol", data=form | {"code": totp_now(secret)}, headers=HTML), secret


async def test_a_newcomers_first_day(client: Client, as_staff: AsStaff, clock: Clock) -> None:
    desk = await administrator(client, as_staff)
    staff_id, password = await taken_on(desk)
    page = await desk.sees(STAFF, q="何新")
    assert "待首次登录" in page
    assert password not in page
    assert password not in await desk.sees(f"{STAFF}/{staff_id}")
    browser, token, shown = await first_step(client, "newcomer", password)
    assert "<svg" in shown.text
    secret, pending = typed(shown.text), hidden(shown.text, "pending")
    form = {"csrf": token, "pending": pending, "code": totp_now(secret), "password": OWN_PASSWORD}
    by_code = await browser.post("/console/login/code", data={**form, "password": ""} | {"next": "/console"})
    assert by_code.status == 401, "a first password and a code alone open nothing"
    for wrong in ({"again": "else"}, {"password": password, "again": password}, {"password": "1234", "again": "1234"}):
        assert (await browser.post("/console/login/enrol", data=form | wrong, headers=HTML)).status == 422
    wrong_code = form | {"again": OWN_PASSWORD, "code": "000000"}
    assert (await browser.post("/console/login/enrol", data=wrong_code, headers=HTML)).status == 401
    inside = await browser.post("/console/login/enrol", data=form | {"again": OWN_PASSWORD}, headers=HTML)
    assert goes_to(inside) == "/console"
    assert "正常" in await desk.sees(f"{STAFF}/{staff_id}")
    clock.advance(minutes=2)
    _, _, old = await first_step(client, "newcomer", password)
    assert old.status == 401
    _, _, own = await first_step(client, "newcomer", OWN_PASSWORD)
    assert "动态验证码" in own.text
    assert "secret" not in own.text
    rows = await db.fetch("SELECT action FROM audit_entry WHERE subject_id = $1 ORDER BY created_at, id", staff_id)
    said = [row["action"] for row in rows]
    assert said[:2] == ["identity.grant_given", "identity.staff_created"]
    assert "identity.staff_enrolled" in said


async def test_a_first_password_lasts_a_week(client: Client, as_staff: AsStaff, clock: Clock) -> None:
    desk = await administrator(client, as_staff)
    _, password = await taken_on(desk)
    clock.advance(days=8)
    _, _, late = await first_step(client, "newcomer", password)
    assert late.status == 401
    assert "初始密码已过期" in late.text


async def test_who_is_shut_out_is_out_with_the_next_request(client: Client, as_staff: AsStaff) -> None:
    desk = await administrator(client, as_staff)
    clerk = await as_staff("clerk")
    theirs = at_desk(client, clerk)
    await theirs.sees("/console/cases")
    page = f"{STAFF}/{clerk.actor.staff_id}"
    token = csrf(await desk.sees(page))
    goes_to(await desk.browser.post(f"{page}/disable", data={"csrf": token}, headers=HTML))
    led = await theirs.browser.get("/console/cases", headers=HTML)
    assert goes_to(led).startswith("/console/login")
    assert "已停用" in await desk.sees(page)
    goes_to(await desk.does(f"{page}/enable", on=page))
    assert (await theirs.browser.get("/console/cases", headers=HTML)).status == 303, "the old session came back to life"


async def test_end_sessions_and_reset(client: Client, as_staff: AsStaff, clock: Clock) -> None:
    desk = await administrator(client, as_staff)
    clerk = await as_staff("clerk")
    theirs, page = at_desk(client, clerk), f"{STAFF}/{clerk.actor.staff_id}"
    await theirs.sees("/console/cases")
    assert "正在登录 1 处" in await desk.sees(page)
    goes_to(await desk.does(f"{page}/end-sessions", on=page))
    assert (await theirs.browser.get("/console/cases", headers=HTML)).status == 303
    shown = await desk.does(f"{page}/reset", on=page)
    password = re.search(r'class="figure secret">([a-z0-9-]+)<', shown.text)
    assert password
    clock.advance(minutes=2)
    _, _, old = await first_step(client, clerk.username, clerk.password)
    assert old.status == 401
    inside, secret = await enrolled(client, clerk.username, password[1])
    assert goes_to(inside) == "/console"
    assert secret != clerk.totp_secret


async def test_roles_are_given_and_taken(client: Client, as_staff: AsStaff) -> None:
    desk = await administrator(client, as_staff)
    hall = await make.hall("town", name="某镇大厅", region_code="341226100")
    clerk = await as_staff("clerk")
    page = f"{STAFF}/{clerk.actor.staff_id}"
    goes_to(await desk.does(f"{page}/grant", {"role": "hall_manager", "scope": f"hall:{hall.id}"}, on=page))
    assert "大厅主任</strong> · 某镇大厅" in await desk.sees(page)
    goes_to(await desk.does(f"{page}/revoke", {"role": "clerk", "scope": "region:341226"}, on=page))
    actor = await identity.resolve_staff(clerk.cookie)
    assert actor is not None
    assert [grant.role for grant in actor.grants] == [Role.HALL_MANAGER]
    nowhere = {"role": "clerk", "scope": f"hall:{clerk.actor.staff_id}"}
    assert (await desk.refused(f"{page}/grant", nowhere, on=page)).status == 422


async def test_nobody_saws_off_their_own_branch(client: Client, as_staff: AsStaff) -> None:
    desk = await administrator(client, as_staff)
    own = await identity.staff_by_username(re.findall(r"staff\d+", await desk.sees(STAFF, role="administrator"))[0])
    page = f"{STAFF}/{own}"
    for deed, form in (
        ("disable", {}),
        ("reset", {}),
        ("revoke", {"role": "administrator", "scope": "region:341226"}),
    ):
        refused = await desk.refused(f"{page}/{deed}", form, on=page)
        assert refused.status == 409, deed
        assert "另一位管理员" in refused.text


@pytest.mark.parametrize("guarded", [True, False])
async def test_two_administrators_shut_each_other_out(
    as_staff: AsStaff, monkeypatch: pytest.MonkeyPatch, *, guarded: bool
) -> None:
    """One of them stays; without the guard nobody would, which shows that the test would see it."""
    one, other = await as_staff("administrator"), await as_staff("administrator")
    if not guarded:
        monkeypatch.setattr(_reaching, "keep_one", _nothing)
    done = await asyncio.gather(
        identity.disable_staff(one.actor, other.actor.staff_id),
        identity.disable_staff(other.actor, one.actor.staff_id),
        return_exceptions=True,
    )
    left = await db.fetchval("SELECT count(*) FROM staff WHERE disabled_at IS NULL")
    if guarded:
        assert [type(one) for one in done if one is not None] == [Conflict]
        assert left == 1
    else:
        assert left == 0


async def _nothing() -> None:
    return


async def test_a_towns_administrator_stays_in_the_town(client: Client, as_staff: AsStaff) -> None:
    await make.county()
    town = await make.hall("town", region_code="341226100")
    desk = at_desk(client, await as_staff("administrator", region="341226100"))
    county_clerk = await as_staff("clerk", name="县里人")
    own_clerk = await as_staff("clerk", hall=town.id, name="镇里人")
    page = await desk.sees(STAFF)
    assert "镇里人" in page
    assert "县里人" not in page
    assert (await desk.browser.get(f"{STAFF}/{county_clerk.actor.staff_id}", headers=HTML)).status == 404
    away = {"role": "administrator", "scope": "region:341226"}
    path = f"{STAFF}/{own_clerk.actor.staff_id}"
    assert (await desk.refused(f"{path}/grant", away, on=STAFF)).status == 403
    assert (await desk.refused(f"{STAFF}/{county_clerk.actor.staff_id}/disable", on=STAFF)).status == 404
    # Whoever has no role left is still theirs who gave the last one, and nobody else's.
    last = {"role": "clerk", "scope": f"hall:{town.id}"}
    goes_to(await desk.does(f"{path}/revoke", last, on=path))
    assert "镇里人" in await desk.sees(STAFF)
    other = at_desk(client, await as_staff("administrator", region="341226101"))
    assert "镇里人" not in await other.sees(STAFF)
    assert (await other.browser.get(path, headers=HTML)).status == 404
    goes_to(await desk.does(f"{path}/grant", last, on=path))
    new = {"username": "climber", "name": "某人"} | away
    assert (await desk.refused(f"{STAFF}/new", new, on=STAFF)).status == 403


async def test_the_list_is_searched_narrowed_sorted_and_paged(
    client: Client, as_staff: AsStaff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registers, "SHOWN", 20)
    desk = await administrator(client, as_staff)
    scope = Grant(Role.CLERK, ScopeKind.REGION, "341226")
    for number in range(25):
        await identity.create_staff(
            System(name="test"),
            username=f"many{number:02}",
            name=f"多{number:02}",
            password="lantern-42x",
            grants=[scope],
        )
    page = await desk.sees(STAFF, q="many")
    assert "many19" in page
    assert "many20" not in page
    further = re.search(r'href="([^"]+)" data-page="next"', page)
    assert further
    page = await desk.sees(further[1].replace("&amp;", "&"))
    assert "many20" in page
    assert "many19" not in page
    assert "many24" in await desk.sees(STAFF, q="多24")
    assert "many00" not in await desk.sees(STAFF, q="MANY", sort="-username")
    assert "many00" not in await desk.sees(STAFF, q="many", role="auditor")
    assert "没有符合条件" in await desk.sees(STAFF, state="disabled")


async def test_only_administrators_see_it(client: Client, as_staff: AsStaff) -> None:
    for role in ("clerk", "reviewer", "hall_manager", "supervisor", "auditor"):
        browser = client.in_console((await as_staff(role)).cookie)
        for path in (STAFF, f"{STAFF}/new"):
            assert (await browser.get(path, headers=HTML)).status == 403, role
