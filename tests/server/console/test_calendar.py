"""The hall's calendar at the desk: a change is looked at before it is made, and taken back."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from uuid import UUID

from server import db
from server.features.booking import service as booking
from server.kit import clock as clocks
from tests.conftest import Clock
from tests.factories.booking import bookable, key
from tests.factories.identity import AsCitizen, AsStaff
from tests.fixtures_web import Client
from tests.server.booking.test_holds import tapped
from tests.server.console.desk import at_desk, goes_to
from tests.server.console.test_home import tiles

PAGE = "/console/calendar"


async def test_a_closure_is_looked_at_then_made_then_taken_back(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff
) -> None:
    place = await bookable(capacity=2)
    slot = (await place.slots())[60]
    assert (await tapped(client.as_((await as_citizen()).token), place, slot)).status == 201
    manager = at_desk(client, await as_staff("hall_manager", hall=place.hall.id))
    day = str(slot.starts_at.astimezone(clocks.SHANGHAI).date())
    wish = {"hall": str(place.hall.id), "kind": "closed", "first_on": day, "last_on": day, "reason": "设备检修"}
    assert "没有特别安排" in await manager.sees(PAGE)
    seen = await manager.does(f"{PAGE}/change", wish, on=PAGE)
    assert seen.status == 200
    assert "涉及 1 个已有预约" in seen.text
    assert "没有特别安排" in await manager.sees(PAGE)
    assert "done=1" in goes_to(await manager.does(f"{PAGE}/change", wish | {"sure": "true"}, on=PAGE))
    page = await manager.sees(PAGE)
    hit = re.search(r"/console/calendar/([0-9a-f-]{36})/end", page)
    assert hit is not None
    looked = await manager.does(hit[0], {"hall": str(place.hall.id)}, on=PAGE)
    assert looked.status == 200
    assert "将新开 18 个时段" in looked.text
    assert "没有特别安排" not in await manager.sees(PAGE)
    goes_to(await manager.does(hit[0], {"hall": str(place.hall.id), "sure": "true"}, on=PAGE))
    assert "没有特别安排" in await manager.sees(PAGE)


async def test_a_crowded_hour_opens_the_form_filled_in(client: Client, as_staff: AsStaff) -> None:
    """What the load suggests is one look and one tap away: the day, the hour, the counter, at the times of the week."""
    place = await bookable(capacity=1, minutes=20)
    local = [one.starts_at.astimezone(clocks.SHANGHAI) for one in await place.slots()]
    hour = local[27].replace(minute=0)
    crowded = [one for one in local if (one.weekday(), one.hour) == (hour.weekday(), hour.hour)]
    await db.execute("UPDATE slot SET taken = capacity WHERE starts_at = ANY($1::timestamptz[])", crowded)
    times = sum(one.date() == crowded[-1].date() for one in crowded)
    manager = at_desk(client, await as_staff("hall_manager", hall=place.hall.id))
    load = await manager.sees(f"{PAGE}/load")
    hit = re.search(rf'href="({PAGE}\?[^"#]*hour={hour.hour}&amp;[^"#]*)#change"', load)
    assert hit is not None, load
    page = await manager.sees(unescape(hit[1]))
    filled = dict(re.findall(r'name="(\w+)"[^>]*? value="([^"]*)"', page.split('id="change"')[1]))
    first = crowded[-times]
    assert (filled["opens"], filled["minutes"], filled["capacity"]) == (f"{first:%H:%M}", "20", "2")
    assert date.fromisoformat(filled["first_on"]).weekday() == first.weekday()
    assert filled["reason"]
    wish = {name: filled[name] for name in ("first_on", "last_on", "opens", "closes", "minutes", "capacity", "reason")}
    wish |= {"hall": str(place.hall.id), "kind": "special", "skill": "general"}
    seen = await manager.does(f"{PAGE}/change", wish, on=PAGE)
    assert seen.status == 200
    assert "将新开 0 个时段" in seen.text, "places of the week get more room, none stands across another"
    await manager.does(f"{PAGE}/change", wish | {"sure": "true"}, on=PAGE)
    (row,) = await db.fetch(
        "SELECT min(capacity) AS least, count(*) AS number FROM slot WHERE day = $1 AND capacity > 1",
        date.fromisoformat(filled["first_on"]),
    )
    assert (row["least"], row["number"]) == (2, times)


async def test_the_day_view_offers_another_time_with_a_no(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff
) -> None:
    place = await bookable(capacity=2)
    slot = (await place.slots())[60]
    phone = client.as_((await as_citizen()).token)
    made = (await tapped(phone, place, slot)).json
    clerk = at_desk(client, await as_staff("clerk", hall=place.hall.id))
    day = str(slot.starts_at.astimezone(clocks.SHANGHAI).date())
    page = await clerk.sees("/console/bookings", day=day)
    hit = re.search(r'<option value="([0-9a-f-]{36})">', page.split('name="offer"')[1])
    assert hit is not None
    form = {"hall": str(place.hall.id), "day": day, "reason": "当日设备检修", "offer": hit[1]}
    there = goes_to(await clerk.does(f"/console/bookings/{made['id']}/decline", form, on="/console/bookings"))
    assert "已回复" in await clerk.sees(there)
    (kept,) = (await phone.get("/api/v1/bookings")).json["items"]
    assert (kept["state"], kept["offer"]) == ("held", "hall")


async def test_an_appeal_waits_on_the_first_page_of_whoever_decides(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    place = await bookable(capacity=2, confirmation="auto")
    slot = (await place.slots())[0]
    phone = client.as_((await as_citizen()).token)
    made = (await tapped(phone, place, slot)).json
    clock.set(slot.ends_at)
    clock.advance(minutes=1)
    hall_manager = await as_staff("hall_manager", hall=place.hall.id)
    await booking.miss(hall_manager.actor, UUID(made["id"]))
    assert "check_in" in (await phone.get(f"/api/v1/bookings/{made['id']}")).json["can"]
    said = {"reason": "那天孩子发烧，去了医院。"}
    assert (await phone.post(f"/api/v1/bookings/{made['id']}/appeal", json=said, headers=key())).status == 200
    manager = at_desk(client, hall_manager)
    count, to = tiles(await manager.sees("/console"))["未到场申诉待处理"]
    assert count == 1
    page = await manager.sees(to)
    assert said["reason"] in page
    hit = re.search(r"/console/calendar/appeals/[0-9a-f-]{36}", page)
    assert hit is not None
    goes_to(await manager.does(hit[0], {"hall": str(place.hall.id), "grant": "true"}, on=to))
    assert tiles(await manager.sees("/console"))["未到场申诉待处理"][0] == 0
    assert await booking.missed(hall_manager.actor, place.hall.id) == {
        slot.starts_at.astimezone(clocks.SHANGHAI).hour: 100
    }
    assert (await phone.get(f"/api/v1/bookings/{made['id']}")).json["appeal"] == "granted"
