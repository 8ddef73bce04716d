"""Who may stand in line: nobody waits for a message that could never come."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from server import db
from server.features.booking import service as booking
from server.kit import clock as clocks
from tests.conftest import Clock
from tests.factories.booking import Bookable, bookable, key
from tests.factories.identity import AsCitizen, AsStaff
from tests.fixtures_web import Answer, Client
from tests.server.booking.test_holds import tapped

_FILL = "UPDATE slot SET taken = capacity WHERE day = $1"


async def last_day(place: Bookable) -> date:
    """Fill the last day there is, and name it."""
    day = (await place.slots())[-1].starts_at.astimezone(clocks.SHANGHAI).date()
    await db.execute(_FILL, day)
    return day


async def stands(phone: Client, place: Bookable, day: date) -> Answer:
    line = {"item_id": str(place.item_id), "hall_id": str(place.hall.id), "day": str(day)}
    return await phone.post("/api/v1/waits", json=line, headers=key())


async def test_whoever_has_a_time_is_told_to_move_it(client: Client, as_citizen: AsCitizen) -> None:
    place = await bookable()
    day = await last_day(place)
    phone = client.as_((await as_citizen()).token)
    made = (await tapped(phone, place, (await place.slots())[0])).json
    refused = await stands(phone, place, day)
    assert (refused.status, refused.json["code"]) == (409, "booking.item_limit")
    assert await db.fetchval("SELECT count(*) FROM waitlist") == 0
    await phone.post(f"/api/v1/bookings/{made['id']}/cancel", headers=key())
    assert (await stands(phone, place, day)).status == 201


async def test_whoever_may_not_book_is_told_until_when(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    place = await bookable(confirmation="auto")
    await booking.set_policy(place.hall.id, no_show_limit=1)
    day = await last_day(place)
    slot = (await place.slots())[0]
    phone = client.as_((await as_citizen()).token)
    made = (await tapped(phone, place, slot)).json
    clock.set(slot.ends_at)
    manager = (await as_staff("hall_manager", hall=place.hall.id)).actor
    await booking.miss(manager, UUID(made["id"]))
    refused = await stands(phone, place, day)
    assert (refused.status, refused.json["code"]) == (409, "booking.blocked")
    said = {"reason": "那天孩子发烧，去了医院。"}
    await phone.post(f"/api/v1/bookings/{made['id']}/appeal", json=said, headers=key())
    (open_one,) = await booking.appeals(manager, place.hall.id)
    await booking.decide(manager, open_one.id, grant=True)
    assert (await stands(phone, place, day)).status == 201
