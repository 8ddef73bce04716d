"""Accepted although a paper that may follow is lacking: which, for how long, and what comes of it (rows 71 to 74)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from server import db
from server.errors import Conflict, InvalidInput
from server.features.cases import service as cases
from server.features.cases.schemas import CheckIn
from server.kit import clock as clocks
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.cases import Office, office
from tests.fixtures_web import Client
from tests.server.cases.test_window import CARD, ID, PHOTO, code, received, seen

RULES = PHOTO | {"key": "rules", "name": "规章制度", "need": "deficiency", "medium": "either"}
FORM = [{"key": "reason", "label": "申请理由", "type": "long_text", "required": False}]


async def waiting(at: Office) -> UUID:
    """Somebody at the window who has everything but what may follow."""
    case_id = await received(at)
    await cases.check_materials(at.clerk.actor, case_id, [ID])
    return case_id


async def state(case_id: UUID) -> str:
    found: str = await db.fetchval("SELECT state FROM case_record WHERE id = $1", case_id)
    return found


async def test_accepted_on_a_commitment_and_granted_when_all_is_there(client: Client, ports: Ports) -> None:
    at = await office(materials=[CARD, RULES], form=FORM)
    clerk = at.clerk.actor
    case_id = await waiting(at)
    with pytest.raises(Conflict) as plain:
        await cases.accept(clerk, case_id)
    assert code(plain) == "cases.tolerance_needed"
    offered = (await seen(clerk, case_id)).tolerance
    assert (offered.keys, offered.refused, offered.most_days) == (["rules"], None, 4)
    with pytest.raises(InvalidInput) as unsigned:
        await cases.accept_with_deficiency(clerk, case_id, days=3, signed=False)
    assert (code(unsigned), unsigned.value.fields[0].path) == ("cases.commitment_needed", "signed")
    for days in (0, 5):
        with pytest.raises(InvalidInput) as wrong:
            await cases.accept_with_deficiency(clerk, case_id, days=days, signed=True)
        assert wrong.value.fields[0].path == "days", "what is awaited comes before the promise runs out"
    await cases.accept_with_deficiency(clerk, case_id, days=3, signed=True)
    assert await state(case_id) == "accepted_with_deficiency"
    assert [row["kind"] for row in await db.fetch("SELECT kind FROM notice")] == ["acceptance_tolerated"]
    with pytest.raises(Conflict) as early:
        await cases.grant(at.reviewer.actor, ports.signer, case_id, None)
    assert code(early) == "cases.tolerance_open"
    assert "grant" not in (await seen(at.reviewer.actor, case_id)).can
    for keys in ([], ["id_card"], ["rules", "nothing"]):
        with pytest.raises(Conflict) as other:
            await cases.supplement(clerk, case_id, keys)
        assert code(other) == "cases.not_awaited"
    await cases.supplement(clerk, case_id, ["rules"])
    assert await state(case_id) == "accepted"
    assert not (await seen(clerk, case_id)).tolerance.open
    await cases.grant(at.reviewer.actor, ports.signer, case_id, None)
    assert await state(case_id) == "granted"


async def test_why_it_cannot_be_is_said_at_once(client: Client, ports: Ports) -> None:
    at = await office(materials=[CARD, RULES], form=FORM)
    bare = await received(at)
    assert (await seen(at.clerk.actor, bare)).tolerance.refused == "main_lacking"
    await cases.check_materials(at.clerk.actor, bare, [CheckIn(key="id_card", verdict="wrong", reason="过期")])
    assert (await seen(at.clerk.actor, bare)).tolerance.refused == "main_lacking"
    with pytest.raises(Conflict) as main:
        await cases.accept_with_deficiency(at.clerk.actor, bare, days=1, signed=True)
    assert code(main) == "cases.not_tolerable_main_lacking"
    whole = await office(materials=[CARD], form=FORM)
    assert (await seen(whole.clerk.actor, await waiting(whole))).tolerance.refused == "nothing_flagged"
    steps = [{"key": "accept", "name": "受理", "who": "综合窗口", "days": 0, "what": "当场办结。"}]
    at_once = await office(
        materials=[CARD, RULES], form=FORM, handling="instant", legal_days=0, promise_days=0, steps=steps
    )
    assert (await seen(at_once.clerk.actor, await waiting(at_once))).tolerance.refused == "on_the_spot"


async def test_what_does_not_come_ends_the_case_after_two_reminders(client: Client, ports: Ports, clock: Clock) -> None:
    at = await office(materials=[CARD, RULES], form=FORM)
    case_id = await waiting(at)
    await cases.accept_with_deficiency(at.clerk.actor, case_id, days=4, signed=True)
    due_on = await db.fetchval("SELECT due_on FROM tolerance")
    reminded: list[timedelta] = []
    while clocks.today() <= due_on:
        assert await cases.end_unsupplemented() == 0
        for _ in range(2):
            await cases.remind_of_supplements()
        known = await db.fetchval("SELECT count(*) FROM inbox WHERE kind = 'cases.supplement_due'")
        if known > len(reminded):
            reminded.append(due_on - clocks.today())
        clock.advance(days=1)
    assert reminded == [timedelta(days=3), timedelta(days=1)]
    assert await cases.end_unsupplemented() == 1
    assert await cases.end_unsupplemented() == 0
    assert await state(case_id) == "terminated"
    kinds = [row["kind"] for row in await db.fetch("SELECT kind FROM notice ORDER BY created_at")]
    assert kinds == ["acceptance_tolerated", "unsupplemented"]
    assert await db.fetchval("SELECT count(*) FROM clock WHERE state = 'running'") == 0


async def test_who_leaves_meanwhile_is_left_alone(client: Client, ports: Ports, clock: Clock) -> None:
    at = await office(materials=[CARD, RULES], form=FORM)
    case_id = await waiting(at)
    await cases.accept_with_deficiency(at.clerk.actor, case_id, days=2, signed=True)
    await cases.take_back(at.clerk.actor, case_id, "申请人不办了")
    clock.advance(days=10)
    assert await cases.remind_of_supplements() == 0
    assert await cases.end_unsupplemented() == 0
    assert await state(case_id) == "withdrawn"
