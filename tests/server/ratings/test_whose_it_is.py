"""A rating without a login is its giver's by a secret of their own; the code proves nothing, for the officer has it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from server import db
from server.actor import Anonymous, Staff
from server.errors import Forbidden
from server.features.queue import service as queue
from server.features.ratings import service as ratings
from server.features.ratings.models import Channel, Level, Rating
from server.features.ratings.schemas import RateIn
from server.kit.ids import new_id
from server.ports import Ports
from server.web import asking
from tests.conftest import Clock
from tests.factories.cases import Applicant
from tests.factories.identity import AsCitizen, AsStaff, staff
from tests.fixtures_web import Client
from tests.server.console.desk import HTML
from tests.server.console.test_landing import scan
from tests.server.ratings.test_posters import served
from tests.server.ratings.test_rating import RATINGS, WORST, finished, rate
from tests.server.ratings.test_rectifying import do, judge


async def form_of(client: Client, token: str, secret: str = "") -> dict[str, Any]:
    shown: dict[str, Any] = (await client.get(f"{RATINGS}/form", params={"token": token, "secret": secret})).json
    return shown


async def answered(client: Client, ports: Ports) -> tuple[Applicant, str, str, UUID]:
    """Somebody without a login who gave one star with their phone, and has an answer."""
    who, token = await finished(client, ports)
    secret = (await form_of(client, token))["secret"]
    assert (await rate(client, token, **WORST, secret=secret)).status == 200
    work: UUID = await db.fetchval("SELECT id FROM rectification")
    manager = await staff("hall_manager", hall=who.office.hall.id)
    for deed in ("verify", "rectify", "answer"):
        await do(deed, manager, work)
    return who, token, secret, work


async def test_the_officer_with_the_code_neither_reads_nor_closes_it(client: Client, ports: Ports) -> None:
    who, token, secret, _ = await answered(client, ports)
    officer = client.in_console(who.office.clerk.cookie)
    for other in (client, officer, who.phone):
        seen = await form_of(other, token, "x" * 22)
        assert (seen["rated"], seen["given"], seen["rectification"]) == (True, None, None)
        for satisfied in (True, False):
            assert (await judge(other, token, satisfied=satisfied, words="x", secret="x" * 22)).status == 404
    assert await db.fetchval("SELECT state FROM rectification") == "answered"
    mine = await form_of(client, token, secret)
    assert (mine["given"], mine["rectification"]["may_reopen"]) == ("very_dissatisfied", True)
    again = await judge(client, token, satisfied=False, words="还要等", secret=secret)
    assert (again.status, again.json["rectification"]["state"]) == (200, "reopened")


async def test_the_same_reopening_again_is_the_same(client: Client, ports: Ports) -> None:
    _, token, secret, _ = await answered(client, ports)
    first = await judge(client, token, satisfied=False, words="还要等", secret=secret)
    again = await judge(client, token, satisfied=False, words="还要等", secret=secret)
    assert (again.status, again.json) == (200, first.json), "its answer was lost on the way"
    other = await judge(client, token, satisfied=False, words="别的话", secret=secret)
    assert (other.status, other.json["code"]) == (409, "ratings.moved_on")
    assert await db.fetchval("SELECT count(*) FROM rectification_deed WHERE deed = 'reopen'") == 1


async def test_browsers_of_the_desk_do_not_judge(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    who, token, secret, _ = await answered(client, ports)
    for desk in (client.in_console(who.office.clerk.cookie), client.with_(cookie=f"{asking.DESK_COOKIE}=1")):
        refused = await judge(desk, token, satisfied=True, secret=secret)
        assert refused.status == 403
        assert refused.json["code"] in ("ratings.own_window", "ratings.desk_browser")
    assert await db.fetchval("SELECT state FROM rectification") == "answered"


async def test_what_a_desks_browser_gave_is_nobodys_to_judge(client: Client, ports: Ports) -> None:
    _, token = await finished(client, ports)
    secret = (await form_of(client, token))["secret"]
    marked = client.with_(cookie=f"{asking.DESK_COOKIE}=1")
    assert (await rate(marked, token, **WORST, secret=secret)).status == 200
    assert (await form_of(client, token, secret))["given"] is None


async def test_what_was_given_is_not_found_by_trying(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    who, token = await finished(client, ports)
    assert (await rate(who.phone, token, level="dissatisfied")).status == 200
    stranger = client.as_((await as_citizen()).token)
    for other in (client, stranger):
        tried = {level: (await rate(other, token, level=level.value)).status for level in Level}
        assert set(tried.values()) == {409}, tried
    assert (await rate(who.phone, token, level="dissatisfied")).status == 200, "its giver may send it again"


async def test_a_secret_is_kept_as_what_it_is_known_by(client: Client, ports: Ports) -> None:
    _, token, secret, _ = await answered(client, ports)
    row = await Rating.get()
    assert row.secret is not None
    assert len(row.secret) == 32
    assert secret.encode() not in bytes(row.secret)
    for weak in ("1", "x" * 21, "ä" * 22, "x" * 65):
        assert (await rate(client, token, **WORST, secret=weak)).status == 422, weak


async def test_the_scanned_page_keeps_it_in_a_cookie_of_that_code(client: Client, ports: Ports) -> None:
    _, token = await finished(client, ports)
    scanned = await scan(client, token)
    name = asking.rated_cookie(token)
    [cookie] = [one for one in scanned.cookies.split("; ") if one.startswith(f"{name}=")]
    assert "HttpOnly" in next(one for one in scanned.set if one.startswith(name))
    thanks = await scanned.sends(level="very_dissatisfied")
    assert "用这个浏览器再扫" in thanks.text
    browser = client.with_(cookie=cookie)
    assert (await form_of(browser, token))["given"] == "very_dissatisfied"
    assert (await form_of(client, token))["given"] is None
    assert (await browser.get(f"/q/{token}", headers=HTML)).status == 303


@pytest.mark.parametrize("channel", [Channel.TABLET, Channel.KIOSK])
async def test_nobody_takes_a_secret_home_from_a_machine(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock, channel: Channel
) -> None:
    _, slip, _ = await served(client, as_citizen, as_staff, clock)
    row = await Rating.get()
    wish = RateIn(token=row.token, level=Level.DISSATISFIED, secret="x" * 22)
    await ratings.rate_at_machine(Anonymous(), await queue.served_by_slip(slip), wish, channel)
    assert (await Rating.get()).secret is None
    seen = await form_of(client, row.token, "x" * 22)
    assert (seen["rated"], seen["given"], seen["rectification"]) == (True, None, None)
    assert (await rate(client, row.token, level="dissatisfied")).status == 409, "nor by trying"


async def test_a_clerk_does_not_rate_their_own_work_at_a_machine(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    """Somebody of the staff logged in beside the tablet's page in the same browser is not somebody who was served."""
    _, slip, _ = await served(client, as_citizen, as_staff, clock)
    row = await Rating.get()
    visit = await queue.served_by_slip(slip)
    wish = RateIn(token=row.token, level=Level.VERY_SATISFIED)
    assert visit.staff_id is not None
    own = Staff(staff_id=visit.staff_id, session_id=new_id())
    for channel in (Channel.TABLET, Channel.KIOSK):
        with pytest.raises(Forbidden, match=r"ratings\.own_window"):
            await ratings.rate_at_machine(Anonymous(), visit, wish, channel, at_desk=own)
    await ratings.rate_at_machine(Anonymous(), visit, wish, Channel.TABLET, from_desk=True)
    assert (await Rating.get()).from_staff, "and a desk's browser is noted"
