"""What a person sees of free places and of their own bookings: fresh, in pages, and no dearer for being many."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from server import db
from server.features.booking import service as booking
from server.features.booking.schemas import AvailabilityOut, AvailabilityQuery, SlotOut
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


async def test_a_long_horizon_is_looked_at_month_by_month() -> None:
    """A month says where the next begins, over weeks on which nobody is taken, until there is none."""
    place = await bookable()
    await booking.set_policy(place.hall.id, horizon_days=60)
    await booking.release_slots()

    async def month(first: date | None) -> AvailabilityOut:
        query = AvailabilityQuery(item_id=place.item_id, hall_id=place.hall.id, first=first)
        return await booking.availability(query)

    known = await month(None)
    end = known.days[-1].date
    assert known.next == end + timedelta(days=1)
    await db.execute("UPDATE slot SET closed = true WHERE day BETWEEN $1 AND $2", end, end + timedelta(days=8))
    asked: list[date | None] = [None]
    open_days: list[date] = []
    while asked[-1] is not None or len(asked) == 1:
        later = await month(asked[-1])
        open_days += [day.date for day in later.days if day.open]
        asked.append(later.next)
    assert asked[1] == end + timedelta(days=9)
    assert open_days[-1] == await db.fetchval("SELECT max(day) FROM slot")
    assert open_days[-1] > end + timedelta(days=31)


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
