"""A number below what is taken, a code that was used: the hall's desk and kiosk say so in the reader's own language.

Nothing is taken or changed by it, and the way on stands in the answer or right below it.
"""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from server import db
from server.features.booking import service as booking
from server.features.booking.schemas import SlotOut
from server.features.queue import service as queue
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.booking import Bookable, bookable
from tests.factories.identity import AsCitizen, AsStaff
from tests.fixtures_web import Client
from tests.server.booking.test_calendar import on
from tests.server.booking.test_holds import tapped
from tests.server.booking.test_supply import line
from tests.server.console.desk import at_desk
from tests.server.console.test_hall_pages import kiosk, let_in
from tests.server.console.test_supply_pages import WEEK, ids_in

CALENDAR = "/console/calendar"
_ALL = """
    SELECT (SELECT jsonb_agg(to_jsonb(s) ORDER BY id) FROM slot s) AS slots,
        (SELECT jsonb_agg(to_jsonb(b) ORDER BY id) FROM booking b) AS bookings,
        (SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM ticket t) AS tickets,
        (SELECT count(*) FROM hall_change) AS changes, (SELECT count(*) FROM week_plan) AS plans
"""
# What the answer must name, and the way on, in either language.
BELOW = {"zh-CN": r"每段至少要留 2 个号，或者从 .+ 起再改", "en": r"keep at least 2 in each, or change it from .+ on\."}
USED = {
    "zh-CN": r"A001 号今天已经办过了，再办其他事请重新取号",
    "en": r"Number A001 has been served today\. Take a new number",
}

pytestmark = pytest.mark.parametrize("language", ["zh-CN", "en"])


def said(page: str) -> str:
    """Give what the alert on a page or in a piece of one says."""
    hit = re.search(r'role="alert"[^>]*>(.*?)</', page, re.DOTALL)
    assert hit, page[:500]
    return unescape(re.sub(r"<[^>]+>", "", hit[1])).strip()


async def everything() -> dict[str, Any]:
    return {name: value for row in await db.fetch(_ALL) for name, value in row.items()}


def one_language(words: str, language: str) -> None:
    assert bool(re.search("[\u4e00-\u9fff]", words)) == (language == "zh-CN"), words
    assert "{" not in words


async def crowded(client: Client, as_citizen: AsCitizen, place: Bookable) -> SlotOut:
    """Two have the same time, ten days from now."""
    slot = (await place.slots())[180]
    for _ in range(2):
        assert (await tapped(client.as_((await as_citizen()).token), place, slot)).status == 201
    return slot


async def test_fewer_than_have_booked_from_the_week_or_for_a_day(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, language: str
) -> None:
    place = await bookable(capacity=3)
    day = str(on(await crowded(client, as_citizen, place)))
    manager = at_desk(client.with_(accept_language=language), await as_staff("hall_manager", hall=place.hall.id))
    form = {
        "hall": str(place.hall.id), "skill": "general", "opens": "08:30", "closes": "17:30", "minutes": "30",
        "capacity": "1", "first_on": day, "reason": "x",
    }  # fmt: skip
    of_week = form | {"ids": ids_in(await manager.sees(WEEK)), "weekdays": list(range(7))}
    of_day = form | {"kind": "special", "last_on": day}
    before = await everything()
    for sure in ({}, {"sure": "true"}):
        for path, wish in ((WEEK, of_week), (f"{CALENDAR}/change", of_day)):
            refused = await manager.refused(path, wish | sure, on=WEEK)
            assert refused.status == 409
            assert re.search(BELOW[language], said(refused.text)), said(refused.text)
            one_language(said(refused.text), language)
    assert await everything() == before


async def test_what_made_room_is_not_taken_back_under_who_came(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, language: str
) -> None:
    place = await bookable(capacity=1)
    staff = await as_staff("hall_manager", hall=place.hall.id)
    first_on = on((await place.slots())[0]) + timedelta(days=1)
    await booking.edit_line(staff.actor, await line(place, staff.actor, first_on, capacity=3))
    await crowded(client, as_citizen, place)
    manager = at_desk(client.with_(accept_language=language), staff)
    undo = re.search(rf"{WEEK}/[0-9a-f-]{{36}}/undo", await manager.sees(WEEK))
    assert undo
    before = await everything()
    for sure in ({}, {"sure": "true"}):
        refused = await manager.refused(undo[0], {"hall": str(place.hall.id)} | sure, on=WEEK)
        assert refused.status == 409
        assert re.search(BELOW[language], said(refused.text)), said(refused.text)
        one_language(said(refused.text), language)
    assert await everything() == before


async def test_a_code_that_was_used_up(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock, language: str
) -> None:
    place = await bookable(confirmation="auto")
    await queue.set_policy(place.hall.id, every_day=True, walk_in_from=0, walk_in_until=1440)
    slot = (await place.slots())[4]
    made = (await tapped(client.as_((await as_citizen()).token), place, slot)).json
    clock.set(slot.starts_at - timedelta(minutes=10))
    staff = await as_staff("clerk", hall=place.hall.id)
    there = at_desk(client.with_(accept_language=language), staff)
    machine, home = await let_in(client, at_desk(client, staff), place.hall.id, "kiosk")
    ticket = await queue.check_in_at_desk(staff.actor, made["code"])
    await queue.call_next(staff.actor, (await make.window(place.hall, 1)).id)
    await queue.finish(staff.actor, ticket.id)
    before = await everything()
    scanned = {"token": f"https://x/q/{made['code']}"}
    where = {"hall": str(place.hall.id)}
    at_reception = await there.refused("/console/reception/scan", where | scanned, on="/console/reception")
    of_the_day = await there.refused(
        f"/console/bookings/{made['id']}/check-in", where | {"day": str(on(slot))}, on="/console/bookings"
    )
    at_kiosk = await kiosk(machine.with_(accept_language=language), f"{home}/scan", scanned, home)
    assert (at_reception.status, of_the_day.status) == (409, 409)
    for answer in (at_reception, of_the_day, at_kiosk):
        assert re.search(USED[language], said(answer.text)), said(answer.text)
        one_language(said(answer.text), language)
    assert f'href="{home}/kind?skill=general"' in at_kiosk.text, "a new number is one tap away"
    assert await everything() == before
