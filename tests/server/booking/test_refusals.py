"""Bad input gets a clear answer with a code, and takes nothing."""

from __future__ import annotations

from uuid import uuid4

import pytest

from server import db
from server.errors import Conflict, NotFound
from server.features.booking import service as booking
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.booking import bookable, key
from tests.factories.identity import AsCitizen, AsStaff, child_of, enterprise_of
from tests.fixtures_web import Client

BOOKINGS = "/api/v1/bookings"


async def test_who_may_book(client: Client, as_citizen: AsCitizen) -> None:
    place = await bookable()
    wish = {"item_id": str(place.item_id), "slot_id": str((await place.slots())[0].id)}
    assert (await client.post(BOOKINGS, json=wish, headers=key())).status == 401
    stranger = await as_citizen(verified=False)
    refused = await client.as_(stranger.token).post(BOOKINGS, json=wish, headers=key())
    assert (refused.status, refused.json["code"]) == (403, "identity.real_name_required")
    someone = await as_citizen()
    for more in ({"for_person_id": str(uuid4())}, {"enterprise_id": str(uuid4())}):
        refused = await client.as_(someone.token).post(BOOKINGS, json=wish | more, headers=key())
        assert refused.status == 404, more


async def test_for_a_child_and_for_an_enterprise(client: Client, as_citizen: AsCitizen, as_staff: AsStaff) -> None:
    place = await bookable(capacity=5, audience=["person", "enterprise"])
    wish = {"item_id": str(place.item_id), "slot_id": str((await place.slots())[0].id)}
    parent = await as_citizen(name="李敏")
    child = await child_of(parent)
    phone = client.as_(parent.token)
    for_child = await phone.post(BOOKINGS, json=wish | {"for_person_id": str(child)}, headers=key())
    assert (for_child.status, for_child.json["person"]) == (201, "王*一")
    company = await enterprise_of(parent)
    for_company = await phone.post(BOOKINGS, json=wish | {"enterprise_id": str(company)}, headers=key())
    assert for_company.status == 201
    assert for_company.json["number"] != for_child.json["number"]
    # Whose matter it is stands in the answer, on the page, and on the list of the desk.
    shown = [(await phone.get(f"{BOOKINGS}/{made.json['id']}")).json for made in (for_company, for_child)]
    name = shown[0]["enterprise"]
    assert name
    assert [one["enterprise"] for one in shown] == [for_company.json["enterprise"], for_child.json["enterprise"]]
    assert shown[1]["enterprise"] is None
    clerk = await as_staff("clerk", hall=place.hall.id)
    listed = await booking.day(clerk.actor, place.hall.id, (await place.slots())[0].starts_at.date())
    assert {row.enterprise for row in listed} == {name, None}


async def test_wrong_wishes(client: Client, as_citizen: AsCitizen, clock: Clock) -> None:
    place = await bookable()
    slots = await place.slots()
    phone = client.as_((await as_citizen()).token)
    good = {"item_id": str(place.item_id), "slot_id": str(slots[0].id)}
    cases = [
        ({}, 422, "invalid_input"),
        ({"item_id": "x", "slot_id": "y"}, 422, "invalid_input"),
        (good | {"extra": 1}, 422, "invalid_input"),
        (good | {"ticked": ["x" * 65]}, 422, "invalid_input"),
        (good | {"slot_id": str(uuid4())}, 404, "booking.slot_gone"),
        (good | {"item_id": str(uuid4())}, 404, "not_found"),
    ]
    for wish, status, code in cases:
        answer = await phone.post(BOOKINGS, json=wish, headers=key())
        assert (answer.status, answer.json["code"]) == (status, code), wish
    assert (await phone.post(BOOKINGS, json=good)).json["code"] == "idempotency_key_missing"
    clock.set(slots[0].starts_at)
    late = await phone.post(BOOKINGS, json=good, headers=key())
    assert (late.status, late.json["code"]) == (409, "booking.past")
    assert await db.fetchval("SELECT sum(taken) FROM slot") == 0


async def test_an_item_that_is_not_booked_says_so(client: Client, as_citizen: AsCitizen) -> None:
    place = await bookable(bookable=False)
    query = {"item_id": str(place.item_id), "hall_id": str(place.hall.id)}
    answer = await client.get("/api/v1/availability", params=query)
    assert (answer.status, answer.json["code"]) == (409, "booking.not_bookable")


async def test_days_beyond_the_calendar_are_refused_and_the_last_ones_are_not(client: Client) -> None:
    place = await bookable()
    query = {"item_id": str(place.item_id), "hall_id": str(place.hall.id)}
    for first, days in (("9999-12-31", 1), ("9999-12-31", 62), ("9999-12-01", 31)):
        answer = await client.get("/api/v1/availability", params=query | {"from": first, "days": days})
        assert (answer.status, answer.json["code"]) == (422, "invalid_input"), (first, days)
        assert [(one["path"], one["code"]) for one in answer.json["fields"]] == [("from", "out_of_range")]
    assert (await client.get("/api/v1/availability", params=query | {"from": "9999-12-30", "days": 1})).status == 200


async def test_no_more_than_the_hall_allows_in_a_day(client: Client, as_citizen: AsCitizen) -> None:
    places = [await bookable(capacity=9) for _ in range(4)]
    phone = client.as_((await as_citizen()).token)
    statuses = []
    for place in places:
        wish = {"item_id": str(place.item_id), "slot_id": str((await place.slots())[-1].id)}
        statuses.append((await phone.post(BOOKINGS, json=wish, headers=key())).status)
    assert statuses == [201, 201, 201, 409]


async def test_after_the_cut_off_only_the_hall_can_help(client: Client, as_citizen: AsCitizen, clock: Clock) -> None:
    place = await bookable()
    slot = (await place.slots())[-1]
    phone = client.as_((await as_citizen()).token)
    wish = {"item_id": str(place.item_id), "slot_id": str(slot.id)}
    booked = (await phone.post(BOOKINGS, json=wish, headers=key())).json
    clock.set(slot.starts_at)
    clock.advance(minutes=-119)
    refused = await phone.post(f"{BOOKINGS}/{booked['id']}/cancel", headers=key())
    assert (refused.status, refused.json["code"]) == (409, "booking.cut_off")
    assert (await phone.get(f"{BOOKINGS}/{booked['id']}")).json["state"] == "requested"


async def test_somebody_elses_booking_looks_like_none(client: Client, as_citizen: AsCitizen) -> None:
    place = await bookable()
    mine, other = await as_citizen(), await as_citizen()
    wish = {"item_id": str(place.item_id), "slot_id": str((await place.slots())[0].id)}
    booked = (await client.as_(mine.token).post(BOOKINGS, json=wish, headers=key())).json
    theirs = client.as_(other.token)
    absent = await theirs.get(f"{BOOKINGS}/{uuid4()}")
    for answer in (
        await theirs.get(f"{BOOKINGS}/{booked['id']}"),
        await theirs.post(f"{BOOKINGS}/{booked['id']}/cancel", headers=key()),
    ):
        assert (answer.status, answer.json["code"]) == (absent.status, absent.json["code"]) == (404, "not_found")


async def test_lists_come_in_pages(client: Client, as_citizen: AsCitizen) -> None:
    phone = client.as_((await as_citizen()).token)
    for _ in range(3):
        place = await bookable(capacity=9)
        wish = {"item_id": str(place.item_id), "slot_id": str((await place.slots())[-1].id)}
        await phone.post(BOOKINGS, json=wish, headers=key())
    first = (await phone.get(BOOKINGS, params={"limit": "2"})).json
    second = (await phone.get(BOOKINGS, params={"limit": "2", "cursor": first["next"]})).json
    ids = [one["id"] for one in first["items"] + second["items"]]
    assert (len(ids), len(set(ids)), second["next"]) == (3, 3, None)
    assert (await phone.get(BOOKINGS, params={"cursor": "nonsense"})).status == 422


async def test_desk_answers_once(client: Client, as_citizen: AsCitizen, as_staff: AsStaff) -> None:
    place = await bookable()
    slot = (await place.slots())[0]
    phone = client.as_((await as_citizen()).token)
    wish = {"item_id": str(place.item_id), "slot_id": str(slot.id)}
    booked = (await phone.post(BOOKINGS, json=wish, headers=key())).json
    clerk = await as_staff("clerk", hall=place.hall.id)
    row = (await booking.day(clerk.actor, place.hall.id, slot.starts_at.date()))[0]
    elsewhere = await as_staff("clerk", hall=(await make.hall("other")).id)
    for deed in (booking.confirm(elsewhere.actor, [row.id]), booking.decline(elsewhere.actor, row.id, "x")):
        with pytest.raises(NotFound):
            await deed
    await booking.decline(clerk.actor, row.id, "当日设备检修")
    shown = (await phone.get(f"{BOOKINGS}/{booked['id']}")).json
    assert (shown["state"], shown["declined_reason"]) == ("declined", "当日设备检修")
    with pytest.raises(Conflict, match=r"booking\.wrong_state"):
        await booking.confirm(clerk.actor, [row.id])
    assert await db.fetchval("SELECT taken FROM slot WHERE id = $1", slot.id) == 0
