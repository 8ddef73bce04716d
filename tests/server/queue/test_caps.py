"""Nobody empties a hall's numbers from home: caps a person, a kiosk and a hall, and a code only the hall shows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from server import db
from server.actor import Anonymous
from server.errors import Conflict, InvalidInput, NotFound
from server.features.queue import service as queue
from server.features.queue.service import DeviceKind
from server.kit.ids import new_id
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.booking import Bookable, key
from tests.factories.identity import AsCitizen, AsStaff
from tests.factories.queue import grown_up
from tests.fixtures_web import Answer, Client
from tests.server.queue.test_walking_in import books, opened, takes

NOBODY = Anonymous()
KINDS = ("general", "police", "social", "market", "property")


async def by_code(phone: Client, token: str, **wish: Any) -> Answer:
    given = {"token": token, "skill": "general"} | wish
    return await phone.post("/api/v1/walk-ins", json=given, headers=key())


async def of_many_kinds(clock: Clock, **policy: object) -> Bookable:
    place, _ = await opened(clock, **policy)
    await make.window(place.hall, 9, *KINDS)
    return place


async def test_one_person_holds_so_many_and_takes_so_many_a_day(
    client: Client, as_citizen: AsCitizen, clock: Clock
) -> None:
    place = await of_many_kinds(clock, person_live=2, person_day=3)
    phone = client.as_((await as_citizen(born=grown_up())).token)
    first, second = [(await takes(phone, place, skill=kind)).json for kind in KINDS[:2]]
    third = await takes(phone, place, skill=KINDS[2])
    assert (third.status, third.json["code"]) == (409, "queue.too_many_live")
    assert "2 个" in third.json["detail"]
    # The way on that the answer offers: one is given back. The same number is still shown, not another one.
    assert (await takes(phone, place, skill=KINDS[1])).json["id"] == second["id"]
    left = await phone.post(f"/api/v1/tickets/{first['id']}/leave", headers=key())
    assert (left.status, left.json["state"], left.json["can"]) == (200, "abandoned", [])
    assert (await takes(phone, place, skill=KINDS[2])).status == 201
    await phone.post(f"/api/v1/tickets/{second['id']}/leave", headers=key())
    fourth = await takes(phone, place, skill=KINDS[3])
    assert (fourth.status, fourth.json["code"]) == (409, "queue.too_many_today")
    other = client.as_((await as_citizen(born=grown_up())).token)
    assert (await takes(other, place, skill=KINDS[3])).status == 201
    assert (await other.post(f"/api/v1/tickets/{first['id']}/leave", headers=key())).status == 404


async def test_a_booking_is_no_number_too_many(client: Client, as_citizen: AsCitizen, clock: Clock) -> None:
    place, slot = await opened(clock, person_live=1)
    await make.window(place.hall, 9, *KINDS)
    phone = client.as_((await as_citizen(born=grown_up())).token)
    assert (await takes(phone, place, skill="police")).status == 201
    await books(phone, place, slot)
    arrived = await takes(phone, place)
    assert (arrived.status, arrived.json["booked"], arrived.json["can"]) == (201, True, [])
    refused = await phone.post(f"/api/v1/tickets/{arrived.json['id']}/leave", headers=key())
    assert (refused.status, refused.json["code"]) == (409, "queue.wrong_state")


async def test_a_photograph_of_the_poster_takes_no_number(client: Client, as_citizen: AsCitizen, clock: Clock) -> None:
    place, slot = await opened(clock, at_door=True)
    poster = await queue.hall_token(place.hall.id)
    phone = client.as_((await as_citizen(born=grown_up())).token)
    refused = await by_code(phone, poster)
    assert (refused.status, refused.json["code"]) == (409, "queue.not_at_door")
    assert (await phone.get(f"/api/v1/arrivals/{poster}")).json["at_door"] is False
    shown = await queue.door_code(place.hall.id)
    assert await queue.door_code(place.hall.id) == shown
    opens = (await client.get(f"/api/v1/codes/{shown}")).json
    assert opens["page"] == f"/features/queue/pages/check-in?token={shown}"
    assert (await phone.get(f"/api/v1/arrivals/{shown}")).json["at_door"] is True
    assert (await by_code(phone, shown)).json["number"] == "B001"
    clock.advance(seconds=61)
    assert await queue.door_code(place.hall.id) != shown
    clock.advance(minutes=5)
    other = client.as_((await as_citizen(born=grown_up())).token)
    passed_on = await by_code(other, shown)
    assert (passed_on.status, passed_on.json["code"]) == (410, "codes.expired")
    # Whoever has booked checks in by the poster all the same.
    await books(other, place, slot)
    assert (await other.post("/api/v1/check-ins", json={"token": poster}, headers=key())).status == 201


async def test_a_kiosk_gives_so_many_a_minute_and_a_hall_so_many_without_a_name(client: Client, clock: Clock) -> None:
    place, _ = await opened(clock, kiosk_minute=3, unnamed_live=5)
    one, other = new_id(), new_id()

    async def number(device: UUID) -> str:
        return (await queue.walk_in_at_kiosk(NOBODY, place.hall.id, "general", device_id=device)).number

    assert [await number(one) for _ in range(3)] == ["B001", "B002", "B003"]
    with pytest.raises(Conflict, match="kiosk_too_fast"):
        await number(one)
    assert await number(other) == "B004"
    clock.advance(seconds=61)
    assert await number(one) == "B005"
    with pytest.raises(Conflict, match="kiosk_full"):
        await number(other)
    assert await db.fetchval("SELECT last FROM ticket_counter") == 5


async def test_a_machine_is_let_in_once_and_shut_out(client: Client, as_staff: AsStaff, clock: Clock) -> None:
    place, _ = await opened(clock)
    town = await make.hall("town", region_code="341226100")
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    device, code = await queue.add_device(clerk, place.hall.id, DeviceKind.KIOSK, "一楼东门")
    assert (await queue.devices_of(clerk, place.hall.id))[0].pairing
    paired = await queue.pair(f"{code[:4]} {code[4:]}")
    assert (paired.hall_id, paired.kind) == (place.hall.id, DeviceKind.KIOSK)
    with pytest.raises(NotFound, match="pair_code_wrong"):
        await queue.pair(code)
    assert await queue.device_of(paired.session, place.hall.id, DeviceKind.KIOSK) == device
    for session, hall, kind in (
        (paired.session, town.id, DeviceKind.KIOSK),
        (paired.session, place.hall.id, DeviceKind.SCREEN),
        ("", place.hall.id, DeviceKind.KIOSK),
        (code, place.hall.id, DeviceKind.KIOSK),
    ):
        with pytest.raises(NotFound, match="kiosk_locked"):
            await queue.device_of(session, hall, kind)
    kept = await db.fetch("SELECT * FROM hall_device")
    assert paired.session not in str(kept)
    again = await queue.pair_again(clerk, device)
    with pytest.raises(NotFound, match="kiosk_locked"):
        await queue.device_of(paired.session, place.hall.id, DeviceKind.KIOSK)
    clock.advance(minutes=16)
    with pytest.raises(NotFound, match="pair_code_wrong"):
        await queue.pair(again)
    fresh = await queue.pair(await queue.pair_again(clerk, device))
    await queue.revoke_device(clerk, device)
    with pytest.raises(NotFound, match="kiosk_locked"):
        await queue.device_of(fresh.session, place.hall.id, DeviceKind.KIOSK)
    with pytest.raises(NotFound):
        await queue.pair_again(clerk, device)
    with pytest.raises(NotFound):
        await queue.add_device(clerk, town.id, DeviceKind.SCREEN, "大屏")
    with pytest.raises(InvalidInput, match="name_missing"):
        await queue.add_device(clerk, place.hall.id, DeviceKind.SCREEN, " ")
