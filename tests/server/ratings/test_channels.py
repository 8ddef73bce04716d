"""Every way in is stored by name; a call is taken down by somebody else, and who called is sealed."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from server import db
from server.errors import Forbidden, NotFound
from server.features.push import service as push
from server.features.queue import service as queue
from server.features.ratings import service as ratings
from server.features.ratings.models import Channel, Level, Rating, Standard
from server.features.ratings.schemas import Caller, RateIn
from server.features.ratings.service import RectificationPolicy
from server.features.thread import service as thread
from server.ports import Ports
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.identity import AsCitizen, AsStaff, enterprise_of
from tests.fixtures_web import Client
from tests.server.console.test_landing import scan
from tests.server.ratings.test_posters import served
from tests.server.ratings.test_rating import WORST, finished, rate
from tests.server.ratings.test_texts import Provider

CALLER = Caller(name="王大山", phone="13900001111", behalf="family")


def test_two_standards_number_the_levels_in_opposite_ways() -> None:
    numbers = {one: [level.number(one) for level in Level] for one in Standard}
    assert numbers == {Standard.PLATFORM: [5, 4, 3, 2, 1], Standard.GB_T_39735: [1, 2, 3, 4, 5]}
    for standard in Standard:
        assert [Level.of_number(level.number(standard), standard) for level in Level] == list(Level)
        for wrong in (0, 6, -1):
            with pytest.raises(ValueError, match=str(wrong)):
                Level.of_number(wrong, standard)
    worst = {one: Level.VERY_DISSATISFIED.number(one) for one in Standard}
    assert worst == {Standard.PLATFORM: 1, Standard.GB_T_39735: 5}, "mixed up, the worst would be the best"


@pytest.mark.parametrize("via", ["web", "mobile", "code", "sms"])
async def test_the_way_is_stored(client: Client, ports: Ports, via: str) -> None:
    _, token = await finished(client, ports)
    for pretended in ("tablet", "kiosk", "phone", "nowhere"):
        assert (await rate(client, token, **WORST, via=pretended)).status == 422, "those are known by who takes it"
    assert (await rate(client, token, **WORST, via=via)).status == 200
    assert (await Rating.get()).channel is Channel(via)


async def test_whoever_scans_says_so(client: Client, ports: Ports) -> None:
    _, token = await finished(client, ports)
    page = (await client.get(f"/api/v1/codes/{token}")).json["page"]
    assert page == f"/features/ratings/pages/rate?token={token}&via=code"


async def test_an_enterprise_rates_by_scanning_in_any_browser(client: Client, ports: Ports) -> None:
    who, token = await finished(client, ports)
    owned = "UPDATE thread SET enterprise_id = $2 WHERE id = $1"
    await db.execute(owned, UUID(who.case["thread_id"]), await enterprise_of(who.someone))
    browser = client.with_(user_agent="Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
    scanned = await scan(browser, token)
    assert (await scanned.sends(level="dissatisfied")).status == 200
    assert (await Rating.get()).account_id is None, "no login, no WeChat"


async def test_where_and_whose_work_it_was(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    _, slip, (hall, window) = await served(client, as_citizen, as_staff, clock)
    row = await Rating.get()
    assert (row.hall_id, row.window_id) == (hall.id, window.id)
    assert row.served_by == (await queue.served_by_slip(slip)).staff_id
    assert row.item_id is not None


async def test_a_call_is_taken_down_and_the_person_told(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    who, token = await finished(client, ports)
    number = (await thread.get(UUID(who.case["thread_id"]))).number
    manager = (await as_staff("hall_manager", hall=who.office.hall.id)).actor
    [found] = await ratings.waiting_by_number(manager, number)
    assert found.token == token
    wish = RateIn(token=token, level=Level.DISSATISFIED, words="等太久")
    await ratings.rate_by_call(manager, number, wish, CALLER)
    row = await Rating.get()
    assert (row.channel, row.taken_by, row.account_id) == (Channel.PHONE, manager.staff_id, None)
    assert json.loads(row.caller or "") == {"name": "王大山", "phone": "13900001111", "behalf": "family"}
    assert "王大山".encode() not in bytes(row.caller_sealed or b"")
    assert await db.fetchval("SELECT count(*) FROM rectification") == 1
    assert await db.fetchval("SELECT count(*) FROM inbox WHERE kind = 'ratings.taken'") == 1
    assert await db.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'ratings.taken'") == 1
    assert await ratings.waiting_by_number(manager, number) == []


async def test_whoever_called_is_called_back(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    who, token = await finished(client, ports)
    number = (await thread.get(UUID(who.case["thread_id"]))).number
    manager = (await as_staff("hall_manager", hall=who.office.hall.id)).actor
    wish = RateIn(token=token, level=Level.DISSATISFIED)
    await ratings.rate_by_call(manager, number, wish, CALLER)
    work: UUID = await db.fetchval("SELECT id FROM rectification")
    shown = await ratings.rectification(manager, work)
    assert shown.line.call_back_on is not None
    assert "call_back" in shown.may
    whom = await ratings.caller(manager, work)
    assert (whom.phone, whom.name) == (CALLER.phone, "王*山"), "whoever called, not whose matter it is"
    assert await db.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'ratings.viewed'") == 1
    await ratings.call_back(manager, work, reached=True, words="已道歉。")
    assert (await ratings.rectification(manager, work)).line.call_back_on is None


async def test_whoever_called_is_told_by_a_text_and_forgotten_after_the_end(
    client: Client, ports: Ports, as_staff: AsStaff, clock: Clock
) -> None:
    who, token = await finished(client, ports)
    number = (await thread.get(UUID(who.case["thread_id"]))).number
    manager = (await as_staff("hall_manager", hall=who.office.hall.id)).actor
    await ratings.rate_by_call(manager, number, RateIn(token=token, level=Level.DISSATISFIED), CALLER)
    work: UUID = await db.fetchval("SELECT id FROM rectification")
    await ratings.verify(manager, work, founded=False, finding="当天系统中断。")
    await ratings.call_back(manager, work, reached=True, words="已道歉。")
    await ratings.answer(manager, work, words="当天系统中断，给您添麻烦了。")
    provider: Any = Provider()
    assert await push.send_bare(provider) == 1
    assert [(phone, params["subject"]) for phone, params in provider.taken] == [(CALLER.phone, number)]
    policy = RectificationPolicy()
    clock.advance(days=policy.judge_days + 1)
    assert (await ratings.run_out(), await ratings.forget_callers()) == (1, 0)
    clock.advance(days=policy.caller_days)
    assert (await ratings.forget_callers(), (await Rating.get()).caller_sealed) == (1, None)


async def test_nobody_takes_down_what_was_their_own_work(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    who, token = await finished(client, ports)
    number = (await thread.get(UUID(who.case["thread_id"]))).number
    wish = RateIn(token=token, level=Level.VERY_SATISFIED)
    with pytest.raises(Forbidden):
        await ratings.rate_by_call(who.office.clerk.actor, number, wish, CALLER)
    elsewhere = await make.hall("second", name="另一个大厅")
    stranger = (await as_staff("hall_manager", hall=elsewhere.id)).actor
    with pytest.raises(NotFound):
        await ratings.rate_by_call(stranger, number, wish, CALLER)
    assert (await Rating.get()).level is None
