"""Acting for grown people, and the desk: asked, answered, taken back, run out; papers seen by one who says so."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest

from server import db
from server.errors import Conflict, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.identity import service as identity
from server.features.identity.service import Scope
from server.features.mandates import service as mandates
from tests.conftest import Clock
from tests.factories.identity import AsStaff, sample_number
from tests.server.identity.conftest import NewPhone, Outside, Phone
from tests.server.identity.mandating import (
    actor_of,
    acts_for,
    addressees,
    asked,
    grandmother_and,
    ids_of,
    inbox,
    mine,
    parent,
    told,
)

# --- grown people ---------------------------------------------------------------------------------------------------


async def test_a_grown_person_says_yes_on_their_own_phone(new_phone: NewPhone) -> None:
    grandmother, helper, mandate = await grandmother_and(new_phone)
    assert await acts_for(helper) == 0
    assert "mandates.asked" in await inbox(grandmother)
    [row] = await mine(grandmother)
    assert (row["side"], row["agent_name"], row["can"]) == ("person", "刘洋", ["consent", "refuse"])
    assert told(await helper.post(f"/mandates/{mandate}/consent")) == (409, "mandates.not_for_you")
    assert (await grandmother.post(f"/mandates/{mandate}/consent")).status == 200
    assert await acts_for(helper) == 1
    assert [one["name"] for one in await mine(helper)] == ["张*兰"]
    assert "mandates.granted" in await inbox(helper)
    # What is said to her about her own helpers nobody else reads, or could take away before she does.
    assert await addressees(helper, "mandates.asked") == []
    assert await addressees(grandmother, "mandates.asked") == [None]
    said = [row["id"] for row in (await grandmother.get("/inbox")).json["items"]]
    assert {(await helper.delete(f"/inbox/{one}")).status for one in said} == {404}
    assert told(await grandmother.post(f"/mandates/{mandate}/refusal")) == (409, "mandates.decided")
    assert (await grandmother.delete(f"/mandates/{mandate}")).status == 200
    assert await acts_for(helper) == 0
    assert "mandates.ended" in await inbox(helper)


async def test_or_says_no(new_phone: NewPhone) -> None:
    grandmother, helper, mandate = await grandmother_and(new_phone)
    assert (await grandmother.post(f"/mandates/{mandate}/refusal")).status == 200
    assert await acts_for(helper) == 0
    assert "mandates.declined" in await inbox(helper)
    assert [row["state"] for row in await mine(helper)] == ["declined"]


async def test_yes_and_no_at_once_is_one_answer(new_phone: NewPhone) -> None:
    grandmother, _, mandate = await grandmother_and(new_phone)
    answers = await asyncio.gather(
        grandmother.post(f"/mandates/{mandate}/consent"), grandmother.post(f"/mandates/{mandate}/refusal")
    )
    assert sorted(answer.status for answer in answers) == [200, 409]


async def test_a_narrow_mandate_reaches_appointments_only(new_phone: NewPhone) -> None:
    grandmother, helper, mandate = await grandmother_and(new_phone, scope="visits")
    await grandmother.post(f"/mandates/{mandate}/consent")
    assert (await acts_for(helper), await acts_for(helper, Scope.VISITS)) == (0, 1)
    her = ids_of((await grandmother.me())["person"]["id"])
    actor = await actor_of(helper)
    assert (await identity.party(actor, person_id=her, scope=Scope.VISITS)).person_id == her
    with pytest.raises(NotFound):
        await identity.party(actor, person_id=her)


async def test_a_mandate_has_an_end(new_phone: NewPhone, clock: Clock) -> None:
    last_day = date.fromordinal(clock.today().toordinal() + 10).isoformat()
    grandmother, helper, mandate = await grandmother_and(new_phone, last_day=last_day, relation="agent")
    await grandmother.post(f"/mandates/{mandate}/consent")
    assert [row["last_day"] for row in (await helper.me())["represents"]] == [last_day]
    clock.advance(days=10)
    assert await mandates.expire() == 0
    assert await acts_for(helper) == 1, "the last day counts"
    clock.advance(days=1)
    assert await acts_for(helper) == 0
    assert await mandates.expire() == 1
    assert await mandates.expire() == 0
    assert (await inbox(helper))[0] == (await inbox(grandmother))[0] == "mandates.ended"


@pytest.mark.parametrize("days", [-1, 366])
async def test_ends_that_cannot_be(phone: Phone, clock: Clock, days: int) -> None:
    await parent(phone)
    last_day = date.fromordinal(clock.today().toordinal() + days).isoformat()
    answer = await asked(phone, sample_number(date(1948, 3, 12)), relation="relative", last_day=last_day)
    assert (answer.status, answer.json["fields"][0]["path"]) == (422, "last_day")


async def test_what_nobody_answers_lapses(new_phone: NewPhone, clock: Clock) -> None:
    grandmother, helper, mandate = await grandmother_and(new_phone)
    clock.advance(days=31)
    assert await mandates.expire() == 1
    await grandmother.log_in()
    assert told(await grandmother.post(f"/mandates/{mandate}/consent")) == (409, "mandates.decided")
    await helper.log_in()
    assert "mandates.ended" in await inbox(helper)


async def test_nobody_asks_half_the_county(phone: Phone) -> None:
    await parent(phone)
    answers = [await asked(phone, sample_number(date(2015, 1, 1 + day))) for day in range(11)]
    assert {answer.status for answer in answers[:10]} == {201}
    assert told(answers[10]) == (409, "mandates.too_many")


# --- at the desk ----------------------------------------------------------------------------------------------------


async def test_a_window_sees_the_papers(new_phone: NewPhone, as_staff: AsStaff) -> None:
    grown_up, clerk = new_phone(), (await as_staff("clerk")).actor
    await parent(grown_up)
    answer = await asked(grown_up, sample_number(date(2015, 3, 9)))
    mandate = ids_of(answer.json["id"])
    assert [row.person for row in (await mandates.waiting().page()).items] == ["王*一"]
    row = await mandates.look(clerk, mandate)
    assert (row.agent, row.person, row.decidable) == ("王小明", "王一一", True)
    for wrong in ([], ["signed_authority"]):
        with pytest.raises(InvalidInput, match=r"mandates\.nothing_shown"):
            await mandates.approve(clerk, mandate, shown=wrong)
    await mandates.approve(clerk, mandate, shown=["birth_certificate", "household_register"])
    assert await acts_for(grown_up) == 1
    with pytest.raises(Conflict, match=r"mandates\.decided"):
        await mandates.approve(clerk, mandate, shown=["birth_certificate"])
    said = await db.fetchrow("SELECT actor_id, detail FROM audit_entry WHERE action = 'mandates.approved'")
    assert said is not None
    assert said["actor_id"] == clerk.staff_id
    assert "household_register,birth_certificate" in said["detail"]
    looks = await audit.looks_at(ids_of(answer.json["person_id"]), cursor=None, limit=10)
    assert [look.action for look in looks.items] == ["mandates.viewed"]


async def test_two_clerks_decide_once(new_phone: NewPhone, as_staff: AsStaff) -> None:
    grown_up, clerk = new_phone(), (await as_staff("clerk")).actor
    await parent(grown_up)
    mandate = ids_of((await asked(grown_up, sample_number(date(2015, 3, 9)))).json["id"])
    ended = await asyncio.gather(
        *(mandates.approve(clerk, mandate, shown=["birth_certificate"]) for _ in range(4)),
        *(mandates.decline(clerk, mandate, reason="材料不符") for _ in range(4)),
        return_exceptions=True,
    )
    assert [type(one) for one in ended].count(type(None)) == 1
    assert {type(one) for one in ended} == {type(None), Conflict}


async def test_a_refusal_has_a_reason(new_phone: NewPhone, as_staff: AsStaff) -> None:
    grown_up, clerk = new_phone(), (await as_staff("clerk")).actor
    await parent(grown_up)
    mandate = ids_of((await asked(grown_up, sample_number(date(2015, 3, 9)))).json["id"])
    with pytest.raises(InvalidInput):
        await mandates.decline(clerk, mandate, reason="  ")
    await mandates.decline(clerk, mandate, reason="户口簿上没有这个孩子")
    [row] = await mine(grown_up)
    assert (row["state"], row["reason"]) == ("declined", "户口簿上没有这个孩子")


async def test_two_people_at_the_window_need_no_telephone(
    new_phone: NewPhone, as_staff: AsStaff, outside: Outside
) -> None:
    clerk, helper, number = (await as_staff("clerk")).actor, new_phone(), sample_number(date(1940, 1, 2))
    outside.people["resident_id", number] = "周桂兰"
    checker: Any = outside
    her = await identity.register_person(clerk, kind="resident_id", name="周桂兰", number=number, checker=checker)
    await parent(helper)
    his = (await actor_of(helper)).person_id
    assert his is not None
    at = mandates.At(
        agent_id=his, person_id=her.id, relation=mandates.Relation.AGENT, scope=Scope.EVERYTHING, last_day=None
    )
    with pytest.raises(InvalidInput):
        await mandates.make_at_desk(clerk, at, shown=["birth_certificate"])
    await mandates.make_at_desk(clerk, at, shown=["signed_authority"])
    assert await acts_for(helper) == 1
    with pytest.raises(Conflict, match=r"mandates\.there"):
        await mandates.make_at_desk(clerk, at, shown=["signed_authority"])
    [found] = await mandates.open_for(clerk, number)
    await mandates.take_back(clerk, found.id, reason="老人当面要求收回")
    assert await acts_for(helper) == 0


async def test_what_an_agent_does_is_on_record_as_theirs(new_phone: NewPhone) -> None:
    grandmother, helper, mandate = await grandmother_and(new_phone)
    await grandmother.post(f"/mandates/{mandate}/consent")
    rows = await db.fetch("SELECT action, actor_id, person_id FROM audit_entry WHERE subject = 'mandate'")
    her = (await grandmother.me())["person"]["id"]
    assert {str(row["person_id"]) for row in rows} == {her}
    assert [row["action"] for row in rows] == ["mandates.asked", "mandates.consented"]
    assert [str(row["actor_id"]) for row in rows] == [
        (await helper.me())["account_id"], (await grandmother.me())["account_id"],
    ]  # fmt: skip
