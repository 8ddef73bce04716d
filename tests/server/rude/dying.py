"""Deeds that die at a named statement. The product has no such switch; this puts one in.

Run as `python -m tests.server.rude.dying` beside a running web process, which keeps the database it joins. Each line of
standard input is a wish, each line of output what came of it. Every wish is done by a process of its own, forked from
this one while it holds neither a loop nor a connection: one that dies costs a tenth of a second, not a start.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any, TextIO

import asyncpg

from server import db
from server.config import Settings
from server.errors import Unavailable
from server.features.identity import service as identity
from server.kit import clock
from tests.factories import identity as people
from tests.factories import queue as lines
from tests.server.booking import whole
from tests.server.booking.plain.town import MONDAY
from tests.server.rude.deciding import DECISIONS
from tests.server.rude.deeds import DEEDS

_PATIENCE = 30.0
_NINE = timedelta(hours=9)
# More than any scene has.
PEOPLE = 10


class Fuse:
    """Counts the statements of a deed, and kills before the `at`-th one: this process, or its part of PostgreSQL."""

    def __init__(self, at: int | None, victim: str) -> None:
        self.at, self.victim, self.seen, self.armed = at, victim, 0, False
        self.sent: list[str] = []

    def step(self, connection: asyncpg.Connection, query: str) -> None:
        """Count a statement that is about to be sent."""
        if not self.armed:
            return
        if self.seen == self.at:
            self.blow(connection.get_server_pid())
        self.seen += 1
        self.sent.append(" ".join(query.split()))

    def blow(self, server: int) -> None:
        """Kill. PostgreSQL ends every session when one of them is killed, and recovers."""
        os.kill(server if self.victim == "database" else os.getpid(), signal.SIGKILL)

    def lay(self) -> None:
        """Stand between the product and asyncpg."""
        for name in ("execute", "_execute", "_executemany"):
            setattr(asyncpg.Connection, name, self._counted(name, getattr(asyncpg.Connection, name)))

    def _counted(self, name: str, send: Callable[..., Any]) -> Callable[..., Any]:
        async def counted(connection: asyncpg.Connection, query: str, *args: Any, **more: Any) -> Any:  # noqa: ANN401
            # With arguments `execute` goes on to `_execute`, which counts it.
            if name != "execute" or not args:
                self.step(connection, query)
            return await send(connection, query, *args, **more)

        return counted


async def _open() -> None:
    """Join the database; one that has just been killed comes back within seconds."""
    settings, until = Settings.load(env_file=None), time.monotonic() + _PATIENCE
    while True:
        try:
            await db.connect(settings)
        except (Unavailable, asyncpg.PostgresError, OSError):
            if time.monotonic() > until:
                raise
            await asyncio.sleep(0.05)
            continue
        break
    identity.serve(settings.region)
    clock.advance(MONDAY + _NINE - clock.now())


async def _die(wish: dict[str, Any], say: Callable[[object], None]) -> None:
    """Make the scene, then do the deed with the fuse laid. Says the scene first, then how it ended, if it lived."""
    fuse = Fuse(wish["at"], wish["victim"])
    fuse.lay()
    await _open()
    await db.migrate()
    deed = (DEEDS | DECISIONS)[wish["deed"]]
    scene = await deed.scene()
    say({"scene": scene})
    fuse.armed = True
    try:
        said = await deed.do(scene)
    except (Unavailable, asyncpg.PostgresError) as cut:
        # The database was killed: the person is told to try again, with these words or those of the web skin.
        said = type(cut).__name__
    fuse.armed = False
    if wish["at"] is not None and fuse.seen <= wish["at"]:
        # Done and committed, and nobody has been told yet.
        os.kill(os.getpid(), signal.SIGKILL)
    whole = wish["at"] is None
    say({"said": said, "statements": fuse.seen, "sent": fuse.sent, "after": await deed.look(scene) if whole else None})


async def _mend(wish: dict[str, Any], say: Callable[[object], None]) -> None:
    """Look at what the dead one left, do the deed again as whoever was not answered does, and look once more."""
    await _open()
    deed, scene = (DEEDS | DECISIONS)[wish["deed"]], wish["scene"]
    left = {"faults": await whole.faults(db.fetch), "found": await deed.look(scene)}
    said = await deed.do(scene)
    say({**left, "said": said, "after": await deed.look(scene), "still": await whole.faults(db.fetch)})


def _new_people(nth: int) -> None:
    """Let the factories go on where the last process ended: whoever it made is still there."""
    people._serial, lines._days = count(nth * PEOPLE), count(nth * PEOPLE)


def _say(out: TextIO, said: object) -> None:
    out.write(json.dumps(said) + "\n")
    out.flush()


def forked(nth: int, wish: dict[str, Any]) -> dict[str, Any]:
    """Do one wish in a process of its own; gives everything it said, and the signal it died of."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        with os.fdopen(writing, "w") as out:
            _new_people(nth)
            try:
                asyncio.run({"die": _die, "mend": _mend}[wish["how"]](wish, partial(_say, out)))
            except Exception as failed:  # noqa: BLE001 - the test says what is wrong with it
                _say(out, {"failed": repr(failed)})
        os._exit(0)
    os.close(writing)
    told: dict[str, Any] = {}
    with os.fdopen(reading) as said:
        for line in said:
            told |= json.loads(line)
    _, status = os.waitpid(child, 0)
    return told | {"signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0}


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    for number, wished in enumerate(sys.stdin, 1):
        _say(sys.stdout, forked(number, json.loads(wished)))
