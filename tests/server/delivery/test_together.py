"""The results of a theme: all together with one message, or each as it comes."""

from __future__ import annotations

from uuid import UUID

import pytest

from server import db
from server.features.cases import service as cases
from server.features.delivery import service as delivery
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.booking import key
from tests.factories.cases import CASES, shelved
from tests.factories.family import Family, decide, family, hand_in, reviewer_of
from tests.fixtures_web import Client

pytestmark = pytest.mark.usefixtures("database")


async def _accepted(client: Client, ports: Ports, *, together: bool) -> Family:
    one = await family(client, ports)
    wish = {"method": "counter", "hall_id": str(one.who.office.hall.id), "together": together}
    answer = await hand_in(one, delivery=wish)
    assert answer.status == 200, answer.text
    await cases.accept(one.who.office.clerk.actor, one.who.id)
    return one


async def _ready(one: Family, at: int) -> None:
    row = (await one.rows())[at]
    await shelved(one.who.office.clerk.actor, await reviewer_of(row), row["thread_id"], f"A-0{at}")


async def _told() -> list[UUID]:
    rows = await db.fetch("SELECT thread_id FROM outbox WHERE kind = 'delivery.ready_to_collect' ORDER BY id")
    return [row["thread_id"] for row in rows]


async def test_together_is_one_message_once_all_are_there(client: Client, ports: Ports, clock: Clock) -> None:
    one = await _accepted(client, ports, together=True)
    await decide(one, ports, 0)
    await _ready(one, 0)
    clock.advance(days=40)
    assert (await delivery.remind_uncollected(), await delivery.return_uncollected()) == (0, 0), (
        "nobody was told to come"
    )
    assert await _told() == []
    await decide(one, ports, 1)
    assert await _told() == []
    await _ready(one, 1)
    assert len(await _told()) == 1
    rows = [await one.who.phone.get(f"/api/v1/threads/{row['thread_id']}") for row in await one.rows()]
    codes = [row.json["delivery"]["pickup_code"] for row in rows]
    said = next(
        item["body"]
        for item in (await one.who.phone.get("/api/v1/inbox")).json["items"]
        if item["kind"] == "delivery.ready_to_collect"
    )
    assert any(f"取件码 {code}+1，" in said for code in codes), "one code, and how many more it is collected with"
    clock.advance(days=8)
    assert await delivery.remind_uncollected() == 2, "from here on the days count, for all of them"
    shown = await one.who.screen()
    assert [result["state"] for result in shown["results"]] == ["ready_to_collect"] * 2


async def test_what_waited_for_an_item_that_is_refused_waits_no_more(client: Client, ports: Ports) -> None:
    one = await _accepted(client, ports, together=True)
    await decide(one, ports, 0)
    await _ready(one, 0)
    await decide(one, ports, 1, yes=False)
    assert await _told() == [(await one.rows())[0]["thread_id"]]


async def test_what_waited_for_an_item_that_is_taken_back_waits_no_more(client: Client, ports: Ports) -> None:
    one = await _accepted(client, ports, together=True)
    await decide(one, ports, 0)
    await _ready(one, 0)
    second = (await one.rows())[1]["id"]
    assert (await one.who.phone.post(f"{CASES}/{second}/withdraw", headers=key())).status == 200
    assert await _told() == [(await one.rows())[0]["thread_id"]]


async def test_each_as_it_comes_is_said_each_time(client: Client, ports: Ports) -> None:
    one = await _accepted(client, ports, together=False)
    await decide(one, ports, 0)
    await _ready(one, 0)
    assert len(await _told()) == 1
