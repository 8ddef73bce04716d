"""Everything that can be wrong with a wish for a place or a scanned code: what is said, and that nothing is taken.

One table, each line through HTTP: the code and status, words in Chinese and English, nothing changed in any table that
counts, and a way on. Where it leads on the phone is in `miniprogram/src/ways.ts`, whose own test sees that the page is
there and its button has words.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from server import db
from server.errors import Conflict
from server.features.booking import service as booking
from server.features.queue import service as queue
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.booking import bookable, key
from tests.factories.identity import AsCitizen, AsStaff
from tests.fixtures_web import Answer, Client
from tests.house.tree import ROOT
from tests.server.booking import whole
from tests.server.booking.scene import Scene
from tests.server.booking.test_holds import BOOKINGS, tapped

WAYS = (ROOT / "miniprogram/src/ways.ts").read_text("utf-8")
# What a refusal must leave as it was.
_ALL = """
    SELECT (SELECT jsonb_agg(to_jsonb(s) ORDER BY id) FROM slot s) AS slots,
        (SELECT jsonb_agg(to_jsonb(b) ORDER BY id) FROM booking b) AS bookings,
        (SELECT jsonb_agg(to_jsonb(w) ORDER BY id) FROM waitlist w) AS waits,
        (SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM ticket t) AS tickets,
        (SELECT count(*) FROM thread) AS threads, (SELECT count(*) FROM step) AS steps,
        (SELECT count(*) FROM outbox) AS outbox, (SELECT count(*) FROM inbox) AS inbox
"""


Deed = Callable[[], Awaitable[Answer]]
Case = Callable[[Scene], Awaitable[Deed]]
CASES: dict[str, tuple[int, str, Case]] = {}


def case(name: str, status: int, code: str) -> Callable[[Case], Case]:
    """Put a line into the table: what is so, and what the refused deed is."""

    def kept(given: Case) -> Case:
        CASES[name] = (status, code, given)
        return given

    return kept


def _post(phone: Client, path: str, body: object = None) -> Deed:
    return lambda: phone.post(path, json=body, headers=key())


@case("a time that is not there", 404, "booking.slot_gone")
async def _gone(scene: Scene) -> Deed:
    wish = {"item_id": str(scene.place.item_id), "slot_id": str(uuid4())}
    return _post(scene.me, BOOKINGS, wish)


@case("somebody was faster", 409, "booking.slot_full")
async def _full(scene: Scene) -> Deed:
    await scene.made(scene.other, scene.slots[0])
    return lambda: tapped(scene.me, scene.place, scene.slots[0])


@case("somebody is just choosing it", 409, "booking.slot_full")
async def _held(scene: Scene) -> Deed:
    await scene.made(scene.other, scene.slots[0], hold=True)
    return lambda: tapped(scene.me, scene.place, scene.slots[0])


@case("the hold has run out", 410, "booking.hold_ended")
async def _run_out(scene: Scene) -> Deed:
    held = await scene.made(scene.me, scene.slots[0], hold=True)
    scene.clock.advance(minutes=10, seconds=1)
    return _post(scene.me, f"{BOOKINGS}/{held['id']}/request", {})


@case("the hall has shut while one was choosing", 409, "booking.closed")
async def _shut_hold(scene: Scene) -> Deed:
    held = await scene.made(scene.me, scene.slots[0], hold=True)
    await booking.change_hall(scene.manager, scene.shut(scene.slots[0]))
    return _post(scene.me, f"{BOOKINGS}/{held['id']}/request", {})


@case("the second device", 409, "booking.already_booked")
async def _second(scene: Scene) -> Deed:
    await scene.made(scene.me, scene.slots[0])
    return lambda: tapped(scene.me, scene.place, scene.slots[1])


@case("a time that has begun", 409, "booking.past")
async def _past(scene: Scene) -> Deed:
    scene.clock.set(scene.slots[0].starts_at)
    return lambda: tapped(scene.me, scene.place, scene.slots[0])


@case("the hall is closed", 409, "booking.closed")
async def _closed(scene: Scene) -> Deed:
    await booking.change_hall(scene.manager, scene.shut(scene.slots[0]))
    return lambda: tapped(scene.me, scene.place, scene.slots[0])


@case("another counter's time", 409, "booking.wrong_slot_for_item")
async def _wrong(scene: Scene) -> Deed:
    special = await make.guide(skill="special")
    wish = {"item_id": str(special.item.id), "slot_id": str(scene.slots[0].id)}
    return _post(scene.me, BOOKINGS, wish)


@case("an item that is not booked", 409, "booking.not_bookable")
async def _not_booked(scene: Scene) -> Deed:
    plain = await make.guide(bookable=False)
    wish = {"item_id": str(plain.item.id), "slot_id": str(scene.slots[0].id)}
    return _post(scene.me, BOOKINGS, wish)


@case("somebody who did not come too often", 409, "booking.blocked")
async def _blocked(scene: Scene) -> Deed:
    await booking.set_policy(scene.place.hall.id, no_show_limit=1, confirmation="auto")
    made = await scene.made(scene.me, scene.slots[0])
    scene.clock.set(scene.slots[0].ends_at)
    await booking.miss(scene.clerk, UUID(made["id"]))
    scene.clock.advance(seconds=2)
    return lambda: tapped(scene.me, scene.place, scene.slots[-1])


@case("too late to give back", 409, "booking.cut_off")
async def _cut_off(scene: Scene) -> Deed:
    made = await scene.made(scene.me, scene.slots[0])
    scene.clock.set(scene.slots[0].starts_at - timedelta(minutes=90))
    return _post(scene.me, f"{BOOKINGS}/{made['id']}/cancel")


@case("too late to move", 409, "booking.cut_off")
async def _cut_off_move(scene: Scene) -> Deed:
    made = await scene.made(scene.me, scene.slots[0])
    scene.clock.set(scene.slots[0].starts_at - timedelta(minutes=90))
    return _post(scene.me, f"{BOOKINGS}/{made['id']}/reschedule", {"slot_id": str(scene.slots[-1].id)})


@case("a page left open since it was given back", 409, "booking.wrong_state")
async def _stale(scene: Scene) -> Deed:
    made = await scene.made(scene.me, scene.slots[0])
    await scene.me.post(f"{BOOKINGS}/{made['id']}/cancel", headers=key())
    return _post(scene.me, f"{BOOKINGS}/{made['id']}/reschedule", {"slot_id": str(scene.slots[1].id)})


@case("moving to where somebody was faster", 409, "booking.slot_full")
async def _move_full(scene: Scene) -> Deed:
    await scene.made(scene.other, scene.slots[1])
    made = await scene.made(scene.me, scene.slots[0])
    return _post(scene.me, f"{BOOKINGS}/{made['id']}/reschedule", {"slot_id": str(scene.slots[1].id)})


@case("waiting for what is free", 409, "booking.day_free")
async def _free(scene: Scene) -> Deed:
    return _post(scene.me, "/api/v1/waits", scene.line(scene.slots[0]))


@case("waiting for a closed day", 409, "booking.nothing_to_wait_for")
async def _wait_closed(scene: Scene) -> Deed:
    await booking.change_hall(scene.manager, scene.shut(scene.slots[0]))
    return _post(scene.me, "/api/v1/waits", scene.line(scene.slots[0]))


@case("the QR of another hall", 409, "queue.other_hall")
async def _other_hall(scene: Scene) -> Deed:
    await _expected(scene)
    elsewhere = await make.hall("town", region_code="341226100")
    return _post(scene.me, "/api/v1/check-ins", {"token": await queue.hall_token(elsewhere.id)})


@case("nothing today", 409, "queue.nothing_today")
async def _nothing(scene: Scene) -> Deed:
    return _post(scene.me, "/api/v1/check-ins", {"token": await queue.hall_token(scene.place.hall.id)})


@case("hours too early", 409, "queue.too_early")
async def _early(scene: Scene) -> Deed:
    await _expected(scene)
    scene.clock.advance(hours=-2)
    return _post(scene.me, "/api/v1/check-ins", {"token": await queue.hall_token(scene.place.hall.id)})


@case("a QR somebody has altered", 404, "codes.unknown")
async def _altered(scene: Scene) -> Deed:
    token = await queue.hall_token(scene.place.hall.id)
    return _post(scene.me, "/api/v1/check-ins", {"token": token[:-1] + ("A" if token[-1] != "A" else "B")})


@case("a QR of something else", 404, "codes.wrong_kind")
async def _kind(scene: Scene) -> Deed:
    return _post(scene.me, "/api/v1/check-ins", {"token": (await _expected(scene))["code"]})


@case("yesterday's QR", 410, "codes.expired")
async def _expired(scene: Scene) -> Deed:
    made = await _expected(scene)
    scene.clock.advance(days=2)
    return lambda: scene.me.get(f"/api/v1/codes/{made['code']}")


@case("the QR of a booking that was given back", 410, "codes.expired")
async def _revoked(scene: Scene) -> Deed:
    await booking.set_policy(scene.place.hall.id, confirmation="auto")
    made = await scene.made(scene.me, scene.slots[0])
    await scene.me.post(f"{BOOKINGS}/{made['id']}/cancel", headers=key())
    return lambda: scene.me.get(f"/api/v1/codes/{made['code']}")


async def _expected(scene: Scene) -> dict[str, Any]:
    """Be expected in ten minutes."""
    await booking.set_policy(scene.place.hall.id, confirmation="auto")
    made = await scene.made(scene.me, scene.slots[4])
    scene.clock.set(scene.slots[4].starts_at - timedelta(minutes=10))
    return made


@pytest.fixture
async def scene(client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock) -> Scene:
    place = await bookable(capacity=1)
    slots = await place.slots()
    last = [slot for slot in slots if slot.starts_at > slots[-1].starts_at - timedelta(hours=12)]
    me, other = [client.as_((await as_citizen()).token) for _ in range(2)]
    return Scene(
        place=place, slots=last, me=me, other=other, clock=clock,
        clerk=(await as_staff("clerk", hall=place.hall.id)).actor,
        manager=(await as_staff("hall_manager", hall=place.hall.id)).actor,
    )  # fmt: skip


async def _everything() -> dict[str, Any]:
    return {name: value for row in await db.fetch(_ALL) for name, value in row.items()}


@pytest.mark.parametrize("name", CASES)
async def test_bad_input(scene: Scene, name: str) -> None:
    status, code, given = CASES[name]
    deed = await given(scene)
    before = await _everything()
    told = await deed()
    assert (told.status, told.json["code"]) == (status, code), told.text
    assert await _everything() == before
    assert await whole.faults(db.fetch) == []
    for phone in (scene.me, scene.other):
        phone.headers.update({"accept-language": "en"})  # type: ignore[attr-defined]
    english = await deed()
    assert english.json["code"] == code
    assert re.search("[\u4e00-\u9fff]", told.json["detail"]), told.text
    assert re.match("[A-Z]", english.json["detail"]), english.text
    assert "{" not in told.json["detail"] + english.json["detail"]
    assert f"'{code}'" in WAYS, f"{code} leads nowhere on the phone"
    assert told.headers["date"]


async def test_a_code_used_twice_is_one_ticket_and_then_over(scene: Scene) -> None:
    made = await _expected(scene)
    first = await queue.check_in_at_desk(scene.clerk, made["code"])
    again = await queue.check_in_at_desk(scene.clerk, made["code"])
    assert again.id == first.id
    token = await queue.hall_token(scene.place.hall.id)
    mine = await scene.me.post("/api/v1/check-ins", json={"token": token}, headers=key())
    assert mine.json["id"] == str(first.id)
    window = (await make.window(scene.place.hall, 1)).id
    await queue.call_next(scene.clerk, window)
    await queue.finish(scene.clerk, first.id)
    with pytest.raises(Conflict, match=r"queue\.already_served"):
        await queue.check_in_at_desk(scene.clerk, made["code"])
    # Whoever scans the hall once more sees the number they had, and takes no second one.
    assert (await scene.me.post("/api/v1/check-ins", json={"token": token}, headers=key())).json["id"] == str(first.id)
    assert await db.fetchval("SELECT count(*) FROM ticket") == 1


async def test_whoever_gave_the_number_back_is_told_so_and_not_that_they_were_served(scene: Scene) -> None:
    made = await _expected(scene)
    ticket = await queue.check_in_at_desk(scene.clerk, made["code"])
    await queue.leave(scene.clerk, ticket.id)
    with pytest.raises(Conflict, match=r"queue\.given_back"):
        await queue.check_in_at_desk(scene.clerk, UUID(made["id"]))


async def test_the_server_goes_by_its_own_clock_and_says_so(scene: Scene) -> None:
    """A phone that is a day off is told in every answer; nothing it sends says what time it is."""
    scene.clock.set(scene.slots[0].starts_at + timedelta(seconds=5))
    told = await tapped(scene.me, scene.place, scene.slots[0])
    assert told.json["code"] == "booking.past"
    assert told.headers["date"] == f"{scene.clock.now():%a, %d %b %Y %H:%M}:{told.headers['date'][-6:-4]} GMT"
