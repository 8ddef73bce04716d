"""The list of what must not pass on the way of a result: each has its code and words, leaves its row, changes nothing.

What a scan of a certificate must refuse: tests/server/certificates/test_what_must_not_pass.py.
"""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

import aiohttp
import pytest

from server import db
from server.actor import Staff
from server.config import Settings
from server.errors import AppError
from server.features.delivery import service as delivery
from server.features.delivery.models import Attempt
from server.kit import texts
from server.ports import Ports
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.cases import office, ready
from tests.factories.identity import staff
from tests.factories.lockers import Bank, bank, code_of, lockers_near, to_put_in
from tests.factories.parcels import Post, courier_near, ordered, to_send
from tests.fixtures_web import Client
from tests.server.console.desk import at_desk

TABLES = ("delivery", "delivery_receipt", "sending", "sending_event", "courier_order", "locker_cell", "inbox", "step")
Deed = Callable[[], Awaitable[object]]


@pytest.fixture
async def near(
    settings: Settings, ports: Ports, http_session: aiohttp.ClientSession, database: None
) -> AsyncIterator[Bank]:
    async with lockers_near(settings, ports, http_session) as found:
        yield found


@pytest.fixture
async def post(
    settings: Settings, ports: Ports, http_session: aiohttp.ClientSession, database: None
) -> AsyncIterator[Post]:
    async with courier_near(settings, ports, http_session) as found:
        yield found


async def everything() -> list[Any]:
    return [tuple(await db.fetch(f"SELECT * FROM {name} ORDER BY id")) for name in TABLES]


async def left(deed: Deed, reason: str, way: str, *, reads: Staff) -> None:
    """Do it: it is refused with this reason, keeps one row with words in each language, and changes nothing."""
    before, rows = await everything(), await Attempt.all().count()
    # What comes from outside is answered over HTTP, what staff do raises.
    with suppress(AppError):
        await deed()
    assert (await everything(), await Attempt.all().count() - rows) == (before, 1)
    row = await Attempt.all().order_by("-created_at", "-id").first()
    assert row is not None
    assert (row.reason, row.way) == (reason, way)
    newest = (await delivery.attempts(reads)).items[0]
    assert (newest.reason, newest.way) == (reason, texts.text("zh-CN", f"delivery.attempt.{way}"))
    assert newest.reason_text
    assert "{" not in newest.reason_text
    assert texts.find("zh-CN", f"errors.{reason}") != texts.find("en", f"errors.{reason}")


async def test_at_the_counter(client: Client, ports: Ports) -> None:
    at = await office()
    _, code = await ready(client, ports, at)
    clerk = at.clerk.actor
    town = await make.hall("town", region_code="341226100")
    elsewhere = (await staff("clerk", hall=town.id)).actor
    guessed = "00000000" if code != "00000000" else "11111111"
    for reads, deed, reason in (
        (clerk, lambda: delivery.find(clerk, guessed), "delivery.code_unknown"),
        (elsewhere, lambda: delivery.find(elsewhere, code), "delivery.at_other_hall"),
        (clerk, lambda: delivery.wrong_person(clerk, code), "delivery.wrong_person"),
        (clerk, lambda: delivery.check(clerk, code, taker_id=at.hall.id), "delivery.not_for_them"),
        (clerk, lambda: delivery.heard(clerk, "EA000000000CN", "signed"), "delivery.waybill_unknown"),
    ):
        way = "desk" if reason == "delivery.waybill_unknown" else "counter"
        await left(deed, reason, way, reads=reads)
    assert [one.reason for one in (await delivery.attempts(elsewhere)).items] == ["delivery.at_other_hall"]
    auditor = (await staff("auditor")).actor
    assert len((await delivery.attempts(auditor)).items) == 5
    first = await delivery.attempts(auditor, "counter", limit=3)
    rest = await delivery.attempts(auditor, "counter", cursor=first.next)
    assert (len(first.items), len(rest.items), rest.next) == (3, 1, None)


async def test_at_a_locker(near: Bank) -> None:
    at = await office()
    to, other = await bank(at, cells=1), await bank(at, key="other")
    who, row = await to_put_in(near.client, near.ports, at, to)
    _, second = await to_put_in(near.client, near.ports, at, to)
    clerk = at.clerk.actor
    await delivery.place(clerk, row, "S")
    code, nonce = await code_of(who), "n" * 24
    cell = (await delivery.lockers(clerk)).banks[0].cells[0]
    auditor = (await staff("auditor")).actor
    await delivery.fault(clerk, (await delivery.lockers(clerk)).banks[1].cells[0].id)
    for reads, deed, reason in (
        (clerk, lambda: near.types("00000000", nonce=nonce), "delivery.code_unknown"),
        (clerk, lambda: near.types(code, nonce=nonce), "delivery.call_replayed"),
        (clerk, lambda: near.types(code, bank=other.key), "delivery.code_unknown"),
        (auditor, lambda: near.types(code, bank="nowhere"), "delivery.bank_unknown"),
        (auditor, lambda: near.types(code, forged=True), "delivery.call_refused"),
        (clerk, lambda: near.says("fault", 99), "delivery.cell_unknown"),
        (clerk, lambda: near.says("taken", 1), "delivery.cell_shut"),
    ):
        await left(deed, reason, "locker", reads=reads)
    await left(lambda: delivery.place(clerk, second, "S"), "delivery.no_free_cell", "desk", reads=clerk)
    await left(lambda: delivery.mend(clerk, cell.id), "delivery.cell_not_empty", "desk", reads=clerk)


async def test_from_the_courier(post: Post) -> None:
    at = await office()
    await ordered(post, at)
    nonce = "n" * 24
    await post.goes("picked_up", nonce=nonce)
    auditor = (await staff("auditor")).actor

    for deed, reason in (
        (lambda: post.goes("in_transit", anyhow=True, forged=True), "delivery.call_refused"),
        (lambda: post.goes("in_transit", anyhow=True, nonce=nonce), "delivery.call_replayed"),
        (post.tells_of_another, "delivery.waybill_unknown"),
    ):
        await left(deed, reason, "courier", reads=auditor)
    _, second = await to_send(post.client, post.ports, at)
    used = functools.partial(delivery.post, at.clerk.actor, second, post.parcel.waybill)
    await left(used, "delivery.waybill_used", "desk", reads=at.clerk.actor)


async def test_who_proves_nothing_fills_no_table(post: Post, clock: Clock) -> None:
    at = await office()
    await ordered(post, at)
    for _ in range(5):
        await post.goes("in_transit", anyhow=True, forged=True)
    assert await Attempt.filter(reason="delivery.call_refused").count() == 1
    clock.advance(minutes=2)
    await post.goes("in_transit", anyhow=True, forged=True)
    assert await Attempt.filter(reason="delivery.call_refused").count() == 2


async def test_on_its_page_and_gone_after_a_year(client: Client, ports: Ports) -> None:
    at = await office()
    with pytest.raises(AppError):
        await delivery.find(at.clerk.actor, "00000000")
    clerk = at_desk(client, at.clerk)
    assert "delivery.code_unknown" in await clerk.sees("/console/attempts")
    assert "delivery.code_unknown" not in await clerk.sees("/console/attempts", way="courier")
    assert (await at_desk(client, at.reviewer).browser.get("/console/attempts")).status == 403
    assert await delivery.forget_attempts() == 0
    await db.execute("UPDATE delivery_attempt SET created_at = created_at - interval '366 days'")
    assert await delivery.forget_attempts() == 1
