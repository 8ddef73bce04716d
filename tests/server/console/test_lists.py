"""The lists of a front desk are searched, narrowed and paged by one part, whatever they list."""

from __future__ import annotations

import functools
import re
from dataclasses import replace

import pytest

from server.console import queue, registers
from server.console.paging import part
from server.features.booking.schemas import BookIn
from server.ports import Ports
from tests.factories import catalogue as make
from tests.factories.booking import book, bookable
from tests.factories.cases import ON_THE_SPOT, granted, office, ready
from tests.factories.identity import AsCitizen, AsStaff
from tests.factories.queue import line
from tests.fixtures_web import Client
from tests.server.console.desk import at_desk


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of two, so that few rows fill several."""
    monkeypatch.setattr(queue, "part", lambda rows, query, *_: part(rows, query, 2))
    monkeypatch.setattr(registers, "SHOWN", 2)


def turned(page: str, which: str) -> str:
    """Read where a pager's link leads."""
    found = re.search(rf'href="([^"]+)" data-page="{which}"', page)
    assert found, f"no way {which}"
    return found[1].replace("&amp;", "&")


async def test_a_day_of_bookings(client: Client, as_citizen: AsCitizen, as_staff: AsStaff) -> None:
    at = await bookable(capacity=3)
    slot = next(one for one in await at.slots())
    made = [await book((await as_citizen()).actor, BookIn(item_id=at.item_id, slot_id=slot.id)) for _ in range(3)]
    numbers = sorted(one.number for one in made)
    desk = at_desk(client, await as_staff("clerk", hall=at.hall.id))
    day = functools.partial(desk.sees, "/console/bookings", day=slot.starts_at.date().isoformat())
    first = await day()
    assert [f">{one}<" in first for one in numbers] == [True, True, False]
    second = await desk.sees(turned(first, "next"))
    assert [f">{one}<" in second for one in numbers] == [False, False, True]
    assert f">{numbers[0]}<" in await desk.sees(turned(second, "back"))
    found = await day(q=numbers[1])
    assert [f">{one}<" in found for one in numbers] == [False, True, False]
    assert "没有符合条件" in await day(q="登月")
    assert f">{numbers[2]}<" in await day(sort="-time")
    assert 'value="requested" selected' in await day(state="requested")


async def test_results(client: Client, ports: Ports) -> None:
    at = await office()
    made = [(await ready(client, ports, at))[0] for _ in range(3)]
    other = await granted(client, ports, replace(at, guide=await make.guide(**ON_THE_SPOT)))
    numbers = [one.case["number"] for one in made]
    desk = at_desk(client, at.clerk)
    first = await desk.sees("/console/results")
    assert [one in first for one in numbers] == [True, True, False]
    assert numbers[2] in await desk.sees(turned(first, "next"))
    assert numbers[2] in await desk.sees("/console/results", sort="-since")
    found = await desk.sees("/console/results", q=other.case["number"])
    assert other.case["number"] in found
    assert not any(one in found for one in numbers)


async def test_the_line(client: Client, as_staff: AsStaff) -> None:
    hall = await make.county()
    await make.window(hall, 1)
    await line(hall.id, 3)
    desk = at_desk(client, await as_staff("clerk", hall=hall.id))
    first = await desk.sees("/console/queue")
    numbers = sorted(set(re.findall(r">(B\d{5})<", first)))
    assert len(numbers) == 2
    second = await desk.sees(turned(first, "next"))
    (last,) = set(re.findall(r">(B\d{5})<", second))
    assert last not in numbers
    found = await desk.sees("/console/queue/tickets", q=last.lower())
    assert re.findall(r">(B\d{5})<", found) == [last]
