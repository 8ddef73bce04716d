"""A web worker whose booking statement no longer counts what is free, on a table that no longer checks it.

Run as `python -m tests.server.rude.unguarded PORT` beside a running web process, whose database it joins. What the same
crowd does to it shows that the crowd could oversell.
"""

from __future__ import annotations

import asyncio
import sys

import asyncpg

from server import main
from server.config import Settings
from server.db import embedded
from server.features.booking.service import _statement
from server.web.serving import listen


async def unlock(settings: Settings) -> None:
    connection = await asyncpg.connect(embedded.address(settings))
    await connection.execute("ALTER TABLE slot DROP CONSTRAINT slot_taken_check")
    await connection.close()


if __name__ == "__main__":
    own = Settings.load(env_file=None)
    asyncio.run(unlock(own))
    _statement.STATEMENT = _statement.statement(guard="true")
    raise SystemExit(main.work(own, listen("127.0.0.1", int(sys.argv[1])).detach()))
