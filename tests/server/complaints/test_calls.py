"""A complaint by telephone goes the way of a written one; the caller is called back, if they agreed, and judges."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from server import db
from server.errors import Conflict, Forbidden, InvalidInput, NotFound
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import PolicySpan
from server.features.complaints import service as complaints
from server.features.complaints.service import Call, ComplaintPolicy, Kind, Reason
from server.features.push import service as push
from server.kit.clock import now, today
from server.ports import Ports
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.booking import key
from tests.factories.cases import Office, office, submitted
from tests.factories.identity import AsStaff, SomeStaff, staff
from tests.fixtures_web import Client
from tests.server.complaints.test_complaints import only, state
from tests.server.console.desk import at_desk, goes_to
from tests.server.ratings.test_texts import Provider

HERE = "/console/complaints/calls"
ORDER = "FY-12345-20261122-0001"
SAID: dict[str, Any] = {
    "kind": Kind.GRIEVANCE,
    "words": "窗口中午没有人。",
    "consent": True,
    "name": "王样例",
    "phone": "0558-4412345",
}


async def take(at: Office, who: SomeStaff | None = None, **said: Any) -> tuple[UUID, str]:
    given = SAID | {"department_id": at.guide.department.id} | said
    return await complaints.take_call((who or at.clerk).actor, Call(**given))


async def answered(at: Office, **said: Any) -> UUID:
    work, _ = await take(at, **said)
    await complaints.take(at.reviewer.actor, work)
    await complaints.answer(at.reviewer.actor, work, words="中午已安排值班。")
    return work


async def test_from_the_call_to_what_the_caller_says(client: Client) -> None:
    at = await office()
    work = await answered(at, order_number=ORDER.lower())
    row = await db.fetchrow("SELECT * FROM complaint WHERE id = $1", work)
    assert row is not None
    assert (row["state"], row["order_number"], row["taken_by"]) == ("answered", ORDER, at.clerk.actor.staff_id)
    for secret in (SAID["name"], SAID["phone"]):
        assert secret.encode() not in bytes(row["caller_sealed"]), "who called is sealed"
    with pytest.raises(Forbidden, match="own_answer"):
        await complaints.judge_by_call(at.reviewer.actor, work, satisfied=True, words="")
    other = await staff("reviewer", department=at.guide.department.id)
    call = await complaints.caller(other.actor, work)
    assert (call.name, call.phone) == ("王*例", SAID["phone"])
    viewed = "SELECT count(*) FROM audit_entry WHERE action = 'complaints.viewed' AND actor_id = $1"
    assert await db.fetchval(viewed, other.actor.staff_id) == 1
    with pytest.raises(InvalidInput):
        await complaints.judge_by_call(other.actor, work, satisfied=False, words=" ")
    await complaints.judge_by_call(other.actor, work, satisfied=False, words="周五中午还是没人。")
    assert await state() == "routed"
    await complaints.take(at.reviewer.actor, work)
    await complaints.answer(at.reviewer.actor, work, words="周五也有人了。")
    with pytest.raises(Conflict, match="reopened_already"):
        await complaints.judge_by_call(other.actor, work, satisfied=False, words="再来")
    await complaints.judge_by_call(other.actor, work, satisfied=True, words="")
    assert await state() == "closed"
    told = "SELECT deed FROM complaint_deed WHERE complaint_id = $1 ORDER BY created_at, id"
    deeds = ["route", "take", "answer", "reopen", "take", "answer", "agree"]
    assert [one["deed"] for one in await db.fetch(told, work)] == deeds


async def test_its_clock_is_that_of_a_written_one(client: Client) -> None:
    at = await office()
    ours = {}
    for kind in (Kind.QUESTION, Kind.GRIEVANCE, Kind.ERRATUM):
        work, _ = await take(at, kind=kind, again=True)
        ours[kind] = await db.fetchval("SELECT due_on FROM complaint WHERE id = $1", work)
        body = {"kind": kind.value, "words": "同样的事", "item_id": str(at.item_id)}
        answer = await client.post("/api/v1/complaints", json=body, headers=key())
        assert answer.json["due_on"] == ours[kind].isoformat(), kind


async def test_without_consent_nothing_is_kept_of_the_caller(client: Client) -> None:
    at = await office()
    work = await answered(at, consent=False)
    row = await db.fetchrow("SELECT nameless, caller_sealed FROM complaint WHERE id = $1", work)
    assert row is not None
    assert (row["nameless"], row["caller_sealed"]) == (True, None)
    other = await staff("reviewer", department=at.guide.department.id)
    for deed in (
        complaints.caller(other.actor, work),
        complaints.judge_by_call(other.actor, work, satisfied=True, words=""),
    ):
        with pytest.raises(Conflict, match="moved_on"):
            await deed


async def test_a_work_order_is_taken_down_once(client: Client) -> None:
    at = await office()
    _, number = await take(at, order_number=ORDER)
    with pytest.raises(Conflict) as again:
        await take(at, order_number=f" {ORDER} ")
    assert again.value.code == "complaints.order_known"
    assert again.value.params == {"number": number}
    assert await db.fetchval("SELECT count(*) FROM complaint") == 1


async def test_without_one_it_is_taken_down_once_within_a_while(client: Client, clock: Clock) -> None:
    at = await office()
    _, number = await take(at)
    with pytest.raises(Conflict) as again:
        await take(at, words="刚才那件事，再说一遍。")
    assert (again.value.code, again.value.params) == ("complaints.call_known", {"number": number})
    await take(at, consent=False)
    with pytest.raises(Conflict, match="call_known"):
        await take(at, consent=False, words=f" {SAID['words']}")
    await take(at, words="另一件事。", again=True)
    clock.advance(minutes=31)
    await take(at)
    assert await db.fetchval("SELECT count(*) FROM complaint") == 4


async def test_a_caller_from_a_mobile_is_told_by_a_text_and_forgotten_after_the_end(
    client: Client, ports: Ports, clock: Clock
) -> None:
    at = await office()
    work = await answered(at, phone="138 0013 8000")
    provider: Any = Provider()
    assert await push.send_bare(provider) == 1
    [(phone, params)] = provider.taken
    row = await db.fetchrow("SELECT token, number FROM complaint")
    assert row is not None
    assert (phone, params) == ("13800138000", {"number": row["number"], "link": f"/q/{row['token']}"})
    assert await db.fetchrow("SELECT state, sealed FROM bare_text") == ("sent", None)
    read = await client.get("/api/v1/complaints/one", params={"token": row["token"]})
    assert read.json["answer"] == "中午已安排值班。", "the link opens the answer"
    other = await staff("reviewer", department=at.guide.department.id)
    assert (await complaints.forget_callers(), (await complaints.caller(other.actor, work)).phone) == (0, "13800138000")
    await complaints.judge_by_call(other.actor, work, satisfied=True, words="")
    clock.advance(days=ComplaintPolicy().caller_days - 1)
    assert await complaints.forget_callers() == 0
    clock.advance(days=1)
    assert await complaints.forget_callers() == 1
    assert await db.fetchrow("SELECT caller_sealed, call_print FROM complaint") == (None, None)


async def test_callers_are_forgotten_by_the_days_of_each_place(client: Client, as_staff: AsStaff, clock: Clock) -> None:
    at = await office()
    elsewhere = await make.department("town", region_code="341226100")
    county = await as_staff("administrator")
    span = PolicySpan(region_code=elsewhere.region_code, first_on=today(), reason="镇里规定")
    await catalogue.set_policy(county.actor, span, ComplaintPolicy(caller_days=2))
    for phone, department in (("0558-4412345", at.guide.department.id), ("0558-4412346", elsewhere.id)):
        work, _ = await take(at, phone=phone, department_id=department)
        await db.execute("UPDATE complaint SET state = 'withdrawn', ended_at = $2 WHERE id = $1", work, now())
    clock.advance(days=2)
    assert await complaints.forget_callers() == 1
    kept = await db.fetchval("SELECT department_id FROM complaint WHERE caller_sealed IS NOT NULL")
    assert kept == at.guide.department.id


async def test_a_line_that_takes_no_text_is_called(client: Client) -> None:
    await answered(await office())
    assert await db.fetchval("SELECT count(*) FROM bare_text") == 0


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"phone": ""}, "phone"),
        ({"phone": "一二三"}, "phone"),
        ({"order_number": "12"}, "order_number"),
        ({"order_number": "<script>alert(1)</script>"}, "order_number"),
        ({"words": "  "}, "words"),
        ({"kind": Kind.STUCK}, "reason"),
    ],
)
async def test_what_is_missing_is_named(client: Client, said: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await take(await office(), **said)
    assert [one.path for one in refused.value.fields] == [field]
    assert await db.fetchval("SELECT count(*) FROM complaint") == 0


async def test_about_a_matter_within_reach_alone(client: Client, ports: Ports) -> None:
    at = await office()
    who = await submitted(client, ports, at)
    await take(at, number=who.case["number"], department_id=None)
    assert await db.fetchval("SELECT thread_id FROM complaint") == who.thread_id
    elsewhere = await staff("clerk", hall=(await make.hall("next-door")).id)
    with pytest.raises(NotFound):
        await take(at, elsewhere, number=who.case["number"], again=True)


async def test_at_the_desk(client: Client) -> None:
    at = await office()
    clerk, reviewer = at_desk(client, at.clerk), at_desk(client, at.reviewer)
    form = {"kind": "stuck", "reason": Reason.HARD.value, "words": "跑了三趟", "order_number": ORDER}
    form |= {"to_department": str(at.guide.department.id), "consent": "yes", "name": "王样例", "phone": "13800138000"}
    there = goes_to(await clerk.does(HERE, form, on=HERE))
    number = there.partition("done=")[2]
    assert number in await clerk.sees(there)
    again = await clerk.refused(HERE, form, on=HERE)
    assert (again.status, number in again.text) == (409, True)
    page = f"/console/complaints/{await only()}"
    seen = await reviewer.sees(page)
    assert ORDER in seen
    assert "13800138000" not in seen
    assert number in await reviewer.sees("/console/complaints", q="20261122")
    await reviewer.does(f"{page}/take", on=page)
    await reviewer.does(f"{page}/answer", {"words": "请到三号窗口。"}, on=page)
    other = at_desk(client, await staff("reviewer", department=at.guide.department.id))
    assert "来电人满意" in await other.sees(page)
    assert "来电人满意" not in await reviewer.sees(page), "whoever answered does not ask"
    goes_to(await other.does(f"{page}/judge", {"satisfied": "yes", "words": ""}, on=page))
    assert await state() == "closed"
