"""Applications by post: written down once, a case that counts from the day it came, or sent back (row 55)."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from uuid import UUID

import pytest

from server import db
from server.errors import AppError, Conflict, InvalidInput, NotFound
from server.features.cases import service as cases
from server.features.cases.schemas import CheckIn, CorrectionLine, ParcelIn, ReturnIn
from server.features.cases.service import WindowIn, posting
from server.features.identity import service as identity
from server.kit import clock as clocks
from server.ports import Ports
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.cases import Office, office
from tests.factories.identity import REGISTER, sample_number, staff
from tests.fixtures_web import Client
from tests.server.cases.test_window import FORM, ID, code, seen, somebody
from tests.server.console.desk import at_desk, goes_to

BACK = ReturnIn(reason="wrong_addressee", words="请寄给县交通运输局。", courier="ems", waybill="EA999999999CN")


def envelope(at: Office, waybill: str = "ea123456789cn", *, on: date | None = None) -> ParcelIn:
    return ParcelIn(
        hall_id=at.hall.id,
        courier="ems",
        waybill=waybill,
        sender="赵长庚",
        sender_phone="19900001234",
        received_on=on or clocks.today(),
        contents="申请表 1 份、身份证复印件 1 份",
    )


async def filed(at: Office, *, on: date | None = None) -> UUID:
    parcel_id = await posting.register_parcel(at.clerk.actor, envelope(at, on=on))
    wish = WindowIn(
        item_id=at.item_id, hall_id=at.hall.id, person_id=await somebody(at), situation={}, parcel_id=parcel_id
    )
    return await cases.receive(at.clerk.actor, wish)


async def test_an_envelope_becomes_a_case_that_counts_from_the_day_it_came(client: Client, ports: Ports) -> None:
    at = await office(form=FORM)
    clerk = at.clerk.actor
    desk = at_desk(client, at.clerk)
    came = clocks.today() - timedelta(days=3)
    said = {
        "hall_id": str(at.hall.id), "courier": "sf", "waybill": " sf1234567890 ", "sender": "赵长庚",
        "sender_phone": "", "received_on": came.isoformat(), "contents": "申请表 1 份",
    }  # fmt: skip
    there = goes_to(await desk.does("/console/post", said, on="/console/post/new"))
    assert "SF1234567890" in await desk.sees(there)
    parcel_id = there.rpartition("/")[2]
    assert "赵长庚" in await desk.sees("/console/receive", hall=str(at.hall.id), parcel=parcel_id)
    person = await identity.register_person(
        clerk, kind="resident_id", name="赵长庚", number=sample_number(), checker=REGISTER, phone="19900001234"
    )
    wish = WindowIn(
        item_id=at.item_id, hall_id=at.hall.id, person_id=person.id, situation={}, parcel_id=UUID(parcel_id)
    )
    case_id = await cases.receive(clerk, wish)
    page = f"/console/cases/{case_id}"
    shown = await seen(clerk, case_id)
    assert (shown.channel, shown.case.state, shown.parcels[0].waybill) == ("post", "submitted", "SF1234567890")
    assert "SF1234567890" in await desk.sees(page)
    assert await db.fetchval("SELECT started_on FROM clock WHERE kind = 'receive'") == came
    told = await db.fetchrow("SELECT kind, channel FROM outbox ORDER BY created_at DESC LIMIT 1")
    assert told is not None
    assert (told["kind"], told["channel"]) == ("cases.received_by_post", "sms"), "no login, but a number"
    await cases.fill_in(clerk, case_id, {"name": "赵长庚", "reason": "年满八十"})
    with pytest.raises(InvalidInput) as bare:
        await cases.accept(clerk, case_id)
    assert code(bare) == "cases.materials_missing"
    await cases.check_materials(clerk, case_id, [ID])
    await cases.accept(clerk, case_id)
    assert (await seen(clerk, case_id)).case.state == "accepted"


async def test_silence_counts_from_the_day_it_came(client: Client, ports: Ports, clock: Clock) -> None:
    at = await office()
    came = clocks.today() - timedelta(days=2)
    case_id = await filed(at, on=came)
    clock.advance(days=20)
    assert await cases.deem_accepted() == 1
    assert await db.fetchval("SELECT started_on FROM clock WHERE kind = 'decide'") == came
    assert (await seen(at.clerk.actor, case_id)).case.state == "accepted"


async def test_what_is_missing_is_told_once_and_comes_in_another_envelope(client: Client, ports: Ports) -> None:
    at = await office()
    clerk = at.clerk.actor
    case_id = await filed(at)
    await cases.check_materials(clerk, case_id, [CheckIn(key="id_card", verdict="missing")])
    await cases.ask_correction(clerk, case_id, [])
    with pytest.raises(Conflict) as twice:
        await cases.ask_correction(clerk, case_id, [CorrectionLine(key="name", reason="不清")])
    assert code(twice) in ("cases.moved_on", "cases.wrong_state")
    second = await posting.register_parcel(clerk, envelope(at, "EA000000002CN"))
    number = (await seen(clerk, case_id)).case.number
    for wrong in ("123", number[:-1] + ("1" if number[-1] != "1" else "2")):
        with pytest.raises(InvalidInput) as nobody:
            await posting.attach_parcel(clerk, second, wrong)
        assert code(nobody) == "cases.no_such_number"
    assert await posting.attach_parcel(clerk, second, number) == case_id
    await cases.check_materials(clerk, case_id, [ID])
    await cases.hand_in_again(clerk, case_id)
    assert [one.waybill for one in (await seen(clerk, case_id)).parcels] == ["EA123456789CN", "EA000000002CN"]
    assert await db.fetchval("SELECT count(*) FROM telling") == 1


async def test_what_cannot_be_taken_goes_back_with_its_reason(client: Client, ports: Ports) -> None:
    at = await office()
    clerk = at.clerk.actor
    first = await posting.register_parcel(clerk, envelope(at))
    await posting.return_parcel(clerk, first, BACK)
    shown = await posting.parcel(clerk, first)
    assert (shown.state, shown.reason, shown.out_waybill) == ("returned", "wrong_addressee", "EA999999999CN")
    for again in (posting.return_parcel(clerk, first, BACK), posting.attach_parcel(clerk, first, "1")):
        with pytest.raises(AppError):
            await again
    second = await posting.register_parcel(clerk, envelope(at, "EA000000003CN"))
    with pytest.raises(Conflict) as same:
        await posting.return_parcel(clerk, second, BACK)
    assert code(same) == "cases.parcel_known", "one outgoing waybill carries one envelope"
    assert (await posting.parcel(clerk, second)).state == "registered"
    with pytest.raises(Conflict) as over:
        await cases.receive(
            clerk,
            WindowIn(
                item_id=at.item_id, hall_id=at.hall.id, person_id=await somebody(at), situation={}, parcel_id=first
            ),
        )
    assert code(over) == "cases.parcel_answered"
    assert await db.fetchval("SELECT count(*) FROM case_record") == 0


async def test_one_waybill_is_written_down_once(client: Client, ports: Ports) -> None:
    at = await office()
    two = [posting.register_parcel(at.clerk.actor, envelope(at, one)) for one in ("ea123456789cn", " EA123456789CN ")]
    came = await asyncio.gather(*two, return_exceptions=True)
    assert sorted(type(one).__name__ for one in came) == ["Conflict", "UUID"]
    other = envelope(at)
    other.courier = "sf"
    await posting.register_parcel(at.clerk.actor, other)
    for day in (clocks.today() + timedelta(days=1), clocks.today() - timedelta(days=31)):
        with pytest.raises(InvalidInput):
            await posting.register_parcel(at.clerk.actor, envelope(at, "EA000000009CN", on=day))


async def test_the_list_is_the_halls_own_paged_searched_and_exported(client: Client, ports: Ports) -> None:
    at = await office()
    clerk = at.clerk.actor
    for number in range(5):
        on = clocks.today() - timedelta(days=number)
        await posting.register_parcel(clerk, envelope(at, f"EA00000000{number}CN", on=on))
    first = await (await posting.parcels(clerk, state="registered")).page(db.Sought(limit=3))
    rest = await (await posting.parcels(clerk, state="registered")).page(db.Sought(cursor=first.next, limit=3))
    assert [one.waybill[10] for one in (*first.items, *rest.items)] == ["4", "3", "2", "1", "0"]
    assert [one.sender for one in first.items] == ["赵*庚"] * 3
    assert [
        one.waybill
        for one in (await (await posting.parcels(clerk, state="registered")).page(db.Sought(q="0003cn"))).items
    ] == ["EA000000003CN"]
    elsewhere = await staff("clerk", hall=(await make.hall("town")).id)
    assert (await (await posting.parcels(elsewhere.actor, state="registered")).page()).items == []
    with pytest.raises(NotFound):
        await posting.parcel(elsewhere.actor, first.items[0].id)
    desk = at_desk(client, at.clerk)
    assert "EA000000004CN" in await desk.sees("/console/post")
    table = await desk.sees("/console/post/export", list="registered")
    assert len(table.strip().splitlines()) == 6
    assert "赵长庚" not in table


async def test_a_look_at_a_senders_name_is_on_record(client: Client, ports: Ports) -> None:
    at = await office()
    parcel_id = await posting.register_parcel(at.clerk.actor, envelope(at))
    await posting.parcel(at.clerk.actor, parcel_id)
    looked = "SELECT count(*) FROM audit_entry WHERE action = 'cases.parcel.viewed' AND is_look AND subject_id = $1"
    assert await db.fetchval(looked, parcel_id) == 1
    await (await posting.parcels(at.clerk.actor, state="registered")).page()
    assert await db.fetchval(looked, parcel_id) == 1, "a list is masked"
