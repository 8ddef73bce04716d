"""A chief representative does what the department has given them in writing; every use of the seal is on record."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from server import db
from server.errors import Conflict, Forbidden, InvalidInput, NotFound
from server.features.cases import service as cases
from server.features.cases.service import DelegationIn, delegations
from server.features.documents import service as documents
from server.features.documents.service import SealWanted
from server.kit import clock as clocks
from server.ports import Ports
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.cases import Office, office, submitted
from tests.factories.identity import SomeStaff, staff
from tests.fixtures_web import Client
from tests.server.cases.test_authorising import states
from tests.server.console.desk import HTML, at_desk, goes_to

NUMBER = "颍公首授〔2026〕1号"


def code(raised: pytest.ExceptionInfo[Any]) -> str:
    return str(raised.value.code)


def wish(at: Office, who: SomeStaff, **changes: Any) -> DelegationIn:
    given: dict[str, Any] = {
        "department_id": at.guide.department.id,
        "hall_id": at.hall.id,
        "representative_id": who.actor.staff_id,
        "deeds": ["accept", "decide", "seal"],
        "item_ids": None,
        "number": NUMBER,
        "signed_by": "李局长",
        "first_on": clocks.today(),
        "last_on": clocks.today() + timedelta(days=60),
    }
    return DelegationIn(**given | changes)


async def seated(at: Office) -> SomeStaff:
    """Somebody who sits in the hall for departments: without an instrument they decide nothing."""
    return await staff("reviewer", hall=at.hall.id)


async def given(at: Office, who: SomeStaff, **changes: Any) -> UUID:
    entered = await delegations.ask(at.reviewer.actor, wish(at, who, **changes))
    await delegations.approve((await staff("reviewer", department=at.guide.department.id)).actor, entered)
    return entered


async def test_decided_under_it_is_on_the_case_its_paper_and_the_register(client: Client, ports: Ports) -> None:
    at = await office()
    chief = await seated(at)
    who = await submitted(client, ports, at)
    await cases.accept(at.clerk.actor, who.id)
    view = await cases.view(chief.actor, who.id)
    assert not {"grant", "deny", "claim", "pause", "ask_opinion", "terminate", "extend"} & set(view.can)
    for deed in (
        cases.grant(chief.actor, ports.signer, who.id, None),
        cases.deny(chief.actor, who.id, "不符合条件"),
        cases.claim(chief.actor, who.id),
    ):
        with pytest.raises(Forbidden) as without:
            await deed
        assert code(without) == "cases.not_delegated"
    given_id = await given(at, chief)
    can = set((await cases.view(chief.actor, who.id)).can)
    assert {"grant", "deny", "terminate"} <= can, "what was given"
    assert not {"claim", "pause", "ask_opinion"} & can, "and nothing else"
    await cases.grant(chief.actor, ports.signer, who.id, "符合条件。")
    row = await db.fetchrow("SELECT decided_by, decided_under FROM case_record WHERE id = $1", who.id)
    assert row is not None
    assert tuple(row) == (chief.actor.staff_id, given_id)
    assert (await cases.view(at.reviewer.actor, who.id)).review.decided_under == NUMBER
    detail = json.loads(await db.fetchval("SELECT detail FROM audit_entry WHERE action = 'cases.granted'"))
    assert detail["under"] == NUMBER
    register = (await (await documents.seal_uses(chief.actor, SealWanted(power="delegation"))).page()).items
    assert {(one.paper, one.under, one.who) for one in register} == {
        ("准予决定书", NUMBER, chief.actor.name), ("电子证照", NUMBER, chief.actor.name)
    }  # fmt: skip
    printed = await db.fetchval("SELECT id FROM notice WHERE kind = 'decision_granted'")
    _, pdf = await documents.draw_notice(who.someone.actor, printed, "http://x")
    assert pdf.startswith(b"%PDF")


async def test_accepting_by_it_and_not_deciding_what_one_accepted(client: Client, ports: Ports) -> None:
    at = await office(authorised=False)
    chief = await seated(at)
    who = await submitted(client, ports, at)
    with pytest.raises(Forbidden) as without:
        await cases.accept(chief.actor, who.id)
    assert code(without) == "cases.not_authorised"
    await given(at, chief)
    await cases.accept(chief.actor, who.id)
    with pytest.raises(Conflict) as same:
        await cases.grant(chief.actor, ports.signer, who.id, None)
    assert code(same) == "cases.same_officer"


async def test_its_days_its_items_its_hall_and_the_seal_are_its_bounds(
    client: Client, ports: Ports, clock: Clock
) -> None:
    at = await office()
    chief = await seated(at)
    who = await submitted(client, ports, at)
    await cases.accept(at.clerk.actor, who.id)
    other = await make.guide()
    town = await make.hall("town", name="慎城镇便民服务中心", region_code="341226100")
    sits_in_town = await staff("reviewer", hall=town.id)
    tomorrow = clocks.today() + timedelta(days=1)
    await given(at, chief, item_ids=[other.item.id], number="一")
    await given(at, sits_in_town, hall_id=town.id, number="二")
    await given(at, chief, deeds=["decide", "report"], number="三")
    await given(at, chief, first_on=tomorrow, last_on=tomorrow, number="四")
    with pytest.raises(NotFound):
        await cases.grant(sits_in_town.actor, ports.signer, who.id, None)
    with pytest.raises(Forbidden) as unsealed:
        await cases.grant(chief.actor, ports.signer, who.id, None)
    assert code(unsealed) == "cases.not_delegated"
    await cases.claim(chief.actor, who.id)
    clock.advance(days=2)
    with pytest.raises(Forbidden):
        await cases.deny(chief.actor, who.id, "不符合条件")
    clock.advance(days=-1)
    await cases.deny(chief.actor, who.id, "不符合条件")


async def test_taken_back_it_counts_no_more(client: Client, ports: Ports) -> None:
    at = await office()
    chief = await seated(at)
    who = await submitted(client, ports, at)
    await cases.accept(at.clerk.actor, who.id)
    given_id = await given(at, chief)
    await delegations.end(at.reviewer.actor, given_id, "人员调整")
    with pytest.raises(Forbidden):
        await cases.grant(chief.actor, ports.signer, who.id, None)
    with pytest.raises(Conflict) as over:
        await delegations.end(at.reviewer.actor, given_id, "再来")
    assert code(over) == "cases.delegation_moved"
    assert await states(await delegations.listed(at.reviewer.actor, over=True)) == ["ended"]


async def test_nobody_gives_themself_power(client: Client) -> None:
    at = await office()
    department = at.guide.department.id
    chief = await staff("reviewer", department=department)
    manager = await staff("hall_manager", hall=at.hall.id)
    with pytest.raises(InvalidInput) as own:
        await delegations.ask(chief.actor, wish(at, chief))
    assert [one.path for one in own.value.fields] == ["representative"]
    entered = await delegations.ask(at.reviewer.actor, wish(at, chief))
    for nobody in (chief, at.reviewer):
        with pytest.raises(Forbidden) as second:
            await delegations.approve(nobody.actor, entered)
        assert code(second) == "cases.delegation_second"
    stranger = await staff("reviewer", department=(await make.department("fire")).id)
    for deed in (
        delegations.approve(stranger.actor, entered),
        delegations.one(stranger.actor, entered),
        delegations.ask(stranger.actor, wish(at, chief, number="七")),
        delegations.ask(manager.actor, wish(at, chief, number="八")),
    ):
        with pytest.raises(NotFound):
            await deed
    assert (await (await delegations.listed(stranger.actor)).page()).items == []
    await delegations.approve(manager.actor, entered)
    assert await states(await delegations.listed(chief.actor)) == ["active"]
    with pytest.raises(Conflict) as twice:
        await delegations.ask(at.reviewer.actor, wish(at, chief))
    assert code(twice) == "cases.delegation_twice"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number": " "}, "number"),
        ({"deeds": []}, "deeds"),
        ({"deeds": ["everything"]}, "deeds"),
        ({"last_on": clocks.today() - timedelta(days=1)}, "last_on"),
        ({"item_ids": [UUID(int=1)]}, "items"),
        ({"hall_id": UUID(int=1)}, "hall"),
    ],
)
async def test_what_makes_no_sense_is_refused_at_its_field(client: Client, changes: dict[str, Any], field: str) -> None:
    at = await office()
    with pytest.raises(InvalidInput) as wrong:
        await delegations.ask(at.reviewer.actor, wish(at, await seated(at), **changes))
    assert [one.path for one in wrong.value.fields] == [field]


async def test_the_register_says_who_and_is_never_changed(client: Client, ports: Ports) -> None:
    at = await office()
    who = await submitted(client, ports, at)
    await cases.accept(at.clerk.actor, who.id)
    await cases.deny(at.reviewer.actor, who.id, "不符合条件。")
    found = (await (await documents.seal_uses(at.reviewer.actor, SealWanted(q=who.case["number"]))).page()).items
    assert [(one.power, one.under, one.who) for one in found] == [
        ("own", None, at.reviewer.actor.name),
        ("hall", "测授 1 号", at.clerk.actor.name),
    ]
    assert await db.fetchval("SELECT count(*) FROM notice") == await db.fetchval("SELECT count(*) FROM seal_use")
    part = found[0].number[-6:]
    assert [
        one.id for one in (await (await documents.seal_uses(at.reviewer.actor, SealWanted(q=part))).page()).items
    ] == [found[0].id]
    for typed in (found[0].number, part.strip("号").lstrip("0")):
        again = await (await documents.seal_uses(at.reviewer.actor, SealWanted(q=typed))).page()
        assert [one.id for one in again.items] == [found[0].id]
    assert not (await (await documents.seal_uses(at.reviewer.actor, SealWanted(q="没有的文号"))).page()).items
    yesterday = clocks.today() - timedelta(days=1)
    assert not (await (await documents.seal_uses(at.reviewer.actor, SealWanted(last_on=yesterday))).page()).items
    stranger = await staff("reviewer", department=(await make.department("fire")).id)
    assert not (await (await documents.seal_uses(stranger.actor, SealWanted())).page()).items
    for change in ("UPDATE seal_use SET staff_id = NULL, power = 'itself'", "DELETE FROM seal_use"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await db.execute(change)


async def test_the_last_day_there_is_can_be_asked_for(client: Client, ports: Ports) -> None:
    at = await office()
    who = await submitted(client, ports, at)
    await cases.accept(at.clerk.actor, who.id)
    ends = at_desk(client, at.reviewer)
    assert "测授 1 号" in await ends.sees("/console/seals", last_on="2200-12-31")
    refused = await ends.browser.get("/console/seals", params={"last_on": "9999-12-31"}, headers=HTML)
    assert refused.status == 422


async def test_whom_another_department_could_name_is_not_shown(client: Client) -> None:
    at = await office()
    await seated(at)
    stranger = at_desk(client, await staff("reviewer", department=(await make.department("fire")).id))
    place = {"department": str(at.guide.department.id), "seat": str(at.hall.id)}
    answer = await stranger.browser.get("/console/delegations/new", params=place, headers=HTML)
    assert (answer.status, at.reviewer.actor.name in answer.text) == (404, False)


async def test_time_and_the_law_use_the_seal_too(client: Client, ports: Ports, clock: Clock) -> None:
    at = await office()
    await submitted(client, ports, at)
    clock.advance(days=12)
    assert await cases.deem_accepted() == 1
    [one] = (await (await documents.seal_uses(at.reviewer.actor, SealWanted())).page()).items
    assert (one.power, one.who) == ("itself", None)


async def test_entered_agreed_to_and_read_on_the_pages(client: Client, ports: Ports) -> None:
    at = await office()
    chief, second = await seated(at), await staff("reviewer", department=at.guide.department.id)
    here = "/console/delegations"
    giver = at_desk(client, at.reviewer)
    shown = await giver.sees(f"{here}/new?department={at.guide.department.id}&seat={at.hall.id}")
    assert str(chief.actor.staff_id) in shown
    entered = goes_to(
        await giver.does(
            f"{here}/new",
            {
                "department": str(at.guide.department.id), "seat": str(at.hall.id), "number": NUMBER,
                "representative": str(chief.actor.staff_id), "deeds": ["decide", "seal"], "signed_by": "李局长",
                "first_on": clocks.today().isoformat(), "last_on": clocks.today().isoformat(),
            },
        )
    )  # fmt: skip
    goes_to(await at_desk(client, second).does(f"{entered}/approve", {}))
    assert NUMBER in await at_desk(client, chief).sees(here)
    who = await submitted(client, ports, at)
    await cases.accept(at.clerk.actor, who.id)
    goes_to(await at_desk(client, chief).does(f"/console/cases/{who.id}/grant", {"opinion": "=1+1"}))
    assert NUMBER in await giver.sees(f"/console/cases/{who.id}")
    assert NUMBER in await giver.sees("/console/seals?power=delegation&department=&first_on=")
    table = await giver.sees("/console/seals/export", power="delegation")
    assert table.count(NUMBER) == 2
    assert await db.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'documents.seals_exported'") == 1
    goes_to(await giver.does(f"{entered}/end", {"reason": "人员调整"}))
