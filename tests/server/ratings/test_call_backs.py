"""A call that was owed and not made is seen: amber on its last day, red and before the supervisors after it."""

from __future__ import annotations

from datetime import date, timedelta

from server import db
from server.features.ratings import service as ratings
from server.features.supervision import service as supervision
from server.kit.clock import today
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.identity import staff
from tests.fixtures_web import Client
from tests.server.ratings.test_rectifying import do, rated


async def test_a_missed_call_is_red_and_put_before_the_supervisors(client: Client, ports: Ports, clock: Clock) -> None:
    clock.set(clock.now().replace(year=2026, month=9, day=15, hour=4))
    who, _, work = await rated(client, ports)
    manager, supervisor = await staff("hall_manager", hall=who.office.hall.id), await staff("supervisor")
    last: date = await db.fetchval("SELECT call_back_on FROM rectification")

    async def lights() -> set[str]:
        kind = (await supervision.board(supervisor.actor, supervision.Chosen())).kinds["rectifications"]
        shown = next(light for light in ("red", "amber", "green") if getattr(kind, light))
        return {shown, (await ratings.rectification(manager.actor, work)).line.light}

    clock.advance(days=(last - today()).days)
    assert (await lights(), await ratings.escalate()) == ({"amber"}, 0), "its last day"
    clock.advance(days=1)
    assert today() == last + timedelta(days=1)
    assert await lights() == {"red"}
    assert await ratings.escalate() == 1
    assert await ratings.escalate() == 0
    await do("call_back", manager, work)
    assert await lights() == {"green"}


async def test_who_was_not_reached_is_tried_again(client: Client, ports: Ports, clock: Clock) -> None:
    clock.set(clock.now().replace(year=2026, month=9, day=15, hour=4))
    who, _, work = await rated(client, ports)
    manager = await staff("hall_manager", hall=who.office.hall.id)
    clock.advance(days=1)
    await do("call_back", manager, work, reached=False, words="没人接。")
    assert await db.fetchval("SELECT call_back_on FROM rectification") == date(2026, 9, 17)
    clock.advance(days=1)
    assert await ratings.escalate() == 0, "tried in time"
    clock.advance(days=1)
    assert await ratings.escalate() == 1, "and not again"
