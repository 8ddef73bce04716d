"""The days of a complaint begin where somebody may answer it, and none that was told is taken back."""

from __future__ import annotations

from server import db
from server.features.complaints import service as complaints
from server.features.supervision import service as supervision
from tests.conftest import Clock
from tests.factories.cases import office
from tests.factories.identity import AsCitizen, staff
from tests.fixtures_web import Client
from tests.server.complaints.test_complaints import STUCK, due, judge, only, taken, write


async def test_what_lay_unrouted_is_late_again_on_its_own_days(
    client: Client, as_citizen: AsCitizen, clock: Clock
) -> None:
    at, supervisor = await office(), await staff("supervisor")
    await write(client.as_((await as_citizen()).token))
    clock.advance(days=40)
    assert await complaints.escalate() == 1
    await complaints.route(supervisor.actor, await only(), department_id=at.guide.department.id)
    assert await complaints.escalate() == 0
    clock.advance(days=40)
    assert await complaints.escalate() == 1, "the department is late now"


async def test_a_grade_takes_back_no_day_that_was_told(client: Client, as_citizen: AsCitizen, clock: Clock) -> None:
    at = await office()
    manager = await staff("hall_manager", hall=at.hall.id)
    await write(client.as_((await as_citizen()).token), **STUCK, item_id=str(at.item_id), hall_id=str(at.hall.id))
    _, work = await taken(at, officer=manager)
    await complaints.extend(manager.actor, work, reason="要问市局。")
    told = await due()
    await complaints.grade(manager.actor, work, grade="soon")
    assert await due() == told


async def in_time() -> tuple[int, int]:
    await supervision.count_everything()
    row = await db.fetchrow("SELECT sum(part), sum(whole) FROM figure WHERE key = 'complaints_in_time'")
    return (int(row[0] or 0), int(row[1] or 0)) if row else (0, 0)


async def test_a_late_answer_stays_late_when_asked_once_more(
    client: Client, as_citizen: AsCitizen, clock: Clock
) -> None:
    at, phone = await office(), client.as_((await as_citizen()).token)
    sent = await write(phone, item_id=str(at.item_id))
    assert await in_time() == (0, 0), "still in its time"
    clock.advance(days=20)
    assert await in_time() == (0, 1), "late without an answer is not in time"
    officer, work = await taken(at)
    await complaints.answer(officer.actor, work, words="要带，原件。")
    assert await in_time() == (0, 1)
    assert (await judge(phone, sent, satisfied=False, words="集体户口呢？")).status == 200
    assert await in_time() == (0, 1), "its new days do not make the old answer timely"
    _, work = await taken(at)
    await complaints.answer(officer.actor, work, words="带首页复印件。")
    assert await in_time() == (1, 2)


async def test_the_first_round_stays_whose_it_was(client: Client, as_citizen: AsCitizen) -> None:
    """Asked once more and routed elsewhere, the late or timely first answer is not the new office's."""
    at, phone = await office(), client.as_((await as_citizen()).token)
    sent = await write(phone, item_id=str(at.item_id))
    officer, work = await taken(at)
    await complaints.answer(officer.actor, work, words="要带，原件。")
    assert (await judge(phone, sent, satisfied=False, words="集体户口呢？")).status == 200
    hall = await staff("hall_manager", hall=at.hall.id)
    await complaints.route((await staff("supervisor")).actor, work, hall_id=at.hall.id)
    await complaints.take(hall.actor, work)
    await complaints.answer(hall.actor, work, words="带首页复印件。")
    await supervision.count_everything()
    rows = await db.fetch("SELECT department_id, hall_id FROM figure WHERE key = 'complaints_in_time'")
    assert {tuple(row) for row in rows} == {(at.guide.department.id, None), (None, at.hall.id)}
