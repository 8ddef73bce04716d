"""A session ended on one process is ended on every other within a second: measured, with nothing but the database."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable

import pytest

from server import db
from server.actor import Staff
from server.config import ROOT, Settings
from server.features.identity import service as identity
from tests.factories.identity import AsCitizen, AsStaff, SomeCitizen

# Another web process, as far as sessions go: it resolves the same token again and again and says when it is refused.
WORKER = """
import asyncio, sys, time
from server import db
from server.actor import Staff
from server.config import Settings
from server.features.identity import service as identity

async def run(token):
    await db.connect(Settings.load(env_file=None))
    assert await identity.resolve_bearer(token) is not None
    print("known", flush=True)
    while await identity.resolve_bearer(token) is not None:
        await asyncio.sleep(0.005)
    print(time.time(), flush=True)
    await db.disconnect()

asyncio.run(run(sys.argv[1]))
"""

End = Callable[[SomeCitizen], Awaitable[object]]


async def _log_out(who: SomeCitizen) -> None:
    await identity.logout(who.actor)


async def _disable(who: SomeCitizen) -> None:
    await identity.disable_account(_officer["actor"], who.account_id)


async def _release(who: SomeCitizen) -> None:
    assert who.person_id is not None
    await identity.release_logins(_officer["actor"], who.person_id)


_officer: dict[str, Staff] = {}


@pytest.mark.parametrize("end", [_log_out, _disable, _release])
async def test_ended_here_refused_there(end: End, as_citizen: AsCitizen, as_staff: AsStaff, settings: Settings) -> None:
    _officer["actor"] = (await as_staff("administrator")).actor
    who = await as_citizen()
    environment = {
        "PATH": os.environ["PATH"],
        "ENV": "test",
        "VAR_DIR": str(settings.var_dir),
        "DATABASE_URL": db.address(),
        "SECRETS_FILE": str(settings.secrets_file),
    }
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WORKER, who.token, cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE
    )
    assert other.stdout is not None
    assert (await asyncio.wait_for(other.stdout.readline(), 30)).strip() == b"known"
    await asyncio.sleep(0.2)
    began = time.time()
    await end(who)
    refused_at = float(await asyncio.wait_for(other.stdout.readline(), 10))
    await other.wait()
    assert refused_at - began < 1.0
    assert await identity.resolve_bearer(who.token) is None, "here it ends at once"
