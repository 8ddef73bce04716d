"""The usual week and the rules of a hall, changed at the desk: looked at first, from a day on, and taken back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from server import db
from server.errors import Conflict, InvalidInput, NotFound
from server.features.booking import service as booking
from server.kit import clock as clocks
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.booking import Bookable, bookable
from tests.factories.identity import AsCitizen, AsStaff
from tests.fixtures_web import Client
from tests.server.booking.test_calendar import on
from tests.server.booking.test_holds import BOOKINGS, tapped

WEEK = tuple(range(7))


async def line(place: Bookable, manager: Any, first_on: date, **more: Any) -> booking.LineEdit:  # noqa: ANN401
    """The one line of the sample hall, to be changed."""
    held = await booking.week_of(manager, place.hall.id, first_on)
    given = {"weekdays": WEEK, "opens": 510, "closes": 1050, "minutes": 30, "capacity": 2, "reason": "忙季"}
    ids = tuple(rule.id for rule in held)
    wanted: dict[str, Any] = {"replaces": ids, **given, **more}
    return booking.LineEdit(hall_id=place.hall.id, skill="general", first_on=first_on, **wanted)


async def test_more_places_from_a_day_on_and_back(as_staff: AsStaff) -> None:
    place = await bookable(capacity=2)
    manager = (await as_staff("hall_manager", hall=place.hall.id)).actor
    days = sorted({on(slot) for slot in await place.slots()})
    first = days[len(days) // 2]
    edit = await line(place, manager, first, capacity=5)
    seen = await booking.line_effect(manager, edit)
    assert (seen.opened, seen.closed, seen.bookings) == (0, 0, 0)
    assert seen.resized > 10
    assert {slot.free for slot in await place.slots()} == {2}
    await booking.edit_line(manager, edit)
    free = {on(slot): slot.free for slot in await place.slots()}
    assert {free[day] for day in days if day < first} == {2}
    assert {free[day] for day in days if day >= first} == {5}
    assert [rule.capacity for rule in await booking.week_of(manager, place.hall.id)] == [2] * 7
    assert [rule.capacity for rule in await booking.week_of(manager, place.hall.id, first)] == [5] * 7
    with pytest.raises(Conflict, match="later_plan"):
        await booking.line_effect(manager, await line(place, manager, days[0], capacity=3))
    (plan,) = await booking.plans_of(manager, place.hall.id)
    await booking.undo_plan(manager, plan.id)
    assert {slot.free for slot in await place.slots()} == {2}
    assert (await booking.plans_of(manager, place.hall.id))[0].undone_at is not None
    with pytest.raises(NotFound):
        await booking.undo_plan(manager, plan.id)
    actions = {row["action"] for row in await db.fetch("SELECT action FROM audit_entry")}
    assert {"booking.week_set", "booking.week_undone"} <= actions


async def test_never_below_what_is_taken(client: Client, as_citizen: AsCitizen, as_staff: AsStaff) -> None:
    place = await bookable(capacity=3)
    manager = (await as_staff("hall_manager", hall=place.hall.id)).actor
    slot = (await place.slots())[60]
    for _ in range(2):
        assert (await tapped(client.as_((await as_citizen()).token), place, slot)).status == 201
    with pytest.raises(Conflict) as refused:
        await booking.edit_line(manager, await line(place, manager, on(slot), capacity=1))
    assert refused.value.code == "booking.below_taken"
    assert (refused.value.params["count"], refused.value.params["least"]) == (1, 2)
    assert await db.fetchval("SELECT count(*) FROM week_plan") == 0
    assert await db.fetchval("SELECT capacity FROM slot WHERE id = $1", slot.id) == 3
    # Either way that the answer offers is open: as many as are taken, or from the day after.
    await booking.line_effect(manager, await line(place, manager, on(slot), capacity=2))
    await booking.edit_line(manager, await line(place, manager, on(slot) + timedelta(days=1), capacity=1))
    assert {one.free for one in await place.slots() if on(one) > on(slot)} == {1}


async def test_hours_taken_out_touch_bookings_and_tell_them(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff
) -> None:
    place = await bookable(capacity=3, confirmation="auto")
    manager = (await as_staff("hall_manager", hall=place.hall.id)).actor
    slot = (await place.slots())[60]
    phone = client.as_((await as_citizen()).token)
    assert (await tapped(phone, place, slot)).status == 201
    gone = await line(place, manager, on(slot), weekdays=tuple(day for day in WEEK if day != on(slot).weekday()))
    seen = await booking.edit_line(manager, gone)
    assert (seen.bookings, [one.starts_at for one in seen.touched]) == (1, [slot.starts_at])
    assert on(slot) not in {on(one) for one in await place.slots()}
    assert await booking.move_closed() == 1
    (kept,) = (await phone.get(BOOKINGS)).json["items"]
    assert (kept["state"], kept["offer"]) == ("held", "hall")


async def test_wrong_lines(as_staff: AsStaff) -> None:
    place = await bookable()
    manager = (await as_staff("hall_manager", hall=place.hall.id)).actor
    day = clocks.today() + timedelta(days=3)
    for wrong in (
        {"closes": 500}, {"minutes": 4}, {"minutes": 700}, {"capacity": 0}, {"reason": " "}, {"weekdays": (9,)},
        {"weekdays": (), "replaces": ()}, {"closes": 1500},
    ):  # fmt: skip
        with pytest.raises(InvalidInput, match="line_wrong"):
            await booking.line_effect(manager, await line(place, manager, day, **wrong))
    with pytest.raises(InvalidInput, match="line_wrong"):
        await booking.line_effect(manager, await line(place, manager, clocks.today() - timedelta(days=1)))
    with pytest.raises(Conflict, match="line_overlaps"):
        await booking.line_effect(manager, await line(place, manager, day, replaces=(), opens=600, closes=660))
    with pytest.raises(Conflict, match="line_gone"):
        await booking.line_effect(manager, await line(place, manager, day, replaces=(UUID(int=1),)))
    stranger = (await as_staff("hall_manager", hall=(await make.hall("other")).id)).actor
    with pytest.raises(NotFound):
        await booking.edit_line(stranger, await line(place, manager, day))


def every_rule(policy: booking.BookingPolicy, **changed: str | int) -> dict[str, str | int]:
    return {name: getattr(policy, name) for name in ("confirmation", *booking.RANGES)} | changed


async def test_rules_from_a_day_on(as_staff: AsStaff, clock: Clock) -> None:
    place = await bookable()
    hall = place.hall.id
    manager = (await as_staff("hall_manager", hall=hall)).actor
    values = every_rule(await booking.policy_of(hall), cancel_minutes=240, confirmation="auto")
    seen = await booking.rules_effect(manager, hall, values)
    assert seen.changed == {"cancel_minutes": (120, 240), "confirmation": ("staff", "auto")}
    tomorrow = clocks.today() + timedelta(days=1)
    await booking.edit_rules(manager, hall, values, first_on=tomorrow, reason="便民")
    assert await booking.apply_edits() == 0
    assert (await booking.policy_of(hall)).cancel_minutes == 120
    clock.advance(days=1)
    assert [await booking.apply_edits() for _ in range(2)] == [1, 0]
    policy = await booking.policy_of(hall)
    assert (policy.cancel_minutes, policy.confirmation) == (240, "auto")
    (edit,) = await booking.edits_of(manager, hall)
    _, back = await booking.undo_rules_effect(manager, edit.id)
    assert back.changed == {"cancel_minutes": (240, 120), "confirmation": ("auto", "staff")}
    await booking.undo_rules(manager, edit.id)
    policy = await booking.policy_of(hall)
    assert (policy.cancel_minutes, policy.confirmation) == (120, "staff")
    with pytest.raises(Conflict, match="nothing_changed"):
        await booking.edit_rules(manager, hall, every_rule(policy), first_on=clocks.today(), reason="便民")
    with pytest.raises(InvalidInput) as wrong:
        await booking.rules_effect(manager, hall, every_rule(policy, hold_minutes=0, confirmation="maybe"))
    assert {field.path for field in wrong.value.fields} == {"hold_minutes", "confirmation"}


async def test_an_undone_edit_never_begins_and_a_later_one_stands(as_staff: AsStaff, clock: Clock) -> None:
    place = await bookable()
    hall = place.hall.id
    manager = (await as_staff("hall_manager", hall=hall)).actor
    today = clocks.today()

    async def set_to(minutes: int, first_on: date) -> UUID:
        values = every_rule(await booking.policy_of(hall), cancel_minutes=minutes)
        await booking.edit_rules(manager, hall, values, first_on=first_on, reason="试行")
        return (await booking.edits_of(manager, hall))[0].id

    to_come = await set_to(60, today + timedelta(days=1))
    assert (await booking.undo_rules_effect(manager, to_come))[1].changed == {}
    await booking.undo_rules(manager, to_come)
    clock.advance(days=1)
    assert await booking.apply_edits() == 0
    first = await set_to(90, clocks.today())
    await set_to(30, clocks.today())
    with pytest.raises(Conflict, match="edit_overtaken"):
        await booking.undo_rules(manager, first)
    stranger = (await as_staff("hall_manager", hall=(await make.hall("other")).id)).actor
    with pytest.raises(NotFound):
        await booking.undo_rules(stranger, first)


async def test_a_nearer_horizon_takes_back_what_nobody_has(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff
) -> None:
    place = await bookable(capacity=2)
    hall = place.hall.id
    manager = (await as_staff("hall_manager", hall=hall)).actor
    last = (await place.slots())[-1]
    phone = client.as_((await as_citizen()).token)
    assert (await tapped(phone, place, last)).status == 201
    values = every_rule(await booking.policy_of(hall), horizon_days=3)
    seen = await booking.rules_effect(manager, hall, values)
    assert (seen.places.opened, seen.places.bookings, seen.live) == (0, 0, 1)
    assert seen.places.closed > 50
    await booking.edit_rules(manager, hall, values, first_on=clocks.today(), reason="试行")
    assert max(on(slot) for slot in await place.slots()) < on(last)
    # Whoever has a place out there keeps it.
    assert await booking.move_closed() == 0
    assert (await phone.get(BOOKINGS)).json["items"][0]["state"] == "requested"
    (edit,) = await booking.edits_of(manager, hall)
    await booking.undo_rules(manager, edit.id)
    assert on((await place.slots())[-1]) == on(last)
    assert (await place.slots())[-1].free == 1
