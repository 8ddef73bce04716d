"""Without a booking, without a phone: one line for everybody, one number a visit, and every refusal says the way on."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from server import db
from server.actor import Anonymous, System
from server.errors import AppError, Conflict
from server.features.booking import service as booking
from server.features.booking.schemas import SlotOut
from server.features.catalogue import service as catalogue
from server.features.queue import service as queue
from server.features.queue.models import Green
from server.kit import clock as clocks
from server.kit.ids import new_id
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.booking import Bookable, bookable, key
from tests.factories.identity import AsCitizen, AsStaff
from tests.factories.queue import grown_up
from tests.fixtures_web import Answer, Client

NOBODY = Anonymous()


async def opened(clock: Clock, **policy: object) -> tuple[Bookable, SlotOut]:
    """A hall in the middle of a working day, and its next place but one."""
    place = await bookable(confirmation="auto", capacity=20)
    await queue.set_policy(place.hall.id, **({"every_day": True} | policy))
    slots = await place.slots()
    day = [slot for slot in slots if slot.starts_at.date() == slots[-1].starts_at.date()]
    clock.set(day[2].starts_at)
    return place, day[3]


async def takes(phone: Client, place: Bookable, **wish: Any) -> Answer:
    given = {"token": await queue.hall_token(place.hall.id), "skill": "general"} | wish
    return await phone.post("/api/v1/walk-ins", json=given, headers=key())


async def books(phone: Client, place: Bookable, slot: SlotOut) -> dict[str, Any]:
    wish = {"item_id": str(place.item_id), "slot_id": str(slot.id)}
    made = await phone.post("/api/v1/bookings", json=wish, headers=key())
    assert made.status == 201, made.text
    seen: dict[str, Any] = made.json
    return seen


async def test_a_number_by_the_halls_qr(client: Client, as_citizen: AsCitizen, clock: Clock) -> None:
    place, _ = await opened(clock)
    phone = client.as_((await as_citizen(born=grown_up())).token)
    token = await queue.hall_token(place.hall.id)
    seen = (await phone.get(f"/api/v1/arrivals/{token}")).json
    assert (seen["hall"]["name"], seen["closed"], seen["tickets"]) == (place.hall.name, None, [])
    assert [kind["skill"] for kind in seen["kinds"]] == ["general"]
    made = await takes(phone, place, item_id=str(place.item_id))
    assert (made.status, made.json["number"], made.json["bring"]) == (201, "B001", ["居民身份证"])
    steps = (await phone.get(f"/api/v1/threads/{made.json['thread_id']}")).json["steps"]
    assert [step["name"] for step in steps] == ["queue.taken"]
    again = await asyncio.gather(*(takes(phone, place, item_id=str(place.item_id)) for _ in range(3)))
    assert {one.json["id"] for one in again} == {made.json["id"]}
    # Not saying what for means the same visit, too.
    assert (await takes(phone, place)).json["id"] == made.json["id"]
    assert await db.fetchval("SELECT count(*) FROM ticket") == 1
    seen = (await phone.get(f"/api/v1/arrivals/{token}")).json
    assert [one["number"] for one in seen["tickets"]] == ["B001"]
    assert seen["kinds"][0]["waiting"] == 1


async def test_who_has_booked_takes_no_second_number(client: Client, as_citizen: AsCitizen, clock: Clock) -> None:
    place, slot = await opened(clock)
    phone = client.as_((await as_citizen(born=grown_up())).token)
    await books(phone, place, slot)
    made = await takes(phone, place)
    assert (made.status, made.json["number"], made.json["booked"]) == (201, "A001", True)
    token = await queue.hall_token(place.hall.id)
    scanned = await phone.post("/api/v1/check-ins", json={"token": token}, headers=key())
    assert scanned.json["id"] == made.json["id"]
    assert await db.fetchval("SELECT count(*) FROM ticket") == 1


async def test_a_booking_made_with_a_number_in_hand_is_the_same_visit(
    client: Client, as_citizen: AsCitizen, clock: Clock
) -> None:
    place, slot = await opened(clock)
    phone = client.as_((await as_citizen(born=grown_up())).token)
    made = (await takes(phone, place, item_id=str(place.item_id))).json
    await books(phone, place, slot)
    token = await queue.hall_token(place.hall.id)
    scanned = await phone.post("/api/v1/check-ins", json={"token": token}, headers=key())
    assert (scanned.json["id"], scanned.json["booked"]) == (made["id"], True)


async def test_too_early_says_from_when(client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock) -> None:
    """The server's clock decides, whatever the phone's says; the reception lets in whom it wants."""
    place, slot = await opened(clock, opens_minutes=10)
    phone = client.as_((await as_citizen(born=grown_up())).token)
    made = await books(phone, place, slot)
    token = await queue.hall_token(place.hall.id)
    refused = await phone.post("/api/v1/check-ins", json={"token": token}, headers=key())
    assert (refused.status, refused.json["code"]) == (409, "queue.too_early")
    assert "09:50" in refused.json["detail"]
    later = await takes(phone, place)
    assert (later.status, later.json["code"]) == (409, "queue.booked_later")
    with pytest.raises(Conflict, match="too_early"):
        await queue.check_in_at_kiosk(NOBODY, place.hall.id, made["code"])
    seen = (await phone.get(f"/api/v1/arrivals/{token}")).json
    assert [(one["open"], one["opens_at"][11:16]) for one in seen["expected"]] == [(False, "09:50")]
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    assert (await queue.check_in_at_desk(clerk, made["code"])).number == "A001"


async def test_late_goes_to_the_back_and_is_told(client: Client, as_citizen: AsCitizen, clock: Clock) -> None:
    place, slot = await opened(clock, grace_minutes=15)
    late, punctual = [client.as_((await as_citizen(born=grown_up())).token) for _ in range(2)]
    for phone in (late, punctual):
        await books(phone, place, slot)
    token = await queue.hall_token(place.hall.id)
    clock.set(slot.starts_at + timedelta(minutes=14))
    walked = (await takes(client.as_((await as_citizen(born=grown_up())).token), place)).json
    in_time = (await punctual.post("/api/v1/check-ins", json={"token": token}, headers=key())).json
    assert (in_time["late"], in_time["ahead"]) == (False, 0)
    clock.advance(minutes=2)
    too_late = (await late.post("/api/v1/check-ins", json={"token": token}, headers=key())).json
    assert (too_late["late"], too_late["ahead"]) == (True, 2)
    assert (await client.get(f"/api/v1/places/{walked['code']}")).json["ahead"] == 1


async def test_who_was_noted_as_missing_still_comes_in(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    place, slot = await opened(clock)
    phone = client.as_((await as_citizen(born=grown_up())).token)
    made = await books(phone, place, slot)
    clock.set(slot.ends_at + timedelta(minutes=1))
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    await booking.miss(clerk, UUID(made["id"]))
    token = await queue.hall_token(place.hall.id)
    came = await phone.post("/api/v1/check-ins", json={"token": token}, headers=key())
    assert (came.status, came.json["late"]) == (201, True)


async def test_the_green_channel(client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock) -> None:
    """The old need not ask, others say it themselves, and the desk may correct either."""
    place, _ = await opened(clock, green_age=60)
    plain = (await takes(client.as_((await as_citizen(born=grown_up())).token), place)).json
    clock.advance(minutes=10)
    old = (await takes(client.as_((await as_citizen(born=date(1940, 2, 3))).token), place)).json
    assert (old["green"], old["ahead"]) == (True, 0)
    asked = await queue.walk_in_at_kiosk(NOBODY, place.hall.id, "general", green=Green.PREGNANT, device_id=new_id())
    assert (asked.green, asked.ahead) == (True, 1)
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    assert [row.number for row in await queue.waiting(clerk, place.hall.id)] == ["B002", "B003", "B001"]
    await queue.mark_green(clerk, UUID(old["id"]), None)
    await queue.mark_green(clerk, UUID(plain["id"]), Green.VETERAN)
    assert [row.number for row in await queue.waiting(clerk, place.hall.id)] == ["B001", "B003", "B002"]


async def test_without_a_phone_the_slip_shows_the_place(client: Client, clock: Clock) -> None:
    place, _ = await opened(clock)
    first, second = [
        await queue.walk_in_at_kiosk(NOBODY, place.hall.id, "general", item_id=place.item_id, device_id=new_id())
        for _ in range(2)
    ]
    assert (first.number, second.number) == ("B001", "B002")
    seen = (await client.get(f"/api/v1/places/{second.code}")).json
    assert (seen["number"], seen["ahead"], seen["bring"]) == ("B002", 1, ["居民身份证"])
    opens = (await client.get(f"/api/v1/codes/{second.code}")).json
    assert opens["page"] == f"/features/queue/pages/ticket?code={second.code}"
    assert (await client.get("/api/v1/places/nonsense")).json["code"] == "codes.unknown"
    hall = await queue.hall_token(place.hall.id)
    assert (await client.get(f"/api/v1/places/{hall}")).json["code"] == "codes.unknown"
    clock.advance(hours=24)
    assert (await client.get(f"/api/v1/places/{second.code}")).json["code"] == "codes.expired"


async def test_when_no_numbers_are_given(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    place, slot = await opened(clock)
    phone = client.as_((await as_citizen(born=grown_up())).token)
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    await queue.take_numbers(clerk, place.hall.id, taking=False)
    refused = await takes(phone, place)
    assert (refused.status, refused.json["code"]) == (409, "queue.not_taking")
    await books(phone, place, slot)
    assert (await takes(phone, place)).json["number"] == "A001"
    await queue.take_numbers(clerk, place.hall.id, taking=True)
    other = client.as_((await as_citizen(born=grown_up())).token)
    nobody_does = await takes(other, place, skill="vehicles")
    assert (nobody_does.status, nobody_does.json["code"]) == (409, "queue.no_window")
    clock.advance(hours=10)
    closed = await takes(other, place)
    assert (closed.status, closed.json["code"]) == (409, "queue.closed")
    assert place.hall.hours_text in closed.json["detail"]
    seen = (await other.get(f"/api/v1/arrivals/{await queue.hall_token(place.hall.id)}")).json
    assert seen["closed"] == closed.json["detail"]


async def test_codes_at_the_kiosk(client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock) -> None:
    place, slot = await opened(clock)
    phone = client.as_((await as_citizen(born=grown_up())).token)
    made = await books(phone, place, slot)
    town = await make.hall("town", name="古城镇便民中心", region_code="341226100")
    with pytest.raises(Conflict) as elsewhere:
        await queue.check_in_at_kiosk(NOBODY, town.id, made["code"])
    assert (elsewhere.value.code, elsewhere.value.params["hall"]) == ("queue.other_hall", place.hall.name)
    ticket = await queue.check_in_at_kiosk(NOBODY, place.hall.id, made["code"])
    assert (await queue.check_in_at_kiosk(NOBODY, place.hall.id, made["code"])).id == ticket.id
    assert ticket.code is not None
    assert (await queue.check_in_at_kiosk(NOBODY, place.hall.id, ticket.code)).id == ticket.id
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    window = await make.window(place.hall, 2)
    await queue.call_next(clerk, window.id)
    await queue.finish(clerk, ticket.id)
    for used in (
        queue.check_in_at_kiosk(NOBODY, place.hall.id, made["code"]),
        queue.check_in_at_desk(clerk, made["code"]),
    ):
        with pytest.raises(Conflict) as twice:
            await used
        assert (twice.value.code, twice.value.params["number"]) == ("queue.already_served", "A001")
    for token, code in (("nonsense", "codes.unknown"), (await queue.hall_token(place.hall.id), "codes.wrong_kind")):
        with pytest.raises(AppError) as refused:
            await queue.check_in_at_kiosk(NOBODY, place.hall.id, token)
        assert refused.value.code == code


async def test_a_walk_in_is_rated_like_a_visit(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    place, _ = await opened(clock)
    phone = client.as_((await as_citizen(born=grown_up())).token)
    made = (await takes(phone, place, item_id=str(place.item_id))).json
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    window = await make.window(place.hall, 1)
    assert await queue.call_next(clerk, window.id) == UUID(made["id"])
    await queue.finish(clerk, UUID(made["id"]))
    seen = (await phone.get(f"/api/v1/threads/{made['thread_id']}")).json
    assert [step["name"] for step in seen["steps"]] == ["queue.taken", "queue.called", "queue.served"]
    assert seen["rating"]["token"]
    assert getattr(await queue.last_served(window.id), "thread_id", None) == UUID(made["thread_id"])


async def shut(place: Bookable, as_staff: AsStaff, kind: str, **more: Any) -> booking.HallChange:
    manager = (await as_staff("hall_manager", hall=place.hall.id)).actor
    today = clocks.today()
    change = booking.HallChange(
        hall_id=place.hall.id, kind=kind, first_on=today, last_on=today, reason="消防演练",
        **{"weekdays": list(range(7))} | more,
    )  # fmt: skip
    await booking.change_hall(manager, change)
    return change


async def test_the_halls_calendar_holds_for_walk_ins_too(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    place, _ = await opened(clock)
    await make.window(place.hall, 9, "police")
    phone = client.as_((await as_citizen(born=grown_up())).token)
    token = await queue.hall_token(place.hall.id)
    await shut(place, as_staff, "closed", skill="police")
    one_kind = await takes(phone, place, skill="police")
    assert (one_kind.status, one_kind.json["code"]) == (409, "queue.kind_closed")
    assert "户籍" in one_kind.json["detail"]
    seen = (await phone.get(f"/api/v1/arrivals/{token}")).json
    assert ([kind["skill"] for kind in seen["kinds"]], seen["closed"]) == (["general"], None)
    morning = await shut(place, as_staff, "closed", opens=0, closes=12 * 60)
    refused = await takes(phone, place)
    assert (refused.status, refused.json["code"]) == (409, "queue.closed_today")
    assert "消防演练" in refused.json["detail"]
    seen = (await phone.get(f"/api/v1/arrivals/{token}")).json
    assert (seen["kinds"], seen["closed"]) == ([], refused.json["detail"])
    with pytest.raises(Conflict, match="closed_today"):
        await queue.walk_in_at_kiosk(NOBODY, place.hall.id, "general", device_id=new_id())
    clock.set(datetime.combine(morning.first_on, time(12, 1), clocks.SHANGHAI))
    assert (await takes(phone, place)).status == 201


async def test_an_evening_opening_gives_numbers_for_what_is_open(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    place, _ = await opened(clock, every_day=False)
    await make.window(place.hall, 9, "police")
    phone = client.as_((await as_citizen(born=grown_up())).token)
    await catalogue.set_day(System(name="tests"), clocks.today(), working=False, name="临时假日")
    assert (await takes(phone, place)).json["code"] == "queue.closed"
    hours = {"opens": 18 * 60, "closes": 20 * 60, "minutes": 30, "capacity": 2}
    await shut(place, as_staff, "special", skill="police", **hours)
    assert (await takes(phone, place, skill="police")).json["code"] == "queue.closed"
    clock.set(datetime.combine(clocks.today(), time(18, 30), clocks.SHANGHAI))
    assert (await takes(phone, place, skill="police")).status == 201
    assert (await takes(phone, place)).json["code"] == "queue.kind_closed"
