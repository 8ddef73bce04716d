"""Whoever has booked never holds a second number: by phone, kiosk, desk and the hall's QR, in every order of deeds."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import pytest

from server import db
from server.actor import Anonymous, Staff
from server.errors import Conflict
from server.features.booking import service as booking
from server.features.queue import service as queue
from server.features.queue.service import _arrive, _walk_in
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.booking import Bookable, key
from tests.factories.identity import AsCitizen, AsStaff
from tests.factories.queue import grown_up
from tests.fixtures_web import Answer, Client
from tests.server.queue.test_walking_in import books, opened, takes

NOBODY = Anonymous()
WAYS = ("hall", "kiosk", "desk", "desk_row")
COUPLES = 10


async def scans(phone: Client, place: Bookable, **more: object) -> Answer:
    given = {"token": await queue.hall_token(place.hall.id)} | more
    return await phone.post("/api/v1/check-ins", json=given, headers=key())


async def arrives(way: str, phone: Client, clerk: Staff, place: Bookable, made: dict[str, str]) -> str:
    """Check in by one of the ways there are; gives the ticket."""
    match way:
        case "hall":
            answer = await scans(phone, place)
            assert answer.status == 201, answer.text
            return str(answer.json["id"])
        case "kiosk":
            return str((await queue.check_in_at_kiosk(NOBODY, place.hall.id, made["code"])).id)
        case "desk":
            return str((await queue.check_in_at_desk(clerk, made["code"])).id)
        case _:
            return str((await queue.check_in_at_desk(clerk, UUID(made["id"]))).id)


@pytest.mark.parametrize("way", WAYS)
async def test_the_number_on_the_phone_becomes_that_of_the_booking(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock, way: str
) -> None:
    """A phone takes a number for a kind of business, not for an item; the booking made before or after names one."""
    place, slot = await opened(clock)
    phone = client.as_((await as_citizen(born=grown_up())).token)
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    number = (await takes(phone, place)).json
    made = await books(phone, place, slot)
    assert await arrives(way, phone, clerk, place, made) == number["id"]
    assert (await takes(phone, place)).json["id"] == number["id"]
    assert await arrives("hall", phone, clerk, place, made) == number["id"]
    seen = (await phone.get(f"/api/v1/tickets/{number['id']}")).json
    assert (seen["booked"], seen["thread_id"], seen["bring"]) == (True, made["thread_id"], ["居民身份证"])
    assert await db.fetchval("SELECT count(*) FROM ticket") == 1


@pytest.mark.parametrize("way", WAYS)
async def test_whoever_checked_in_takes_none_besides(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock, way: str
) -> None:
    place, slot = await opened(clock)
    phone = client.as_((await as_citizen(born=grown_up())).token)
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    ticket = await arrives(way, phone, clerk, place, await books(phone, place, slot))
    for wish in ({}, {"item_id": str(place.item_id)}):
        assert (await takes(phone, place, **wish)).json["id"] == ticket
    assert await db.fetchval("SELECT count(*) FROM ticket") == 1


async def test_the_number_moves_up_to_the_promised_place(client: Client, as_citizen: AsCitizen, clock: Clock) -> None:
    """Who joins a booking to a number loses nothing by it: the better of the two places counts."""
    place, slot = await opened(clock)
    before, phone = [client.as_((await as_citizen(born=grown_up())).token) for _ in range(2)]
    assert (await takes(before, place)).json["ahead"] == 0
    clock.advance(minutes=1)
    assert (await takes(phone, place)).json["ahead"] == 1
    await books(phone, place, slot)
    joined = (await scans(phone, place)).json
    assert (joined["ahead"], joined["late"]) == (0, False)


async def test_another_matter_of_the_same_person_keeps_its_own_number(
    client: Client, as_citizen: AsCitizen, clock: Clock
) -> None:
    place, slot = await opened(clock)
    other = await make.guide(await make.item())
    phone = client.as_((await as_citizen(born=grown_up())).token)
    first = (await takes(phone, place, item_id=str(other.item.id))).json
    await books(phone, place, slot)
    second = (await scans(phone, place)).json
    assert (first["number"], {first["id"]} & {second["id"]}) == ("B001", set())


async def crowd(client: Client, as_citizen: AsCitizen, clock: Clock) -> Counter[UUID]:
    """Each has booked and taps on two devices at once, a number here and the check-in there; counts their tickets."""
    place, slot = await opened(clock)
    token = await queue.hall_token(place.hall.id)
    taps = []
    for _ in range(COUPLES):
        phone = client.as_((await as_citizen(born=grown_up())).token)
        await books(phone, place, slot)
        taps += [phone.post("/api/v1/walk-ins", json={"token": token, "skill": "general"}, headers=key())]
        taps += [phone.post("/api/v1/check-ins", json={"token": token}, headers=key())]
    await asyncio.gather(*taps)
    rows = await db.fetch("SELECT person_id FROM ticket WHERE state = 'waiting'")
    return Counter(row["person_id"] for row in rows)


async def test_two_devices_at_once_hold_one_number(client: Client, as_citizen: AsCitizen, clock: Clock) -> None:
    held = await crowd(client, as_citizen, clock)
    assert (len(held), set(held.values())) == (COUPLES, {1})


async def numbers_first(client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock) -> list[object]:
    """Each takes a number by phone in the moment in which the desk checks in what they have booked."""
    place, slot = await opened(clock)
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    taps = []
    for _ in range(COUPLES):
        phone = client.as_((await as_citizen(born=grown_up())).token)
        made = await books(phone, place, slot)
        taps += [takes(phone, place), queue.check_in_at_desk(clerk, made["code"])]
    return list(await asyncio.gather(*taps, return_exceptions=True))


@asynccontextmanager
async def _no_turn(_door: str) -> AsyncIterator[None]:
    yield


async def _no_lock(_hall_id: UUID) -> None:
    """Let everybody pass at once."""


async def test_phone_and_desk_at_once_hold_one_number(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    said = await numbers_first(client, as_citizen, as_staff, clock)
    assert not [one for one in said if isinstance(one, BaseException)]
    assert await db.fetchval("SELECT count(*) FROM ticket") == COUPLES


async def test_without_the_guard_two_devices_get_in_each_others_way(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What keeps them apart is the door's lock: without it somebody gets a second number or an answer that is wrong."""
    monkeypatch.setattr(_arrive, "one_at_a_time", _no_lock)
    monkeypatch.setattr(_walk_in, "one_at_a_time", _no_lock)
    monkeypatch.setattr(queue, "turn", _no_turn)
    said = await numbers_first(client, as_citizen, as_staff, clock)
    wrong = [one for one in said if isinstance(one, BaseException) or (isinstance(one, Answer) and one.status != 201)]
    doubles = await db.fetchval("SELECT count(*) FROM ticket") - COUPLES
    assert doubles > 0 or wrong, "this rush proves nothing: nobody could have got two"


async def test_a_missed_visit_leaves_the_one_booked_instead(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    """Missed in the morning, booked again for later the same day: the later one is checked in, by every way."""
    place, slot = await opened(clock)
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    slots = [one for one in await place.slots() if one.starts_at.date() == slot.starts_at.date()]
    people = {way: client.as_((await as_citizen(born=grown_up())).token) for way in WAYS}
    missed = {way: await books(phone, place, slot) for way, phone in people.items()}
    clock.set(slot.ends_at + timedelta(minutes=1))
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    for one in missed.values():
        await booking.miss(clerk, UUID(one["id"]))
    later = next(one for one in slots if one.starts_at > slot.ends_at + timedelta(hours=2))
    instead = {way: await books(phone, place, later) for way, phone in people.items()}
    early = await scans(people["hall"], place)
    assert (early.status, early.json["code"]) == (409, "queue.too_early")
    with pytest.raises(Conflict, match="too_early"):
        await queue.check_in_at_kiosk(NOBODY, place.hall.id, missed["kiosk"]["code"])
    clock.set(later.starts_at - timedelta(minutes=5))
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    for way, phone in people.items():
        # The old QR is still on the phone: it leads to the visit that was booked instead.
        ticket = await arrives(way, phone, clerk, place, (instead if way == "desk_row" else missed)[way])
        assert await arrives("hall", phone, clerk, place, missed[way]) == ticket
        seen = (await phone.get(f"/api/v1/tickets/{ticket}")).json
        assert (seen["thread_id"], seen["late"]) == (instead[way]["thread_id"], False)
    assert await db.fetchval("SELECT count(*) FROM ticket") == len(WAYS)
    # When it is done, the missed one does not come back to life by another scan.
    served = UUID(await arrives("hall", people["hall"], clerk, place, missed["hall"]))
    window = await make.window(place.hall, 1)
    assert await queue.call_next(clerk, window.id) == served
    await queue.finish(clerk, served)
    assert (await scans(people["hall"], place)).json["state"] == "done"


async def test_a_double_of_another_kind_is_told_with_the_number_in_hand(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    """A clerk hands somebody on to a kind of business for which that person already has a number."""
    place, _ = await opened(clock)
    window = await make.window(place.hall, 1, "general")
    await make.window(place.hall, 9, "police")
    phone = client.as_((await as_citizen(born=grown_up())).token)
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    first, second = [(await takes(phone, place, skill=kind)).json for kind in ("general", "police")]
    assert await queue.call_next(clerk, window.id) == UUID(first["id"])
    with pytest.raises(Conflict) as twice:
        await queue.transfer(clerk, UUID(first["id"]), skill="police")
    assert (twice.value.code, twice.value.params) == ("queue.has_number", {"number": second["number"]})
    assert await db.fetchval("SELECT state FROM ticket WHERE id = $1", UUID(first["id"])) == "called"
