"""What a hall allows a person, what not coming costs, and what is said before a visit."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from asyncpg import Record

from server import db
from server.db.promises import Stored
from server.features.booking import service as booking
from server.features.booking.service import _batch, _book, _facts
from server.features.booking.service._facts import Wish
from server.kit import clock as clocks
from server.kit.batching import Batcher
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.booking import bookable, key
from tests.factories.identity import AsCitizen, AsStaff
from tests.fixtures_web import Client
from tests.server.booking.test_holds import BOOKINGS, tapped


async def test_one_item_is_not_kept_on_many_days(client: Client, as_citizen: AsCitizen) -> None:
    place = await bookable(capacity=5)
    first, *_, last = await place.slots()
    phone = client.as_((await as_citizen()).token)
    assert (await tapped(phone, place, first)).status == 201
    refused = await tapped(phone, place, last)
    assert (refused.status, refused.json["code"]) == (409, "booking.item_limit")


async def test_no_more_in_all_than_the_hall_allows(client: Client, as_citizen: AsCitizen) -> None:
    places = [await bookable(capacity=5) for _ in range(4)]
    phone = client.as_((await as_citizen()).token)
    codes = []
    for back, place in enumerate(places):
        answer = await tapped(phone, place, (await place.slots())[-1 - 20 * back])
        codes.append(answer.json.get("code") if answer.status == 409 else answer.status)
    assert codes == [201, 201, 201, "booking.limit_in_all"]


class _Processes:
    """Every wish meets a web process of its own: its own batch, on its own connection; all look before any writes."""

    def __init__(self, number: int) -> None:
        self._reads = number
        self._all_have_looked = asyncio.Barrier(number)

    async def ask(self, wish: Wish) -> Stored:
        """As a batcher does."""
        return await Batcher(_batch._run, apart=_batch._apart).ask(wish)

    async def fetch(self, sql: str, *args: object) -> list[Record]:
        """As a lane does."""
        self._reads -= 1
        first = self._reads >= 0
        lane = db.Lane()
        try:
            rows = await lane.fetch(sql, *args)
        finally:
            await lane.close()
        if first:
            await self._all_have_looked.wait()
        return rows


async def test_limits_hold_for_one_person_in_many_processes(
    client: Client, as_citizen: AsCitizen, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = await bookable(capacity=9)
    # Of one day, the key of the table would be enough.
    slots = list({slot.starts_at.date(): slot for slot in await place.slots()}.values())[-6:]
    assert len(slots) == 6
    phone = client.as_((await as_citizen()).token)
    processes = _Processes(len(slots))
    monkeypatch.setattr(_batch, "_lane", processes)
    monkeypatch.setattr(_book, "batcher", processes)
    answers = await asyncio.gather(*(tapped(phone, place, slot) for slot in slots))
    assert Counter(answer.status for answer in answers) == {201: 1, 409: 5}, [one.text for one in answers]
    assert await db.fetchval("SELECT count(*) FROM booking") == await db.fetchval("SELECT sum(taken) FROM slot") == 1


async def test_what_a_person_may_hold_in_all_holds_in_many_processes(
    client: Client, as_citizen: AsCitizen, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Other items are other matters: nothing but the count of the person stands between these wishes.
    places = [await bookable(capacity=5) for _ in range(6)]
    wishes = [(place, (await place.slots())[-1 - 20 * back]) for back, place in enumerate(places)]
    phone = client.as_((await as_citizen()).token)
    processes = _Processes(len(wishes))
    monkeypatch.setattr(_batch, "_lane", processes)
    monkeypatch.setattr(_book, "batcher", processes)
    answers = await asyncio.gather(*(tapped(phone, place, slot) for place, slot in wishes))
    assert Counter(answer.status for answer in answers) == {201: 3, 409: 3}, [one.text for one in answers]


async def test_not_coming_too_often_limits_until_excused(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    place = await bookable(capacity=5)
    await booking.set_policy(place.hall.id, no_show_limit=1, blocked_days=30)
    phone = client.as_((await as_citizen()).token)
    manager = await as_staff("hall_manager", hall=place.hall.id)
    slots = await place.slots()
    made = UUID((await tapped(phone, place, slots[0])).json["id"])
    await booking.confirm(manager.actor, [made])
    clock.set(slots[0].ends_at)
    clock.advance(minutes=1)
    await booking.miss(manager.actor, made)
    refused = await tapped(phone, place, slots[-1])
    assert (refused.status, refused.json["code"]) == (409, "booking.blocked")
    until = slots[0].starts_at.astimezone(clocks.SHANGHAI).date() + timedelta(days=30)
    assert f"{until.year}年{until.month}月{until.day}日" in refused.json["detail"]
    reason = {"reason": "那天孩子发烧，去了医院。"}
    said = await phone.post(f"{BOOKINGS}/{made}/appeal", json=reason, headers=key())
    assert (said.status, said.json["appeal"]) == (200, "open")
    again = await phone.post(f"{BOOKINGS}/{made}/appeal", json=reason, headers=key())
    assert (again.status, again.json["code"]) == (409, "booking.appealed")
    stored = await db.fetchval("SELECT reason_sealed FROM appeal")
    assert "医院".encode() not in bytes(stored)
    (waiting,) = await booking.appeals(manager.actor, place.hall.id)
    assert await booking.open_appeals(manager.actor) == [(place.hall.id, 1)]
    elsewhere = await as_staff("hall_manager", hall=(await make.hall("town", region_code="341226100")).id)
    assert await booking.open_appeals(elsewhere.actor) == []
    await booking.decide(manager.actor, waiting.id, grant=True)
    assert await booking.open_appeals(manager.actor) == []
    # What became of it stays on the page.
    assert (await phone.get(f"{BOOKINGS}/{made}")).json["appeal"] == "granted"
    assert await booking.appeals(manager.actor, place.hall.id) == []
    assert (await tapped(phone, place, slots[-1])).status == 201


async def test_reminders_follow_the_booking(client: Client, as_citizen: AsCitizen, clock: Clock) -> None:
    place = await bookable(capacity=5, confirmation="auto")
    slots = [slot for slot in await place.slots() if slot.starts_at.hour == 2]
    early, late = slots[3], slots[6]
    phone = client.as_((await as_citizen()).token)
    made = (await tapped(phone, place, early)).json
    moved = await phone.post(f"{BOOKINGS}/{made['id']}/reschedule", json={"slot_id": str(late.id)}, headers=key())
    assert moved.status == 200
    clock.set(early.starts_at)
    clock.advance(hours=-23)
    assert await booking.remind() == 0
    clock.set(late.starts_at)
    clock.advance(hours=-23)
    assert [await booking.remind() for _ in range(2)] == [1, 0]
    clock.set(late.starts_at)
    clock.advance(hours=-1)
    assert [await booking.remind() for _ in range(2)] == [1, 0]
    kinds = Counter(row["kind"] for row in await db.fetch("SELECT kind FROM inbox"))
    assert (kinds["booking.tomorrow"], kinds["booking.soon"]) == (1, 1)
    clock.advance(days=-3)
    await phone.post(f"{BOOKINGS}/{moved.json['id']}/cancel", headers=key())
    clock.set(late.starts_at)
    clock.advance(hours=-23)
    assert await booking.remind() == 0


async def test_papers_are_ticked_until_the_visit(client: Client, as_citizen: AsCitizen) -> None:
    place = await bookable()
    phone = client.as_((await as_citizen()).token)
    made = (await tapped(phone, place, (await place.slots())[-1])).json
    assert not any(one["ticked"] for one in made["bring"])
    wanted = [one["key"] for one in made["bring"]]
    ticks = f"{BOOKINGS}/{made['id']}/ticks"
    shown = await phone.post(ticks, json={"ticked": [*wanted, "unknown"]}, headers=key())
    assert [one["ticked"] for one in shown.json["bring"]] == [True] * len(wanted)
    kept = (await phone.get(f"{BOOKINGS}/{made['id']}")).json
    assert [one["ticked"] for one in kept["bring"]] == [True] * len(wanted)
    await phone.post(f"{BOOKINGS}/{made['id']}/cancel", headers=key())
    late = await phone.post(ticks, json={"ticked": []}, headers=key())
    assert (late.status, late.json["code"]) == (409, "booking.wrong_state")


def test_the_limit_counts_only_what_lies_near() -> None:
    assert _facts.blocked_until(booking.BookingPolicy(hall_id=UUID(int=1)), []) is None
