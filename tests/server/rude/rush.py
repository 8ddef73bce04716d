"""Everybody taps for the last places at once, while processes are killed under them. Shared by a test and a proof."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import asyncpg

from server.config import Settings
from server.db import embedded
from server.kit.ids import token
from tests.server.booking.whole import faults
from tests.smoke.processes import ROOT, Place, Running

_PATIENCE = 25.0
# What people are told while the database is away: each has words, and says when to try again.
KIND = {"unavailable", "database_unavailable", "busy"}
BOOKINGS, WALK_INS = "/api/v1/bookings", "/api/v1/walk-ins"
LIVE = "('held', 'requested', 'confirmed', 'checked_in')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One tap that was answered: what was asked with which key, and what came back."""

    person: str
    path: str
    body: Any
    key: str
    status: int
    answer: bytes


@dataclass(slots=True)
class Rush:
    """A crowd, and what it was told. `faults` is what it should not have been told; `keeps` who stays with a place.

    With a `door` (the QR on the hall's `wall`) everybody first takes a number there; `others` are given besides.
    """

    base: str
    item: str
    slots: list[str]
    tokens: list[str]
    chance: Random
    deeds: list[Deed] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    hung_up: int = 0
    turned_away: int = 0
    keeps: float = 0.2
    over: bool = False
    hall: str = ""
    wall: str = ""
    door: str = ""
    others: set[str] = field(default_factory=set)

    async def run(self, trouble: Coroutine[Any, Any, None]) -> None:
        """Let everybody tap for as long as the trouble goes on, and finish what they have begun."""
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            crowd = [asyncio.create_task(self._person(session, one)) for one in self.tokens]
            await trouble
            self.over = True
            await asyncio.gather(*crowd)

    async def again(self) -> None:
        """Send every answered tap once more: the answer must be the same, and say that it is the old one."""
        async with aiohttp.ClientSession() as session:
            for deed in self.deeds:
                if deed.status >= 400:
                    continue
                status, answer, headers = await self._send(session, deed.person, deed.path, deed.body, deed.key)
                if (status, answer) != (deed.status, deed.answer) or headers.get("idempotency-replayed") != "true":
                    self.faults.append(f"{deed.path} again: {status} {answer[:90]!r}")

    async def _person(self, session: aiohttp.ClientSession, person: str) -> None:
        """Book; keep it, or give it back and try for another."""
        if self.door:
            await self._insist(session, person, WALK_INS, {"token": self.door, "skill": "general"})
        while not self.over:
            wish = {"item_id": self.item, "slot_id": self.chance.choice(self.slots)}
            booked = await self._insist(session, person, "/api/v1/bookings", wish)
            if booked.status == 409:
                self._expect(booked, "booking.slot_full")
                await asyncio.sleep(self.chance.uniform(0.05, 0.2))
            elif booked.status == 201 and not self.over:
                await asyncio.sleep(self.chance.uniform(0, 0.1))
                cancel = f"/api/v1/bookings/{json.loads(booked.answer)['id']}/cancel"
                if self.chance.random() >= self.keeps:
                    await self._insist(session, person, cancel, None)
                else:
                    return

    def _expect(self, deed: Deed, code: str) -> None:
        told = json.loads(deed.answer)["code"]
        if told != code:
            # `already_booked` here means: it was done, and the person was never told.
            self.faults.append(f"{deed.path}: {told}")

    async def _insist(self, session: aiohttp.ClientSession, person: str, path: str, body: Any) -> Deed:  # noqa: ANN401 - any JSON
        """Tap until there is an answer, as a phone does: with one key."""
        key, until = token(), time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            try:
                status, answer, headers = await self._send(session, person, path, body, key)
            except (aiohttp.ClientError, TimeoutError):
                self.hung_up += 1
                await asyncio.sleep(0.1)
                continue
            if status == 503 and "retry-after" in headers and json.loads(answer)["code"] in KIND:
                self.turned_away += 1
                await asyncio.sleep(0.1)
                continue
            deed = Deed(person=person, path=path, body=body, key=key, status=status, answer=answer)
            if status not in {200, 201, 409}:
                self.faults.append(f"{path}: {status} {answer[:90]!r}")
            self.deeds.append(deed)
            return deed
        raise TimeoutError(f"{path}: no answer for {_PATIENCE:.0f} seconds")

    async def _send(
        self, session: aiohttp.ClientSession, person: str, path: str, body: Any, key: str  # noqa: ANN401 - any JSON
    ) -> tuple[int, bytes, Any]:  # fmt: skip
        headers = {"authorization": f"Bearer {person}", "idempotency-key": key}
        timeout = aiohttp.ClientTimeout(total=8)
        async with session.post(self.base + path, json=body, headers=headers, timeout=timeout) as response:
            return response.status, await response.read(), response.headers

    def booked(self) -> dict[str, bool]:
        """Every booking that was promised, and whether it still stands."""
        ours = [deed for deed in self.deeds if deed.path.startswith(BOOKINGS)]
        found = {json.loads(deed.answer)["id"]: True for deed in ours if deed.status == 201}
        found |= {json.loads(deed.answer)["id"]: False for deed in ours if deed.status == 200}
        return found

    def numbers(self) -> set[str]:
        """Every number that was promised."""
        return self.others | {json.loads(deed.answer)["number"] for deed in self.deeds if deed.path == WALK_INS}


def seeded(here: Place, web: Running, chance: Random, *, people: int, capacity: int, slots: int) -> Rush:
    """Fill the database of a running web process."""
    words = [sys.executable, "-m", "tests.server.rude.rush_seed", str(people), str(capacity), str(slots)]
    done = subprocess.run(
        words, cwd=ROOT, env=here.environment, capture_output=True, text=True, timeout=180, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    known = json.loads(done.stdout)
    return Rush(
        base=web.base, chance=chance, **{name: known[name] for name in ("item", "hall", "wall", "slots", "tokens")}
    )


async def kill_worker(web: Running, chance: Random) -> None:
    """Kill one web worker at a random moment."""
    await asyncio.sleep(chance.uniform(0.1, 0.6))
    if workers := web.children("--socket"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(chance.choice(workers).pid, signal.SIGKILL)


async def kill_database(var: Path, chance: Random) -> None:
    """Kill PostgreSQL's first process at a random moment; the kernel and its children do the rest."""
    await asyncio.sleep(chance.uniform(0.1, 0.6))
    with contextlib.suppress(ProcessLookupError):
        os.kill(int((var / "pg/data/postmaster.pid").read_text().split("\n", 1)[0]), signal.SIGKILL)


async def whole(web: Running, workers: int) -> None:
    """Wait until so many workers run and one of them answers from the database."""
    until = time.monotonic() + _PATIENCE
    while len(web.children("--socket")) < workers or await asyncio.to_thread(web.answers) != 200:
        if time.monotonic() > until:
            raise TimeoutError("it does not come back")
        await asyncio.sleep(0.1)


async def compare(rush: Rush, here: Place) -> None:
    """Hold what people were told against what is in the database."""
    settings = Settings.load(here.environment, env_file=None)
    connection = await asyncpg.connect(embedded.address(settings))
    rows = await connection.fetch("SELECT id::text, state, slot_id::text FROM booking")
    slots = await connection.fetch(
        "SELECT s.id::text, s.taken, s.capacity, count(b.id) AS booked FROM slot s"
        f" LEFT JOIN booking b ON b.slot_id = s.id AND b.state IN {LIVE} GROUP BY s.id"
    )
    asked = await connection.fetchval("SELECT count(*) FROM step WHERE name = 'booking.requested'")
    tickets = [row["number"] for row in await connection.fetch("SELECT number FROM ticket")]
    rush.faults += await faults(connection.fetch)
    stuck = await connection.fetchval("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'")
    await connection.close()
    told, kept = rush.booked(), {row["id"]: row["state"] != "cancelled" for row in rows}
    if told != kept:
        rush.faults.append(f"told {len(told)}, kept {len(kept)}, different {set(told.items()) ^ set(kept.items())}")
    wrong = [dict(slot) for slot in slots if slot["taken"] != slot["booked"] or slot["taken"] > slot["capacity"]]
    if wrong:
        rush.faults.append(f"slots that are wrong: {wrong}")
    if set(tickets) != rush.numbers() or len(tickets) > len(rush.tokens) + len(rush.others):
        rush.faults.append(f"numbers told {sorted(rush.numbers())}, kept {sorted(tickets)}")
    if asked != len(rows):
        rush.faults.append(f"{len(rows)} bookings have {asked} first steps")
    if stuck:
        rush.faults.append(f"{stuck} sessions are idle in a transaction")
