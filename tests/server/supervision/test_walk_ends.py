"""When a walk ends, what its test person has open is taken back in one go, and the places are free again."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from server import db
from server.features.booking.schemas import BookIn
from server.features.complaints import service as complaints
from server.features.complaints.models import Kind
from server.features.complaints.schemas import ComplaintIn
from server.features.queue import service as queue
from server.features.supervision import service as supervision
from server.kit import clock as clocks
from server.ports import Ports
from tests.conftest import Clock
from tests.factories import going, walks
from tests.factories.booking import book
from tests.factories.cases import begun, submitted
from tests.factories.going import MORNING, Town
from tests.factories.identity import citizen
from tests.fixtures_web import Client

pytestmark = pytest.mark.usefixtures("client")

TAKEN = "SELECT sum(taken)::int FROM slot"


async def place(to: Town, who: walks.SomeWalk, *, days: int = 0, hours: float = 0) -> UUID:
    """Book the first place so far from now."""
    at = clocks.now() + timedelta(days=days, hours=hours)
    slot = next(one for one in await to.places.slots() if one.starts_at >= at)
    return (await book(who.actor, BookIn(item_id=to.at.item_id, slot_id=slot.id))).id


async def states(table: str, person: UUID) -> set[str]:
    rows = await db.fetch(f"SELECT state FROM {table} WHERE person_id = $1", person)
    return {row["state"] for row in rows}


async def test_everything_open_is_taken_back(client: Client, ports: Ports, clock: Clock) -> None:
    clock.set(MORNING)
    to = await going.town(client, ports)
    walk = await walks.walk(to.at.item_id)
    assert await db.fetchval(TAKEN) == 0
    await queue.check_in_at_desk(to.at.clerk.actor, await place(to, walk, hours=1))
    await place(to, walk, days=2)
    case = await submitted(client, ports, to.at, going.as_citizen(walk))
    await complaints.write(walk.actor, ComplaintIn(kind=Kind.GRIEVANCE, words="等得太久。", item_id=to.at.item_id))
    assert await db.fetchval(TAKEN) == 2
    await walk.ends()
    assert await db.fetchval(TAKEN) == 0, "the places are free for somebody else"
    assert await states("booking", walk.person) <= {"cancelled", "expired"}
    assert await states("ticket", walk.person) == {"abandoned"}
    assert await states("case_record", walk.person) == {"withdrawn"}
    assert await states("thread", walk.person) == {"closed"}
    assert await db.fetchval("SELECT state FROM complaint WHERE account_id = $1", walk.actor.account_id) == "withdrawn"
    assert await db.fetchval("SELECT count(*) FROM clock WHERE state = 'running'") == 0
    why = await db.fetchval(
        "SELECT data FROM step WHERE thread_id = $1 AND name = 'supervision.walk_ended'", case.thread_id
    )
    assert "WALK-" in why
    audited = await db.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'supervision.walk_ended'")
    assert audited == 1


async def test_a_place_is_free_again_however_late(client: Client, ports: Ports, clock: Clock) -> None:
    clock.set(MORNING)
    to = await going.town(client, ports)
    walk = await walks.walk(to.at.item_id)
    await place(to, walk, hours=0.5)
    await walk.ends()
    assert (await db.fetchval(TAKEN), await states("booking", walk.person)) == (0, {"cancelled"})


async def test_a_draft_goes_too_and_a_real_persons_stays(client: Client, ports: Ports, clock: Clock) -> None:
    clock.set(MORNING)
    to = await going.town(client, ports)
    walk, real = await walks.walk(to.at.item_id), await citizen()
    await begun(client, ports, to.at, going.as_citizen(walk))
    await begun(client, ports, to.at, real)
    await walk.ends()
    assert await states("case_record", walk.person) == {"withdrawn"}
    assert real.person_id is not None
    assert await states("case_record", real.person_id) == {"draft"}


async def test_who_stands_at_a_window_is_let_go_there(client: Client, ports: Ports, clock: Clock) -> None:
    clock.set(MORNING)
    to = await going.town(client, ports)
    walk = await walks.walk(to.at.item_id)
    await queue.check_in_at_desk(to.at.clerk.actor, await place(to, walk))
    called = await queue.call_next(to.at.clerk.actor, to.window)
    assert called is not None
    await queue.start(to.at.clerk.actor, called)
    await walk.ends()
    assert await states("ticket", walk.person) == {"serving"}
    await queue.finish(to.at.clerk.actor, called)
    assert await states("ticket", walk.person) == {"done"}
    assert await db.fetchval("SELECT count(*) FROM outbox") == 0


async def test_the_last_step_ends_it_and_so_does_a_month(client: Client, ports: Ports, clock: Clock) -> None:
    clock.set(MORNING)
    to = await going.town(client, ports)
    walk, other = await walks.walk(to.at.item_id), await walks.walk(to.at.item_id)
    await place(to, walk, days=1)
    await place(to, other, days=1)
    for step in range(9):
        await supervision.next_step(walk.by.actor, walk.id, step, note="", task=False)
    assert await db.fetchval(TAKEN) == 1
    assert (await client.as_(walk.token).get("/api/v1/me")).status == 401
    clock.advance(days=29)
    assert await supervision.end_forgotten() == 0
    clock.advance(days=2)
    assert (await supervision.end_forgotten(), await supervision.end_forgotten()) == (1, 0)
    assert await states("booking", other.person) == {"cancelled"}
