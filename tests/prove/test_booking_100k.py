"""Booking after 100,000 bookings is as quick as at the first 10,000: same process, plans made at the start."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import time
from pathlib import Path
from statistics import median

import pytest

from server import db
from server.actor import Citizen
from server.db import lane
from server.features.booking.schemas import BookIn
from server.features.booking.service import _batch
from server.kit.ids import new_id
from tests.bench.booking import crowd
from tests.factories.booking import Bookable, book, bookable

pytestmark = pytest.mark.timeout(1800)

AT_ONCE = 64
WINDOW = 10_000
FIFTHS = 5
BOOKINGS = 100_000
LEAST = 0.9
_TICKS = os.sysconf("SC_CLK_TCK")


@pytest.fixture(autouse=True)
async def anew(database: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has made no plan yet, on tables without the hundred thousand dead rows of a test before."""
    await db.execute("VACUUM")
    monkeypatch.setattr(_batch, "_lane", db.Lane())


async def rate(place: Bookable, count: int) -> float:
    """Let so many come and book, 64 at once; gives bookings per second of work, here and in PostgreSQL.

    Work, not time: what else the machine does is not ours.
    """
    people = iter(await crowd(count, await db.fetchval("SELECT count(*) FROM person")))
    slots = itertools.cycle([slot.id for slot in (await place.slots())[-500:]])  # none of them begins meanwhile

    async def phone(times: int) -> None:
        for one in itertools.islice(people, times):
            actor = Citizen(account_id=one.account, session_id=new_id(), person_id=one.person)
            await book(actor, BookIn(item_id=place.item_id, slot_id=next(slots)))

    began = await _worked()
    await asyncio.gather(*(phone(count // AT_ONCE) for _ in range(AT_ONCE)))
    return count // AT_ONCE * AT_ONCE / (await _worked() - began)


async def window(place: Bookable) -> float:
    """Let ten thousand book; gives the median of their fifths: a neighbour who wakes up is not seen."""
    return median([await rate(place, WINDOW // FIFTHS) for _ in range(FIFTHS)])


async def _worked() -> float:
    rows = await db.fetch(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'onetrip lane' AND datname = current_database()"
    )
    return time.process_time() + sum(_seconds(row["pid"]) for row in rows)


def _seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


async def test_the_rate_stays(capsys: pytest.CaptureFixture[str]) -> None:
    place = await bookable(capacity=BOOKINGS, confirmation="auto")
    await rate(place, AT_ONCE * 10)  # plans are made, caches filled
    rates = [await window(place) for _ in range(BOOKINGS // WINDOW + 1)]
    booked, taken = await db.fetchval("SELECT count(*) FROM booking"), await db.fetchval("SELECT sum(taken) FROM slot")
    assert booked == taken > BOOKINGS
    with capsys.disabled():
        print(json.dumps({"per_second": [round(one) for one in rates]}))  # noqa: T201 - the figures are the point
    assert rates[-1] >= LEAST * rates[0]


async def test_a_plan_that_reads_whole_tables_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    loose = {"enable_indexscan": "off", "enable_indexonlyscan": "off", "enable_bitmapscan": "off"}
    monkeypatch.setattr(lane, "HELD_TO_INDEXES", lane.HELD_TO_INDEXES | loose | {"enable_seqscan": "on"})
    place = await bookable(capacity=BOOKINGS, confirmation="auto")
    await rate(place, AT_ONCE * 5)
    first = await rate(place, 640)
    await rate(place, 6_400)
    assert await rate(place, 640) < LEAST * first
