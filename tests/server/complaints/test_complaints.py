"""What somebody writes finds whom it concerns, is on a clock, answered by one officer, judged by whoever wrote."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from server import db
from server.errors import Conflict, Forbidden, InvalidInput, NotFound
from server.features.catalogue import service as catalogue
from server.features.complaints import service as complaints
from server.kit.clock import today
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.booking import key
from tests.factories.cases import Office, office
from tests.factories.identity import AsCitizen, SomeStaff, staff
from tests.fixtures_web import Answer, Client

HERE = "/api/v1/complaints"
ASKED = {"kind": "question", "words": "换证要带户口簿吗？"}
STUCK = {"kind": "stuck", "reason": "refused", "words": "跑了三次都不收。"}
# Friday; the Sunday after it is worked, and holidays begin on the Friday after.
FRIDAY = (2026, 9, 18)


async def write(client: Client, **said: Any) -> Answer:
    return await client.post(HERE, json=ASKED | said, headers=key())


async def only() -> UUID:
    found: UUID = await db.fetchval("SELECT id FROM complaint ORDER BY created_at DESC LIMIT 1")
    return found


async def state() -> str:
    return str(await db.fetchval("SELECT state FROM complaint ORDER BY created_at DESC LIMIT 1"))


async def due() -> date:
    found: date = await db.fetchval("SELECT due_on FROM complaint ORDER BY created_at DESC LIMIT 1")
    return found


async def taken(at: Office, **given: Any) -> tuple[SomeStaff, UUID]:
    """An officer of the department who has taken what was written last."""
    officer = given.get("officer") or at.reviewer
    await complaints.take(officer.actor, await only())
    return officer, await only()


async def test_from_a_question_to_an_answer_asked_once_more_and_closed(client: Client, as_citizen: AsCitizen) -> None:
    at, who = await office(), await as_citizen()
    phone = client.as_(who.token)
    sent = await write(phone, item_id=str(at.item_id), page="catalogue.guide")
    assert (sent.status, sent.json["state"], sent.json["office"]) == (201, "routed", "颍上县公安局")
    assert sent.json["due_on"] == (await catalogue.add_working_days(today(), 2)).isoformat()
    officer, work = await taken(at)
    await complaints.answer(officer.actor, work, words="要带，原件。")
    seen = (await phone.get(f"{HERE}/one", params={"token": sent.json["token"]})).json
    assert (seen["state"], seen["answer"], seen["can"]) == ("answered", "要带，原件。", ["agree", "reopen"])
    assert await db.fetchval("SELECT count(*) FROM inbox WHERE kind = 'complaints.answered'") == 1
    empty = await judge(phone, sent, satisfied=False)
    assert (empty.status, empty.json["fields"][0]["path"]) == (422, "words")
    again = await judge(phone, sent, satisfied=False, words="集体户口呢？")
    assert (again.json["state"], again.json["may_reopen"]) == ("routed", False)
    _, work = await taken(at)
    await complaints.answer(officer.actor, work, words="带首页复印件。")
    assert (await judge(phone, sent, satisfied=False, words="还是不行。")).json["code"] == "complaints.reopened_already"
    for _ in "ab":
        assert (await judge(phone, sent, satisfied=True)).json["state"] == "closed"
    steps = [step["text"] for step in (await judge(phone, sent, satisfied=True)).json["steps"]]
    assert steps[-1] == "您表示满意"
    assert [row["title"] for row in (await phone.get(HERE)).json["items"]] == [f"咨询 · {at.guide.item.name}"]


async def judge(phone: Client, sent: Answer, **said: Any) -> Answer:
    return await phone.post(f"{HERE}/judge", json={"token": sent.json["token"]} | said, headers=key())


async def test_without_a_login_it_is_read_by_whoever_holds_its_link(client: Client) -> None:
    at = await office()
    sent = await write(client, item_id=str(at.item_id))
    assert sent.status == 201, sent.text
    token = sent.json["token"]
    assert (await client.get(f"{HERE}/one", params={"token": token})).json["words"] == ASKED["words"]
    assert (await client.get(f"{HERE}/one", params={"token": token[::-1]})).status == 404
    officer, work = await taken(at)
    with pytest.raises(Conflict, match=r"complaints\.moved_on"):
        await complaints.caller(officer.actor, work)
    await complaints.answer(officer.actor, work, words="要带。")
    assert await db.fetchval("SELECT count(*) FROM inbox") == 0


async def test_somebody_elses_looks_like_none(client: Client, as_citizen: AsCitizen) -> None:
    at = await office()
    mine, other = client.as_((await as_citizen()).token), client.as_((await as_citizen()).token)
    sent = await write(mine, item_id=str(at.item_id))
    where = {"token": sent.json["token"]}
    for stranger in (other, client):
        assert (await stranger.get(f"{HERE}/one", params=where)).status == 404
        assert (await stranger.post(f"{HERE}/withdraw", json=where, headers=key())).status == 404
        assert (await judge(stranger, sent, satisfied=True)).status == 404
    assert (await other.get(HERE)).json["items"] == []
    elsewhere = await staff("reviewer", department=(await another_department()))
    for deed in (complaints.complaint, complaints.take):
        with pytest.raises(NotFound):
            await deed(elsewhere.actor, await only())
    assert (await (await complaints.complaints(elsewhere.actor)).page()).items == []


async def another_department() -> UUID:
    return (await catalogue.upsert_department(make.TESTER, "tax", "颍上县税务局", region_code=make.COUNTY)).id


async def test_sent_twice_it_is_one(client: Client, as_citizen: AsCitizen) -> None:
    await office()
    phone, once = client.as_((await as_citizen()).token), key()
    sent = await asyncio.gather(*(phone.post(HERE, json=ASKED, headers=once) for _ in range(4)))
    assert {one.json["number"] for one in sent} == {sent[0].json["number"]}
    assert await db.fetchval("SELECT count(*) FROM complaint") == 1


async def test_what_got_stuck_goes_to_the_halls_manager_for_the_same_day(
    client: Client, clock: Clock, as_citizen: AsCitizen
) -> None:
    clock.set(clock.now().replace(year=FRIDAY[0], month=FRIDAY[1], day=FRIDAY[2], hour=4))
    at = await office()
    phone = client.as_((await as_citizen()).token)
    assert (await write(phone, **STUCK | {"reason": None})).json["fields"][0]["path"] == "reason"
    assert (await write(phone, reason="hard")).json["fields"][0]["path"] == "reason"
    await write(phone, **STUCK, item_id=str(at.item_id), hall_id=str(at.hall.id))
    assert (await state(), await due()) == ("routed", date(*FRIDAY))
    manager = await staff("hall_manager", hall=at.hall.id)
    with pytest.raises(NotFound):
        await complaints.take(at.reviewer.actor, await only())  # the department is not asked to judge itself
    _, work = await taken(at, officer=manager)
    clock.advance(days=2)
    await complaints.grade(manager.actor, work, grade="soon")
    assert await due() == date(2026, 9, 21), "two working days: Sunday the 20th is one of them"
    with pytest.raises(Conflict, match=r"complaints\.graded"):
        await complaints.grade(manager.actor, work, grade="most")
    await write(phone, **STUCK, item_id=str(at.item_id))
    assert await state() == "received", "in no hall: a supervisor finds the one it belongs to"
    assert (await write(phone, item_id=str(at.item_id))).status == 201
    _, question = await taken(at)
    with pytest.raises(Conflict, match=r"complaints\.moved_on"):
        await complaints.grade(at.reviewer.actor, question, grade="now")


async def test_nobody_is_responsible_until_it_is_routed(client: Client, as_citizen: AsCitizen, clock: Clock) -> None:
    at = await office()
    await write(client.as_((await as_citizen()).token))
    assert await state() == "received"
    supervisor = await staff("supervisor")
    assert (await (await complaints.complaints(at.reviewer.actor)).page()).items == []
    assert len((await (await complaints.complaints(supervisor.actor, which="unrouted")).page()).items) == 1
    clock.advance(days=1)
    with pytest.raises(InvalidInput):
        await complaints.route(supervisor.actor, await only())
    await complaints.route(supervisor.actor, await only(), department_id=at.guide.department.id)
    assert await due() == await catalogue.add_working_days(today(), 2), "its days begin where somebody may answer it"
    assert len((await (await complaints.complaints(at.reviewer.actor)).page()).items) == 1
    clock.advance(days=1)
    await complaints.route(supervisor.actor, await only(), hall_id=at.hall.id)
    assert await due() == await catalogue.add_working_days(today() - timedelta(days=1), 2), "and not once more"


async def test_whoever_takes_it_answers_for_it(client: Client, as_citizen: AsCitizen) -> None:
    at = await office()
    await write(client.as_((await as_citizen()).token), item_id=str(at.item_id))
    colleague = await staff("reviewer", department=at.guide.department.id)
    work = await only()
    both = await asyncio.gather(
        complaints.take(at.reviewer.actor, work), complaints.take(colleague.actor, work), return_exceptions=True
    )
    assert sorted(getattr(one, "code", "") for one in both) == ["", "complaints.moved_on"]
    owner = await db.fetchval("SELECT owner_id FROM complaint")
    first, second = (
        (at.reviewer, colleague) if owner == at.reviewer.actor.staff_id else (colleague, at.reviewer)
    )  # fmt: skip
    with pytest.raises(Forbidden, match=r"complaints\.owner"):
        await complaints.answer(second.actor, work, words="我来答。")
    await complaints.hand_over(first.actor, work, words="请您办，问的是社保。")
    await complaints.take(second.actor, work)
    await complaints.answer(second.actor, work, words="要带。")
    deeds = [one.deed for one in (await complaints.complaint(first.actor, work)).deeds]
    assert deeds == ["route", "take", "hand_over", "take", "answer"]


async def test_more_days_once_in_time_and_told_why(client: Client, as_citizen: AsCitizen, clock: Clock) -> None:
    at, phone = await office(), client.as_((await as_citizen()).token)
    sent = await write(phone, item_id=str(at.item_id))
    officer, work = await taken(at)
    before = await due()
    await complaints.extend(officer.actor, work, reason="要问市局。")
    assert await due() == await catalogue.add_working_days(before, 5)
    seen = (await phone.get(f"{HERE}/one", params={"token": sent.json["token"]})).json
    assert seen["steps"][-1]["words"] == "要问市局。"
    assert await db.fetchval("SELECT count(*) FROM inbox WHERE kind = 'complaints.extended'") == 1
    with pytest.raises(Conflict, match=r"complaints\.moved_on"):
        await complaints.extend(officer.actor, work, reason="再等等。")
    await write(phone, item_id=str(at.item_id), words="另一个问题")
    _, late = await taken(at)
    clock.advance(days=30)
    with pytest.raises(Conflict, match=r"complaints\.too_late"):
        await complaints.extend(officer.actor, late, reason="忘了。")


async def test_what_is_late_comes_before_the_supervisors_once(client: Client, clock: Clock) -> None:
    at = await office()
    await write(client, item_id=str(at.item_id))
    clock.advance(days=30)
    assert [await complaints.escalate(), await complaints.escalate()] == [1, 0]
    supervisor = await staff("supervisor")
    line = (await (await complaints.complaints(supervisor.actor)).page()).items[0]
    assert (line.escalated, line.light, await complaints.open_complaints(supervisor.actor)) == (True, "red", (1, 1))
    await complaints.urge(supervisor.actor, line.id, words="今天答复。")
    officer, work = await taken(at)
    await complaints.answer(officer.actor, work, words="要带。")
    await complaints.hold_to_account(supervisor.actor, work, words="首问未接，责任人已约谈。")
    clock.advance(days=9)
    assert [await complaints.run_out(), await complaints.run_out(), await state()] == [1, 0, "closed"]
    assert (await complaints.complaint(officer.actor, work)).accountable


async def test_in_public_only_in_other_words_and_by_somebody_else(client: Client, as_citizen: AsCitizen) -> None:
    at, phone = await office(), client.as_((await as_citizen()).token)
    await write(phone, kind="erratum", item_id=str(at.item_id), words="我叫张桂兰，指南写错了。")
    manager = await staff("supervisor")
    await complaints.take(manager.actor, await only())
    await complaints.answer(manager.actor, await only(), words="已改。")
    second = await staff("supervisor")
    public = {"question": "指南的地址对吗？", "answer": "已更正为政务大厅二楼。"}
    with pytest.raises(Forbidden, match=r"complaints\.second_officer"):
        await complaints.publish(manager.actor, await only(), **public)
    for wrong, code in ({"answer": "打 13800138000 问。"}, "personal"), ({"question": " "}, "required"):
        with pytest.raises(InvalidInput) as refused:
            await complaints.publish(second.actor, await only(), **public | wrong)
        assert refused.value.fields[0].code == code
    await complaints.publish(second.actor, await only(), **public)
    for asked, found in (({}, 1), ({"q": "二楼"}, 1), ({"q": "张桂兰"}, 0), ({"item_id": str(at.item_id)}, 1)):
        page = await client.get("/api/v1/public-answers", params=asked)
        assert len(page.json["items"]) == found, asked
        assert "张桂兰" not in page.text
    assert await db.fetchval("SELECT count(*) FROM inbox WHERE kind = 'complaints.published'") == 1
    again = {"token": await db.fetchval("SELECT token FROM complaint"), "satisfied": False, "words": "还是错的。"}
    assert (await phone.post(f"{HERE}/judge", json=again, headers=key())).status == 200
    assert (await client.get("/api/v1/public-answers")).json["items"] == [], "what is disputed is taken down"
    await complaints.take(second.actor, await only())
    await complaints.answer(second.actor, await only(), words="这次改好了。")
    await complaints.publish(manager.actor, await only(), **public)
    await complaints.unpublish(second.actor, await only())
    assert (await client.get("/api/v1/public-answers")).json["items"] == []


async def test_whom_to_call_only_where_a_name_was_left_and_on_record(client: Client, as_citizen: AsCitizen) -> None:
    at, who = await office(), await as_citizen()
    phone = client.as_(who.token)
    await write(phone, item_id=str(at.item_id))
    assert (await complaints.caller(at.reviewer.actor, await only())).phone == who.phone
    looks = await db.fetch("SELECT person_id FROM audit_entry WHERE action = 'complaints.viewed'")
    assert [one["person_id"] for one in looks] == [who.person_id]
    await write(phone, item_id=str(at.item_id), nameless=True)
    with pytest.raises(Conflict, match=r"complaints\.moved_on"):
        await complaints.caller(at.reviewer.actor, await only())


async def test_taken_back_before_the_answer_only(client: Client, as_citizen: AsCitizen) -> None:
    at, phone = await office(), client.as_((await as_citizen()).token)
    sent = await write(phone, item_id=str(at.item_id))
    where = {"token": sent.json["token"]}
    for _ in "ab":
        back = await phone.post(f"{HERE}/withdraw", json=where, headers=key())
        assert (back.status, back.json["state"]) == (200, "withdrawn")
    with pytest.raises(Conflict, match=r"complaints\.moved_on"):
        await complaints.take(at.reviewer.actor, await only())
    other = await write(phone, item_id=str(at.item_id))
    officer, work = await taken(at)
    await complaints.answer(officer.actor, work, words="要带。")
    late = await phone.post(f"{HERE}/withdraw", json={"token": other.json["token"]}, headers=key())
    assert (late.status, late.json["code"]) == (409, "complaints.moved_on")


async def test_words_lie_sealed(client: Client) -> None:
    at = await office()
    await write(client, item_id=str(at.item_id), words="我叫张桂兰。")
    officer, work = await taken(at)
    await complaints.answer(officer.actor, work, words="张女士您好。")
    for table in ("complaint", "complaint_deed"):
        for row in await db.fetch(f"SELECT {table}::text AS line FROM {table} ORDER BY id"):
            assert "张桂兰".encode().hex() not in row["line"]
            assert "张" not in row["line"]
