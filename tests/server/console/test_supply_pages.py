"""Editors of a hall's supply and rules, and what waits to be confirmed: looked at, made, undone, refused in words."""

from __future__ import annotations

import re
from typing import Any

from server.features.booking import service as booking
from server.features.queue import service as queue
from server.kit import clock as clocks
from tests.factories import catalogue as make
from tests.factories.booking import Bookable, bookable
from tests.factories.identity import AsCitizen, AsStaff
from tests.factories.queue import line
from tests.fixtures_web import Client
from tests.server.booking.test_calendar import on
from tests.server.booking.test_holds import BOOKINGS, tapped
from tests.server.console.desk import Desk, at_desk, goes_to

WEEK, RULES, CONFIRM = "/console/calendar/week", "/console/calendar/rules", "/console/confirm"


async def manager_of(client: Client, as_staff: AsStaff, place: Bookable) -> Desk:
    return at_desk(client, await as_staff("hall_manager", hall=place.hall.id))


def ids_in(page: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r'name="ids" value="([0-9a-f-]{36})"', page)))


async def test_a_line_of_the_week(client: Client, as_citizen: AsCitizen, as_staff: AsStaff) -> None:
    place = await bookable(capacity=3)
    slot = (await place.slots())[60]
    for _ in range(2):
        assert (await tapped(client.as_((await as_citizen()).token), place, slot)).status == 201
    desk = await manager_of(client, as_staff, place)
    page = await desk.sees(WEEK)
    assert "综合" in page
    assert "周一至周日" in page
    form: dict[str, Any] = {
        "hall": str(place.hall.id), "skill": "general", "ids": ids_in(page), "weekdays": list(range(7)),
        "opens": "08:30", "closes": "17:30", "minutes": "30", "capacity": "1", "first_on": str(on(slot)),
        "reason": "人手减少",
    }  # fmt: skip
    refused = await desk.refused(WEEK, form, on=WEEK)
    assert refused.status == 409
    assert "每段至少要留 2 个号" in refused.text
    seen = await desk.does(WEEK, form | {"capacity": "6"}, on=WEEK)
    assert seen.status == 200
    assert "调整数量" in seen.text
    assert 'name="sure" value="true"' in seen.text
    assert "done=0" in goes_to(await desk.does(WEEK, form | {"capacity": "6", "sure": "true"}, on=WEEK))
    assert "6 个号" in await desk.sees(WEEK, on=str(on(slot)))
    taken_out = form | {"ids": ids_in(await desk.sees(WEEK, on=str(on(slot)))), "out": "true"}
    touched = await desk.does(WEEK, taken_out, on=WEEK)
    assert "涉及 2 个已有预约" in touched.text
    assert "涉及的 2 个预约" in touched.text
    undo = re.search(rf"{WEEK}/[0-9a-f-]{{36}}/undo", await desk.sees(WEEK))
    assert undo
    looked = await desk.does(undo[0], {"hall": str(place.hall.id)}, on=WEEK)
    assert looked.status == 200
    assert "调整数量" in looked.text
    assert "6 个号" in await desk.sees(WEEK, on=str(on(slot)))
    goes_to(await desk.does(undo[0], {"hall": str(place.hall.id), "sure": "true"}, on=WEEK))
    page = await desk.sees(WEEK, on=str(on(slot)))
    assert "已撤销" in page
    assert "6 个号" not in page
    assert (await desk.refused(undo[0], {"hall": str(place.hall.id)}, on=WEEK)).status == 404


async def test_the_rules_of_booking(client: Client, as_staff: AsStaff) -> None:
    place = await bookable()
    desk = await manager_of(client, as_staff, place)
    policy = await booking.policy_of(place.hall.id)
    form = {name: str(getattr(policy, name)) for name in booking.RANGES}
    form |= {"release_minute": "09:00", "confirmation": "auto", "hall": str(place.hall.id), "reason": "便民"}
    form |= {"first_on": str(clocks.today())}
    seen = await desk.does(f"{RULES}/booking", form, on=RULES)
    assert seen.status == 200
    assert "00:00 → <strong>09:00</strong>" in seen.text
    assert "提交即确认" in seen.text
    assert "done=booking" in goes_to(await desk.does(f"{RULES}/booking", form | {"sure": "true"}, on=RULES))
    assert (await booking.policy_of(place.hall.id)).release_minute == 540
    assert (await desk.refused(f"{RULES}/booking", form, on=RULES)).status == 409
    assert (await desk.refused(f"{RULES}/booking", form | {"hold_minutes": "0"}, on=RULES)).status == 422
    undo = re.search(rf"{RULES}/[0-9a-f-]{{36}}/undo", await desk.sees(RULES))
    assert undo
    where = {"hall": str(place.hall.id)}
    looked = await desk.does(undo[0], where, on=RULES)
    assert looked.status == 200
    assert "09:00 → <strong>00:00</strong>" in looked.text
    assert (await booking.policy_of(place.hall.id)).confirmation == "auto", "looking changes nothing"
    assert "done=undone" in goes_to(await desk.does(undo[0], where | {"sure": "true"}, on=RULES))
    assert (await booking.policy_of(place.hall.id)).confirmation == "staff"


async def test_the_rules_of_the_line(client: Client, as_staff: AsStaff) -> None:
    place = await bookable()
    desk = await manager_of(client, as_staff, place)
    policy = await queue.policy_of(place.hall.id)
    form = {name: str(getattr(policy, name)) for name in queue.RANGES}
    form |= {"walk_in_from": "07:30", "walk_in_until": "24:00", "at_door": "true", "person_live": "3"}
    form |= {"hall": str(place.hall.id), "reason": "大屏已装好", "first_on": str(clocks.today())}
    await line(place.hall.id, 3)
    seen = await desk.does(f"{RULES}/queue", form, on=RULES)
    assert seen.status == 200
    assert "2 → <strong>3</strong>" in seen.text
    assert "正在等候的 3 人位次不变" in seen.text
    assert (await queue.policy_of(place.hall.id)).person_live == 2, "looking changes nothing"
    assert "done=queue" in goes_to(await desk.does(f"{RULES}/queue", form | {"sure": "true"}, on=RULES))
    kept = await queue.policy_of(place.hall.id)
    assert (kept.walk_in_from, kept.walk_in_until, kept.at_door, kept.person_live) == (450, 1440, True, 3)
    page = await desk.sees(RULES)
    assert "大屏已装好" in page
    assert "2 → 3" in page
    undo = re.search(rf"{RULES}/queue/[0-9a-f-]{{36}}/undo", page)
    assert undo
    wrong = form | {"walk_in_from": "18:00", "walk_in_until": "08:00"}
    assert (await desk.refused(f"{RULES}/queue", wrong, on=RULES)).status == 422
    clerk = at_desk(client, await as_staff("clerk", hall=place.hall.id))
    assert (await clerk.browser.get(RULES, headers={"accept": "text/html"})).status == 403
    town = await make.hall("town", region_code="341226100")
    stranger = at_desk(client, await as_staff("hall_manager", hall=town.id))
    assert (await stranger.refused(f"{RULES}/queue", form | {"person_live": "9"}, on=RULES)).status == 404
    assert (await stranger.refused(undo[0], {"hall": str(town.id)}, on=RULES)).status == 404
    where = {"hall": str(place.hall.id)}
    assert "3 → <strong>2</strong>" in (await desk.does(undo[0], where, on=RULES)).text
    assert (await queue.policy_of(place.hall.id)).person_live == 3, "looking changes nothing"
    assert "done=undone" in goes_to(await desk.does(undo[0], where | {"sure": "true"}, on=RULES))
    back = await queue.policy_of(place.hall.id)
    assert (back.walk_in_from, back.at_door, back.person_live) == (policy.walk_in_from, False, 2)
    assert (await desk.refused(undo[0], where, on=RULES)).status == 404


async def test_answered_on_the_telephone(client: Client, as_citizen: AsCitizen, as_staff: AsStaff) -> None:
    place = await bookable(capacity=9)
    slots = await place.slots()
    phones = [client.as_((await as_citizen()).token) for _ in range(4)]
    made = [(await tapped(phone, place, slots[50 + nth])).json for nth, phone in enumerate(phones)]
    desk = at_desk(client, await as_staff("clerk", hall=place.hall.id))
    page = await desk.sees(CONFIRM)
    assert ids_in(page) == [one["id"] for one in made]
    where = {"hall": str(place.hall.id)}
    assert "confirmed=1" in goes_to(await desk.does(CONFIRM, where | {"ids": [made[0]["id"]]}, on=CONFIRM))
    offer = re.search(r'<option value="([0-9a-f-]{36})">', page.split('name="offer"')[1])
    assert offer
    no = where | {"reason": "材料不齐，请先备齐再约", "offer": offer[1]}
    assert "declined=1" in goes_to(await desk.does(f"{CONFIRM}/{made[1]['id']}/decline", no, on=CONFIRM))
    many = where | {"ids": [one["id"] for one in made[2:]]}
    assert "confirmed=2" in goes_to(await desk.does(CONFIRM, many, on=CONFIRM))
    assert "没有等待确认的预约" in await desk.sees(CONFIRM)
    states = [
        (await phone.get(f"{BOOKINGS}/{one['id']}")).json["state"] for phone, one in zip(phones, made, strict=True)
    ]
    assert states == ["confirmed", "declined", "confirmed", "confirmed"]
    (kept,) = (await phones[1].get(BOOKINGS)).json["items"]
    assert kept["offer"] == "hall"
    assert (await desk.refused(CONFIRM, where | {"ids": [made[0]["id"]]}, on=CONFIRM)).status == 409
    town = await make.hall("town", region_code="341226100")
    stranger = at_desk(client, await as_staff("clerk", hall=town.id))
    assert made[0]["number"] not in await stranger.sees(CONFIRM)
