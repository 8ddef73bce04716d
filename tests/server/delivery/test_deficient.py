"""While a promised paper is awaited nothing is handed over, by no door; once it is there, the same door opens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

import aiohttp
import pytest

from server import db
from server.config import Settings
from server.errors import AppError
from server.features.cases.models import Tolerance
from server.features.delivery import service as delivery
from server.features.thread import service as thread
from server.kit import clock as clocks
from server.kit.ids import token
from server.ports import LockerCall, Ports
from tests.factories.cases import SIGNED, Applicant, Office, granted, office, ready
from tests.factories.lockers import KEY, Bank, bank, code_of, lockers_near, to_put_in
from tests.factories.parcels import to_send
from tests.fixtures_web import Client
from tests.server.delivery.test_counter import sign

Deed = Callable[[], Awaitable[object]]


@pytest.fixture
async def near(
    settings: Settings, ports: Ports, http_session: aiohttp.ClientSession, database: None
) -> AsyncIterator[Bank]:
    async with lockers_near(settings, ports, http_session) as found:
        yield found


@dataclass(frozen=True, slots=True)
class Scene:
    """Where it happens."""

    near: Bank
    at: Office

    @property
    def client(self) -> Client:
        return self.near.client

    @property
    def ports(self) -> Ports:
        return self.near.ports


async def checked(scene: Scene) -> tuple[Applicant, Deed]:
    who, code = await ready(scene.client, scene.ports, scene.at)
    return who, lambda: delivery.check(scene.at.clerk.actor, code)


async def signed_on_pad(scene: Scene) -> tuple[Applicant, Deed]:
    who, code = await ready(scene.client, scene.ports, scene.at)
    receipt = await delivery.check(scene.at.clerk.actor, code)
    return who, lambda: delivery.sign_on_pad(scene.at.clerk.actor, receipt, SIGNED)


async def signed_on_phone(scene: Scene) -> tuple[Applicant, Deed]:
    who, code = await ready(scene.client, scene.ports, scene.at)
    await delivery.check(scene.at.clerk.actor, code)

    async def deed() -> None:
        answer = await sign(who.phone, who)
        if answer.status != 204:
            raise AppError(answer.json["code"])

    return who, deed


async def shelved_by_the_window(scene: Scene) -> tuple[Applicant, Deed]:
    who = await granted(scene.client, scene.ports, scene.at)
    row = await row_of(who)
    await db.execute("UPDATE delivery SET made_at = 'window' WHERE id = $1", row)
    return who, lambda: delivery.ready(scene.at.clerk.actor, row, "A-01")


async def put_on_a_list(scene: Scene) -> tuple[Applicant, Deed]:
    who, giver = await granted(scene.client, scene.ports, scene.at), scene.at.reviewer.actor
    list_id = await delivery.begin_list(giver, scene.at.guide.department.id, scene.at.hall.id)
    number = (await thread.get(who.thread_id)).number
    return who, lambda: delivery.scan_on(giver, list_id, number)


async def put_into_a_locker(scene: Scene) -> tuple[Applicant, Deed]:
    who, row = await to_put_in(scene.client, scene.ports, scene.at, await bank(scene.at))
    return who, lambda: delivery.place(scene.at.clerk.actor, row, "S")


async def moved_to_the_counter(scene: Scene) -> tuple[Applicant, Deed]:
    who, row = await to_put_in(scene.client, scene.ports, scene.at, await bank(scene.at))
    return who, lambda: delivery.to_counter(scene.at.clerk.actor, row, "A-01")


async def opened_by_code(scene: Scene) -> tuple[Applicant, Deed]:
    who, row = await to_put_in(scene.client, scene.ports, scene.at, await bank(scene.at))
    await delivery.place(scene.at.clerk.actor, row, "S")

    async def deed() -> None:
        await delivery.told_by_locker(LockerCall(nonce=token(), bank=KEY, event="code", code=await code_of(who)))

    return who, deed


async def taken_out_of_a_locker(scene: Scene) -> tuple[Applicant, Deed]:
    who, row = await to_put_in(scene.client, scene.ports, scene.at, await bank(scene.at))
    await delivery.place(scene.at.clerk.actor, row, "S")
    cell = (await delivery.lockers(scene.at.clerk.actor)).banks[0].cells[0]
    await delivery.call_back(scene.at.clerk.actor, cell.id)
    return who, lambda: delivery.emptied(scene.at.clerk.actor, cell.id, "A-01")


async def handed_to_the_post(scene: Scene) -> tuple[Applicant, Deed]:
    who, row = await to_send(scene.client, scene.ports, scene.at)
    return who, lambda: delivery.post(scene.at.clerk.actor, row, "EA123456789CN")


async def labelled(scene: Scene) -> tuple[Applicant, Deed]:
    who, row = await to_send(scene.client, scene.ports, scene.at)
    return who, lambda: delivery.label(scene.at.clerk.actor, row)


DOORS = (
    checked, signed_on_pad, signed_on_phone, shelved_by_the_window, put_on_a_list, put_into_a_locker,
    moved_to_the_counter, opened_by_code, taken_out_of_a_locker, handed_to_the_post, labelled,
)  # fmt: skip


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
async def test_no_door_hands_over(near: Bank, door: Callable[[Scene], Awaitable[tuple[Applicant, Deed]]]) -> None:
    who, deed = await door(Scene(near, await office()))
    before = await standing(who)
    await awaits(who)
    with pytest.raises(AppError) as refused:
        await deed()
    assert refused.value.code == "cases.tolerance_open"
    assert await standing(who) == before
    await Tolerance.filter(case_id=who.id).update(closed_at=clocks.now())
    await deed()


async def test_what_is_counted_meanwhile_stays_with_its_department(client: Client, ports: Ports) -> None:
    at = await office()
    who = await granted(client, ports, at)
    number = (await thread.get(who.thread_id)).number
    list_id = await delivery.begin_list(at.reviewer.actor, at.guide.department.id, at.hall.id)
    await delivery.scan_on(at.reviewer.actor, list_id, number)
    await delivery.give(at.reviewer.actor, list_id)
    await delivery.count(at.clerk.actor, list_id, number, "A-01")
    await awaits(who)
    assert await delivery.receive(at.clerk.actor, list_id) == (0, 1)
    assert await db.fetchval("SELECT state FROM delivery") == "preparing"


async def awaits(who: Applicant) -> None:
    waits = Tolerance(case_id=who.id, keys=["id_card"], due_on=clocks.today(), staff_id=who.office.clerk.actor.staff_id)
    await waits.save(force_create=True)


async def standing(who: Applicant) -> tuple[object, ...]:
    row = await db.fetchrow("SELECT state, method, shelf, ready_at FROM delivery WHERE thread_id = $1", who.thread_id)
    assert row is not None
    cells = await db.fetch("SELECT state, delivery_id, opened_at FROM locker_cell ORDER BY number")
    return (tuple(row), [tuple(cell) for cell in cells], await db.fetchval("SELECT count(*) FROM handover_line"))


async def row_of(who: Applicant) -> UUID:
    found: UUID = await db.fetchval("SELECT id FROM delivery WHERE thread_id = $1", who.thread_id)
    return found
