"""A window's day: call again, hold, hand on, pause, change hands, and nobody is lost on the way."""

from __future__ import annotations

from uuid import UUID

import pytest

from server import db
from server.actor import Anonymous, Staff
from server.errors import Conflict, InvalidInput, NotFound
from server.features.catalogue.service import WindowView
from server.features.queue import service as queue
from server.kit.ids import new_id
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.booking import Bookable, bookable
from tests.factories.identity import AsStaff
from tests.fixtures_web import Client

NOBODY = Anonymous()


async def hall_with(people: int, clock: Clock) -> tuple[Bookable, list[UUID]]:
    """A hall in which so many have taken a number."""
    place = await bookable()
    await queue.set_policy(place.hall.id, every_day=True, walk_in_from=0, walk_in_until=1440)
    taken = []
    for _ in range(people):
        taken.append((await queue.walk_in_at_kiosk(NOBODY, place.hall.id, "general", device_id=new_id())).id)
        clock.advance(seconds=1)
    return place, taken


async def state_of(ticket: UUID) -> str:
    found: str = await db.fetchval("SELECT state FROM ticket WHERE id = $1", ticket)
    return found


async def windows_of(place: Bookable, *numbers: int) -> list[WindowView]:
    return [await make.window(place.hall, number) for number in numbers]


async def clerk_of(place: Bookable, as_staff: AsStaff) -> Staff:
    return (await as_staff("clerk", hall=place.hall.id)).actor


@pytest.fixture
async def _open(client: Client) -> None:
    """An empty database."""


pytestmark = pytest.mark.usefixtures("_open")


async def test_called_again(as_staff: AsStaff, clock: Clock) -> None:
    place, (one,) = await hall_with(1, clock)
    clerk = await clerk_of(place, as_staff)
    (window,) = await windows_of(place, 1)
    await queue.call_next(clerk, window.id)
    before = await queue.board(NOBODY, place.hall.id)
    clock.advance(seconds=30)
    await queue.recall(clerk, one)
    after = await queue.board(NOBODY, place.hall.id)
    assert [call.calls for call in (*before.calls, *after.calls)] == [1, 2]
    assert after.calls[0].called_at > before.calls[0].called_at
    assert after.version != before.version
    await queue.start(clerk, one)
    with pytest.raises(Conflict, match="wrong_state"):
        await queue.recall(clerk, one)


async def test_held_and_gone_on_with(as_staff: AsStaff, clock: Clock) -> None:
    """While one copies a paper the window serves the next, and takes the first up again when it is free."""
    place, (one, two) = await hall_with(2, clock)
    clerk = await clerk_of(place, as_staff)
    first, second = await windows_of(place, 1, 2)
    await queue.call_next(clerk, first.id)
    with pytest.raises(Conflict, match="wrong_state"):
        await queue.hold(clerk, one)
    await queue.start(clerk, one)
    await queue.hold(clerk, one)
    assert await queue.call_next(clerk, first.id) == two
    with pytest.raises(Conflict, match="window_busy"):
        await queue.resume(clerk, one, first.id)
    await queue.resume(clerk, one, second.id)
    await queue.finish(clerk, two)
    await queue.finish(clerk, one)
    assert (await state_of(one), await state_of(two)) == ("done", "done")
    town = await make.hall("town", region_code="341226100")
    with pytest.raises(NotFound):
        await queue.resume(clerk, one, (await make.window(town, 7)).id)


async def test_handed_on_with_a_note(as_staff: AsStaff, clock: Clock) -> None:
    """Whoever is handed on keeps number and place: first in line, and only where they were sent."""
    place, (one, two) = await hall_with(2, clock)
    clerk = await clerk_of(place, as_staff)
    first, second = await windows_of(place, 1, 2)
    await queue.call_next(clerk, first.id)
    await queue.transfer(clerk, one, window_id=second.id, note="  材料已核对，只差盖章 ")
    assert await queue.call_next(clerk, first.id) == two
    shown = {row.id: row for row in await queue.waiting(clerk, place.hall.id)}
    assert (shown[one].state, shown[one].note, shown[one].window) == (
        "transferred",
        "材料已核对，只差盖章",
        second.name,
    )
    sealed = await db.fetchval("SELECT note_sealed FROM ticket WHERE id = $1", one)
    assert "盖章".encode() not in sealed
    assert await queue.call_next(clerk, second.id) == one


async def test_handed_on_to_another_kind(as_staff: AsStaff, clock: Clock) -> None:
    place, (one,) = await hall_with(1, clock)
    clerk = await clerk_of(place, as_staff)
    (first,) = await windows_of(place, 1)
    special = await make.window(place.hall, 2, "police")
    await queue.call_next(clerk, first.id)
    for nowhere in ({}, {"window_id": special.id, "skill": "police"}, {"window_id": first.id}):
        with pytest.raises(InvalidInput, match="transfer_nowhere"):
            await queue.transfer(clerk, one, **nowhere)
    with pytest.raises(Conflict, match="no_window"):
        await queue.transfer(clerk, one, skill="vehicles")
    await queue.transfer(clerk, one, skill="police")
    assert await queue.call_next(clerk, first.id) is None
    assert await queue.call_next(clerk, special.id) == one


async def test_a_pause_loses_nobody(as_staff: AsStaff, clock: Clock) -> None:
    place, (one, two) = await hall_with(2, clock)
    clerk = await clerk_of(place, as_staff)
    first, second = await windows_of(place, 1, 2)
    assert await queue.call_next(clerk, first.id) == one
    await queue.pause(clerk, first.id)
    assert await state_of(one) == "waiting"
    with pytest.raises(Conflict, match="window_paused"):
        await queue.call_next(clerk, first.id)
    # Back at their own place: the next window calls them first.
    assert await queue.call_next(clerk, second.id) == one
    await queue.start(clerk, one)
    await queue.pause(clerk, second.id)
    assert await state_of(one) == "serving"
    await queue.finish(clerk, one)
    assert await queue.window_of(clerk, place.hall.id) == second.id, "the panel opens where they sit"
    await queue.reopen(clerk, second.id)
    assert await queue.call_next(clerk, second.id) == two


async def test_a_window_changes_hands_with_everybody_at_it(as_staff: AsStaff, clock: Clock) -> None:
    place, (one, two, three) = await hall_with(3, clock)
    morning, afternoon = [await clerk_of(place, as_staff) for _ in range(2)]
    (window,) = await windows_of(place, 1)
    await queue.call_next(morning, window.id)
    await queue.start(morning, one)
    await queue.hold(morning, one)
    assert await queue.call_next(morning, window.id) == two
    duty = await queue.duty_of(afternoon, window.id)
    assert duty is not None
    assert not duty.mine
    await queue.finish(morning, two)
    with pytest.raises(Conflict, match="window_taken"):
        await queue.call_next(afternoon, window.id)
    await queue.take_over(afternoon, window.id)
    held = await db.fetchval("SELECT served_by FROM ticket WHERE id = $1", one)
    assert held == afternoon.staff_id
    assert await queue.call_next(afternoon, window.id) == three
    with pytest.raises(Conflict, match="window_busy"):
        await queue.call_next(morning, window.id)
    await queue.finish(afternoon, three)
    with pytest.raises(Conflict, match="window_taken"):
        await queue.call_next(morning, window.id)
    stranger = (await as_staff("clerk", hall=(await make.hall("town", region_code="341226100")).id)).actor
    for deed in (
        queue.pause(stranger, window.id),
        queue.reopen(stranger, window.id),
        queue.take_over(stranger, window.id),
        queue.transfer(stranger, one, skill="general"),
        queue.leave(stranger, one),
        queue.take_numbers(stranger, place.hall.id, taking=False),
    ):
        with pytest.raises(NotFound):
            await deed
    # Tomorrow the window is free for whoever comes first.
    clock.advance(hours=24)
    morning = await clerk_of(place, as_staff)
    assert await queue.call_next(morning, window.id) is None


async def test_who_leaves_is_out_of_the_line(as_staff: AsStaff, clock: Clock) -> None:
    place, (one, two) = await hall_with(2, clock)
    clerk = await clerk_of(place, as_staff)
    (window,) = await windows_of(place, 1)
    await queue.leave(clerk, one)
    assert await queue.call_next(clerk, window.id) == two
    await queue.start(clerk, two)
    with pytest.raises(Conflict, match="wrong_state"):
        await queue.leave(clerk, two)


async def test_who_was_handed_on_to_a_window_that_pauses_waits_for_nobody(as_staff: AsStaff, clock: Clock) -> None:
    """They go where others can call them, at the place they have, and back to the window when it goes on first."""
    place, (one, two, three) = await hall_with(3, clock)
    here, there = [await clerk_of(place, as_staff) for _ in range(2)]
    first, second = await windows_of(place, 1, 2)
    assert await queue.call_next(here, first.id) == one
    await queue.transfer(here, one, window_id=second.id)
    assert await queue.call_next(here, first.id) == two
    await queue.finish(here, two)
    await queue.pause(there, second.id)
    (seen,) = (await queue.board(NOBODY, place.hall.id)).kinds
    assert seen.waiting == 2
    await queue.reopen(there, second.id)
    assert await queue.call_next(here, first.id) == three, "whoever waits for another window is not called here"
    await queue.finish(here, three)
    assert await queue.call_next(here, first.id) is None
    await queue.pause(there, second.id)
    assert await queue.call_next(here, first.id) == one


async def test_a_closed_window_calls_nobody_and_holds_nobody_back(as_staff: AsStaff, clock: Clock) -> None:
    place, (one, two) = await hall_with(2, clock)
    clerk = await clerk_of(place, as_staff)
    first, second = await windows_of(place, 1, 2)
    assert await queue.call_next(clerk, first.id) == one
    await queue.start(clerk, one)
    await queue.transfer(clerk, one, window_id=second.id, note="核对照片")
    assert await queue.call_next(clerk, first.id) == two
    await queue.finish(clerk, two)
    assert await queue.call_next(clerk, first.id) is None
    await db.execute('UPDATE "window" SET open = false WHERE id = $1', second.id)
    with pytest.raises(Conflict, match="window_closed"):
        await queue.call_next(clerk, second.id)
    # Whoever was handed on there is not lost: they are for anybody who does their kind of business.
    board = await queue.board(NOBODY, place.hall.id)
    assert board.waiting == 1
    assert await queue.call_next(clerk, first.id) == one
    await queue.start(clerk, one)
    await queue.hold(clerk, one)
    with pytest.raises(Conflict, match="window_closed"):
        await queue.resume(clerk, one, second.id)
    await queue.resume(clerk, one, first.id)
    assert await state_of(one) == "serving"
