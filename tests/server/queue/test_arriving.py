"""Who has booked never queues twice: arriving makes the ticket, early birds overtake nobody, the phone hears of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from server import db
from server.errors import AppError, Conflict
from server.features.booking import service as booking
from server.features.booking.schemas import SlotOut
from server.features.catalogue import service as catalogue
from server.features.queue import service as queue
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.booking import Bookable, bookable, key
from tests.factories.identity import AsCitizen, AsStaff, SomeCitizen, child_of
from tests.factories.queue import grown_up, watched
from tests.fixtures_web import Answer, Client

CHECK_INS = "/api/v1/check-ins"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Somebody with a confirmed place."""

    someone: SomeCitizen
    phone: Client
    booking: dict[str, Any]

    async def scans(self, token: str) -> Answer:
        return await self.phone.post(CHECK_INS, json={"token": token}, headers=key())

    async def ticket(self, ticket_id: str, **query: int) -> dict[str, Any]:
        seen: dict[str, Any] = (await self.phone.get(f"/api/v1/tickets/{ticket_id}", params=query)).json
        return seen


async def expected(client: Client, as_citizen: AsCitizen, place: Bookable, slot: SlotOut, **wish: Any) -> Guest:
    someone = await as_citizen(born=grown_up())
    phone = client.as_(someone.token)
    given = {"item_id": str(place.item_id), "slot_id": str(slot.id)} | wish
    made = await phone.post("/api/v1/bookings", json=given, headers=key())
    assert made.status == 201, made.text
    return Guest(someone=someone, phone=phone, booking=made.json)


async def day_of(place: Bookable) -> list[SlotOut]:
    """The places of the last day on offer, the earliest first."""
    slots = await place.slots()
    return [slot for slot in slots if slot.starts_at.date() == slots[-1].starts_at.date()]


async def test_the_halls_qr_makes_a_ticket_once(client: Client, as_citizen: AsCitizen, clock: Clock) -> None:
    place = await bookable(confirmation="auto")
    slot = (await day_of(place))[2]
    guest = await expected(client, as_citizen, place, slot)
    clock.set(slot.starts_at - timedelta(minutes=10))
    token = await queue.hall_token(place.hall.id)
    assert token == await queue.hall_token(place.hall.id)
    first = await guest.scans(token)
    assert (first.status, first.json["number"], first.json["ahead"]) == (201, "A001", 0)
    again = await guest.scans(token)
    assert again.json["id"] == first.json["id"]
    assert await db.fetchval("SELECT count(*) FROM ticket") == 1


async def test_many_scans_at_once_are_one_ticket(client: Client, as_citizen: AsCitizen, clock: Clock) -> None:
    place = await bookable(confirmation="auto")
    slot = (await day_of(place))[0]
    guest = await expected(client, as_citizen, place, slot)
    clock.set(slot.starts_at)
    token = await queue.hall_token(place.hall.id)
    answers = await asyncio.gather(*(guest.scans(token) for _ in range(5)))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert await db.fetchval("SELECT count(*) FROM ticket") == 1


async def test_codes_that_make_no_ticket(client: Client, as_citizen: AsCitizen, clock: Clock) -> None:
    place = await bookable(confirmation="auto")
    slot = (await day_of(place))[0]
    guest = await expected(client, as_citizen, place, slot)
    hall = await queue.hall_token(place.hall.id)
    early = await guest.scans(hall)
    assert (early.status, early.json["code"]) == (409, "queue.nothing_today")
    clock.set(slot.starts_at)
    other = await make.hall("town", name="古城镇便民中心", region_code="341226100")
    elsewhere = await guest.scans(await queue.hall_token(other.id))
    assert (elsewhere.status, elsewhere.json["code"]) == (409, "queue.other_hall")
    assert place.hall.name in elsewhere.json["detail"]
    own = await guest.scans(guest.booking["code"])
    assert (own.status, own.json["code"]) == (404, "codes.wrong_kind")
    unknown = await guest.scans("nonsense")
    assert (unknown.status, unknown.json["code"]) == (404, "codes.unknown")
    assert (await guest.scans("x" * 65)).status == 422
    assert (await client.post(CHECK_INS, json={"token": hall}, headers=key())).status == 401


async def test_a_mother_and_her_child_arrive_together(client: Client, as_citizen: AsCitizen, clock: Clock) -> None:
    """Both are due: both get tickets. What is booked for the afternoon waits for the afternoon."""
    place = await bookable(confirmation="auto", capacity=9)
    slots = await day_of(place)
    mother = await expected(client, as_citizen, place, slots[0])
    child = await child_of(mother.someone)
    for_child = {"item_id": str(place.item_id), "slot_id": str(slots[1].id), "for_person_id": str(child)}
    assert (await mother.phone.post("/api/v1/bookings", json=for_child, headers=key())).status == 201
    later = await bookable(confirmation="auto", capacity=9)
    afternoon = {"item_id": str(later.item_id), "slot_id": str(slots[-1].id)}
    assert (await mother.phone.post("/api/v1/bookings", json=afternoon, headers=key())).status == 201
    clock.set(slots[0].starts_at - timedelta(minutes=5))
    token = await queue.hall_token(place.hall.id)
    shown = await mother.scans(token)
    assert shown.json["thread_id"] == mother.booking["thread_id"]
    assert await db.fetchval("SELECT count(*) FROM ticket") == 2
    assert (await mother.scans(token)).json["id"] == shown.json["id"]
    assert await db.fetchval("SELECT count(*) FROM ticket") == 2
    # Two numbers in one hand: each says whose it is, but not to whoever only reads the slip.
    hers, childs = (await mother.phone.get(f"/api/v1/arrivals/{token}")).json["tickets"]
    assert (hers["person"], childs["person"]) == (None, "王*一")
    assert (await mother.phone.get(f"/api/v1/tickets/{childs['id']}")).json["person"] == "王*一"
    assert (await client.get(f"/api/v1/places/{childs['code']}")).json["person"] is None
    clock.set(slots[-1].starts_at - timedelta(minutes=30))
    await mother.scans(token)
    assert await db.fetchval("SELECT count(*) FROM ticket") == 3


async def test_who_comes_early_is_welcome_and_overtakes_nobody(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    place = await bookable(confirmation="auto")
    slots = await day_of(place)
    await queue.set_policy(place.hall.id, opens_minutes=720)
    late = await expected(client, as_citizen, place, slots[-1])
    soon = await expected(client, as_citizen, place, slots[1])
    clock.set(slots[0].starts_at)
    token = await queue.hall_token(place.hall.id)
    first = (await late.scans(token)).json
    assert (first["number"], first["ahead"]) == ("A001", 0)
    clock.set(slots[1].starts_at - timedelta(minutes=5))
    second = (await soon.scans(token)).json
    assert (second["number"], second["ahead"]) == ("A002", 0)
    assert (await late.ticket(first["id"]))["ahead"] == 1
    clerk = await as_staff("clerk", hall=place.hall.id)
    window = (await catalogue.windows(place.hall.id))[0]
    assert await queue.call_next(clerk.actor, window.id) == UUID(second["id"])
    await queue.finish(clerk.actor, UUID(second["id"]))
    assert await queue.call_next(clerk.actor, window.id) == UUID(first["id"])


async def test_the_desk_checks_in_by_code_or_by_row(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    place = await bookable(confirmation="auto", capacity=9)
    slot = (await day_of(place))[3]
    by_code, by_row = [await expected(client, as_citizen, place, slot) for _ in range(2)]
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    with pytest.raises(Conflict) as early:
        await queue.check_in_at_desk(clerk, by_code.booking["code"])
    assert early.value.code == "queue.not_today"
    assert "年" in str(early.value.params["day"])
    clock.set(slot.starts_at)
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    made = await queue.check_in_at_desk(clerk, by_code.booking["code"])
    assert (await queue.check_in_at_desk(clerk, by_code.booking["code"])).id == made.id
    assert (await queue.check_in_at_desk(clerk, UUID(by_code.booking["id"]))).id == made.id
    assert (await queue.check_in_at_desk(clerk, UUID(by_row.booking["id"]))).number == "A002"
    assert (await by_code.scans(await queue.hall_token(place.hall.id))).json["id"] == str(made.id)
    town = await make.hall("town", region_code="341226100")
    stranger = (await as_staff("clerk", hall=town.id)).actor
    for code, refusal in (
        (by_code.booking["code"], "queue.other_hall"),
        (await queue.hall_token(town.id), "codes.wrong_kind"),
        ("nonsense", "codes.unknown"),
    ):
        with pytest.raises(AppError) as refused:
            await queue.check_in_at_desk(stranger, code)
        assert refused.value.code == refusal
    assert await db.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'booking.checked_in'") == 2


async def test_an_unconfirmed_booking_makes_no_ticket(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    place = await bookable()
    slot = (await day_of(place))[3]
    guest = await expected(client, as_citizen, place, slot)
    clock.set(slot.starts_at)
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    with pytest.raises(Conflict, match="wrong_state"):
        await queue.check_in_at_desk(clerk, UUID(guest.booking["id"]))
    await booking.confirm(clerk, [UUID(guest.booking["id"])])
    assert (await queue.check_in_at_desk(clerk, UUID(guest.booking["id"]))).number == "A001"


async def test_whoever_is_expected_elsewhere_or_not_yet_is_told_so_at_the_door(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    place = await bookable()
    slot = (await day_of(place))[3]
    guest = await expected(client, as_citizen, place, slot)
    clock.set(slot.starts_at)
    town = await make.hall("town", region_code="341226100")
    here, there = [await queue.hall_token(hall) for hall in (place.hall.id, town.id)]

    async def seen(token: str) -> dict[str, Any]:
        shown: dict[str, Any] = (await guest.phone.get(f"/api/v1/arrivals/{token}")).json
        return shown

    waiting = await seen(here)
    assert waiting["expected"] == []
    assert [(one["why"], one["booking_id"]) for one in waiting["astray"]] == [("unanswered", guest.booking["id"])]
    assert (await seen(there))["astray"] == []
    await booking.confirm((await as_staff("clerk", hall=place.hall.id)).actor, [UUID(guest.booking["id"])])
    assert (await seen(here))["astray"] == []
    wrong = await seen(there)
    assert wrong["expected"] == []
    assert [(one["why"], one["hall"]) for one in wrong["astray"]] == [("other_hall", place.hall.name)]


async def test_ones_own_code_opens_the_booking_and_then_the_number(
    client: Client, as_citizen: AsCitizen, clock: Clock
) -> None:
    place = await bookable(confirmation="auto")
    slot = (await day_of(place))[3]
    guest = await expected(client, as_citizen, place, slot)
    code = f"/api/v1/codes/{guest.booking['code']}"
    assert (await guest.phone.get(code)).json["page"] == f"/features/booking/pages/detail?id={guest.booking['id']}"
    stranger = client.as_((await as_citizen()).token)
    assert [(await phone.get(code)).json["page"] for phone in (stranger, client)] == [None, None]
    clock.set(slot.starts_at)
    ticket = (await guest.scans(await queue.hall_token(place.hall.id))).json
    assert (await guest.phone.get(code)).json["page"] == f"/features/queue/pages/ticket?id={ticket['id']}"
    assert await db.fetchval("SELECT count(*) FROM ticket") == 1, "looking makes no number"


async def test_the_long_poll_wakes_when_called_and_when_the_line_moves(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    place = await bookable(confirmation="auto", capacity=9)
    slot = (await day_of(place))[0]
    first, second = [await expected(client, as_citizen, place, slot) for _ in range(2)]
    clock.set(slot.starts_at)
    token = await queue.hall_token(place.hall.id)
    mine, theirs = (await second.scans(token)).json, (await first.scans(token)).json
    clerk = await as_staff("clerk", hall=place.hall.id)
    window = (await catalogue.windows(place.hall.id))[0]
    behind = theirs if theirs["ahead"] else mine
    guest = first if theirs["ahead"] else second
    started = asyncio.get_running_loop().time()
    waiting = asyncio.create_task(guest.ticket(behind["id"], version=behind["version"], wait=20))
    await watched(place.hall.id, 1)
    assert not waiting.done()
    await queue.call_next(clerk.actor, window.id)
    moved = await waiting
    assert moved["ahead"] == 0
    waiting = asyncio.create_task(guest.ticket(behind["id"], version=moved["version"], wait=20))
    await watched(place.hall.id, 1)
    await queue.finish(clerk.actor, (await queue.waiting(clerk.actor, place.hall.id))[0].id)
    await queue.call_next(clerk.actor, window.id)
    called = await waiting
    assert (called["state"], called["window"]) == ("called", window.name)
    assert asyncio.get_running_loop().time() - started < 8, "it was only found out by looking again"


async def test_the_long_poll_answers_at_once_or_in_time(client: Client, as_citizen: AsCitizen, clock: Clock) -> None:
    place = await bookable(confirmation="auto")
    slot = (await day_of(place))[0]
    guest = await expected(client, as_citizen, place, slot)
    clock.set(slot.starts_at)
    ticket = (await guest.scans(await queue.hall_token(place.hall.id))).json
    assert (await guest.ticket(ticket["id"], version=0, wait=20))["version"] == ticket["version"]
    assert (await guest.ticket(ticket["id"], version=9, wait=1))["version"] == ticket["version"]
    assert (await guest.phone.get(f"/api/v1/tickets/{ticket['id']}", params={"wait": 26})).status == 422
    stranger = client.as_((await as_citizen()).token)
    assert (await stranger.get(f"/api/v1/tickets/{ticket['id']}")).status == 404
