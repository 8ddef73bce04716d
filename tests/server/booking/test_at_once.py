"""Two who act on one booking at the same moment, from two phones, two desks or a desk and a clock: one wins.

Every test ends with `whole.faults`: the places taken are those who have one, and the rest of what must always be true.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Coroutine
from random import Random
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from server import db
from server.errors import AppError
from server.features.booking import service as booking
from server.features.booking.schemas import SlotOut
from server.features.queue import service as queue
from tests.conftest import Clock
from tests.factories.booking import Bookable, bookable, key
from tests.factories.identity import AsCitizen, AsStaff, SomeCitizen
from tests.fixtures_web import Answer, Client
from tests.server.booking import whole
from tests.server.booking.test_holds import BOOKINGS, requested, tapped
from tests.server.rude.test_storm import hang_up

TIMES = 6
ABORTS = 150
# What may be said to whoever comes second; anything else would be a fault of ours.
_SECOND = {200, 201, 404, 409, 410}


@pytest.fixture(autouse=True)
async def all_is_whole(database: None) -> AsyncIterator[None]:
    yield
    assert await whole.faults(db.fetch) == []


async def said(deed: Awaitable[Any]) -> str:
    """Give what came of it: a state, a refusal's code, or `done`."""
    try:
        answer = await deed
    except AppError as refused:
        return refused.code
    if isinstance(answer, Answer):
        assert answer.status in _SECOND, answer.text
        return str(answer.json.get("state") or answer.json.get("code"))
    return "done"


async def at_once(*deeds: Coroutine[Any, Any, Any]) -> list[str]:
    return list(await asyncio.gather(*(said(deed) for deed in deeds)))


def move(phone: Client, made: dict[str, Any], slot: SlotOut) -> Coroutine[Any, Any, Answer]:
    return phone.post(f"{BOOKINGS}/{made['id']}/reschedule", json={"slot_id": str(slot.id)}, headers=key())


def give_back(phone: Client, made: dict[str, Any]) -> Coroutine[Any, Any, Answer]:
    return phone.post(f"{BOOKINGS}/{made['id']}/cancel", headers=key())


async def state(made: dict[str, Any]) -> str:
    return str(await db.fetchval("SELECT state FROM booking WHERE id = $1", UUID(made["id"])))


async def test_moving_from_two_devices_to_two_times(client: Client, as_citizen: AsCitizen) -> None:
    place = await bookable(capacity=1)
    one, other, mine = (await place.slots())[-3:]
    phone = client.as_((await as_citizen()).token)
    for _ in range(TIMES):
        made = (await tapped(phone, place, mine)).json
        told = await at_once(move(phone, made, one), move(phone, made, other))
        assert sorted(told) == ["booking.wrong_state", "requested"]
        (live,) = (await phone.get(BOOKINGS)).json["items"]
        assert live["number"] == made["number"]
        taken = await db.fetch("SELECT id FROM slot WHERE taken > 0")
        assert len(taken) == 1
        await give_back(phone, live)


async def test_giving_back_while_the_desk_answers(client: Client, as_citizen: AsCitizen, as_staff: AsStaff) -> None:
    place = await bookable(capacity=1)
    slot = (await place.slots())[-1]
    phone = client.as_((await as_citizen()).token)
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    for number in range(TIMES):
        made = (await tapped(phone, place, slot)).json
        one = UUID(made["id"])
        answer = booking.decline(clerk, one, "设备检修") if number % 2 else booking.confirm(clerk, [one])
        told = await at_once(give_back(phone, made), answer)
        # A confirmed booking can still be given back; a declined one cannot, and nothing is declined that is gone.
        assert told in (["cancelled", "done"], ["cancelled", "booking.wrong_state"], ["booking.wrong_state", "done"])
        if await state(made) == "confirmed":
            await give_back(phone, made)
        assert await db.fetchval("SELECT taken FROM slot WHERE id = $1", slot.id) == 0


async def test_coming_in_while_one_is_noted_as_missing(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    place = await bookable(capacity=TIMES, confirmation="auto")
    slot = (await place.slots())[-4]
    made = [(await tapped(client.as_((await as_citizen()).token), place, slot)).json for _ in range(TIMES)]
    clock.set(slot.ends_at)
    clock.advance(minutes=1)
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    for one in made:
        told = await at_once(queue.check_in_at_desk(clerk, UUID(one["id"])), booking.miss(clerk, UUID(one["id"])))
        # Whoever is here has come, whichever of the two was first.
        assert told[0] == "done", told
        assert told[1] in {"done", "booking.wrong_state"}
        assert await state(one) == "checked_in"


async def test_the_same_booking_is_let_in_once_from_desk_phone_and_kiosk(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    place = await bookable(capacity=1, confirmation="auto")
    slot = (await place.slots())[-4]
    phone = client.as_((await as_citizen()).token)
    made = (await tapped(phone, place, slot)).json
    clock.set(slot.starts_at)
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    token = await queue.hall_token(place.hall.id)
    told = await at_once(
        queue.check_in_at_desk(clerk, UUID(made["id"])),
        phone.post("/api/v1/check-ins", json={"token": token}, headers=key()),
        phone.post("/api/v1/check-ins", json={"token": token}, headers=key()),
        queue.check_in_at_desk(clerk, made["code"]),
    )
    assert set(told) <= {"done", "waiting"}
    assert await db.fetchval("SELECT count(*) FROM ticket") == 1


async def test_taking_a_hold_in_the_moment_it_ends(client: Client, as_citizen: AsCitizen, clock: Clock) -> None:
    place = await bookable(capacity=1)
    slot = (await place.slots())[-1]
    phone, next_one = [client.as_((await as_citizen()).token) for _ in range(2)]
    line = {"item_id": str(place.item_id), "hall_id": str(place.hall.id), "day": str(slot.starts_at.date())}
    for early in range(TIMES):
        held = (await tapped(phone, place, slot, hold=True)).json
        clock.advance(minutes=10, seconds=-0.002 * early)
        told = await at_once(requested(phone, held["id"]), booking.release_ended(), booking.release_ended())
        assert told[0] in {"requested", "booking.hold_ended", "booking.wrong_state"}
        clock.advance(seconds=1)
        await booking.release_ended()
        assert await state(held) == ("requested" if told[0] == "requested" else "expired")
        await give_back(phone, held)
    assert (await next_one.post("/api/v1/waits", json=line, headers=key())).json["code"] == "booking.day_free"


async def test_hanging_up_in_the_midst_of_batches(client: Client, as_citizen: AsCitizen) -> None:
    """Half a millisecond to fifty after the tap: the batch goes on, and the next tap with the key hears what became."""
    place = await bookable(capacity=12, confirmation="auto")
    slots = (await place.slots())[-8:]
    crowd = [await as_citizen() for _ in range(24)]
    port, chance, left = urlsplit(client.base).port or 0, Random(20261121), iter(range(ABORTS))

    async def taps(one: SomeCitizen) -> None:
        for _ in left:
            wish = f'{{"item_id":"{place.item_id}","slot_id":"{chance.choice(slots).id}"}}'
            same = key()
            head = [f"POST {BOOKINGS} HTTP/1.1", "host: storm", f"authorization: Bearer {one.token}"]
            head += ["content-type: application/json", f"content-length: {len(wish)}"]
            head += [f"idempotency-key: {same['idempotency-key']}", "", wish]
            await hang_up(port, "\r\n".join(head).encode(), chance.uniform(0.0005, 0.05))
            if chance.random() < 0.3:
                phone = client.as_(one.token)
                again = await phone.post(BOOKINGS, data=wish, headers=same | {"content-type": "application/json"})
                assert again.status in {201, 409}, again.text
                if again.status == 201:
                    await give_back(phone, again.json)

    await asyncio.gather(*(taps(one) for one in crowd))
    await asyncio.sleep(0.3)  # the last batches
    assert db.pool().get_idle_size() == db.pool().get_size()
    assert await db.fetchval("SELECT count(*) FROM booking") > 0


class Crowd:
    """Everybody does anything to anything, all at once."""

    def __init__(self, client: Client, place: Bookable, slots: list[SlotOut], chance: Random) -> None:
        self.client, self.place, self.slots, self.chance = client, place, slots, chance
        self.told: Counter[str] = Counter()

    async def person(self, phone: Client, deeds: int) -> None:
        for _ in range(deeds):
            live = (await phone.get(BOOKINGS)).json["items"]
            self.told[await said(self.deed(phone, live, self.chance.choice(self.slots)))] += 1

    def deed(self, phone: Client, live: list[dict[str, Any]], slot: SlotOut) -> Coroutine[Any, Any, Answer]:
        kind, chance = self.chance.randrange(6), self.chance
        if live and kind == 0:
            return requested(phone, chance.choice(live)["id"])
        if live and kind == 1:
            return give_back(phone, chance.choice(live))
        if live and kind == 2:
            return move(phone, chance.choice(live), slot)
        if kind == 3:
            day = str(slot.starts_at.date())
            line = {"item_id": str(self.place.item_id), "hall_id": str(self.place.hall.id), "day": day}
            return phone.post("/api/v1/waits", json=line, headers=key())
        return tapped(phone, self.place, slot, hold=kind == 4)

    async def hall(self, desk: Any, deeds: int) -> None:  # noqa: ANN401 - a clerk or a manager
        for _ in range(deeds):
            rows = await db.fetch("SELECT id FROM booking WHERE state = 'requested'")
            ids = [row["id"] for row in rows]
            if ids and self.chance.random() < 0.5:
                instead = self.chance.choice([None, *(slot.id for slot in self.slots)])
                self.told[await said(booking.decline(desk, self.chance.choice(ids), "检修", instead))] += 1
            elif ids:
                self.told[await said(booking.confirm(desk, ids))] += 1
            await db.execute("UPDATE booking SET hold_until = now() WHERE state = 'held' AND random() < 0.3")
            self.told[await said(booking.release_ended())] += 1
            self.told[await said(booking.release_slots())] += 1
            await asyncio.sleep(0.01)


async def test_everybody_does_anything_at_once(client: Client, as_citizen: AsCitizen, as_staff: AsStaff) -> None:
    place = await bookable(capacity=2, minutes=120)
    crowd = Crowd(client, place, (await place.slots())[-8:], Random(20261122))
    people = [client.as_((await as_citizen()).token) for _ in range(7)]
    clerks = [(await as_staff("clerk", hall=place.hall.id)).actor for _ in range(2)]
    two_devices = [*people, *people]
    await asyncio.gather(*(crowd.person(one, 12) for one in two_devices), *(crowd.hall(one, 15) for one in clerks))
    assert sum(crowd.told[state] for state in ("held", "requested", "confirmed", "cancelled")) > 20, crowd.told
