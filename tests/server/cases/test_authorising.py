"""What a window may do derives from what a department has authorised its hall to (rows 77, 82, 85, 86)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from server import db
from server.actor import Staff
from server.errors import Conflict, Forbidden, InvalidInput, NotFound
from server.features.cases import service as cases
from server.features.cases.schemas import CheckIn, WindowIn
from server.features.cases.service import AuthorisationIn, authorisations
from server.kit import clock as clocks
from server.ports import Ports
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.cases import Office, authorise, office, submitted
from tests.factories.identity import AsStaff, SomeStaff
from tests.fixtures_web import Client
from tests.server.cases.test_window import CARD, ID, code, seen, somebody

NAME_ONLY: list[dict[str, Any]] = [{"key": "reason", "label": "申请理由", "type": "long_text", "required": False}]


async def bare(**guide: Any) -> Office:
    """An office nobody has authorised."""
    return await office(authorised=False, materials=[CARD], form=NAME_ONLY, **guide)


def wish(at: Office, **changes: Any) -> AuthorisationIn:
    given: dict[str, Any] = {
        "department_id": at.guide.department.id,
        "hall_id": at.hall.id,
        "item_ids": None,
        "kind": "accept",
        "number": "颍公授〔2026〕3号",
        "signed_by": "李局长",
        "first_on": clocks.today(),
        "last_on": clocks.today() + timedelta(days=60),
    }
    return AuthorisationIn(**given | changes)


async def given(at: Office, manager: SomeStaff, **changes: Any) -> UUID:
    """Entered by the hall, agreed to by the department."""
    entered = await authorisations.ask(manager.actor, wish(at, **changes))
    await authorisations.approve(at.reviewer.actor, entered)
    return entered


async def states(found: db.Found[Any]) -> list[str]:
    return [one.state for one in (await found.page()).items]


async def received(at: Office, hall_id: UUID | None = None, clerk: Staff | None = None) -> UUID:
    clerk = clerk or at.clerk.actor
    person_id = await somebody(at)
    case_id = await cases.receive(
        clerk, WindowIn(item_id=at.item_id, hall_id=hall_id or at.hall.id, person_id=person_id, situation={})
    )
    await cases.check_materials(clerk, case_id, [ID])
    return case_id


async def test_without_a_document_the_window_only_receives_and_the_department_accepts(
    client: Client, ports: Ports, as_staff: AsStaff
) -> None:
    at = await bare()
    chief = (await as_staff("hall_manager", hall=at.hall.id)).actor
    case_id = await received(at)
    view = await seen(at.clerk.actor, case_id)
    assert (view.power, view.routed_at is not None) == (False, True), "it lies with the department at once"
    assert not {"accept", "tolerate", "ask_correction", "decline", "route"} & set(view.can)
    for refused in (
        cases.accept(at.clerk.actor, case_id),
        cases.ask_correction(at.clerk.actor, case_id, []),
        cases.decline(chief, case_id, "不收"),
    ):
        with pytest.raises(Forbidden) as without:
            await refused
        assert code(without) == "cases.not_authorised"
    lists = await cases.worklist(at.reviewer.actor, cases.Wanted(tab="routed"))
    assert [one.id for one in lists.items] == [case_id]
    assert (await cases.waiting_counts(at.reviewer.actor))["routed"] == 1
    # A refusal that the window proposes is the department's to make.
    await cases.propose_refusal(at.clerk.actor, case_id, "不属于本机关职权")
    await cases.return_refusal(at.reviewer.actor, case_id)
    await cases.accept(at.reviewer.actor, case_id)
    with pytest.raises(Conflict) as same:
        await cases.grant(at.reviewer.actor, ports.signer, case_id, None)
    assert code(same) == "cases.same_officer"


async def test_from_the_phone_too_it_goes_to_the_department(client: Client, ports: Ports) -> None:
    who = await submitted(client, ports, await office(authorised=False))
    steps = [(step["name"], step["text"]) for step in (await who.screen())["steps"]]
    assert steps[-2][0] == "cases.submitted"
    assert steps[-1] == ("cases.routed", "已转颍上县公安局受理")


async def test_two_persons_give_it_one_of_the_department_and_one_takes_it_away(
    client: Client, ports: Ports, as_staff: AsStaff
) -> None:
    at = await bare()
    manager = await as_staff("hall_manager", hall=at.hall.id)
    second = await as_staff("hall_manager", hall=at.hall.id)
    case_id = await received(at)
    entered = await authorisations.ask(manager.actor, wish(at))
    for who in (manager.actor, second.actor):
        with pytest.raises(Forbidden) as alone:
            await authorisations.approve(who, entered)
        assert code(alone) == "cases.authorisation_second"
    with pytest.raises(Forbidden):
        await cases.accept(at.clerk.actor, case_id)
    with pytest.raises(Conflict) as twice:
        await authorisations.ask(manager.actor, wish(at))
    assert code(twice) == "cases.authorisation_twice"
    both = await asyncio.gather(
        authorisations.approve(at.reviewer.actor, entered),
        authorisations.refuse(at.reviewer.actor, entered, "文号不对"),
        return_exceptions=True,
    )
    assert [type(one) for one in both if one is not None] == [Conflict], "only one of two answers counts"
    if await db.fetchval("SELECT state FROM authorisation") == "refused":
        entered = await given(at, manager)
    await cases.accept(at.clerk.actor, case_id)
    # What the department has entered itself, the hall may agree to; the department's own person not alone.
    own = await authorisations.ask(at.reviewer.actor, wish(at, number="颍公授〔2026〕4号"))
    with pytest.raises(Forbidden):
        await authorisations.approve(at.reviewer.actor, own)
    await authorisations.approve(second.actor, own)
    for one in (own, entered):
        await authorisations.end(manager.actor, one, "人员调整")
    with pytest.raises(Conflict) as over:
        await authorisations.end(manager.actor, own, "人员调整")
    assert code(over) == "cases.authorisation_moved"
    later = await received(at)
    with pytest.raises(Forbidden):
        await cases.accept(at.clerk.actor, later)
    assert (await (await authorisations.listed(manager.actor)).page()).items == []
    assert set(await states(await authorisations.listed(at.reviewer.actor, over=True))) >= {"ended"}


async def test_its_days_its_items_and_its_kind_are_its_bounds(
    client: Client, ports: Ports, as_staff: AsStaff, clock: Clock
) -> None:
    at = await bare()
    manager = await as_staff("hall_manager", hall=at.hall.id)
    other = await make.guide()
    tomorrow = clocks.today() + timedelta(days=1)

    async def power() -> str | None:
        return await cases.power_of(at.hall.id, at.item_id, at.guide.department.id)

    await given(at, manager, kind="receive", number="一")
    await given(at, manager, item_ids=[other.item.id], number="二")
    assert await power() == "receive"
    assert await cases.power_of(at.hall.id, other.item.id, at.guide.department.id) == "accept"
    await given(at, manager, item_ids=[at.item_id], first_on=tomorrow, last_on=tomorrow, number="三")
    assert await power() == "receive"
    clock.advance(days=1)
    assert await power() == "accept"
    clock.advance(days=1)
    assert await power() == "receive"
    clock.advance(days=60)
    assert await power() is None


async def test_what_lies_there_when_it_runs_out_is_passed_on(
    client: Client, ports: Ports, as_staff: AsStaff, clock: Clock
) -> None:
    at = await bare()
    manager = await as_staff("hall_manager", hall=at.hall.id)
    await given(at, manager, last_on=clocks.today() + timedelta(days=1))
    assert await authorisations.ending_soon(manager.actor) == 1
    first, second = await received(at), await received(at)
    assert (await seen(at.clerk.actor, first)).routed_at is None
    clock.advance(days=2)
    assert "route" in (await seen(at.clerk.actor, first)).can
    await cases.route(at.clerk.actor, first)
    with pytest.raises(Conflict) as again:
        await cases.route(at.clerk.actor, first)
    assert code(again) == "cases.already_routed"
    assert await cases.route_stranded() == 1
    assert await cases.route_stranded() == 0
    assert (await seen(at.reviewer.actor, second)).routed_at is not None
    assert await states(await authorisations.listed(manager.actor, over=True)) == ["expired"]


async def test_a_towns_window_accepts_for_the_county_and_the_result_comes_back(
    client: Client, ports: Ports, as_staff: AsStaff
) -> None:
    at = await bare()
    town = await make.hall("town", name="慎城镇便民服务中心", region_code="341226100")
    clerk = await as_staff("clerk", hall=town.id)
    with pytest.raises(Conflict) as nowhere:
        await received(at, town.id, clerk.actor)
    assert code(nowhere) == "cases.not_here", "neither the guide nor a document names it"
    manager = await as_staff("hall_manager", hall=town.id)
    await given(at, manager, hall_id=town.id)
    case_id = await received(at, town.id, clerk.actor)
    await cases.accept(clerk.actor, case_id)
    waiting = await cases.worklist(at.reviewer.actor, cases.Wanted(tab="decide"))
    assert [one.id for one in waiting.items] == [case_id], "the county's department has it at once"
    await cases.grant(at.reviewer.actor, ports.signer, case_id, None)
    assert await db.fetchval("SELECT hall_id FROM delivery") == town.id, "handed out where it was handed in"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number": " "}, "number"),
        ({"signed_by": " "}, "signed_by"),
        ({"last_on": clocks.today() - timedelta(days=1)}, "last_on"),
        ({"last_on": clocks.today() + timedelta(days=4000)}, "last_on"),
        ({"item_ids": []}, "items"),
        ({"item_ids": [UUID(int=1)]}, "items"),
        ({"hall_id": UUID(int=1)}, "place"),
    ],
)
async def test_a_document_that_makes_no_sense_is_refused_at_its_field(
    client: Client, ports: Ports, changes: dict[str, Any], field: str
) -> None:
    at = await bare()
    with pytest.raises(InvalidInput) as wrong:
        await authorisations.ask(at.reviewer.actor, wish(at, **changes))
    assert [one.path for one in wrong.value.fields] == [field]
    assert await db.fetchval("SELECT count(*) FROM authorisation") == 0


async def test_somebody_elses_looks_like_none(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    at = await bare()
    entered = await authorisations.ask(at.reviewer.actor, wish(at))
    stranger = await as_staff("hall_manager", hall=(await make.hall("elsewhere")).id)
    for deed in (
        authorisations.one(stranger.actor, entered),
        authorisations.approve(stranger.actor, entered),
        authorisations.end(stranger.actor, entered, "不要了"),
        authorisations.ask(stranger.actor, wish(at, number="五")),
        authorisations.ask(at.clerk.actor, wish(at, number="六")),
    ):
        with pytest.raises(NotFound):
            await deed
    assert (await (await authorisations.listed(stranger.actor)).page()).items == []


async def test_one_document_for_every_hall(client: Client, ports: Ports) -> None:
    at = await bare()
    await authorise(at.guide.department.id, at.clerk, at.reviewer)
    case_id = await received(at)
    await cases.check_materials(at.clerk.actor, case_id, [CheckIn(key="id_card", verdict="received")])
    await cases.accept(at.clerk.actor, case_id)
