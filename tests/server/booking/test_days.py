"""From wish to visit: what the hall answers, what time does to a booking, and what a person sees of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from server import db
from server.errors import AppError, Conflict, InvalidInput, NotFound
from server.features.booking import service as booking
from server.features.booking.schemas import SlotOut
from server.features.queue import service as queue
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.booking import Bookable, bookable, key
from tests.factories.identity import AsCitizen, AsStaff, SomeStaff, enterprise_of
from tests.fixtures_web import Client

BOOKINGS = "/api/v1/bookings"


async def booked(phone: Client, place: Bookable, slot: SlotOut, **wish: Any) -> dict[str, Any]:
    given = {"item_id": str(place.item_id), "slot_id": str(slot.id)} | wish
    answer = await phone.post(BOOKINGS, json=given, headers=key())
    assert answer.status == 201, answer.text
    made: dict[str, Any] = answer.json
    return made


async def seen(phone: Client, booking_id: str) -> dict[str, Any]:
    shown: dict[str, Any] = (await phone.get(f"{BOOKINGS}/{booking_id}")).json
    return shown


async def desk(as_staff: AsStaff, place: Bookable) -> SomeStaff:
    return await as_staff("clerk", hall=place.hall.id)


async def test_the_hall_confirms_many_and_passes_over_who_left(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff
) -> None:
    place = await bookable(capacity=9)
    slot = (await place.slots())[-1]
    clerk = await desk(as_staff, place)
    phones = [client.as_((await as_citizen()).token) for _ in range(3)]
    made = [await booked(phone, place, slot) for phone in phones]
    await phones[1].post(f"{BOOKINGS}/{made[1]['id']}/cancel", headers=key())
    ids = [UUID(one["id"]) for one in made]
    assert await booking.confirm(clerk.actor, ids) == 2
    states = [(await seen(phone, one["id"]))["state"] for phone, one in zip(phones, made, strict=True)]
    assert states == ["confirmed", "cancelled", "confirmed"]
    with pytest.raises(Conflict, match="wrong_state"):
        await booking.confirm(clerk.actor, ids)
    assert await db.fetchval("SELECT count(*) FROM code WHERE kind = 'booking'") == 2


async def test_two_clerks_confirm_the_same_list(client: Client, as_citizen: AsCitizen, as_staff: AsStaff) -> None:
    place = await bookable(capacity=9)
    slot = (await place.slots())[-1]
    made = [await booked(client.as_((await as_citizen()).token), place, slot) for _ in range(6)]
    ids = [UUID(one["id"]) for one in made]
    clerks = [await desk(as_staff, place) for _ in range(3)]
    said = await asyncio.gather(
        *(booking.confirm(one.actor, ids if odd else ids[::-1]) for odd, one in enumerate(clerks)),
        return_exceptions=True,
    )
    assert Counter(one if isinstance(one, int) else getattr(one, "code", repr(one)) for one in said) == {
        6: 1,
        "booking.wrong_state": 2,
    }


async def test_no_is_said_with_a_reason_that_lies_sealed(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff
) -> None:
    place = await bookable(capacity=1)
    slot = (await place.slots())[-1]
    clerk = await desk(as_staff, place)
    phone = client.as_((await as_citizen()).token)
    made = await booked(phone, place, slot)
    with pytest.raises(InvalidInput, match="reason_missing"):
        await booking.decline(clerk.actor, UUID(made["id"]), "  ")
    await booking.decline(clerk.actor, UUID(made["id"]), "系统维护，请改约。")
    shown = await seen(phone, made["id"])
    assert (shown["state"], shown["declined_reason"], shown["can"]) == ("declined", "系统维护，请改约。", [])
    stored = await db.fetchval("SELECT declined_reason_sealed FROM booking")
    assert "维护".encode() not in bytes(stored)
    assert await db.fetchval("SELECT taken FROM slot WHERE id = $1", slot.id) == 0
    assert (await phone.get(f"/api/v1/threads/{made['thread_id']}")).json["state"] == "closed"


async def test_staff_of_another_hall_see_and_do_nothing(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff
) -> None:
    place = await bookable()
    slot = (await place.slots())[-1]
    made = UUID((await booked(client.as_((await as_citizen()).token), place, slot))["id"])
    town = await make.hall("town", region_code="341226100")
    stranger = (await as_staff("clerk", hall=town.id)).actor
    day = moment_of(slot).date()
    assert await booking.day(stranger, place.hall.id, day) == []
    for deed in (booking.confirm(stranger, [made]), booking.decline(stranger, made, "x"), booking.miss(stranger, made)):
        with pytest.raises(NotFound):
            await deed
    with pytest.raises(NotFound):
        await queue.check_in_at_desk(stranger, made)


def moment_of(slot: SlotOut) -> datetime:
    return slot.starts_at + timedelta(hours=8)


async def test_not_coming_is_only_said_afterwards_and_being_late_is_forgiven(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    place = await bookable(confirmation="auto")
    slot = (await place.slots())[-5]
    someone = await as_citizen()
    made = await booked(client.as_(someone.token), place, slot)
    clock.set(slot.starts_at + timedelta(minutes=29))
    clerk = (await desk(as_staff, place)).actor
    with pytest.raises(Conflict, match="too_early"):
        await booking.miss(clerk, UUID(made["id"]))
    clock.advance(minutes=2)
    rows = await booking.day(clerk, place.hall.id, clock.today())
    assert [row.can for row in rows] == [["check_in", "miss"]]
    await booking.miss(clerk, UUID(made["id"]))
    assert (await seen(client.as_(someone.token), made["id"]))["state"] == "no_show"
    # They come after all: the code in their hand still works today.
    assert (await queue.check_in_at_desk(clerk, made["code"])).number == "A001"


async def test_back_from_missing_is_not_a_second_booking(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    place = await bookable(confirmation="auto")
    slots = await place.slots()
    early = next(slot for slot in slots if moment_of(slot).date() == moment_of(slots[-1]).date())
    someone = await as_citizen()
    made = await booked(client.as_(someone.token), place, early)
    clock.set(early.ends_at + timedelta(minutes=1))
    clerk = (await desk(as_staff, place)).actor
    await booking.miss(clerk, UUID(made["id"]))
    await booked(client.as_(someone.token), place, slots[-1])
    with pytest.raises(Conflict, match="already_booked"):
        await queue.check_in_at_desk(clerk, UUID(made["id"]))


async def test_what_the_hall_did_not_answer_expires_with_an_apology(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    place = await bookable()
    slot = (await place.slots())[-1]
    someone = await as_citizen()
    made = await booked(client.as_(someone.token), place, slot)
    clock.set(slot.ends_at - timedelta(minutes=1))
    assert await booking.expire_overdue() == 0
    clock.advance(minutes=2)
    clerk = (await desk(as_staff, place)).actor
    assert [row.can for row in await booking.day(clerk, place.hall.id, clock.today())] == [["decline"]]
    with pytest.raises(Conflict, match=r"booking\.over"):
        await booking.confirm(clerk, [UUID(made["id"])])
    assert await booking.expire_overdue() == 1
    assert await booking.expire_overdue() == 0
    phone = client.as_(someone.token)
    assert (await seen(phone, made["id"]))["state"] == "expired"
    assert (await phone.get("/api/v1/inbox")).json["items"][0]["kind"] == "booking.expired"
    assert (await phone.get(f"/api/v1/threads/{made['thread_id']}")).json["state"] == "closed"
    assert (await phone.get("/api/v1/home")).json["next_booking"] is None


async def test_a_confirmed_visit_nobody_came_to_counts_when_its_day_is_over(
    client: Client, as_citizen: AsCitizen, clock: Clock
) -> None:
    """Also where nobody at the desk has noted it: who did not come is told, may appeal, and cannot book on for ever."""
    place = await bookable(confirmation="auto")
    slot = (await place.slots())[-1]
    someone = await as_citizen()
    made = await booked(client.as_(someone.token), place, slot)
    clock.set(slot.ends_at + timedelta(hours=3))
    assert await booking.expire_overdue() == 0
    clock.advance(hours=12)
    assert await booking.expire_overdue() == 1
    phone = client.as_(someone.token)
    shown = await seen(phone, made["id"])
    assert (shown["state"], "appeal" in shown["can"], "check_in" in shown["can"]) == ("no_show", True, False)
    assert "booking.no_show" in [one["kind"] for one in (await phone.get("/api/v1/inbox")).json["items"]]
    await booking.set_policy(place.hall.id, no_show_limit=1)
    clock.advance(seconds=2)
    wish = {"item_id": str(place.item_id), "slot_id": str((await place.slots())[-1].id)}
    refused = await phone.post(BOOKINGS, json=wish, headers=key())
    assert refused.json["code"] == "booking.blocked"


async def test_the_code_lasts_through_the_day(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    place = await bookable(confirmation="auto")
    slot = (await place.slots())[-3]
    made = await booked(client.as_((await as_citizen()).token), place, slot)
    clock.set(slot.ends_at + timedelta(hours=1))
    clerk = (await desk(as_staff, place)).actor
    assert (await queue.check_in_at_desk(clerk, made["code"])).state == "waiting"
    clock.advance(days=1)
    with pytest.raises(AppError, match=r"codes\.expired"):
        await queue.check_in_at_desk((await desk(as_staff, place)).actor, made["code"])


async def test_the_days_limit_holds_against_a_rush(client: Client, as_citizen: AsCitizen) -> None:
    place = await bookable(capacity=50)
    items = [place.item_id] + [(await make.guide()).item.id for _ in range(5)]
    slot = (await place.slots())[-1]
    phone = client.as_((await as_citizen()).token)
    answers = await asyncio.gather(
        *(phone.post(BOOKINGS, json={"item_id": str(item), "slot_id": str(slot.id)}, headers=key()) for item in items)
    )
    assert Counter(answer.status for answer in answers) == {201: 3, 409: 3}
    assert {answer.json["code"] for answer in answers if answer.status == 409} == {"booking.limit_reached"}
    assert await db.fetchval("SELECT taken FROM slot WHERE id = $1", slot.id) == 3


async def test_moving_counts_against_the_limit_of_the_new_day(client: Client, as_citizen: AsCitizen) -> None:
    place = await bookable(capacity=50)
    await booking.set_policy(place.hall.id, per_person_day=1)
    slots = await place.slots()
    phone = client.as_((await as_citizen()).token)
    await booked(phone, place, slots[-1])
    other = (await make.guide()).item.id
    mine = await booked(phone, place, slots[-30], item_id=str(other))
    refused = await phone.post(
        f"{BOOKINGS}/{mine['id']}/reschedule", json={"slot_id": str(slots[-2].id)}, headers=key()
    )
    assert (refused.status, refused.json["code"]) == (409, "booking.limit_reached")
    assert (await seen(phone, mine["id"]))["state"] == "requested"


async def test_two_who_change_places_do_not_wait_for_each_other(client: Client, as_citizen: AsCitizen) -> None:
    place = await bookable(capacity=2)
    one, other = (await place.slots())[-2:]
    phones = [client.as_((await as_citizen()).token) for _ in range(2)]
    for _ in range(3):
        made = [await booked(phones[0], place, one), await booked(phones[1], place, other)]
        moved = await asyncio.gather(
            phones[0].post(f"{BOOKINGS}/{made[0]['id']}/reschedule", json={"slot_id": str(other.id)}, headers=key()),
            phones[1].post(f"{BOOKINGS}/{made[1]['id']}/reschedule", json={"slot_id": str(one.id)}, headers=key()),
        )
        assert [answer.status for answer in moved] == [200, 200], [answer.text for answer in moved]
        for phone, answer in zip(phones, moved, strict=True):
            assert (await phone.post(f"{BOOKINGS}/{answer.json['id']}/cancel", headers=key())).status == 200
    assert [
        row["taken"] for row in await db.fetch("SELECT taken FROM slot WHERE id = ANY($1)", [one.id, other.id])
    ] == [0, 0]


async def test_moving_to_where_one_is_changes_nothing(client: Client, as_citizen: AsCitizen) -> None:
    place = await bookable(capacity=1, confirmation="auto")
    slot = (await place.slots())[-1]
    phone = client.as_((await as_citizen()).token)
    made = await booked(phone, place, slot)
    same = await phone.post(f"{BOOKINGS}/{made['id']}/reschedule", json={"slot_id": str(slot.id)}, headers=key())
    assert (same.status, same.json["id"], same.json["state"]) == (200, made["id"], "confirmed")


async def test_an_item_of_enterprises_is_booked_for_one(client: Client, as_citizen: AsCitizen) -> None:
    place = await bookable(audience=["enterprise"], themes=[])
    slot = (await place.slots())[-1]
    owner = await as_citizen()
    phone = client.as_(owner.token)
    wish = {"item_id": str(place.item_id), "slot_id": str(slot.id)}
    refused = await phone.post(BOOKINGS, json=wish, headers=key())
    assert (refused.status, refused.json["code"]) == (409, "booking.enterprise_only")
    assert await db.fetchval("SELECT count(*) FROM thread") == 0
    await booked(phone, place, slot, enterprise_id=str(await enterprise_of(owner)))


async def test_a_guide_replaced_meanwhile(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    """The visit stands in the line it was booked for, and is told to bring what it was told before."""
    place = await bookable(confirmation="auto")
    slots = await place.slots()
    phone = client.as_((await as_citizen()).token)
    made = await booked(phone, place, slots[-2], ticked=["id_card", "nonsense"])
    await make.guide(place.guide.item, reason="换了窗口", skill="special", materials=[])
    assert [thing["key"] for thing in (await seen(phone, made["id"]))["bring"]] == ["id_card"]
    assert (await seen(phone, made["id"]))["bring"][0]["ticked"]
    moved = await phone.post(f"{BOOKINGS}/{made['id']}/reschedule", json={"slot_id": str(slots[-1].id)}, headers=key())
    assert (moved.status, moved.json["code"]) == (409, "booking.wrong_slot_for_item")
    clock.set(slots[-2].starts_at)
    clerk = (await desk(as_staff, place)).actor
    await queue.check_in_at_desk(clerk, UUID(made["id"]))
    assert await db.fetchval("SELECT skill FROM ticket") == "general"
