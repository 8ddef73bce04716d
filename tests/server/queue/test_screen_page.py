"""The hall's screen in a browser: every call is said once, however often its number was called, and then makes room."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from server.actor import Anonymous, Staff
from server.features.catalogue.service import WindowView
from server.features.queue import service as queue
from server.kit.ids import new_id
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.identity import AsStaff
from tests.fixtures_web import Client
from tests.server.queue.test_live import opened
from tests.server.sandbox.chromium import PATH, Page, browser

pytestmark = pytest.mark.skipif(not PATH.exists(), reason="Chromium is not installed")
# Speaks at once and keeps what it said.
VOICE = """
window.words = [];
window.speechSynthesis.speak = (one) => { words.push(one.text); one.onend(); };
document.getElementById('sound').click();
"""
LARGE = "[...document.querySelectorAll('#now .number')].map((one) => one.textContent)"


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """A browser of its own."""
    async with browser() as opened_page:
        yield opened_page


async def said(page: Page, times: int) -> list[str]:
    """Wait until so much has been said."""
    heard: list[str] = await page.until(f"words.length >= {times} && words")
    return heard


async def shown(client: Client, page: Page, clock: Clock, as_staff: AsStaff) -> tuple[Staff, WindowView]:
    """A hall's screen with its voice on, and a window at which somebody is called."""
    place = await opened()
    await queue.walk_in_at_kiosk(Anonymous(), place.hall.id, "general", device_id=new_id())
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    await page.open(f"{client.base}/screen/{place.hall.id}", 1440, 900)
    await page.until("stream.readyState === EventSource.OPEN")
    await page.look(VOICE)
    return clerk, await make.window(place.hall, 1)


async def test_a_number_called_twice_in_one_second_is_said_twice(
    client: Client, page: Page, as_staff: AsStaff, clock: Clock
) -> None:
    clerk, window = await shown(client, page, clock, as_staff)
    ticket = await queue.call_next(clerk, window.id)
    assert ticket is not None
    await said(page, 1)
    await queue.recall(clerk, ticket)
    assert len(set(await said(page, 2))) == 1


async def test_a_number_is_said_at_every_call(client: Client, page: Page, as_staff: AsStaff, clock: Clock) -> None:
    """Recalled, put back by a pause and called anew, skipped and brought back: never silent."""
    clerk, window = await shown(client, page, clock, as_staff)
    ticket = await queue.call_next(clerk, window.id)
    assert ticket is not None
    assert "B 0 0 1" in (await said(page, 1))[0]
    clock.advance(seconds=5)
    await queue.recall(clerk, ticket)
    await said(page, 2)
    clock.advance(seconds=5)
    await queue.pause(clerk, window.id)
    await queue.reopen(clerk, window.id)
    assert await queue.call_next(clerk, window.id) == ticket
    await said(page, 3)
    clock.advance(seconds=5)
    await queue.skip(clerk, ticket)
    await queue.bring_back(clerk, ticket)
    assert await queue.call_next(clerk, window.id) == ticket
    assert len(set(await said(page, 4))) == 1
    await queue.start(clerk, ticket)
    await page.until(f"{LARGE}.length === 0")
    assert len(await page.look("words")) == 4
    assert page.complaints == []


async def test_a_screen_that_runs_overnight_says_yesterdays_numbers_again(
    client: Client, page: Page, as_staff: AsStaff, clock: Clock
) -> None:
    clerk, window = await shown(client, page, clock, as_staff)
    assert await queue.call_next(clerk, window.id)
    await said(page, 1)
    clock.advance(hours=24)
    await queue.close_day()
    clerk = (await as_staff("clerk", hall=window.hall_id)).actor
    taken = await queue.walk_in_at_kiosk(Anonymous(), window.hall_id, "general", device_id=new_id())
    assert (taken.number, await queue.call_next(clerk, window.id)) == ("B001", taken.id)
    await said(page, 2)


async def test_a_call_that_nobody_answers_makes_room_by_itself(
    client: Client, page: Page, as_staff: AsStaff, clock: Clock
) -> None:
    clerk, window = await shown(client, page, clock, as_staff)
    assert await queue.call_next(clerk, window.id)
    await page.until(f"{LARGE}.join() === 'B001'")
    # Nothing happens but that the time of the hall goes on; no beat comes between, each look is one expression.
    passes = "heard(new Date(Date.parse(shown.calls[0].until) + {ms}).toISOString()), draw(), {look}"
    assert await page.look(passes.format(ms=-1_000, look=LARGE)) == ["B001"]
    assert await page.look(passes.format(ms=1_000, look=LARGE)) == []
    assert (
        await page.look(passes.format(ms=1_000, look="document.querySelector('#last li span').textContent")) == "B001"
    )
