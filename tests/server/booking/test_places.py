"""A place is never promised to more people than there are places."""

from __future__ import annotations

import asyncio
from collections import Counter
from uuid import UUID

import pytest

from server import db
from server.features.booking.service import _facts, _statement
from tests.factories.booking import Bookable, bookable, key
from tests.factories.identity import AsCitizen, SomeCitizen
from tests.fixtures_web import Answer, Client

MANY = 24


async def crowd(as_citizen: AsCitizen, size: int) -> list[SomeCitizen]:
    return [await as_citizen(name="王小明") for _ in range(size)]


async def rush(client: Client, people: list[SomeCitizen], place: Bookable) -> list[Answer]:
    slot = (await place.slots())[0]
    wish = {"item_id": str(place.item_id), "slot_id": str(slot.id)}
    return await asyncio.gather(
        *(client.as_(one.token).post("/api/v1/bookings", json=wish, headers=key()) for one in people)
    )


async def counted(slot_id: UUID) -> tuple[int, int]:
    taken = await db.fetchval("SELECT taken FROM slot WHERE id = $1", slot_id)
    booked = await db.fetchval(
        "SELECT count(*) FROM booking WHERE slot_id = $1 AND state IN ('requested', 'confirmed')", slot_id
    )
    return taken, booked


async def test_many_tap_the_last_place_and_one_gets_it(client: Client, as_citizen: AsCitizen) -> None:
    place = await bookable(capacity=1)
    slot = (await place.slots())[0]
    answers = await rush(client, await crowd(as_citizen, MANY), place)
    assert Counter(answer.status for answer in answers) == {201: 1, 409: MANY - 1}
    assert {answer.json["code"] for answer in answers if answer.status == 409} == {"booking.slot_full"}
    assert await counted(slot.id) == (1, 1)


async def test_without_the_guard_the_same_rush_oversells(
    client: Client, as_citizen: AsCitizen, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = await bookable(capacity=1)
    slot = (await place.slots())[0]
    # However the rush falls into batches: what is read first says "full" early, the statement decides, the CHECK is the
    # last line. All three are switched off.
    blind = _facts._FACTS.replace("capacity, taken, closed", "capacity, 0 AS taken, closed")
    assert blind != _facts._FACTS
    monkeypatch.setattr(_facts, "_FACTS", blind)
    monkeypatch.setattr(_statement, "STATEMENT", _statement.statement(guard="true"))
    await db.execute("ALTER TABLE slot DROP CONSTRAINT slot_taken_check")
    try:
        answers = await rush(client, await crowd(as_citizen, MANY), place)
        taken, booked = await counted(slot.id)
        assert booked > 1, "this rush proves nothing: it could not have oversold"
        assert sum(answer.status == 201 for answer in answers) == booked == taken
    finally:
        await db.execute("UPDATE slot SET taken = capacity WHERE taken > capacity")
        await db.execute("ALTER TABLE slot ADD CONSTRAINT slot_taken_check CHECK (taken BETWEEN 0 AND capacity)")


async def test_a_double_tap_is_one_booking(client: Client, as_citizen: AsCitizen) -> None:
    place = await bookable()
    phone = client.as_((await as_citizen()).token)
    wish = {"item_id": str(place.item_id), "slot_id": str((await place.slots())[0].id)}
    same = key()
    answers = await asyncio.gather(*(phone.post("/api/v1/bookings", json=wish, headers=same) for _ in range(6)))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.json["id"] for answer in answers}) == 1


async def test_two_devices_book_the_same_item_once(client: Client, as_citizen: AsCitizen) -> None:
    place = await bookable(capacity=5)
    phone = client.as_((await as_citizen()).token)
    wish = {"item_id": str(place.item_id), "slot_id": str((await place.slots())[0].id)}
    answers = await asyncio.gather(*(phone.post("/api/v1/bookings", json=wish, headers=key()) for _ in range(4)))
    assert Counter(answer.status for answer in answers) == {201: 1, 409: 3}
    assert {answer.json["code"] for answer in answers if answer.status == 409} == {"booking.already_booked"}


async def test_giving_a_place_back_frees_it(client: Client, as_citizen: AsCitizen) -> None:
    place = await bookable(capacity=1)
    slot = (await place.slots())[-1]
    first, second = await crowd(as_citizen, 2)
    wish = {"item_id": str(place.item_id), "slot_id": str(slot.id)}
    booked = await client.as_(first.token).post("/api/v1/bookings", json=wish, headers=key())
    assert booked.json["can"] == ["cancel", "reschedule", "tick", "apply"]
    assert (await client.as_(second.token).post("/api/v1/bookings", json=wish, headers=key())).status == 409
    gone = await client.as_(first.token).post(f"/api/v1/bookings/{booked.json['id']}/cancel", headers=key())
    assert (gone.status, gone.json["state"]) == (200, "cancelled")
    assert (await client.as_(second.token).post("/api/v1/bookings", json=wish, headers=key())).status == 201
    assert await counted(slot.id) == (1, 1)


async def test_moving_takes_the_new_place_or_changes_nothing(client: Client, as_citizen: AsCitizen) -> None:
    place = await bookable(capacity=1)
    full, free, mine = (await place.slots())[-3:]
    me, other = await crowd(as_citizen, 2)
    theirs = {"item_id": str(place.item_id), "slot_id": str(full.id)}
    assert (await client.as_(other.token).post("/api/v1/bookings", json=theirs, headers=key())).status == 201
    phone = client.as_(me.token)
    wish = {"item_id": str(place.item_id), "slot_id": str(mine.id)}
    booked = (await phone.post("/api/v1/bookings", json=wish, headers=key())).json
    move = f"/api/v1/bookings/{booked['id']}/reschedule"
    refused = await phone.post(move, json={"slot_id": str(full.id)}, headers=key())
    assert (refused.status, refused.json["code"]) == (409, "booking.slot_full")
    assert await counted(mine.id) == (1, 1)
    moved = await phone.post(move, json={"slot_id": str(free.id)}, headers=key())
    assert moved.status == 200, moved.text
    assert moved.json["number"] == booked["number"]
    assert (await counted(mine.id), await counted(free.id)) == ((0, 0), (1, 1))
