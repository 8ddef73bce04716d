"""Papers handed over in batches that both sides sign for, and what becomes of what is missing (row 79)."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from server import db
from server.actor import Staff
from server.errors import Conflict, Forbidden, InvalidInput, NotFound
from server.features.cases import service as cases
from server.features.cases.service import batching
from server.kit import clock
from server.kit.paging import each
from server.ports import Ports
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.cases import Office, office, submitted
from tests.factories.identity import staff
from tests.fixtures_web import Client
from tests.server.cases.test_window import ID, code, received, seen
from tests.server.console.desk import at_desk, goes_to


async def taken_in(at: Office) -> tuple[UUID, str]:
    """A case whose paper lies at the window; its id and number."""
    case_id = await received(at)
    await cases.check_materials(at.clerk.actor, case_id, [ID])
    return case_id, (await seen(at.clerk.actor, case_id)).case.number


async def handed(at: Office, count: int = 2) -> tuple[UUID, list[UUID]]:
    """A batch the window has signed for, and its cases."""
    clerk = at.clerk.actor
    batch_id = await batching.open_batch(clerk, at.hall.id, at.guide.department.id)
    case_ids = []
    for _ in range(count):
        case_id, number = await taken_in(at)
        await batching.put_on_batch(clerk, batch_id, number)
        case_ids.append(case_id)
    await batching.hand_over_batch(clerk, batch_id)
    return batch_id, case_ids


async def place(actor: Staff, case_id: UUID) -> str:
    found = (await seen(actor, case_id)).papers
    return found.place if found else ""


async def test_given_counted_and_signed_by_both_sides(client: Client, ports: Ports) -> None:
    at = await office()
    clerk, reviewer = at.clerk.actor, at.reviewer.actor
    case_id, number = await taken_in(at)
    assert await place(clerk, case_id) == "window"
    front, back = at_desk(client, at.clerk), at_desk(client, at.reviewer)
    whither = {"hall": str(at.hall.id), "department": str(at.guide.department.id)}
    page = goes_to(await front.does("/console/batches", whither, on="/console/batches"))
    batch_id = UUID(page.rpartition("/")[2])
    assert (await front.refused(f"{page}/give", on=page)).status == 409
    code_on_receipt = f"http://onetrip.test/#/features/thread/pages/track?number={number}"
    goes_to(await front.does(f"{page}/lines", {"scanned": code_on_receipt}, on=page))
    assert number in (await front.refused(f"{page}/lines", {"scanned": number}, on=page)).text, "twice is said"
    assert await place(clerk, case_id) == "listed"
    goes_to(await front.does(f"{page}/give", on=page))
    assert (await front.refused(f"{page}/lines", {"scanned": number}, on=page)).status == 409
    assert await place(reviewer, case_id) == "way"
    assert "<svg" in await back.sees(f"{page}/slip")
    assert (await back.refused(f"{page}/receive", on=page)).status == 409, "first counted, then signed"
    line = (await batching.batch(reviewer, batch_id)).lines[0]
    goes_to(await back.does(f"{page}/lines/{line.id}/count", {"found": "missing"}, on=page))
    goes_to(await back.does(f"{page}/lines/{line.id}/count", {"found": "received"}, on=page))
    goes_to(await back.does(f"{page}/receive", on=page))
    shown = await batching.batch(clerk, batch_id)
    assert (shown.state, shown.lines[0].state, shown.lines[0].papers) == ("received", "received", ["居民身份证"])
    assert await place(clerk, case_id) == "department"
    assert page.rpartition("/")[2] in await front.sees(f"/console/cases/{case_id}")
    # Both sides find it on their list; whoever is neither does not.
    assert shown.number in await back.sees("/console/batches")
    stranger = await staff("clerk", hall=(await make.hall("town")).id)
    with pytest.raises(NotFound):
        await batching.batch(stranger.actor, batch_id)
    assert (await (await batching.batches(stranger.actor)).page()).items == []


async def test_what_is_missing_stays_with_the_giver_until_found_or_reported(client: Client, ports: Ports) -> None:
    at = await office()
    clerk, reviewer = at.clerk.actor, at.reviewer.actor
    batch_id, (first, second) = await handed(at)
    lines = (await batching.batch(reviewer, batch_id)).lines
    for line in lines:
        await batching.count_line(reviewer, batch_id, line.id, "missing")
    await batching.receive_batch(reviewer, batch_id)
    assert (await (await batching.batches(clerk)).page()).items[0].open_lines == 2
    assert await place(clerk, first) == "missing"
    again = await batching.open_batch(clerk, at.hall.id, at.guide.department.id)
    with pytest.raises(Conflict) as still:
        await batching.put_on_batch(clerk, again, lines[0].number)
    assert code(still) == "cases.batch_elsewhere", "what is missing is settled first"
    await batching.settle_line(clerk, batch_id, lines[0].id, found=True, words="")
    assert await place(clerk, first) == "window"
    await batching.put_on_batch(clerk, again, lines[0].number)
    with pytest.raises(InvalidInput):
        await batching.settle_line(clerk, batch_id, lines[1].id, found=False, words=" ")
    await batching.settle_line(clerk, batch_id, lines[1].id, found=False, words="途中遗失，已联系申请人。")
    papers = (await seen(reviewer, second)).papers
    assert papers is not None
    assert (papers.place, papers.words) == ("lost", "途中遗失，已联系申请人。")
    with pytest.raises(Conflict) as settled:
        await batching.settle_line(clerk, batch_id, lines[1].id, found=True, words="")
    assert code(settled) == "cases.batch_not_missing"
    assert await db.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'cases.papers_lost'") == 1


async def test_papers_are_on_one_open_batch_only(client: Client, ports: Ports) -> None:
    at = await office()
    clerk = at.clerk.actor
    _, number = await taken_in(at)
    department = at.guide.department.id
    batch_id = await batching.open_batch(clerk, at.hall.id, department)
    assert await batching.open_batch(clerk, at.hall.id, department) == batch_id, "one is open between two"
    came = await asyncio.gather(
        *(batching.put_on_batch(clerk, batch_id, number) for _ in range(4)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in came) == ["Conflict"] * 3 + ["NoneType"]
    await batching.hand_over_batch(clerk, batch_id)
    other = await batching.open_batch(clerk, at.hall.id, department)
    with pytest.raises(Conflict) as elsewhere:
        await batching.put_on_batch(clerk, other, number)
    assert code(elsewhere) == "cases.batch_elsewhere"


async def test_what_is_not_to_be_handed_over_is_said(client: Client, ports: Ports) -> None:
    at = await office()
    clerk = at.clerk.actor
    batch_id = await batching.open_batch(clerk, at.hall.id, at.guide.department.id)
    online = await submitted(client, ports, at)
    with pytest.raises(Conflict) as no_paper:
        await batching.put_on_batch(clerk, batch_id, online.case["number"])
    assert code(no_paper) == "cases.batch_no_papers"
    with pytest.raises(InvalidInput) as nobody:
        await batching.put_on_batch(clerk, batch_id, "123")
    assert code(nobody) == "cases.no_such_number"
    case_id, number = await taken_in(at)
    fire = await batching.open_batch(clerk, at.hall.id, (await make.department("fire")).id)
    with pytest.raises(Conflict) as other:
        await batching.put_on_batch(clerk, fire, number)
    assert code(other) == "cases.batch_other_department"
    await batching.put_on_batch(clerk, batch_id, number)
    line = (await batching.batch(clerk, batch_id)).lines[0]
    await batching.take_off_batch(clerk, batch_id, line.id)
    assert await place(clerk, case_id) == "window"


async def test_two_receivers_sign_once(client: Client, ports: Ports) -> None:
    at = await office()
    batch_id, _ = await handed(at)
    second = await staff("reviewer", department=at.guide.department.id)
    for line in (await batching.batch(second.actor, batch_id)).lines:
        await batching.count_line(second.actor, batch_id, line.id, "received")
    came = await asyncio.gather(
        *(batching.receive_batch(one.actor, batch_id) for one in (at.reviewer, second)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in came) == ["Conflict", "NoneType"]
    assert await db.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'cases.batch_received'") == 1


async def test_nobody_signs_for_both_sides(client: Client, ports: Ports) -> None:
    at = await office()
    both = await staff("clerk", "reviewer")
    batch_id = await batching.open_batch(both.actor, at.hall.id, at.guide.department.id)
    _, number = await taken_in(at)
    await batching.put_on_batch(both.actor, batch_id, number)
    await batching.hand_over_batch(both.actor, batch_id)
    line = (await batching.batch(both.actor, batch_id)).lines[0]
    for deed in (
        batching.count_line(both.actor, batch_id, line.id, "received"),
        batching.receive_batch(both.actor, batch_id),
    ):
        with pytest.raises(Forbidden) as own:
            await deed
        assert code(own) == "cases.own_batch"


async def test_what_is_not_signed_in_time_is_lit(client: Client, ports: Ports, clock: Clock) -> None:
    at = await office()
    batch_id, _ = await handed(at)
    assert not (await batching.batch(at.reviewer.actor, batch_id)).late
    clock.advance(days=10)
    assert (await (await batching.batches(at.reviewer.actor)).page()).items[0].late
    for line in (await batching.batch(at.reviewer.actor, batch_id)).lines:
        await batching.count_line(at.reviewer.actor, batch_id, line.id, "received")
    await batching.receive_batch(at.reviewer.actor, batch_id)
    assert not (await (await batching.batches(at.reviewer.actor)).page()).items[0].late


async def test_what_is_owed_comes_first_however_old_and_however_much_there_is(client: Client, ports: Ports) -> None:
    at = await office()
    batch_id, _ = await handed(at)
    for line in (await batching.batch(at.reviewer.actor, batch_id)).lines:
        await batching.count_line(at.reviewer.actor, batch_id, line.id, "missing")
    await batching.receive_batch(at.reviewer.actor, batch_id)
    await db.execute("UPDATE paper_batch SET created_at = created_at - interval '200 days'")
    await db.execute(
        "INSERT INTO paper_batch (id, created_at, number, hall_id, department_id, state, due_on, giver_id, handed_at,"
        " receiver_id, received_at) SELECT gen_random_uuid(), $1::timestamptz - n * interval '1 hour', 'N' || n,"
        " hall_id, department_id, state, due_on, giver_id, handed_at, receiver_id, received_at"
        " FROM paper_batch, generate_series(1, 120) n",
        clock.now(),
    )
    first = (await (await batching.batches(at.clerk.actor)).page()).items
    assert (first[0].id, first[0].open_lines) == (batch_id, 2)
    found = await batching.batches(at.clerk.actor)
    everything = [one async for one in each(lambda cursor: found.page(db.Sought(cursor=cursor)))]
    assert len({one.id for one in everything}) == len(everything) == 121, "every one, once"
    assert 'data-page="next"' in await at_desk(client, at.clerk).sees("/console/batches")
