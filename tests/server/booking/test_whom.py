"""For whom an item is booked: the kind of party its guide is for."""

from __future__ import annotations

from server import db
from server.kit import clock
from tests.factories.booking import bookable, key
from tests.factories.identity import AsCitizen, enterprise_of
from tests.fixtures_web import Client

BOOKINGS = "/api/v1/bookings"


async def test_an_item_of_persons_is_not_booked_for_an_enterprise(client: Client, as_citizen: AsCitizen) -> None:
    place = await bookable(audience=["person"], capacity=1)
    slot = (await place.slots())[-1]
    owner = await as_citizen()
    phone = client.as_(owner.token)
    company = str(await enterprise_of(owner))
    wish = {"item_id": str(place.item_id), "slot_id": str(slot.id), "enterprise_id": company}
    for hold in (False, True):
        refused = await phone.post(BOOKINGS, json=wish | {"hold": hold}, headers=key())
        assert (refused.status, refused.json["code"]) == (409, "booking.person_only")
        assert "企业" in refused.json["detail"]
    day = slot.starts_at.astimezone(clock.SHANGHAI).date()
    line = {"item_id": str(place.item_id), "hall_id": str(place.hall.id), "day": str(day), "enterprise_id": company}
    waiting = await phone.post("/api/v1/waits", json=line, headers=key())
    assert (waiting.status, waiting.json["code"]) == (409, "booking.person_only")
    assert await db.fetchval("SELECT (SELECT count(*) FROM thread) + (SELECT sum(taken) FROM slot)") == 0
    taken = await phone.post(BOOKINGS, json=wish | {"enterprise_id": None}, headers=key())
    assert taken.status == 201, taken.text
