"""What somebody without a booking has come for: asked on the phone, kept with the number, and one matter in the end."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from server import db
from server.features.booking.schemas import SlotOut
from server.features.cases import service as cases
from server.features.queue import service as queue
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.booking import Bookable, bookable, key
from tests.factories.identity import AsCitizen, AsStaff, SomeCitizen, enterprise_of
from tests.factories.queue import grown_up
from tests.fixtures_web import Client
from tests.server.booking.test_holds import BOOKINGS
from tests.server.queue.test_walking_in import books, opened, takes


async def test_the_phone_asks_what_for(client: Client, as_citizen: AsCitizen, clock: Clock) -> None:
    """What is asked for most at each kind, so that the number names its matter; whoever cannot say need not."""
    place, slot = await opened(clock, opens_minutes=10)
    other = (await make.guide(await make.item(heat=1_000))).item
    await make.guide(await make.item(heat=2_000), skill="done_nowhere")
    phone = client.as_((await as_citizen(born=grown_up())).token)
    token = await queue.hall_token(place.hall.id)
    seen = (await phone.get(f"/api/v1/arrivals/{token}")).json
    assert [(one["id"], one["skill"]) for one in seen["items"]] == [
        (str(one), "general") for one in (other.id, place.item_id)
    ]
    # Whoever has booked one thing for later takes a number for another now.
    await books(phone, place, slot)
    assert (await takes(phone, place)).json["code"] == "queue.booked_later"
    made = (await takes(phone, place, item_id=str(other.id))).json
    assert (made["number"], made["item"]) == ("B001", other.name)
    assert (await phone.get(f"/api/v1/places/{made['code']}")).json["item"] == other.name
    unsure = await as_citizen(born=grown_up())
    unsaid = (await takes(client.as_(unsure.token), place)).json
    assert (unsaid["number"], unsaid["item"], unsaid["bring"]) == ("B002", None, [])
    later = client.as_(unsure.token)
    said = (await takes(later, place, item_id=str(place.item_id))).json
    assert (said["id"], said["number"], said["bring"]) == (unsaid["id"], "B002", ["居民身份证"])
    assert await steps(later, said) == ["queue.taken"]
    assert (await takes(later, place, item_id=str(other.id))).json["number"] == "B003", "another matter"


async def walks_in(
    client: Client, as_citizen: AsCitizen, clock: Clock, **guide: Any
) -> tuple[Bookable, SlotOut, SomeCitizen, Client, dict[str, Any]]:
    """Somebody at a hall with a number for an item, and a time later that day."""
    place = await bookable(confirmation="auto", capacity=20, audience=["person", "enterprise"], **guide)
    await queue.set_policy(place.hall.id, every_day=True)
    slots = await place.slots()
    clock.set(next(one for one in slots if one.starts_at.date() == slots[-1].starts_at.date()).starts_at)
    person = await as_citizen(born=grown_up())
    phone = client.as_(person.token)
    return place, slots[-1], person, phone, (await takes(phone, place, item_id=str(place.item_id))).json


async def steps(phone: Client, number: dict[str, Any]) -> list[str]:
    return [step["name"] for step in (await phone.get(f"/api/v1/threads/{number['thread_id']}")).json["steps"]]


async def test_a_number_that_becomes_a_companys_booking_ends_its_own_matter(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    place, slot, person, phone, number = await walks_in(client, as_citizen, clock)
    wish = {"item_id": str(place.item_id), "slot_id": str(slot.id)}
    made = await phone.post(BOOKINGS, json=wish | {"enterprise_id": str(await enterprise_of(person))}, headers=key())
    assert made.status == 201, made.text
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    joined = await queue.check_in_at_desk(clerk, made.json["code"])
    assert (str(joined.id), str(joined.thread_id)) == (number["id"], made.json["thread_id"])
    assert await steps(phone, number) == ["queue.taken", "queue.joined", "thread.closed"]
    assert await db.fetchval("SELECT count(*) FROM thread WHERE state = 'open'") == 1
    assert await db.fetchval("SELECT count(*) FROM rating") == 0, "nobody is asked how a number was"


@pytest.mark.parametrize("way", ["phone", "desk", "night"])
async def test_whoever_leaves_ends_the_matter(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock, way: str
) -> None:
    place, _, _, phone, number = await walks_in(client, as_citizen, clock)
    match way:
        case "phone":
            assert (await phone.post(f"/api/v1/tickets/{number['id']}/leave", headers=key())).status == 200
        case "desk":
            await queue.leave((await as_staff("clerk", hall=place.hall.id)).actor, UUID(number["id"]))
        case _:
            clock.advance(days=1)
            assert await queue.close_day() == 1
    assert await steps(phone, number) == ["queue.taken", "queue.left", "thread.closed"]


@pytest.mark.parametrize("online", [False, True])
async def test_whoever_was_served_ends_it_unless_they_may_still_apply(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock, online: bool
) -> None:
    place, _, _, phone, number = await walks_in(client, as_citizen, clock, online=online)
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    await queue.call_next(clerk, (await make.window(place.hall, 1)).id)
    await queue.finish(clerk, UUID(number["id"]))
    served = ["queue.taken", "queue.called", "queue.served"]
    assert await steps(phone, number) == (served if online else [*served, "thread.closed"])
    assert await db.fetchval("SELECT count(*) FROM rating") == 1
    clock.advance(days=31)
    assert await cases.close_idle() == online
    assert (await steps(phone, number))[-1] == "thread.closed"


async def test_a_matter_does_not_end_while_somebody_waits_for_it(
    client: Client, as_citizen: AsCitizen, clock: Clock
) -> None:
    place, slot, _, phone, number = await walks_in(client, as_citizen, clock)
    made = await books(phone, place, slot)
    assert made["thread_id"] == number["thread_id"]
    assert (await phone.post(f"{BOOKINGS}/{made['id']}/cancel", headers=key())).status == 200
    assert (await steps(phone, number))[-1] == "booking.cancelled"
