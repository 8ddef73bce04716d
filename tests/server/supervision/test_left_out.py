"""A burst stands in no published figure until somebody has looked at it, and how many do is said beside them."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from server import db
from server.actor import Staff
from server.features.ratings import service as ratings
from server.features.supervision import service as supervision
from server.features.supervision.service import Chosen
from server.kit import clock
from server.ports import Ports
from tests.factories.identity import staff
from tests.fixtures_web import Client
from tests.server.console.desk import at_desk
from tests.server.ratings.hostile import attack, services
from tests.server.ratings.test_rating import finished, rate

MANY = 20


async def told(actor: Staff) -> dict[str, tuple[int, int]]:
    await supervision.count_lately()
    found = (await supervision.figures(actor, Chosen(), supervision.periods(clock.today())[0])).figures
    return {key: (found[key].now.part, found[key].now.whole) for key in ("rated", "rated_bad", "ratings_left_out")}


async def bad() -> int:
    return int(await db.fetchval("SELECT count(*) FROM rating WHERE level LIKE '%dissatisfied'"))


@pytest.mark.parametrize("counted", [True, False])
async def test_until_it_is_looked_at_and_after(client: Client, ports: Ports, counted: bool) -> None:
    who, own = await finished(client, ports)
    assert (await rate(who.phone, own, level="satisfied")).status == 200
    await db.execute("UPDATE rating SET source = NULL")  # an honest one, from somewhere else
    await attack(await services(MANY), MANY)
    supervisor = await staff("supervisor")
    asked = MANY + 1
    quiet = {"rated": (1, asked), "rated_bad": (0, 1), "ratings_left_out": (MANY, 0)}
    assert await told(supervisor.actor) == quiet
    public = await ratings.figures(None)
    assert (public.number, public.looked_into) == (1, MANY)
    reasons = await at_desk(client, supervisor).sees("/console/indicators/ratings_left_out")
    assert re.search(rf">\s*{MANY}\s*<", reasons), "how many are left out is said"
    burst: UUID = await db.fetchval("SELECT id FROM rating_burst")
    await ratings.decide_burst(supervisor.actor, burst, counted=counted, words="核查过了")
    loud = {"rated": (asked, asked), "rated_bad": (await bad(), asked), "ratings_left_out": (0, 0)}
    assert await told(supervisor.actor) == (loud if counted else quiet)
    assert (await ratings.figures(None)).number == (asked if counted else 1)
