"""Rules of the line begin on their day, can be taken back, and never leave a hall without an hour."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server.actor import Staff
from server.errors import Conflict, InvalidInput
from server.features.queue import service as queue
from server.kit import clock as clocks
from tests.conftest import Clock
from tests.factories.booking import Bookable, bookable
from tests.factories.identity import AsStaff

pytestmark = pytest.mark.usefixtures("client")
TOMORROW = timedelta(days=1)


async def hall(as_staff: AsStaff) -> tuple[Bookable, Staff]:
    place = await bookable()
    return place, (await as_staff("hall_manager", hall=place.hall.id)).actor


async def change(manager: Staff, place: Bookable, later: timedelta = timedelta(0), **values: int) -> None:
    await queue.edit_line(manager, place.hall.id, values, first_on=clocks.today() + later, reason="试行")


async def grace(place: Bookable) -> int:
    minutes: int = (await queue.policy_of(place.hall.id)).grace_minutes
    return minutes


async def test_from_a_day_on_and_back(as_staff: AsStaff, clock: Clock) -> None:
    place, manager = await hall(as_staff)
    usual = await grace(place)
    await change(manager, place, TOMORROW, grace_minutes=40)
    assert (await queue.apply_line_edits(), await grace(place)) == (0, usual)
    clock.advance(days=1)
    assert [await queue.apply_line_edits() for _ in range(2)] == [1, 0]
    assert await grace(place) == 40
    (edit,) = await queue.line_edits(manager, place.hall.id)
    await queue.undo_line(manager, edit.id)
    assert await grace(place) == usual


async def test_one_that_has_not_begun_never_does(as_staff: AsStaff, clock: Clock) -> None:
    place, manager = await hall(as_staff)
    usual = await grace(place)
    await change(manager, place, TOMORROW, grace_minutes=40)
    (edit,) = await queue.line_edits(manager, place.hall.id)
    await queue.undo_line(manager, edit.id)
    clock.advance(days=1)
    assert (await queue.apply_line_edits(), await grace(place)) == (0, usual)


async def test_a_later_change_of_the_same_rule_is_undone_first(as_staff: AsStaff) -> None:
    place, manager = await hall(as_staff)
    usual = await grace(place)
    await change(manager, place, grace_minutes=40)
    await change(manager, place, grace_minutes=50)
    newer, older = await queue.line_edits(manager, place.hall.id)
    with pytest.raises(Conflict, match=r"booking\.edit_overtaken"):
        await queue.undo_line(manager, older.id)
    await queue.undo_line(manager, newer.id)
    await queue.undo_line(manager, older.id)
    assert await grace(place) == usual


async def test_two_changes_never_leave_no_hour_between_them(as_staff: AsStaff, clock: Clock) -> None:
    place, manager = await hall(as_staff)
    await change(manager, place, TOMORROW, walk_in_until=10 * 60)
    await change(manager, place, walk_in_from=11 * 60)
    with pytest.raises(InvalidInput):
        await change(manager, place, walk_in_until=9 * 60)
    clock.advance(days=1)
    assert [await queue.apply_line_edits() for _ in range(2)] == [1, 0]
    kept = await queue.policy_of(place.hall.id)
    assert (kept.walk_in_from, kept.walk_in_until) == (11 * 60, 17 * 60 + 30)
    dropped = next(edit for edit in await queue.line_edits(manager, place.hall.id) if "walk_in_until" in edit.new)
    assert dropped.undone_at is not None


async def test_looked_at_outside_the_new_hours(as_staff: AsStaff, clock: Clock) -> None:
    place, manager = await hall(as_staff)
    await queue.set_policy(place.hall.id, every_day=True)
    clock.set(clocks.now().astimezone(clocks.SHANGHAI).replace(hour=9, minute=30) + TOMORROW)
    seen = await queue.line_effect(manager, place.hall.id, {"walk_in_from": 10 * 60, "every_day": True})
    assert (seen.changed, seen.waiting, seen.gives) == ({"walk_in_from": (480, 600)}, 0, (True, False))
    assert (await queue.policy_of(place.hall.id)).walk_in_from == 480
