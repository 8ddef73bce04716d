"""Lockers: a cell is given once, a code opens one door once, and what nobody fetches comes back to the window."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import aiohttp
import pytest

from server import db
from server.actor import Staff
from server.config import Settings
from server.errors import AppError
from server.features.delivery import service as delivery
from server.ports import Ports
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.booking import key
from tests.factories.cases import Applicant, granted, office
from tests.factories.identity import AsStaff
from tests.factories.lockers import Bank, bank, code_of, lockers_near, to_put_in
from tests.server.console.desk import at_desk, goes_to


@pytest.fixture
async def near(
    settings: Settings, ports: Ports, http_session: aiohttp.ClientSession, database: None
) -> AsyncIterator[Bank]:
    async with lockers_near(settings, ports, http_session) as found:
        yield found


async def refused(deed: object) -> str:
    try:
        await deed  # type: ignore[misc]
    except AppError as why:
        return why.code
    return "done"


async def kinds(who: Applicant) -> list[str]:
    found = [one["kind"] for one in (await who.phone.get("/api/v1/inbox")).json["items"]]
    return [kind for kind in found if kind.startswith(("delivery", "ratings"))]


async def cells() -> list[tuple[int, str, bool]]:
    rows = await db.fetch("SELECT number, state, delivery_id IS NOT NULL AS full FROM locker_cell ORDER BY number")
    return [(row["number"], row["state"], row["full"]) for row in rows]


async def test_put_in_opened_by_code_and_taken(near: Bank) -> None:
    at = await office()
    to = await bank(at)
    who, row = await to_put_in(near.client, near.ports, at, to)
    assert "delivery.in_locker" not in await kinds(who)
    assert await delivery.to_place(at.clerk.actor) == 1
    key_, cell = await delivery.place(at.clerk.actor, row, "S")
    assert await delivery.open_door(near.ports.lockers, key_, cell)
    assert near.sandbox.world.state.lockers[key_]["1"].open
    assert (await kinds(who))[0] == "delivery.in_locker"
    shown = (await who.screen())["delivery"]
    assert (shown["state"], shown["method"], shown["shelf"], shown["hall"]["name"]) == (
        "ready_to_collect",
        "locker",
        "01",
        to.name,
    )
    code = await code_of(who)
    assert await refused(delivery.find(at.clerk.actor, code)) == "delivery.in_locker"
    assert (await near.says("taken", 1)).status == 409, "nobody has opened it"
    assert (await near.types(code)).cell == 1
    assert (await near.says("taken", 1)).status == 200
    screen = await who.screen()
    assert (screen["state"], screen["delivery"]["state"]) == ("closed", "collected")
    assert await kinds(who) == ["ratings.invited", "delivery.collected", "delivery.in_locker"]
    assert await cells() == [(1, "free", False), (2, "free", False)]
    assert (await near.types(code)).status == 404, "a code opens once"


async def test_a_cell_is_never_given_twice(near: Bank) -> None:
    at = await office()
    to = await bank(at, cells=3)
    rows = [(await to_put_in(near.client, near.ports, at, to))[1] for _ in range(5)]
    done = await asyncio.gather(*(delivery.place(at.clerk.actor, row, "S") for row in rows), return_exceptions=True)
    given = sorted(one[1] for one in done if isinstance(one, tuple))
    assert given == [1, 2, 3]
    assert [one.code for one in done if isinstance(one, AppError)] == ["delivery.no_free_cell"] * 2
    left = await db.fetchval("SELECT count(*) FROM delivery WHERE state = 'handed_to_window'")
    assert left == 2
    assert await refused(delivery.place(at.clerk.actor, rows[0], "S")) in (
        "delivery.not_to_locker",
        "delivery.no_free_cell",
    )


async def test_big_things_go_into_big_cells_or_to_the_counter(near: Bank) -> None:
    at = await office()
    to = await bank(at, cells=1)
    await delivery.set_up_bank(at.clerk.actor, to.id, at.hall.id, "L", 1)
    who, first = await to_put_in(near.client, near.ports, at, to)
    _, second = await to_put_in(near.client, near.ports, at, to)
    assert (await delivery.place(at.clerk.actor, first, "M"))[1] == 2
    assert await refused(delivery.place(at.clerk.actor, second, "M")) == "delivery.no_free_cell"
    await delivery.to_counter(at.clerk.actor, second, "A-01")
    assert await (await delivery.on_shelf(at.clerk.actor)).count() == 1
    assert (await who.screen())["delivery"]["method"] == "locker"


async def test_wrong_codes_and_calls_that_open_nothing(near: Bank) -> None:
    at = await office()
    to, other = await bank(at), await bank(at, key="other")
    who, row = await to_put_in(near.client, near.ports, at, to)
    await delivery.place(at.clerk.actor, row, "S")
    code = await code_of(who)
    before = await cells()
    nonce = "n" * 24
    said = [
        await near.types("00000000", nonce=nonce),
        await near.types(code, nonce=nonce),
        await near.types(code, forged=True),
        await near.types(code, bank=other.key),
        await near.types(code, bank="nowhere"),
        await near.says("fault", 99),
    ]
    assert [one.status for one in said] == [404, 409, 403, 404, 404, 404]
    assert await cells() == before
    for _ in range(4):
        assert (await near.types("11111111")).status == 404
    assert (await near.types(code)).status == 409, "the keypad rests"
    kept = await db.fetch("SELECT refused FROM locker_call WHERE refused IS NOT NULL")
    assert {one["refused"] for one in kept} == {
        "delivery.code_unknown",
        "delivery.cell_unknown",
        "delivery.keypad_rests",
    }


async def test_guessing_with_many_calls_at_once_is_counted(near: Bank) -> None:
    at = await office()
    await bank(at)
    said = await asyncio.gather(*(near.types(f"{number:08}") for number in range(12)))
    assert sorted(one.status or 0 for one in said) == [404] * 5 + [409] * 7


async def test_the_keypad_opens_again_later(near: Bank, clock: Clock) -> None:
    at = await office()
    to = await bank(at)
    who, row = await to_put_in(near.client, near.ports, at, to)
    await delivery.place(at.clerk.actor, row, "S")
    for _ in range(6):
        await near.types("11111111")
    clock.advance(minutes=11)
    near.sandbox.world.clock.offset = 660
    assert (await near.types(await code_of(who))).cell == 1


async def test_what_nobody_fetches_is_recalled(near: Bank, clock: Clock) -> None:
    at = await office()
    to = await bank(at)
    who, row = await to_put_in(near.client, near.ports, at, to)
    _, cell = await delivery.place(at.clerk.actor, row, "S")
    old = await code_of(who)
    assert await delivery.recall_expired() == 0
    clock.advance(days=3, minutes=1)
    near.sandbox.world.clock.offset = 3 * 86_400 + 60
    assert (await delivery.recall_expired(), await delivery.recall_expired()) == (1, 0)
    assert (await near.types(old)).status == 404
    assert (await kinds(who))[0] == "delivery.recalled"
    assert await cells() == [(1, "recalled", True), (2, "free", False)]
    view = await delivery.lockers(at.clerk.actor)
    inside = view.banks[0].cells[cell - 1]
    await delivery.emptied(at.clerk.actor, inside.id, "A-07")
    assert await cells() == [(1, "free", False), (2, "free", False)]
    assert (await kinds(who))[0] == "delivery.ready_to_collect"
    new = await code_of(who)
    assert new != old
    assert (await delivery.find(at.clerk.actor, new)).shelf == "A-07"


async def test_a_door_that_does_not_open(near: Bank) -> None:
    at = await office()
    to = await bank(at)
    who, row = await to_put_in(near.client, near.ports, at, to)
    await delivery.place(at.clerk.actor, row, "S")
    assert (await near.says("fault", 1)).status == 200
    assert (await kinds(who))[0] == "delivery.recalled"
    assert not await delivery.open_door(near.ports.lockers, "bank", 1), "it is jammed: by key"
    faulty = (await delivery.lockers(at.clerk.actor)).banks[0].cells[0]
    assert await refused(delivery.mend(at.clerk.actor, faulty.id)) == "delivery.cell_not_empty"
    await delivery.emptied(at.clerk.actor, faulty.id, "A-01")
    assert await cells() == [(1, "faulty", False), (2, "free", False)]
    _, second = await to_put_in(near.client, near.ports, at, to)
    assert (await delivery.place(at.clerk.actor, second, "S"))[1] == 2
    await delivery.mend(at.clerk.actor, faulty.id)
    assert (await cells())[0] == (1, "free", False)


async def test_fetched_while_it_is_called_back(near: Bank) -> None:
    at = await office()
    to = await bank(at)
    who, row = await to_put_in(near.client, near.ports, at, to)
    await delivery.place(at.clerk.actor, row, "S")
    await near.types(await code_of(who))
    cell = (await delivery.lockers(at.clerk.actor)).banks[0].cells[0]
    await asyncio.gather(near.says("taken", 1), delivery.call_back(at.clerk.actor, cell.id), return_exceptions=True)
    state = await db.fetchval("SELECT state FROM delivery")
    assert (state, (await cells())[0][1]) in (("collected", "free"), ("handed_to_window", "recalled"))


@pytest.mark.parametrize(("deed", "after"), [(delivery.call_back, "recalled"), (delivery.fault, "faulty")])
async def test_behind_an_open_door_nothing_is_taken_away(
    near: Bank, clock: Clock, deed: Callable[[Staff, UUID], Awaitable[None]], after: str
) -> None:
    at = await office()
    who, row = await to_put_in(near.client, near.ports, at, await bank(at))
    await delivery.place(at.clerk.actor, row, "S")
    await near.types(await code_of(who))
    cell = (await delivery.lockers(at.clerk.actor)).banks[0].cells[0]
    assert await refused(deed(at.clerk.actor, cell.id)) == "delivery.cell_open"
    assert (await who.screen())["delivery"]["state"] == "ready_to_collect"
    clock.advance(minutes=11)
    await deed(at.clerk.actor, cell.id)
    assert (await cells())[0] == (1, after, True)


async def test_chosen_on_the_phone(near: Bank) -> None:
    at = await office()
    who = await granted(near.client, near.ports, at)
    path = f"/api/v1/threads/{who.thread_id}/delivery"
    assert "locker" not in (await who.phone.get(path)).json["methods"], "there is none"
    to = await bank(at)
    shown = (await who.phone.get(path)).json
    assert (shown["methods"], [one["name"] for one in shown["banks"]]) == (
        ["counter", "locker", "post"],
        [to.name],
    )
    assert to.name not in str((await near.client.get("/api/v1/halls")).json), "nobody is served at a locker"
    no_bank = await who.phone.put(path, json={"method": "locker", "hall_id": str(at.hall.id)}, headers=key())
    assert (no_bank.status, no_bank.json["fields"][0]["path"]) == (422, "delivery.hall_id")
    done = await who.phone.put(path, json={"method": "locker", "hall_id": str(to.id)}, headers=key())
    assert done.json["wish"]["method"] == "locker"
    assert (await who.screen())["delivery"]["hall"]["name"] == to.name


async def test_other_halls_reach_no_cell(near: Bank, as_staff: AsStaff) -> None:
    at = await office()
    to = await bank(at)
    _, row = await to_put_in(near.client, near.ports, at, to)
    await delivery.place(at.clerk.actor, row, "S")
    cell = (await delivery.lockers(at.clerk.actor)).banks[0].cells[0]
    town = await make.hall("town", region_code="341226100")
    elsewhere = (await as_staff("clerk", hall=town.id)).actor
    assert (await delivery.lockers(elsewhere)).banks == []
    for deed in (delivery.call_back, delivery.fault, delivery.mend):
        assert await refused(deed(elsewhere, cell.id)) == "not_found"
    assert await refused(delivery.emptied(elsewhere, cell.id, "A-01")) == "not_found"
    assert await refused(delivery.set_up_bank(elsewhere, to.id, at.hall.id, "S", 1)) == "not_found"
    assert await refused(delivery.set_up_bank(elsewhere, to.id, town.id, "S", 1)) == "not_found"


async def test_what_lies_at_one_window_does_not_travel_to_another(near: Bank) -> None:
    await make.county()
    town = (await make.hall("town", region_code="341226100")).id
    at = await office(hall_keys=["county", "town"])
    who, row = await to_put_in(near.client, near.ports, at, await bank(at))
    await db.execute("UPDATE delivery SET state = 'preparing', made_at = 'window' WHERE id = $1", row)
    path = f"/api/v1/threads/{who.thread_id}/delivery"
    moved = await who.phone.put(path, json={"method": "counter", "hall_id": str(town)}, headers=key())
    assert (moved.status, moved.json["code"]) == (409, "delivery.lies_elsewhere")
    here = await who.phone.put(path, json={"method": "counter", "hall_id": str(at.hall.id)}, headers=key())
    assert here.status == 200


async def test_lockers_at_the_desk(near: Bank) -> None:
    at = await office()
    to = await bank(at)
    who, row = await to_put_in(near.client, near.ports, at, to)
    desk = at_desk(near.client, at.clerk)
    assert who.case["number"] in await desk.sees("/console/lockers")
    await db.execute("UPDATE thread SET title = '=1+1'")
    there = await desk.does(f"/console/lockers/results/{row}/place", {"size": "S"})
    table = await desk.browser.get("/console/lockers/export.csv")
    assert table.headers["cache-control"] == "private, no-store"
    assert [line.split(",")[5] for line in table.body.decode("utf-8-sig").splitlines()] == ["事项", "'=1+1", ""]
    assert await db.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'delivery.lockers_exported'") == 1
    assert goes_to(there).startswith("/console/lockers?put=1")
    cell = (await delivery.lockers(at.clerk.actor)).banks[0].cells[0]
    goes_to(await desk.does(f"/console/lockers/cells/{cell.id}/recall", {}))
    assert "待取出" in await desk.sees("/console/lockers")
    goes_to(await desk.does(f"/console/lockers/cells/{cell.id}/emptied", {"shelf": "A-01"}))
    goes_to(await desk.does(f"/console/lockers/cells/{cell.id}/fault", {}))
    goes_to(await desk.does(f"/console/lockers/cells/{cell.id}/mended", {}))
    assert (await who.screen())["delivery"]["shelf"] == "A-01"
