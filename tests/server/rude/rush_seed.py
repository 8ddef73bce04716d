"""Fill the database of a running web process: one item, a few last places, a crowd of people. Prints them as JSON.

Run as `python -m tests.server.rude.rush_seed PEOPLE CAPACITY SLOTS` with the environment of the web process: a process
of its own, because a process has one pool and the tests' is taken.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys

from server import db
from server.config import Settings
from server.features.identity import service as identity
from server.features.queue import service as queue
from tests.factories.booking import bookable
from tests.factories.identity import citizen


async def main(people: int, capacity: int, wanted: int) -> None:
    logging.disable(logging.CRITICAL)
    settings = Settings.load(env_file=None)
    await db.connect(settings)
    await db.migrate()
    identity.serve(settings.region)
    place = await bookable(capacity=capacity)
    slots = (await place.slots())[-wanted:]
    crowd = [await citizen() for _ in range(people)]
    await queue.set_policy(place.hall.id, every_day=True, walk_in_from=0, walk_in_until=1440)
    known = {
        "item": str(place.item_id),
        "hall": str(place.hall.id),
        "wall": await queue.hall_token(place.hall.id),
        "slots": [str(slot.id) for slot in slots],
        "tokens": [one.token for one in crowd],
    }
    sys.stdout.write(json.dumps(known) + "\n")
    await db.disconnect()


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
