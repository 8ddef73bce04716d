"""What a desk's form or a hall's machine is sent by somebody who means it ill, or by a finger that slips."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from server.actor import Grant, Role, ScopeKind
from server.errors import Forbidden, NotFound
from server.features.booking.models import Waiting, WaitState
from server.features.identity import service as identity
from server.features.privacy import service as privacy
from server.kit import clock
from server.web import csrf
from tests.factories import catalogue as make
from tests.factories import identity as people
from tests.factories.booking import bookable
from tests.factories.identity import AsCitizen, AsStaff, SomeStaff
from tests.fixtures_web import Client


def desk(client: Client, who: SomeStaff) -> Client:
    return client.in_console(who.cookie).with_(x_csrf_token=csrf._derive(who.cookie), accept="application/json")


@pytest.mark.parametrize("typed", ["soon", "2027-02-30", "20270101T00", "0000-00-00"])
async def test_a_day_that_is_none_is_said_to_be(client: Client, as_staff: AsStaff, typed: str) -> None:
    clerk = await as_staff("clerk")
    form = {
        "agent_kind": "resident_id",
        "agent_name": "陈甲",
        "agent_number": people.sample_number(),
        "person_kind": "resident_id",
        "person_name": "陈乙",
        "person_number": people.sample_number(),
        "relation": "agent",
        "scope": "visits",
        "last_day": typed,
        "shown": ["signed_authority"],
    }
    answer = await desk(client, clerk).post("/console/mandates/new", data=form)
    assert answer.status == 422, answer.text


@pytest.mark.parametrize(("opens", "closes"), [("08:00", "99:99"), ("24:01", "25:00"), ("08:61", "09:00")])
async def test_an_hour_that_is_none_is_said_to_be(client: Client, as_staff: AsStaff, opens: str, closes: str) -> None:
    where = await bookable()
    manager = await as_staff("hall_manager", hall=where.hall.id)
    day = (clock.today() + timedelta(days=3)).isoformat()
    form: dict[str, Any] = {
        "hall": str(where.hall.id),
        "kind": "special",
        "first_on": day,
        "last_on": day,
        "reason": "加开窗口",
        "skill": "general",
        "opens": opens,
        "closes": closes,
        "minutes": 30,
        "capacity": 2,
    }
    for sure in ("", "1"):
        more = {"sure": sure} if sure else {}
        answer = await desk(client, manager).post("/console/calendar/change", data={**form, **more})
        assert answer.status == 422, (sure, answer.status, answer.text[:200])


@pytest.mark.parametrize("asked", ["until=9999-12-31", "since=0001-01-01", "since=soon"])
async def test_the_trail_begins_and_ends_somewhere(client: Client, as_staff: AsStaff, asked: str) -> None:
    answer = await desk(client, await as_staff("auditor")).get(f"/console/audit?{asked}")
    assert answer.status == 422, answer.text[:200]


async def test_a_hall_is_not_shut_for_ever_by_a_slip(client: Client, as_staff: AsStaff) -> None:
    where = await bookable()
    at = desk(client, await as_staff("hall_manager", hall=where.hall.id))
    form = {"hall": str(where.hall.id), "kind": "closed", "reason": "检修", "sure": "1"}
    for first, last in (("0001-01-01", "9999-12-31"), (clock.today().isoformat(), "9999-12-31")):
        answer = await at.post("/console/calendar/change", data={**form, "first_on": first, "last_on": last})
        assert answer.status == 422, (first, last, answer.status)


async def test_an_administrator_of_one_hall_is_none_of_the_county(client: Client, as_staff: AsStaff) -> None:
    """Law days and people are everybody's; another hall looks absent, their own can be corrected."""
    here, there = await make.hall(), await make.hall("next-door")
    admin = await as_staff("administrator", hall=here.id)
    at = desk(client, admin)
    assert (await at.get("/console/privacy")).status == 403
    notice = '{"year": 2027, "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": true}]}'
    assert (await at.post("/console/holidays/import", data={"notice": notice})).status == 403
    form = {"name": "大厅", "address": "一号", "hours_text": "周一至周五", "reason": "改名"}
    assert (await at.post(f"/console/halls/{here.id}", data=form)).status == 303
    assert (await at.post(f"/console/halls/{there.id}", data=form)).status == 404


async def test_nobody_is_forgotten_by_an_administrator_of_one_hall(as_citizen: AsCitizen, as_staff: AsStaff) -> None:
    who, hall = await as_citizen(), await make.hall()
    admin = await as_staff("administrator", hall=hall.id)
    assert who.person_id is not None
    with pytest.raises(Forbidden, match=r"privacy\.whole_county"):
        await privacy.erase(admin.actor, who.person_id)
    assert (await identity.person(who.person_id)).name == who.name


async def test_whoever_is_forgotten_waits_in_no_line(as_citizen: AsCitizen, as_staff: AsStaff) -> None:
    who, where = await as_citizen(), await bookable()
    admin = await as_staff("administrator")
    row = Waiting(
        hall_id=where.hall.id,
        item_id=where.guide.item.id,
        skill="general",
        day=clock.today() + timedelta(days=2),
        person_id=who.person_id,
        account_id=who.account_id,
        state=WaitState.WAITING,
    )
    await row.save()
    assert who.person_id is not None
    await privacy.erase(admin.actor, who.person_id)
    assert (await Waiting.get(id=row.id)).state is WaitState.LEFT


async def test_what_is_not_mine_is_not_taken_out_of_an_inbox(client: Client, as_citizen: AsCitizen) -> None:
    one = await as_citizen()
    answer = await client.as_(one.token).delete("/api/v1/inbox/01a1fc0e-6cbe-7748-9d15-459ca2e684a9")
    assert answer.status == 404


async def test_a_grant_beyond_reach_tells_nothing(as_staff: AsStaff) -> None:
    """Somebody of another hall looks absent, whatever one tries to give them."""
    here, there = await make.hall(), await make.hall("next-door")
    admin = await as_staff("administrator", hall=here.id)
    other = await as_staff("clerk", hall=there.id)
    with pytest.raises(NotFound):
        await identity.grant(admin.actor, other.actor.staff_id, Grant(Role.CLERK, ScopeKind.HALL, str(there.id)))


async def test_a_broadcast_to_another_hall_is_not_proposed(client: Client, as_staff: AsStaff) -> None:
    here, there = await make.hall(), await make.hall("next-door")
    at = desk(client, await as_staff("hall_manager", hall=here.id))
    wish = {
        "kind": "booking.hall_closed",
        "audience": "queue.waiting",
        "hall": str(there.id),
        "day": clock.today().isoformat(),
        "to_hall": str(there.id),
    }
    for path in ("/preview", ""):
        answer = await at.post(f"/console/messages/broadcasts{path}", data=wish)
        assert (answer.status, answer.json["code"]) == (403, "push.not_yours")
