from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from server import db
from server.actor import System
from server.features.thread import service as thread
from server.features.thread.service import _steps
from server.kit.ids import new_id
from server.kit.spoken import spoken
from tests.factories.identity import AsCitizen
from tests.factories.thread import opened

WORKER = System(name="test")


@pytest.fixture
def reacting() -> Iterator[list[str]]:
    kept = {name: list(several) for name, several in _steps._reactions.items()}
    _steps._reactions.clear()
    yield []
    _steps._reactions.clear()
    _steps._reactions.update(kept)


async def test_a_step_keeps_what_it_was_told(as_citizen: AsCitizen) -> None:
    someone = await as_citizen()
    mine, about = await opened(someone), new_id()
    at = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    await thread.record(mine.id, "booking.confirmed", someone.actor, booking_id=about, starts_at=at, count=2)
    (step,) = await thread.timeline(mine.id)
    assert step.data == {"booking_id": str(about), "starts_at": "2026-11-23T09:00:00+08:00", "count": 2}
    assert (step.actor_kind, step.actor_id) == ("citizen", someone.account_id)
    now = await thread.get(mine.id)
    assert (now.status, now.data) == ("booking.confirmed", step.data)


async def test_a_hidden_step_does_not_become_the_status(as_citizen: AsCitizen) -> None:
    mine = await opened(await as_citizen())
    await thread.record(mine.id, "booking.requested", WORKER)
    await thread.record(mine.id, "cases.started", WORKER)
    assert [step.public for step in await thread.timeline(mine.id)] == [True, False]
    assert (await thread.get(mine.id)).status == "booking.requested"


async def test_a_step_nobody_can_name_is_refused(as_citizen: AsCitizen) -> None:
    mine = await opened(await as_citizen())
    with pytest.raises(ValueError, match="dancing"):
        await thread.record(mine.id, "cases.dancing", WORKER)


async def test_reactions_run_in_order_and_in_the_same_transaction(as_citizen: AsCitizen, reacting: list[str]) -> None:
    mine = await opened(await as_citizen())

    @thread.on("cases.granted")
    async def second_door(happening: thread.Recorded) -> None:
        reacting.append(f"first {happening.thread.number} {happening.step.data['case_id']}")

    @thread.on("cases.granted")
    async def third_door(happening: thread.Recorded) -> None:
        await thread.record(happening.thread.id, "delivery.preparing", happening.actor)
        reacting.append("second")

    await thread.record(mine.id, "cases.granted", WORKER, case_id="7")
    assert reacting == [f"first {mine.number} 7", "second"]
    assert [step.name for step in await thread.timeline(mine.id)] == ["cases.granted", "delivery.preparing"]
    assert [name.rpartition(".")[2] for name in thread.reactions()["cases.granted"]] == ["second_door", "third_door"]


async def test_a_reaction_that_fails_undoes_the_step_and_what_was_before_it(
    as_citizen: AsCitizen, reacting: list[str]
) -> None:
    mine = await opened(await as_citizen())

    @thread.on("cases.granted")
    async def writes(happening: thread.Recorded) -> None:
        await thread.record(happening.thread.id, "delivery.preparing", happening.actor)

    @thread.on("cases.granted")
    async def fails(happening: thread.Recorded) -> None:
        raise LookupError(happening.step.name)

    async def grant(thread_id: UUID) -> None:
        async with db.tx():
            await thread.record(thread_id, "cases.accepted", WORKER)
            await thread.record(thread_id, "cases.granted", WORKER)

    with pytest.raises(LookupError):
        await grant(mine.id)
    assert await thread.timeline(mine.id) == []
    assert (await thread.get(mine.id)).status is None


def test_one_reaction_is_not_registered_twice(reacting: list[str]) -> None:
    async def react(happening: thread.Recorded) -> None:
        reacting.append(happening.step.name)

    thread.on("cases.granted")(react)
    with pytest.raises(ValueError, match="already reacts"):
        thread.on("cases.granted")(react)


def test_a_step_is_said_in_the_reader_s_language() -> None:
    assert thread.step_text("zh-CN", "booking.confirmed", {}) == "预约成功"
    assert thread.step_text("en", "booking.confirmed", {}) == "Appointment confirmed"


def test_moments_and_days_are_written_out() -> None:
    at = datetime(2026, 11, 23, 1, 5, tzinfo=UTC)
    assert spoken("zh-CN", at) == "2026年11月23日 09:05"
    assert spoken("en", at) == "23 November 2026, 09:05"
    assert spoken("zh-CN", date(2026, 1, 2)) == "2026年1月2日"
