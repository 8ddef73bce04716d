"""Telling many people one thing: seen by a second person, each told once, after everything else, stopped at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

import pytest

from server import db
from server.actor import Role
from server.errors import AppError, Conflict, Forbidden, InvalidInput, NotFound
from server.features.booking import service as booking
from server.features.booking.schemas import BookIn
from server.features.push import service as push
from server.features.push.service import _audience, _broadcast
from server.kit import clock as clocks
from server.kit.paging import PageQuery
from server.ports import Ports
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.booking import book, bookable
from tests.factories.identity import AsCitizen, AsStaff, SomeStaff
from tests.factories.push import Sandbox, reached, rows, states, tallied

WECHAT = push.Channel.WECHAT


def tomorrow() -> str:
    return str(clocks.today() + timedelta(days=1))


class Everybody(push.Audience, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All people there are, each of them twice: whoever asks again begins anew."""

    kind: ClassVar[str] = "test.everybody"

    async def people(self, after: UUID | None, limit: int) -> list[UUID]:
        found = await db.fetch(
            "SELECT id FROM person WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2", after, limit
        )
        return [row["id"] for row in found]


@pytest.fixture(autouse=True)
def _audience_of_tests() -> Iterator[None]:
    push.audience(Everybody)
    yield
    _audience._audiences.pop(Everybody.kind)


async def wish(kind: str = "booking.hall_closed") -> push.BroadcastIn:
    hall = await make.hall()
    return push.BroadcastIn(
        kind=kind, words={"hall": str(hall.id), "day": tomorrow(), "stray": "x"}, audience=Everybody.kind, chosen={}
    )


async def two(as_staff: AsStaff) -> tuple[SomeStaff, SomeStaff]:
    return await as_staff(Role.HALL_MANAGER, name="周岚"), await as_staff(Role.SUPERVISOR, name="吴正")


async def test_a_second_person_lets_it_go_and_everybody_is_told_once(
    sandbox: Sandbox, outside: Ports, as_staff: AsStaff
) -> None:
    people = [await reached(sandbox) for _ in range(3)]
    author, approver = await two(as_staff)
    seen = await push.preview(author.actor, await wish())
    assert (seen.expected, seen.more, seen.sms) == (3, False, True)
    assert set(seen.texts) == {"zh-CN", "en"}
    assert "测试大厅 county" in seen.texts["zh-CN"][1]
    one = await push.propose(author.actor, await wish())
    assert await push.feed_broadcasts() == 0
    with pytest.raises(Forbidden) as refused:
        await push.approve(author.actor, one)
    assert refused.value.code == "push.broadcast_own"
    await push.approve(approver.actor, one)
    assert await push.feed_broadcasts() == 3
    assert await push.feed_broadcasts() == 0
    # Begun anew, as after a restored backup: nobody hears it twice.
    await db.execute("UPDATE broadcast SET state = 'running', cursor = NULL, ended_at = NULL")
    await push.feed_broadcasts()
    shown = await push.broadcast(author.actor, one)
    assert (shown.state, shown.told, shown.twice, shown.mine) == ("done", 3, 3, True)
    assert "测试大厅 county" in shown.texts["zh-CN"][1]
    for to in people:
        (line,) = (await push.inbox(to.someone.actor, PageQuery())).items
        assert line.kind == "booking.hall_closed"
    done = await db.fetch("SELECT action FROM audit_entry WHERE subject = 'broadcast' ORDER BY created_at")
    assert [row["action"] for row in done] == ["push.broadcast_proposed", "push.broadcast_approved"]


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "without the guard"])
async def test_two_approvals_at_once_are_one(
    as_citizen: AsCitizen, as_staff: AsStaff, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """The condition of the one statement is the guard. Without it everybody would believe they had decided."""
    if not guarded:
        guard = " AND state = 'waiting'"
        assert guard in _broadcast._DECIDE
        monkeypatch.setattr(_broadcast, "_DECIDE", _broadcast._DECIDE.replace(guard, ""))
    await as_citizen()
    author, _ = await two(as_staff)
    others = [await as_staff(Role.SUPERVISOR) for _ in range(4)]
    one = await push.propose(author.actor, await wish())

    async def approves(who: SomeStaff) -> str:
        try:
            await push.approve(who.actor, one)
        except AppError as refused:
            return refused.code
        return "approved"

    answers = await asyncio.gather(*map(approves, others))
    if not guarded:
        assert answers.count("approved") > 1
        return
    assert sorted(answers) == ["approved"] + ["push.broadcast_decided"] * 3
    with pytest.raises(Conflict):
        await push.refuse(others[0].actor, one)


async def test_stopped_in_the_middle_the_rest_hears_nothing(
    sandbox: Sandbox, outside: Ports, as_staff: AsStaff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_broadcast, "BATCH", 2)
    for _ in range(5):
        await reached(sandbox)
    author, approver = await two(as_staff)
    one = await push.propose(author.actor, await wish())
    await push.approve(approver.actor, one)
    assert await push.feed_broadcasts() == 2
    await push.stop(author.actor, one)
    assert await push.feed_broadcasts() == 0
    assert await states() == ["too_late"] * 2
    assert {row["reason"] for row in await rows()} == {"stopped"}
    await tallied()
    await push.deliver(outside, WECHAT)
    assert await db.fetchval("SELECT count(*) FROM inbox") == 2
    shown = await push.broadcast(approver.actor, one)
    assert (shown.state, shown.told) == ("stopped", 2)
    # A page that was opened before it was stopped still has its buttons.
    for late in (push.stop, push.approve, push.refuse):
        with pytest.raises(Conflict, match="broadcast_decided"):
            await late(approver.actor, one)
    assert await push.feed_broadcasts() == 0


async def test_it_waits_behind_everything_else_and_leaves_room(
    sandbox: Sandbox, outside: Ports, as_staff: AsStaff, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr(_broadcast, "BATCH", 2)
    monkeypatch.setattr(_broadcast, "ROOM", 2)
    people = [await reached(sandbox) for _ in range(5)]
    author, approver = await two(as_staff)
    one = await push.propose(author.actor, await wish())
    await push.approve(approver.actor, one)
    assert [await push.feed_broadcasts() for _ in range(3)] == [2, 0, 0]
    clock.advance(seconds=5)
    pickup = booking.BookingConfirmed(
        booking_id="b1", item="身份证", hall="大厅", starts_at=clocks.now() + timedelta(days=1)
    )
    await push.send(pickup, to=push.To(person_id=people[0].someone.person_id), dedupe="pickup")
    due = await db.fetch("SELECT kind FROM outbox WHERE state = 'pending' ORDER BY channel, priority, run_at")
    assert due[0]["kind"] == "booking.confirmed"
    await push.deliver(outside, WECHAT)
    await push.deliver(outside, push.Channel.SMS)
    assert await push.feed_broadcasts() == 2


async def test_only_for_people_one_answers_for(as_citizen: AsCitizen, as_staff: AsStaff) -> None:
    place = await bookable()
    someone = await as_citizen()
    (slot, *_) = await place.slots()
    day = slot.starts_at.astimezone(clocks.SHANGHAI).date()
    await book(someone.actor, BookIn(item_id=place.item_id, slot_id=slot.id))
    other = await make.hall("elsewhere", region_code="341225")
    here, there = (
        await as_staff(Role.HALL_MANAGER, hall=place.hall.id),
        await as_staff(Role.HALL_MANAGER, hall=other.id),
    )
    asked = push.BroadcastIn(
        kind="booking.hall_closed",
        words={"hall": str(place.hall.id), "day": str(day)},
        audience="booking.booked",
        chosen={"hall": str(place.hall.id), "day": str(day)},
    )
    assert (await push.preview(here.actor, asked)).expected == 1
    with pytest.raises(Forbidden):
        await push.propose(there.actor, asked)
    one = await push.propose(here.actor, asked)
    with pytest.raises(NotFound):
        await push.approve(there.actor, one)
    for actor, found in ((there.actor, []), (here.actor, [one])):
        listed = await push.broadcasts(actor)
        assert ([row.id for row in (await listed.page()).items], await listed.count()) == (found, len(found))


async def test_what_is_not_whole_is_not_proposed(as_citizen: AsCitizen, as_staff: AsStaff) -> None:
    author, _ = await two(as_staff)
    whole = await wish()
    with pytest.raises(InvalidInput) as refused:
        await push.propose(author.actor, whole)
    assert refused.value.code == "push.broadcast_nobody"
    await as_citizen()
    for broken in (
        push.BroadcastIn(kind="cases.granted", words=whole.words, audience=whole.audience, chosen={}),
        push.BroadcastIn(kind=whole.kind, words={"day": tomorrow()}, audience=whole.audience, chosen={}),
        push.BroadcastIn(kind=whole.kind, words={**whole.words, "day": "soon"}, audience=whole.audience, chosen={}),
        push.BroadcastIn(kind=whole.kind, words=whole.words, audience="nobody", chosen={}),
        push.BroadcastIn(kind=whole.kind, words=whole.words, audience="booking.booked", chosen={"day": tomorrow()}),
    ):
        with pytest.raises(InvalidInput):
            await push.propose(author.actor, broken)
