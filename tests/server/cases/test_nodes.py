"""Every node of the way is told, and no two words are said of one moment."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from server import db
from server.features.cases import service as cases
from server.features.cases.schemas import WindowIn
from server.features.cases.service import posting
from server.kit import clock as clocks
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.cases import Office, office, submitted
from tests.fixtures_web import Client
from tests.server.cases.test_post import envelope
from tests.server.cases.test_tolerance import FORM, RULES, waiting
from tests.server.cases.test_window import CARD, received, somebody


async def told() -> list[str]:
    return [row["kind"] for row in await db.fetch("SELECT kind FROM inbox ORDER BY created_at, id")]


async def steps_of(case_id: UUID) -> list[str]:
    rows = await db.fetch(
        "SELECT name FROM step WHERE thread_id = (SELECT thread_id FROM case_record WHERE id = $1) ORDER BY at, id",
        case_id,
    )
    return [row["name"] for row in rows]


async def test_it_is_told_that_somebody_has_taken_it_up(client: Client, ports: Ports, clock: Clock) -> None:
    who = await submitted(client, ports, await office())
    await cases.accept(who.office.clerk.actor, who.id)
    clock.advance(hours=3)
    await cases.claim(who.office.reviewer.actor, who.id)
    assert await told() == ["cases.accepted", "cases.in_review"]
    # Laid back and taken up again it is where it was.
    await cases.release(who.office.reviewer.actor, who.id)
    await cases.claim(who.office.reviewer.actor, who.id)
    assert await told() == ["cases.accepted", "cases.in_review"]


async def test_taken_up_at_once_the_word_of_acceptance_carries_both(client: Client, ports: Ports, clock: Clock) -> None:
    who = await submitted(client, ports, await office())
    await cases.accept(who.office.clerk.actor, who.id)
    clock.advance(minutes=4)
    await cases.claim(who.office.reviewer.actor, who.id)
    assert (await steps_of(who.id))[-2:] == ["cases.accepted", "cases.in_review"], "the timeline has both"
    assert await told() == ["cases.accepted"]
    [message] = (await who.phone.get("/api/v1/inbox")).json["items"]
    assert "由颍上县公安局审查" in message["body"]


async def test_what_a_window_passes_on_is_told_with_its_number(client: Client, ports: Ports) -> None:
    at = await office(authorised=False)
    case_id = await received(at)
    assert (await steps_of(case_id))[-2:] == ["cases.received", "cases.routed"]
    assert await told() == ["cases.routed"]


async def test_what_came_by_post_and_is_passed_on_is_one_word(client: Client, ports: Ports) -> None:
    at = await office(authorised=False)
    await by_post(at)
    assert await told() == ["cases.routed"]


async def by_post(at: Office, *, on: date | None = None) -> UUID:
    parcel_id = await posting.register_parcel(at.clerk.actor, envelope(at, on=on))
    person_id = await somebody(at)
    wish = WindowIn(item_id=at.item_id, hall_id=at.hall.id, person_id=person_id, situation={}, parcel_id=parcel_id)
    return await cases.receive(at.clerk.actor, wish)


async def test_who_hands_in_on_the_phone_reads_it_there(client: Client, ports: Ports) -> None:
    who = await submitted(client, ports, await office(authorised=False))
    assert (await steps_of(who.id))[-2:] == ["cases.submitted", "cases.routed"]
    assert await told() == []


async def test_what_a_window_passes_on_later_is_told(client: Client, ports: Ports) -> None:
    who = await submitted(client, ports, await office())
    await cases.route(who.office.clerk.actor, who.id)
    assert await told() == ["cases.routed"]


async def test_so_is_what_goes_by_itself_when_an_authorisation_runs_out(client: Client, ports: Ports) -> None:
    await submitted(client, ports, await office())
    await db.execute("UPDATE authorisation SET first_on = '2020-01-01', last_on = $1::date - 1", clocks.today())
    assert await cases.route_stranded() == 1
    assert await told() == ["cases.routed"]


@pytest.mark.parametrize("at_once", [True, False])
async def test_papers_that_follow_are_told_as_they_come(client: Client, ports: Ports, at_once: bool) -> None:
    at = await office(materials=[CARD, RULES, RULES | {"key": "plan", "name": "平面图"}], form=FORM)
    case_id = await waiting(at)
    await cases.accept_with_deficiency(at.clerk.actor, case_id, days=3, signed=True)
    before = await told()
    if at_once:
        await cases.supplement(at.clerk.actor, case_id, ["rules", "plan"])
        assert await told() == [*before, "cases.supplements_whole"], "the last of them is said once"
    else:
        await cases.supplement(at.clerk.actor, case_id, ["rules"])
        assert await told() == [*before, "cases.supplemented"]
        await cases.supplement(at.clerk.actor, case_id, ["plan"])
        assert await told() == [*before, "cases.supplemented", "cases.supplements_whole"]
