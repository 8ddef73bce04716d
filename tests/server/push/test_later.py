"""What is said later: at its time, moved or called off with its cause, and not at all when it is of no use."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from server import db
from server.features.push import service as push
from server.features.push.service import _kinds
from server.kit import clock as clocks
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.push import Hello, Reached, Sandbox, reached, rows, states, tallied

WECHAT = push.Channel.WECHAT


class Reminder(Hello):
    """The day before a visit; over when the visit begins."""

    kind = "test.reminder"
    deadline = "starts_at"


_kinds._kinds.pop("test.reminder")


@pytest.fixture(autouse=True)
def _spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(_kinds._kinds, "test.reminder", Reminder)
    texts = {"push.test.reminder": "push.test.hello"}
    said = _kinds._said
    monkeypatch.setattr(
        _kinds, "_said", lambda locale, message, key: said(locale, message, key.replace(*next(iter(texts.items()))))
    )


async def remind(to: Reached, visit: datetime, dedupe: str = "r1") -> bool:
    return await push.send(
        Reminder(starts_at=visit, ends_at=visit + timedelta(minutes=30)),
        to=push.To(person_id=to.someone.person_id),
        dedupe=dedupe,
        at=visit - timedelta(days=1),
        cause="booking:1",
    )


async def inbox() -> int:
    found: int = await db.fetchval("SELECT count(*) FROM inbox WHERE kind = 'test.reminder'")
    return found


async def test_it_is_said_at_its_time_and_only_once(sandbox: Sandbox, outside: Ports, clock: Clock) -> None:
    to = await reached(sandbox)
    visit = clocks.now() + timedelta(days=3)
    assert await remind(to, visit)
    assert not await remind(to, visit)
    assert (await push.say_due(), await inbox(), await rows()) == (0, 0, [])
    clock.advance(days=2, seconds=1)
    assert await push.say_due() == 1
    assert (await push.say_due(), await inbox()) == (0, 1)
    await push.deliver(outside, WECHAT)
    (arrived,) = sandbox.messages(to.phone)
    assert arrived.fields[2].value.startswith(f"{visit.astimezone(clocks.SHANGHAI):%Y}年")
    (row,) = await rows()
    assert row["deadline"] == visit


async def test_a_moved_visit_moves_its_reminder_also_one_that_was_said(sandbox: Sandbox, clock: Clock) -> None:
    to = await reached(sandbox)
    first, second, third = (clocks.now() + timedelta(days=days) for days in (3, 5, 9))
    await remind(to, first)
    moved = Reminder(starts_at=second, ends_at=second)
    assert await push.move("booking:1", moved, at=second - timedelta(days=1)) == 1
    clock.advance(days=2, seconds=1)
    assert await push.say_due() == 0
    clock.advance(days=2)
    assert (await push.say_due(), await inbox()) == (1, 1)
    again = Reminder(starts_at=third, ends_at=third)
    assert await push.move("booking:1", again, at=third - timedelta(days=1)) == 1
    clock.advance(days=4)
    assert (await push.say_due(), await inbox()) == (1, 2)
    assert (await rows())[-1]["deadline"] == third


async def test_what_it_was_about_has_gone(sandbox: Sandbox, outside: Ports, clock: Clock) -> None:
    to = await reached(sandbox, credits=2)
    await remind(to, clocks.now() + timedelta(days=3))
    assert await push.cancel("booking:1") == 1
    assert await push.move("booking:1", Reminder(), at=clocks.now()) == 0
    clock.advance(days=3)
    assert await push.say_due() == 0
    # Also what is due and waits to be sent is called off; nobody is told twice, nor by SMS.
    visit = clocks.now() + timedelta(days=3)
    await remind(to, visit, "r2")
    clock.advance(days=2, seconds=1)
    await push.say_due()
    assert await push.cancel("booking:1", Reminder) == 1
    await push.deliver(outside, WECHAT)
    (row,) = await rows()
    assert (row["state"], row["reason"]) == ("too_late", "cancelled")
    await tallied()
    assert await rows("sms") == []
    assert sandbox.messages(to.phone) == []


async def test_one_that_cannot_be_said_ends_alone(
    sandbox: Sandbox, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    to = await reached(sandbox)
    for turn in range(3):
        await remind(to, clocks.now() + timedelta(days=3), str(turn))
    await db.execute("UPDATE planned_message SET message_sealed = '\\x00' WHERE event = '1'")
    clock.advance(days=2, seconds=1)
    assert await push.say_due() == 3
    assert await inbox() == 2
    found = await db.fetch("SELECT state FROM planned_message ORDER BY event")
    assert [row["state"] for row in found] == ["said", "broken", "said"]
    assert "cannot be read" in caplog.text


@pytest.mark.parametrize("later", [False, True], ids=["now", "later"])
async def test_a_use_case_that_rolls_back_leaves_no_message(sandbox: Sandbox, clock: Clock, later: bool) -> None:
    to = await reached(sandbox)
    at = clocks.now() + timedelta(days=1) if later else None

    async def use_case() -> None:
        async with db.tx():
            await push.send(Hello(), to=push.To(person_id=to.someone.person_id), dedupe="one", at=at)
            raise KeyError

    with pytest.raises(KeyError):
        await use_case()
    for table in ("outbox", "planned_message"):
        assert await db.fetchval(f"SELECT count(*) FROM {table}") == 0
    assert await db.fetchval("SELECT count(*) FROM inbox WHERE kind = 'test.hello'") == 0
    assert await states() == []
