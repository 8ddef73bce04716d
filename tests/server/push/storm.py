"""A provider that fails often and workers that are killed, over and over: what must hold however long it goes on."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from server import db
from server.config import ROOT
from server.features.push import service as push
from server.ports import Ports
from server.sandbox.faults import Fault
from tests.conftest import Clock
from tests.factories.push import Hello, Reached, Sandbox, reached, say, tallied

SEND = "/cgi-bin/message/subscribe/send"
_ACCEPTED = (
    "SELECT outbox.id, attempt, event FROM outbox JOIN inbox ON inbox.id = inbox_id"
    " WHERE outbox.state = $1 AND channel = 'wechat'"
)
_OPEN = "SELECT count(*) FROM outbox WHERE ended_at IS NULL AND channel = 'wechat'"
# Time passes faster than it does: waits are over at once, and a dead worker's leases with its death.
_NO_WAITS = "UPDATE outbox SET run_at = now() WHERE state = 'pending' AND run_at > now()"
_LEASES_OVER = "UPDATE outbox SET lease_until = now() - interval '1 second' WHERE state = 'sending'"


@dataclass(slots=True)
class Storm:
    """What came of it. `unwritten` were accepted and not yet written back when a worker was killed, `lost` are answers
    that never came."""

    messages: int
    kills: int
    unwritten: int
    lost: int
    duplicates: int
    states: Counter[str]
    by_sms: int
    never_seen: list[str]


_WITHOUT_FENCE = """
from server.features.push.service import _claim
fence = "outbox.attempt = done.attempt"
for name in ("_RECORD", "_SENT"):
    assert fence in getattr(_claim, name)
    setattr(_claim, name, getattr(_claim, name).replace(fence, "true"))
from server.cli import main
import sys
sys.exit(main(["worker"]))
"""


def environment(sandbox: Sandbox) -> dict[str, str]:
    """What a process of ours is told, so that it works beside this one."""
    settings = sandbox.settings
    told = {
        "ENV": "test",
        "VAR_DIR": str(settings.var_dir),
        "DATABASE_URL": settings.database_url,
        "WECHAT_API_BASE": settings.wechat_api_base,
        "WECHAT_APPID": settings.wechat_appid,
        "WECHAT_SECRET": settings.wechat_secret,
        "SMS_API_BASE": settings.sms_api_base,
        "SMS_SECRET_ID": settings.sms_secret_id,
        "SMS_SECRET_KEY": settings.sms_secret_key,
        "SMS_APP_ID": settings.sms_app_id,
        "SMS_SIGN": settings.sms_sign,
        "LOG_LEVEL": "WARNING",
    }
    return {**os.environ, **told}


@contextmanager
def worker(sandbox: Sandbox, *, fenced: bool = True) -> Iterator[subprocess.Popen[bytes]]:
    """A real worker process; `fenced` or with the fence taken out of what it writes."""
    what = ["-m", "server", "worker"] if fenced else ["-c", _WITHOUT_FENCE]
    running = subprocess.Popen([sys.executable, *what], cwd=ROOT, env=environment(sandbox))
    try:
        yield running
    finally:
        running.kill()
        running.wait()


async def answered(sandbox: Sandbox) -> None:
    """What a dead worker had asked for is answered all the same, to nobody."""
    async with asyncio.timeout(30):
        while sandbox.world.sending:  # noqa: ASYNC110 - what the sandbox is still doing
            await asyncio.sleep(0.01)


class Weather:
    """Faults by chance: 20 % HTTP 500, 8 % reset, 2 % accepted with the answer lost."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self.calls = 0
        self.lost = 0

    def take(self, path: str) -> tuple[float, Fault | None]:
        """Choose what happens to one call."""
        drawn = self._chance.random() if path == SEND else 1.0
        self.calls += path == SEND
        if drawn < 0.20:
            return 0.0, Fault(path=path, kind="http", status=500)
        if drawn < 0.28:
            return 0.0, Fault(path=path, kind="reset")
        if drawn < 0.30:
            self.lost += 1
            return 0.0, Fault(path=path, kind="drop_after_commit")
        return 0.0, None


async def storm(sandbox: Sandbox, outside: Ports, clock: Clock, *, people: int, each: int, kills: int) -> Storm:
    """Send through bad weather, kill so often, then let it end."""
    sandbox.world.account.send_latency = 0.03
    told = [await reached(sandbox, credits=each * 3) for _ in range(people)]
    for turn in range(each):
        for number, to in enumerate(told):
            name = f"{turn}-{number}"
            await say(to, Hello(note=name), dedupe=name)
    weather = Weather(seed=kills)
    sandbox.world.faults.take = weather.take  # type: ignore[method-assign]
    unwritten: set[tuple[UUID, int]] = set()
    for _ in range(kills):
        with worker(sandbox) as running:
            await _progress(weather, running, (people * each) // (kills + 2))
            running.send_signal(signal.SIGKILL)
            running.wait()
        await answered(sandbox)
        seen = _seen(sandbox, told)
        held = await db.fetch(_ACCEPTED, "sending")
        unwritten |= {(row["id"], row["attempt"]) for row in held if seen[row["event"]]}
        await db.execute(_LEASES_OVER)
    await _to_the_end(outside, clock)
    await tallied()
    seen = _seen(sandbox, told)
    sent = [row["event"] for row in await db.fetch(_ACCEPTED, "sent")]
    return Storm(
        messages=people * each,
        kills=kills,
        unwritten=len(unwritten),
        lost=weather.lost,
        duplicates=seen.total() - len(seen),
        states=Counter(row["state"] for row in await db.fetch("SELECT state FROM outbox WHERE channel = 'wechat'")),
        by_sms=await db.fetchval("SELECT count(*) FROM outbox WHERE channel = 'sms'"),
        never_seen=[name for name in sent if not seen[name]],
    )


def check(found: Storm) -> None:
    """Hold what was promised against what came of it."""
    assert found.never_seen == []
    assert found.states.total() == found.messages
    assert set(found.states) <= {"sent", "dead"}
    # What was doubted twice is given up here and goes on by SMS.
    assert found.states["dead"] == found.by_sms
    assert found.states["sent"] > found.messages / 2
    assert found.duplicates <= found.unwritten + found.lost, found


async def _progress(weather: Weather, running: subprocess.Popen[bytes], calls: int) -> None:
    """Wait until a worker has asked so often, or has nothing more to ask."""
    begun = weather.calls
    try:
        async with asyncio.timeout(180):
            while weather.calls - begun < calls and await db.fetchval(_OPEN):
                assert running.poll() is None, "the worker ended by itself"
                await db.execute(_NO_WAITS)
                await asyncio.sleep(0.05)
    except TimeoutError:
        left = await db.fetch("SELECT state, reason, channel, count(*) FROM outbox GROUP BY 1, 2, 3")
        channel = await db.fetch("SELECT name, paused_until, probing, reason FROM channel")
        raise AssertionError(f"no progress after {weather.calls - begun} calls: {left} {channel}") from None


async def _to_the_end(outside: Ports, clock: Clock) -> None:
    async with asyncio.timeout(600):
        while await db.fetchval("SELECT count(*) FROM outbox WHERE channel = 'wechat' AND ended_at IS NULL"):
            while await push.deliver(outside, push.Channel.WECHAT):
                pass
            clock.advance(seconds=70)


def _seen(sandbox: Sandbox, told: list[Reached]) -> Counter[str]:
    return Counter(message.fields[4].value for to in told for message in sandbox.messages(to.phone))
