"""Whose deeds on a rectification are, from where they lead, and what is kept of them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from server import db
from server.errors import Conflict, Forbidden, NotFound
from server.features.ratings import service as ratings
from server.features.ratings.models import MOVES, RATER, TIME, RectificationState
from server.ports import Ports
from tests.factories.identity import AsStaff, staff
from tests.fixtures_web import Client
from tests.server.ratings.test_rectifying import WAY, do, rated, state_of


async def test_others_see_nothing_and_do_nothing(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    who, _, work = await rated(client, ports)
    elsewhere = await as_staff("hall_manager", region="341225")
    for deed in ("verify", "call_back", "ask_exclusion"):
        with pytest.raises(NotFound):
            await do(deed, elsewhere, work)
    with pytest.raises(NotFound):
        await ratings.rectification(elsewhere.actor, work)
    clerk = who.office.clerk
    with pytest.raises(NotFound):
        await do("verify", clerk, work)
    assert (await ratings.rectification(clerk.actor, work)).may == []


@pytest.mark.parametrize("state", RectificationState)
async def test_every_deed_from_every_state(client: Client, ports: Ports, state: RectificationState) -> None:
    who, _, work = await rated(client, ports)
    manager, supervisor = await staff("hall_manager", hall=who.office.hall.id), await staff("supervisor")
    answered = state in (RectificationState.ANSWERED, RectificationState.CLOSED, RectificationState.EXCLUDED)
    over = state in (RectificationState.CLOSED, RectificationState.EXCLUDED)
    await db.execute(
        "UPDATE rectification SET state = $1, founded = true, reopened_at = now(),"
        " called_back_at = now(), answered_at = CASE WHEN $2 THEN now() END, closed_at = CASE WHEN $3 THEN now() END",
        state.value, answered, over,
    )  # fmt: skip
    for deed, move in MOVES.items():
        if move.by in ((RATER,), (TIME,)):
            continue
        if deed in ("exclude", "keep"):
            await db.execute("DELETE FROM rating_exclusion")
            await db.execute(
                "INSERT INTO rating_exclusion (id, created_at, rating_id, kind, asked_by, reason_sealed)"
                " SELECT gen_random_uuid(), now(), id, 'mistaken', $1, '' FROM rating", manager.actor.staff_id,
            )  # fmt: skip
        before = await db.fetchrow("SELECT * FROM rectification")
        actor = manager if set(move.roles) & {g.role for g in manager.actor.grants} else supervisor
        allowed = (
            state in move.sources and deed != "answer"
            if state is RectificationState.VERIFIED
            else (state in move.sources)
        )
        refused = None
        try:
            async with db.tx():
                await do(deed, actor, work)
                assert await state_of(work) == (move.target or state).value, deed
                raise _Undo
        except (_Undo, Conflict) as ended:
            refused = ended
        assert isinstance(refused, _Undo) is allowed, (deed, refused)
        assert await db.fetchrow("SELECT * FROM rectification") == before


class _Undo(Exception):
    """Takes a deed back."""


async def test_two_officers_at_once_verify_it_once(client: Client, ports: Ports) -> None:
    who, _, work = await rated(client, ports)
    several = [await staff("hall_manager", hall=who.office.hall.id) for _ in range(4)]
    done = await asyncio.gather(*(do("verify", one, work) for one in several), return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["Conflict", "Conflict", "Conflict", "NoneType"]
    assert await db.fetchval("SELECT count(*) FROM rectification_deed") == 1


async def test_words_lie_sealed(client: Client, ports: Ports) -> None:
    who, _, work = await rated(client, ports)
    manager = await staff("hall_manager", hall=who.office.hall.id)
    for deed in (*WAY, "ask_exclusion"):
        await do(deed, manager, work)
    kept = await db.fetchval(
        "SELECT string_agg(encode(words_sealed, 'escape'), '') FROM rectification_deed WHERE words_sealed IS NOT NULL"
    )
    kept += str(bytes(await db.fetchval("SELECT answer_sealed FROM rectification")))
    kept += str(bytes(await db.fetchval("SELECT reason_sealed FROM rating_exclusion")))
    for words in ("窗口", "两个小时", "点错"):
        assert words not in kept
        assert repr(words.encode())[2:-1] not in kept


async def test_the_trail_holds(client: Client, ports: Ports) -> None:
    who, _, work = await rated(client, ports)
    manager = await staff("hall_manager", hall=who.office.hall.id)
    for deed in WAY:
        await do(deed, manager, work)
    written = await db.fetch("SELECT action FROM audit_entry WHERE subject = 'rectification' ORDER BY created_at, id")
    assert [one["action"] for one in written] == [
        "ratings.verified", "ratings.called_back", "ratings.rectified", "ratings.answered",
    ]  # fmt: skip


async def test_nobody_leaves_out_what_was_said_of_their_own_work(client: Client, ports: Ports) -> None:
    who, _, work = await rated(client, ports)
    await do("ask_exclusion", await staff("hall_manager", hall=who.office.hall.id), work)
    above = next(iter((await staff("supervisor")).actor.grants))
    own = replace(who.office.reviewer, actor=replace(who.office.reviewer.actor, grants=(above,)))
    with pytest.raises(Forbidden, match=r"ratings\.own_work"):
        await do("exclude", own, work)
    assert await db.fetchval("SELECT count(*) FROM rating_exclusion WHERE decided_at IS NOT NULL") == 0
    await do("keep", own, work)
    assert await state_of(work) == "assigned", "letting it stand is nobody's advantage"
