"""What is told in public of how people rated says of nobody what they gave: whole batches only, as the rows say."""

from __future__ import annotations

import random
from datetime import timedelta
from uuid import UUID

import pytest

from server import db
from server.features.catalogue import service as catalogue
from server.features.ratings import service as ratings
from server.features.ratings.models import Level
from server.kit import clock
from server.ports import Ports
from tests.factories.identity import AsStaff
from tests.fixtures_web import Client
from tests.server.ratings.hostile import services
from tests.server.ratings.test_rating import RATINGS, finished

FEWEST = ratings.PublicPolicy().fewest
_GIVE = """
UPDATE rating SET state = CASE WHEN $4 THEN 'excluded' ELSE 'given' END, level = $2, given_at = $3, channel = 'web'
WHERE token = $1 RETURNING id
"""


async def gave(*levels: Level, excluded: bool = False, minute: int = 0) -> list[tuple[int, UUID, Level]]:
    at = clock.now().replace(second=0, microsecond=0) + timedelta(minutes=minute)
    tokens = await services(len(levels))
    return [
        (minute, await db.fetchval(_GIVE, token, level.value, at, excluded), level)
        for token, level in zip(tokens, levels, strict=True)
    ]


@pytest.mark.parametrize("seed", range(12))
async def test_whole_batches_as_the_rows_say(client: Client, ports: Ports, seed: int) -> None:
    await finished(client, ports)
    item_id: UUID = await db.fetchval("SELECT item_id FROM rating")
    dice = random.Random(seed)
    counted: list[tuple[int, UUID, Level]] = []
    excluded = 0
    for _ in range(dice.randint(0, 4 * FEWEST)):
        out = dice.random() < 0.2
        rows = await gave(dice.choice(list(Level)), excluded=out, minute=dice.randint(0, 5))
        counted += [] if out else rows
        excluded += out
    shown = await ratings.figures(item_id)
    told = [level for _, _, level in sorted(counted)][: len(counted) // FEWEST * FEWEST]
    assert (shown.number, shown.excluded, shown.told) == (len(counted), excluded, len(told))
    stars = round(sum(level.stars for level in told) / len(told), 2) if told else None
    assert (shown.average, shown.bad) == (stars, sum(level.bad for level in told) if told else None)


async def test_one_more_is_counted_and_what_it_was_waits_for_others(
    client: Client, ports: Ports, as_staff: AsStaff
) -> None:
    await finished(client, ports)
    item_id = str(await db.fetchval("SELECT item_id FROM rating"))

    async def told() -> tuple[int, int, float | None, int | None]:
        found = (await client.get(f"{RATINGS}/figures", params={"item_id": item_id})).json
        return found["number"], found["told"], found["average"], found["bad"]

    await gave(*[Level.SATISFIED] * (FEWEST - 1))
    assert await told() == (FEWEST - 1, 0, None, None)
    await gave(Level.SATISFIED, minute=1)
    assert await told() == (FEWEST, FEWEST, 4, 0)
    await gave(Level.VERY_DISSATISFIED, minute=2)
    assert await told() == (FEWEST + 1, FEWEST, 4, 0), "whoever served them last could else read it from the difference"
    administrator = (await as_staff("administrator")).actor
    span = catalogue.PolicySpan(region_code="341226", first_on=clock.today(), last_on=None, reason="县里公布")
    await catalogue.set_policy(administrator, span, ratings.PublicPolicy(fewest=FEWEST + 1))
    assert await told() == (FEWEST + 1, FEWEST + 1, 3.5, 1), "as many as the area says"
