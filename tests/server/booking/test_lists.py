"""What a person sees of free places and of their own bookings: fresh, in pages, and no dearer for being many."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from server import db
from server.features.booking import service as booking
from server.features.booking.schemas import SlotOut
from tests.conftest import Clock
from tests.factories.booking import Bookable, bookable, key
from tests.factories.identity import AsCitizen
from tests.fixtures_web import Client

BOOKINGS = "/api/v1/bookings"


async def booked(phone: Client, place: Bookable, slot: SlotOut, **wish: Any) -> dict[str, Any]:
    given = {"item_id": str(place.item_id), "slot_id": str(slot.id)} | wish
    answer = await phone.post(BOOKINGS, json=given, headers=key())
    assert answer.status == 201, answer.text
    made: dict[str, Any] = answer.json
    return made


async def test_availability_never_outlives_a_moved_clock(client: Client, as_citizen: AsCitizen, clock: Clock) -> None:
    place = await bookable()
    first = await place.slots()
    clock.set(first[0].starts_at + timedelta(minutes=1))
    later = await place.slots()
    assert first[0] not in later
    assert later[: len(first) - 1] == first[1:]  # a new day may have opened meanwhile, behind them
    clock.advance(minutes=-2)
    assert first[0] in await place.slots()


async def test_the_cut_off_is_told_before_booking(client: Client, as_citizen: AsCitizen) -> None:
    place = await bookable()
    await booking.set_policy(place.hall.id, cancel_minutes=90)
    query = {"item_id": str(place.item_id), "hall_id": str(place.hall.id)}
    month = (await client.get("/api/v1/availability", params=query)).json
    made = await booked(client.as_((await as_citizen()).token), place, (await place.slots())[-1])
    until = datetime.fromisoformat(made["starts_at"]) - timedelta(minutes=month["cancel_minutes"])
    assert (month["cancel_minutes"], until) == (90, datetime.fromisoformat(made["cancel_until"]))


async def test_my_bookings_page_by_page(client: Client, as_citizen: AsCitizen) -> None:
    place = await bookable(capacity=9)
    slots = await place.slots()
    phone = client.as_((await as_citizen()).token)
    await booking.set_policy(place.hall.id, per_person_item=3)
    made = [await booked(phone, place, slots[-1 - 20 * back]) for back in range(3)]
    await phone.post(f"{BOOKINGS}/{made[0]['id']}/cancel", headers=key())
    first = (await phone.get(BOOKINGS, params={"limit": "1"})).json
    assert [one["id"] for one in first["items"]] == [made[2]["id"]]
    rest = (await phone.get(BOOKINGS, params={"limit": "1", "cursor": first["next"]})).json
    assert ([one["id"] for one in rest["items"]], rest["next"]) == ([made[1]["id"]], None)
    past = (await phone.get(BOOKINGS, params={"state": "past"})).json["items"]
    assert [(one["id"], one["state"]) for one in past] == [(made[0]["id"], "cancelled")]
    assert (await phone.get(BOOKINGS, params={"cursor": "x"})).status == 422
    # The next visit is the earliest to come, not the latest made.
    assert (await phone.get("/api/v1/home")).json["next_booking"]["id"] == made[2]["id"]


async def test_a_hundred_bookings_cost_as_many_questions_as_one(
    client: Client, as_citizen: AsCitizen, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = await bookable(capacity=9)
    await booking.set_policy(place.hall.id, per_person_item=9, per_person=9)
    slots = await place.slots()
    someone = await as_citizen()
    phone = client.as_(someone.token)
    asked: list[int] = []
    for many in (1, 6):
        for back in range(many):
            await booked(phone, place, slots[-1 - 20 * (back + many)])
        asked.append(await questions(phone, monkeypatch))
    assert asked[1] == asked[0] > 0


async def questions(phone: Client, monkeypatch: pytest.MonkeyPatch) -> int:
    """Count what PostgreSQL is asked for one list."""
    count = 0
    executed = db.Client.execute_query

    async def counting(self: db.Client, *args: Any, **options: Any) -> tuple[int, Any]:
        nonlocal count
        count += 1
        found: tuple[int, Any] = await executed(self, *args, **options)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(db.Client, "execute_query", counting)
        assert (await phone.get(BOOKINGS, params={"limit": "100"})).status == 200
    return count
