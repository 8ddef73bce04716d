"""Two windows never call the same person, nobody is lost, and the evening frees what the day forgot."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest

from server import db
from server.actor import Staff
from server.errors import Conflict, NotFound
from server.features.booking import service as booking
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import WindowView
from server.features.queue import service as queue
from server.features.queue.service import _call
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.booking import Bookable, bookable, key
from tests.factories.identity import AsCitizen, AsStaff
from tests.factories.queue import grown_up
from tests.fixtures_web import Client

GUESTS = 6


async def full_hall(client: Client, as_citizen: AsCitizen, clock: Clock, guests: int = GUESTS) -> Bookable:
    """A hall where some people wait."""
    place = await bookable(confirmation="auto", capacity=50)
    slots = await place.slots()
    slot = next(one for one in slots if one.starts_at.date() == slots[-1].starts_at.date())
    people = [await as_citizen(born=grown_up()) for _ in range(guests)]
    wish = {"item_id": str(place.item_id), "slot_id": str(slot.id)}
    for one in people:
        made = await client.as_(one.token).post("/api/v1/bookings", json=wish, headers=key())
        assert made.status == 201, made.text
    clock.set(slot.starts_at)
    token = await queue.hall_token(place.hall.id)
    for one in people:
        await client.as_(one.token).post("/api/v1/check-ins", json={"token": token}, headers=key())
        clock.advance(seconds=1)
    return place


async def windows_of(place: Bookable, count: int) -> list[WindowView]:
    return [await make.window(place.hall, number) for number in range(1, count + 1)]


async def all_call(clerk: Staff, windows: list[WindowView]) -> list[UUID]:
    called = await asyncio.gather(*(queue.call_next(clerk, window.id) for window in windows))
    return [one for one in called if one is not None]


async def test_several_windows_call_several_people(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    place = await full_hall(client, as_citizen, clock)
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    called = await all_call(clerk, await windows_of(place, GUESTS + 2))
    assert len(set(called)) == len(called) == GUESTS
    assert await db.fetchval("SELECT count(*) FROM outbox WHERE kind = 'queue.called'") == GUESTS


async def test_without_the_guard_the_same_rush_calls_somebody_twice(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = await full_hall(client, as_citizen, clock)
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    windows = await windows_of(place, GUESTS)
    # Without the lock everybody picks the same first one, and the update does not look again at what it was picked for.
    bare = _call.CALL_NEXT.replace("FOR UPDATE SKIP LOCKED", "")
    assert bare != _call.CALL_NEXT
    monkeypatch.setattr(_call, "CALL_NEXT", bare)
    called = await all_call(clerk, windows)
    assert len(set(called)) < len(called), "this rush proves nothing: nobody could have been called twice"


async def test_two_taps_at_one_window_call_one(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    place = await full_hall(client, as_citizen, clock)
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    window = (await catalogue.windows(place.hall.id))[0]
    said = await asyncio.gather(*(queue.call_next(clerk, window.id) for _ in range(4)), return_exceptions=True)
    assert Counter("called" if isinstance(one, UUID) else getattr(one, "code", repr(one)) for one in said) == {
        "called": 1,
        "queue.window_busy": 3,
    }
    assert await db.fetchval("SELECT count(*) FROM ticket WHERE state = 'called'") == 1


async def test_skip_and_bring_back(client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock) -> None:
    place = await full_hall(client, as_citizen, clock, 2)
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    window = (await catalogue.windows(place.hall.id))[0]
    first = await queue.call_next(clerk, window.id)
    assert first is not None
    await queue.skip(clerk, first)
    second = await queue.call_next(clerk, window.id)
    assert second not in (first, None)
    with pytest.raises(Conflict, match="wrong_state"):
        await queue.skip(clerk, first)
    await queue.bring_back(clerk, first)
    assert second is not None
    await queue.start(clerk, second)
    with pytest.raises(Conflict, match="wrong_state"):
        await queue.skip(clerk, second)
    await queue.finish(clerk, second)
    # Back at the place their time gives them: next.
    assert await queue.call_next(clerk, window.id) == first
    assert await db.fetchval("SELECT count(*) FROM outbox WHERE kind = 'queue.called'") == 3
    await queue.finish(clerk, first)
    assert await queue.call_next(clerk, window.id) is None


async def test_a_window_calls_only_what_it_can_do(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    place = await full_hall(client, as_citizen, clock, 1)
    special = await make.window(place.hall, 9, "vehicles")
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    assert await queue.call_next(clerk, special.id) is None
    assert len(await queue.waiting(clerk, place.hall.id)) == 1


async def test_another_halls_staff_call_nobody(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    place = await full_hall(client, as_citizen, clock, 1)
    town = await make.hall("town", region_code="341226100")
    stranger = (await as_staff("clerk", hall=town.id)).actor
    reviewer = (await as_staff("reviewer", hall=place.hall.id)).actor
    window = (await catalogue.windows(place.hall.id))[0]
    ticket = (await queue.waiting((await as_staff("clerk", hall=place.hall.id)).actor, place.hall.id))[0]
    for actor in (stranger, reviewer):
        assert await queue.waiting(actor, place.hall.id) == []
        for deed in (
            queue.call_next(actor, window.id),
            queue.start(actor, ticket.id),
            queue.finish(actor, ticket.id),
            queue.skip(actor, ticket.id),
            queue.bring_back(actor, ticket.id),
        ):
            with pytest.raises(NotFound):
                await deed


async def test_what_a_day_left_open_blocks_nobody_tomorrow(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    place = await full_hall(client, as_citizen, clock, 4)
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    one, two = await windows_of(place, 2)
    serving, called = await queue.call_next(clerk, one.id), await queue.call_next(clerk, two.id)
    assert serving is not None
    await queue.start(clerk, serving)
    assert await queue.close_day() == 0
    clock.advance(hours=18)
    # The forgotten window frees itself, even if no worker ran at midnight.
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    assert await queue.call_next(clerk, two.id) is None
    assert await queue.close_day() == 3
    states = {row["id"]: row["state"] for row in await db.fetch("SELECT id, state FROM ticket")}
    assert (states[serving], states[called]) == ("done", "abandoned")
    assert Counter(states.values()) == {"done": 1, "abandoned": 3}
    assert Counter(row["state"] for row in await db.fetch("SELECT state FROM booking")) == {"served": 1, "expired": 3}
    assert await booking.expire_overdue() == 0


async def test_numbers_begin_anew_each_day_and_in_each_hall(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    place = await full_hall(client, as_citizen, clock, 2)
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    assert [row.number for row in await queue.waiting(clerk, place.hall.id)] == ["A001", "A002"]
    clock.advance(days=-3)
    assert timedelta(0) < await _next_days_first(client, as_citizen, place, clock)


async def _next_days_first(client: Client, as_citizen: AsCitizen, place: Bookable, clock: Clock) -> timedelta:
    slots = await place.slots()
    slot = next(one for one in slots if one.starts_at.date() != slots[-1].starts_at.date())
    phone = client.as_((await as_citizen()).token)
    wish = {"item_id": str(place.item_id), "slot_id": str(slot.id)}
    assert (await phone.post("/api/v1/bookings", json=wish, headers=key())).status == 201
    clock.set(slot.starts_at)
    token = await queue.hall_token(place.hall.id)
    made = await phone.post("/api/v1/check-ins", json={"token": token}, headers=key())
    assert made.json["number"] == "A001"
    return slots[-1].starts_at - slot.starts_at
