"""The estimate is never made up, and the message at three ahead comes once, whatever the windows do meanwhile."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server import db
from server.actor import Anonymous, Staff
from server.errors import Conflict, InvalidInput, NotFound
from server.features.catalogue.service import WindowView
from server.features.push import service as push
from server.features.queue import messages
from server.features.queue import service as queue
from server.features.queue.models import Green
from server.features.queue.service import _live
from server.features.queue.service._ahead import Lines
from server.features.queue.service._board import Forecast, _desks
from server.features.queue.service._pace import FEWEST, Pace, _pace
from server.kit.ids import new_id
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.booking import bookable
from tests.factories.identity import AsCitizen, AsStaff
from tests.factories.queue import line
from tests.fixtures_web import Client

_AT = "SELECT id FROM ticket WHERE window_id = $1 AND state IN ('called', 'serving')"
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
SKILLS = ("general", "special")
_seconds = st.floats(1, 7_199)


@given(st.dictionaries(st.sampled_from(SKILLS), st.lists(_seconds, min_size=1, max_size=12)))
def test_a_pace_is_of_visits_that_were_or_not_known(times: dict[str, list[float]]) -> None:
    pace = _pace(times)
    every = [one for several in times.values() for one in several]
    for skill in SKILLS:
        known = pace.seconds(skill)
        if len(every) < FEWEST:
            assert known is None
        elif known is not None:
            of = times[skill] if len(times.get(skill, [])) >= FEWEST else every
            assert min(of) <= known <= max(of)


@st.composite
def _halls(draw: st.DrawFn) -> tuple[list[WindowView], list[dict[str, object]], Pace]:
    number = draw(st.integers(1, 4))
    windows = [
        WindowView(
            id=uuid4(), hall_id=uuid4(), number=nth, name=str(nth),
            skills=draw(st.lists(st.sampled_from(SKILLS), min_size=1, unique=True)), open=True,
        )
        for nth in range(number)
    ]  # fmt: skip
    rows: list[dict[str, object]] = [
        {"id": uuid4(), "skill": draw(st.sampled_from(SKILLS)), "for_window_id": draw(st.none() | _one(windows)),
         "state": "waiting", "window_id": None, "called_at": None}
        for _ in range(draw(st.integers(0, 12)))
    ]  # fmt: skip
    for window in windows:
        if draw(st.booleans()):
            called = NOW - timedelta(seconds=draw(st.floats(-5, 20_000)))
            at = {"id": uuid4(), "skill": draw(st.sampled_from(SKILLS)), "for_window_id": None, "state": "serving"}
            rows.append({**at, "window_id": window.id, "called_at": called})
    usual = draw(st.dictionaries(st.sampled_from(SKILLS), _seconds))
    return windows, rows, Pace(usual, draw(st.none() | _seconds))


def _one(windows: list[WindowView]) -> st.SearchStrategy[UUID]:
    return st.sampled_from([window.id for window in windows])


@given(_halls())
def test_an_estimate_is_never_negative_and_unknown_without_data(
    hall: tuple[list[WindowView], list[dict[str, object]], Pace],
) -> None:
    windows, rows, pace = hall
    waiting = [row for row in rows if row["state"] == "waiting"]
    forecast = Forecast(waiting, Lines(windows), pace)
    forecast.run(_desks(windows, rows, pace, NOW))
    for row in waiting:
        ahead, low, high = forecast.of(row["id"])  # type: ignore[arg-type]
        assert 0 <= ahead < max(len(waiting), 1)
        assert (low is None) == (high is None)
        if low is not None and high is not None:
            assert 0 <= low <= high
    known = [row for row in waiting if forecast.of(row["id"])[1] is not None]  # type: ignore[arg-type]
    if not pace.by_skill and pace.overall is None:
        # Nobody has ever been served: only who goes straight to a free window can be told anything.
        assert len(known) <= len(windows)


async def test_three_ahead_is_said_once_whatever_the_windows_do(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    """Recalled, skipped, brought back, transferred to and fro, put on hold: the phone buzzes for it once."""
    place = await bookable()
    await queue.set_policy(place.hall.id, every_day=True, walk_in_from=0, walk_in_until=1440)
    await line(place.hall.id, 6)
    clock.advance(seconds=1)
    people = [await as_citizen() for _ in range(3)]
    for one in people:
        ticket = await queue.walk_in_at_kiosk(Anonymous(), place.hall.id, "general", device_id=new_id())
        await db.execute("UPDATE ticket SET person_id = $2 WHERE id = $1", ticket.id, one.person_id)
    windows = [(await make.window(place.hall, number)).id for number in (1, 2)]
    clerks = [(await as_staff("clerk", hall=place.hall.id)).actor for _ in windows]
    chance = Random(20261121)
    told: list[db.Record] = []
    for _ in range(60):
        nth = chance.randrange(2)
        rows = await db.fetch("SELECT id FROM ticket WHERE state NOT IN ('done', 'abandoned') ORDER BY number")
        if not rows:
            break
        with contextlib.suppress(Conflict, InvalidInput, NotFound):
            await _something(chance, clerks[nth], windows[nth], windows[1 - nth], chance.choice(rows)["id"])
        told = await db.fetch("SELECT count(*) AS times FROM inbox WHERE kind = 'queue.soon' GROUP BY person_id")
        assert {row["times"] for row in told} <= {1}
    assert told, "nobody came near: this proves nothing"


async def test_the_message_says_the_number_that_the_phone_shows(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One window does two kinds of business: whoever waits for one waits for the other too. Some may go first."""
    place = await bookable()
    await queue.set_policy(place.hall.id, every_day=True, walk_in_from=0, walk_in_until=1440)
    window = await make.window(place.hall, 1, "general", "police")
    people = [await as_citizen() for _ in range(9)]
    tickets = []
    for nth, one in enumerate(people):
        kind, green = ("general", "police")[nth % 2], Green.PREGNANT if nth in (5, 6) else None
        ticket = await queue.walk_in_at_kiosk(Anonymous(), place.hall.id, kind, green=green, device_id=new_id())
        await db.execute("UPDATE ticket SET person_id = $2 WHERE id = $1", ticket.id, one.person_id)
        tickets.append(ticket)
        clock.advance(seconds=1)
    said: dict[str, int] = {}

    async def heard(message: push.Message, **_: object) -> None:
        if isinstance(message, messages.Soon):
            said[message.ticket_id] = message.ahead

    monkeypatch.setattr(push, "send", heard)
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    told: set[str] = set()
    for deed in ("call", "call", "leave", "call", "leave", "call"):
        said.clear()
        if deed == "call":
            called = await queue.call_next(clerk, window.id)
            assert called is not None
        else:
            await queue.leave(clerk, (await queue.waiting(clerk, place.hall.id))[0].id)
        _live._recent.clear()
        for ticket in tickets:
            shown = (await client.get(f"/api/v1/places/{ticket.code}")).json
            waits, near = shown["state"] == "waiting", shown["ahead"] <= 3 < ticket.ahead
            assert (str(ticket.id) in said) is (waits and near), (deed, shown["number"], shown["ahead"], said)
            assert said.get(str(ticket.id), shown["ahead"]) == shown["ahead"]
        told |= said.keys()
        if deed == "call" and called is not None:
            await queue.finish(clerk, called)
    assert len(told) > 2, "nobody came near: this proves nothing"


async def _something(chance: Random, clerk: Staff, window: UUID, other: UUID, ticket: UUID) -> None:
    """What a window might do next."""
    deed = chance.choice([queue.recall, queue.skip, queue.bring_back, queue.start, queue.hold, queue.finish])
    match chance.randrange(6):
        case 0 | 1 | 2:
            here = await db.fetchval(_AT, window)
            if here is not None:
                await queue.finish(clerk, here)
            await queue.call_next(clerk, window)
        case 3:
            await queue.transfer(clerk, ticket, window_id=other)
        case 4:
            await queue.transfer(clerk, ticket, skill="general")
        case _:
            await deed(clerk, ticket)
