"""What moves a case that has no door of its own, from every state: days that run out, its items, a window."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from server import db
from server.actor import System
from server.errors import AppError
from server.features.cases import service as cases
from server.features.cases.models import (
    MOVES,
    OPEN,
    PARTS,
    TIME,
    CaseState,
    Commitment,
    PreReview,
    Telling,
    Tolerance,
)
from server.features.cases.schemas import WindowIn
from server.features.cases.service import _whole
from server.kit import clock
from server.kit.ids import new_id
from server.ports import Ports
from tests.factories.cases import submitted
from tests.fixtures_web import Client
from tests.server.cases.putting import put
from tests.server.cases.test_moves import ELSEWHERE, RolledBackError, Stage, stage_of

DEEDS: dict[str, Callable[[], Awaitable[int]]] = {
    "deem": cases.deem_accepted,
    "lapse": cases.end_uncorrected,
    "run_out": cases.end_unsupplemented,
    "leave_unsigned": cases.end_unsigned,
    "leave_unseen": cases.end_unseen,
}
TOLD = {CaseState.GRANTED: "cases.result_waiting"}
# Whose stage it needs: a paper that may follow, a guide that pre-reviews.
LIKE = {"run_out": "supplement", "leave_unsigned": "offer", "leave_unseen": "pre_review"}


async def _late(stage: Stage, verb: str) -> None:
    """Let the day of the deed have been yesterday, whatever state the case is in."""
    day = clock.today() - timedelta(days=1)
    known = {"case_id": stage.id, "keys": ["id_card"], "due_on": day, "staff_id": stage.asking.staff_id}
    if verb == "deem":
        await db.execute("DELETE FROM clock WHERE thread_id = $1 AND kind = 'receive'", stage.who.thread_id)
        await db.execute(
            "INSERT INTO clock (id, created_at, thread_id, kind, started_on, promise_on, law_on, state)"
            " VALUES ($1, $2, $3, 'receive', $4, $4, $4, 'running')",
            new_id(), clock.now(), stage.who.thread_id, day,
        )  # fmt: skip
    elif verb == "lapse":
        told = Telling(case_id=stage.id, round=1, guide_id=stage.who.office.guide.id, due_on=day)
        told.staff_id = stage.asking.staff_id
        told.lines, told.seen = [], {}
        await told.save(force_create=True)
    elif verb == "run_out":
        await db.execute("DELETE FROM material WHERE case_id = $1", stage.id)
        await Tolerance(**known).save(force_create=True)
    elif verb == "leave_unsigned":
        offered = Commitment(version="2026-11", sign_by=day, **known)
        offered.lines = ["一"]
        await offered.save(force_create=True)
    else:
        await db.execute("DELETE FROM pre_review WHERE case_id = $1", stage.id)
        await PreReview(**known).save(force_create=True)


async def _undone(deed: Callable[[], Awaitable[str]]) -> str:
    """Do it, and undo it, so that the next state finds everything as it was."""
    came = ""
    try:
        async with db.tx():
            came = await deed()
            raise RolledBackError
    except RolledBackError:
        return came


async def _state(case_id: UUID) -> str:
    return str(await db.fetchval("SELECT state FROM case_record WHERE id = $1", case_id))


@pytest.mark.parametrize("verb", sorted(DEEDS))
async def test_days_that_run_out_move_only_what_is_declared(client: Client, ports: Ports, verb: str) -> None:
    stage = await stage_of(client, ports, LIKE.get(verb, "accept"))
    move = MOVES[verb]
    assert (move.by, move.target is not None) == ((TIME,), True)
    wrong = []
    for state in CaseState:

        async def pass_(state: CaseState = state) -> str:
            await put(stage, state, "accept")
            await _late(stage, verb)
            moved = await DEEDS[verb]()
            return f"{moved} {await _state(stage.id)}"

        came = await _undone(pass_)
        expected = f"1 {move.target}" if state in move.sources else f"0 {state}"
        if came != expected:
            wrong.append(f"{verb} from {state}: {came}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("verb", "items"), [("gather", "accepted"), ("finish", "granted")])
async def test_items_move_a_theme_only_as_declared(client: Client, ports: Ports, verb: str, items: str) -> None:
    stage = await stage_of(client, ports, "accept")
    item = await submitted(client, ports, stage.who.office)
    move = MOVES[verb]
    assert move.by == (PARTS,)
    wrong = []
    for state in CaseState:

        async def follow(state: CaseState = state) -> str:
            await put(stage, state, "accept")
            await db.execute("UPDATE case_record SET whole = true WHERE id = $1", stage.id)
            await db.execute(
                "UPDATE case_record SET parent_id = $2, part = 'p1', agreed_days = 5, state = $3, decided_by = $4"
                " WHERE id = $1",
                item.id, stage.id, items, stage.asking.staff_id if items == "granted" else None,
            )  # fmt: skip
            await _whole.follow(stage.id, System(name="tests"))
            return await _state(stage.id)

        came = await _undone(follow)
        if came != (move.target if state in move.sources else state):
            wrong.append(f"{verb} from {state}: {came}")
    assert not wrong, "\n".join(wrong)


async def test_a_window_takes_in_only_a_draft(client: Client, ports: Ports) -> None:
    stage = await stage_of(client, ports, "accept")
    at, move = stage.who.office, MOVES["receive"]
    person_id = stage.who.someone.actor.person_id
    assert person_id is not None
    wish = WindowIn(item_id=at.item_id, hall_id=at.hall.id, person_id=person_id, situation={})
    wrong = []
    for state in CaseState:

        async def take_in(state: CaseState = state) -> str:
            await put(stage, state, "accept")
            try:
                async with db.savepoint():
                    await cases.receive(at.clerk.actor, wish)
            except AppError as refused:
                return refused.code
            return await _state(stage.id)

        came = await _undone(take_in)
        # What is over stays as it is, and another begins beside it.
        told = "cases.already_open" if state in OPEN else TOLD.get(state, state)
        if came != (move.target if state in move.sources else told):
            wrong.append(f"receive from {state}: {came}")
    assert not wrong, "\n".join(wrong)


def test_whatever_has_no_door_is_walked_here_or_is_part_of_a_deed() -> None:
    assert {*DEEDS, "gather", "finish", "receive", "begin", "complete"} == ELSEWHERE
    assert set(DEEDS) == {verb for verb, move in MOVES.items() if move.by == (TIME,)}
