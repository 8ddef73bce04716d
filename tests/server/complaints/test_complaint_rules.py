"""Every deed on a complaint x role x state: what is not declared is refused and changes nothing."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest

from server import db
from server.actor import Role
from server.errors import AppError, InvalidInput
from server.features.complaints import service as complaints
from server.features.complaints.models import MOVES, Kind, State
from tests.factories.cases import office
from tests.factories.identity import AsCitizen, SomeStaff, staff
from tests.fixtures_web import Client
from tests.server.complaints.test_complaints import only, state, write
from tests.server.console.desk import at_desk

DEEDS: dict[str, dict[str, Any]] = {
    "route": {},
    "take": {},
    "hand_over": {"words": "请接手。"},
    "grade": {"grade": "now"},
    "extend": {"reason": "要查。"},
    "answer": {"words": "好。"},
    "urge": {"words": "快。"},
    "call": {},
    "publish": {"question": "问", "answer": "答"},
    "unpublish": {},
    "hold_to_account": {"words": "已处理。"},
}


@pytest.mark.parametrize("standing", list(State))
async def test_every_deed_in_every_state_only_as_declared(
    client: Client, as_citizen: AsCitizen, standing: State
) -> None:
    """Every deed of staff x role x state: what `MOVES` does not declare is refused and changes nothing."""
    at, phone = await office(), client.as_((await as_citizen()).token)
    roles = {
        Role.REVIEWER: at.reviewer,
        Role.HALL_MANAGER: await staff("hall_manager", hall=at.hall.id),
        Role.SUPERVISOR: await staff("supervisor"),
    }
    assert set(DEEDS) == {name for name, move in MOVES.items() if move.roles}
    for deed, given in DEEDS.items():
        for role, officer in roles.items():
            await write(phone, item_id=str(at.item_id), hall_id=str(at.hall.id))
            work = await only()
            await put(work, standing, officer, published=deed == "unpublish")
            more = {"department_id": at.guide.department.id} if deed == "route" else {}
            move = MOVES[deed]
            allowed = role in move.roles and standing in move.sources and deed != "grade"
            name = "caller" if deed == "call" else deed
            try:
                await getattr(complaints, name)(officer.actor, work, **given, **more)
                done = True
            except AppError:
                done = False
            assert done is allowed, (deed, role, standing)
            after = State(await state())
            assert after is ((move.target or standing) if allowed else standing), (deed, role, standing)
            await db.execute("DELETE FROM complaint_deed WHERE complaint_id = $1", work)
            await db.execute("DELETE FROM complaint WHERE id = $1", work)


async def put(work: UUID, standing: State, owner: SomeStaff, *, published: bool) -> None:
    """Set one where a deed is tried, without the way there; somebody else has answered it."""
    answered = standing in (State.ANSWERED, State.CLOSED)
    other = (await staff("reviewer")).actor.staff_id
    sealed = db.seal("complaint", "answer_sealed", work, "要带。")
    await db.execute(
        """UPDATE complaint SET state = $2, owner_id = $3, answer_sealed = $4, answered_at = $5, answered_by = $6,
            ended_at = CASE WHEN $2 IN ('closed', 'withdrawn') THEN now() END,
            published_at = $7, published_by = $8, public_question = $9, public_answer = $9 WHERE id = $1""",
        work, standing.value, owner.actor.staff_id, sealed if answered else None,
        await db.fetchval("SELECT now()") if answered else None, other if answered else None,
        await db.fetchval("SELECT now()") if published and answered else None,
        owner.actor.staff_id if published and answered else None, "问" if published and answered else None,
    )  # fmt: skip


def test_every_kind_has_days_of_its_own() -> None:
    declared = set(complaints.ComplaintPolicy.__struct_fields__)
    assert {f"{kind.value}_days" for kind in Kind if kind is not Kind.STUCK} <= declared


async def test_sensitive_words_are_folded_at_the_desk_and_never_published(client: Client) -> None:
    at = await office()
    words = "你们都去 死！"
    await write(client, item_id=str(at.item_id), words=words)
    work, desk = await only(), at_desk(client, at.reviewer)
    for page in ("/console/complaints", f"/console/complaints/{work}"):
        seen = await desk.sees(page)
        assert re.search(rf"<details><summary>[^/]*含敏感词.*?</summary><blockquote>{words}", seen), page
    await complaints.take(at.reviewer.actor, work)
    await complaints.answer(at.reviewer.actor, work, words="好。")
    manager = await staff("supervisor")
    for said in ({"question": words, "answer": "好。"}, {"question": "问", "answer": "ｆｕｃｋ"}):
        with pytest.raises(InvalidInput) as refused:
            await complaints.publish(manager.actor, work, **said)
        assert [one.code for one in refused.value.fields] == ["held_words"]
    assert await db.fetchval("SELECT published_at FROM complaint") is None
