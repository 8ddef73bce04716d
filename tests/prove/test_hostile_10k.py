"""Ten thousand hostile ratings: one a service, the burst left out, the figures those of the rows."""

from __future__ import annotations

from uuid import UUID

import pytest

from server import db
from server.ports import Ports
from tests.factories.identity import AsCitizen
from tests.fixtures_web import Client
from tests.server.ratings.hostile import attack, attack_over_http, services, stands
from tests.server.ratings.test_rating import finished, rate

# Ten thousand one after the other: minutes, on a machine that does something else besides.
pytestmark = pytest.mark.timeout(1800)


async def test_ten_thousand_hostile_ratings(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    who, own = await finished(client, ports)
    assert (await rate(who.phone, own, level="satisfied")).status == 200
    await db.execute("UPDATE rating SET source = NULL")
    item_id: UUID = await db.fetchval("SELECT item_id FROM rating")
    tokens, people = await services(2_000), [(await as_citizen()).actor for _ in range(3)]
    found = await attack(tokens, 10_000, people=people)
    await attack_over_http(client, tokens)
    await stands(found, item_id)
