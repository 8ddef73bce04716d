"""A whole walk of a test person moves no figure; the same way gone by a real person moves every one of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest

from server import db
from server.errors import Conflict
from server.features.booking import service as booking
from server.features.cases import service as cases
from server.features.certificates import service as certificates
from server.features.complaints import service as complaints
from server.features.complaints.schemas import PublicQuery
from server.features.queue import service as queue
from server.features.queue.service import _crowd, _pace
from server.features.ratings import service as ratings
from server.features.ratings.service import _yearly
from server.features.supervision import service as supervision
from server.features.supervision.service import Chosen
from server.features.thread import service as thread
from server.features.thread.service import _watching
from server.kit import clock
from server.ports import Ports
from tests.conftest import Clock
from tests.factories import going, walks
from tests.factories.going import MORNING, Town
from tests.factories.identity import citizen, staff
from tests.fixtures_web import Client

EVERYWHERE = thread.Watcher(None, None)
LATER, NEXT_YEAR = timedelta(days=3), timedelta(days=30)
FIGURE = "SELECT month, department_id, hall_id, label, part, whole FROM figure WHERE key = $1"
Figures = dict[str, Any]


async def now(to: Town) -> Figures:
    """What is told of this moment."""
    await supervision.count_lately()
    found: Figures = {}
    for kind in thread.watched():
        found[f"light {kind}"] = sorted(map(str, await thread.lights(kind, EVERYWHERE)))
    for key in thread.measured():
        rows = await db.fetch(FIGURE, key)
        found[f"figure {key}"] = sorted(str(tuple(row.values())) for row in rows)
    drawn = await cases.drawn_by(
        "seed", 100, date(2026, 12, 1), date(2027, 1, 1), department_id=None, hall_id=None, within=EVERYWHERE
    )
    who = await staff("supervisor")
    month = supervision.period("2026-12")
    return found | {
        "public": await ratings.figures(None),
        "public of the item": await ratings.figures(to.at.item_id),
        "score": await supervision.published_score("zh-CN", "341226"),
        "export": await supervision.figures_csv(who.actor, Chosen(), month),
        "sampling": drawn,
        "certificates": [(row.key, row.valid) for row in await certificates.types()],
        "public answers": (await complaints.public_answers("zh-CN", PublicQuery())).items,
        "messages": await db.fetchval("SELECT count(*) FROM outbox"),
        "tallies": await db.fetchval("SELECT count(*) FROM push_tally"),
        "bursts": await db.fetchval("SELECT count(*) FROM rating WHERE source IS NOT NULL"),
    }


async def later(to: Town) -> Figures:
    """What is told of days that are over."""
    clock.advance(NEXT_YEAR)
    year = await _yearly._year(to.at.clerk.actor.staff_id, 2026, None)
    clock.advance(LATER - NEXT_YEAR)
    try:
        _pace.forget()
        manager, hall = await staff("hall_manager", hall=to.at.hall.id), to.at.hall.id
        span = ([hall], clock.today() - timedelta(days=28), clock.today())
        return {
            "yearly": year,
            "pace": await db.fetch(_pace.TIMES, hall, span[1], _pace.LONGEST, _pace.RECENT),
            "crowd": await db.fetch(_crowd.PAST, *span),
            "days": await db.fetch(_crowd.DAYS, *span),
            "missed": await booking.missed(manager.actor, hall),
            "windows": str(await queue.window_load(manager.actor, hall)),
        }
    finally:
        clock.advance(-LATER)


async def moved(to: Town, stops: AsyncIterator[str]) -> dict[str, str]:
    """Name each figure that moved, and at which stop first; what is told of the past moves at the end."""
    first, past = await now(to), await later(to)
    found: dict[str, str] = {}
    async for stop in stops:
        seen = await now(to)
        for key in first:
            if seen[key] != first[key]:
                found.setdefault(key, stop)
    seen = await later(to)
    return found | {key: "later" for key in past if seen[key] != past[key]}


# What the way does not come by, whoever goes it: tests of their own have a plain look at each (test_every_figure).
NOT_ON_THE_WAY = {
    "light opinions", "light assignments", "light data_requests", "light results", "figure deficiency_coverage",
    "figure sampled_sound", "figure in_ten_seconds", "figure ratings_left_out", "figure called_back",
    "figure rectified_in_time", "public answers", "tallies",
}  # fmt: skip


async def test_a_test_person_moves_no_figure(client: Client, ports: Ports, clock: Clock) -> None:
    clock.set(MORNING)
    to = await going.town(client, ports)
    walk = await walks.walk(to.at.item_id)
    assert await moved(to, going.way(to, going.as_citizen(walk))) == {}
    marked = "SELECT count(*) FROM rating WHERE state = 'given' AND thread_id >= 'ffffffff-0000-0000-0000-000000000000'"
    assert await db.fetchval(marked) == 2, "both the visit and the case were rated"
    assert await db.fetchval("SELECT count(*) FROM rectification") == 0
    written = await db.fetchval("SELECT id FROM complaint WHERE account_id = $1", walk.actor.account_id)
    with pytest.raises(Conflict, match="moved_on"):
        await complaints.publish(
            (await staff("supervisor")).actor, written, question="还要多久？", answer="五个工作日。"
        )


async def test_what_is_granted_is_a_specimen_and_goes_nowhere(client: Client, ports: Ports, clock: Clock) -> None:
    clock.set(MORNING)
    to = await going.town(client, ports)
    walk = await walks.walk(to.at.item_id)
    async for _ in going.way(to, going.as_citizen(walk)):
        pass
    phone = client.as_(walk.token)
    (card,) = (await phone.get("/api/v1/certificates")).json
    shown = await phone.post(f"/api/v1/certificates/{card['id']}/presentations")
    token = shown.json["urls"][0].rpartition("/")[2]
    check = await client.post("/api/v1/certificates/checks", json={"token": token})
    assert (check.status, check.json["sample"]) == (200, True), check.text
    assert await db.fetchval("SELECT count(*) FROM delivery") == 0
    assert await db.fetchval("SELECT count(*) FROM thread WHERE person_id = $1 AND state = 'open'", walk.person) == 0


@pytest.mark.parametrize(("kind", "index"), [("accept", "case_accept_lights"), ("decide", "case_decide_lights")])
async def test_the_board_still_counts_from_the_index_alone(client: Client, kind: str, index: str) -> None:
    async with db.tx():
        await db.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        sql = _watching._COUNTED.format(open=thread.watched()[kind].open)
        plan = await db.fetch(f"EXPLAIN {sql}", clock.today(), "{}", None, None)
    assert f"Index Only Scan using {index}_index" in "\n".join(row[0] for row in plan)


async def test_the_same_way_gone_by_a_real_person_moves_every_figure(
    client: Client, ports: Ports, clock: Clock
) -> None:
    clock.set(MORNING)
    to = await going.town(client, ports)
    every = {*await now(to), *await later(to)}
    assert set(await moved(to, going.way(to, await citizen(name="张桂兰")))) == every - NOT_ON_THE_WAY
