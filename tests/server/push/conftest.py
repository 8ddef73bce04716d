from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest

from server import db
from server.config import Settings
from server.features.push.service import _claim, _kinds, _pump
from server.ports import Ports
from server.sandbox.wechat import sending
from tests.factories.identity import as_citizen, as_staff
from tests.factories.push import Sandbox, running, with_sandbox
from tests.factories.told import Told
from tests.fixtures_web import Client, Serving

__all__ = ["Careless", "as_citizen", "as_staff"]

Careless = Callable[..., Awaitable[None]]


@pytest.fixture
async def sandbox(settings: Settings, database: None) -> AsyncIterator[Sandbox]:
    async with running(settings) as found:
        yield found


@pytest.fixture(autouse=True)
def _register() -> Iterator[None]:
    """Kinds that a test defines end with it; the product's own, met for the first time meanwhile, stay."""
    kept = dict(_kinds._kinds)
    yield
    for name, kind in list(_kinds._kinds.items()):
        if not kind.__module__.startswith("server."):
            del _kinds._kinds[name]
    _kinds._kinds.update(kept)


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A round of sending in this process lasts as long as it has something to send, however slow the machine."""
    monkeypatch.setattr(_pump, "ROUND_SECONDS", 600.0)


@pytest.fixture
def held(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Nothing the sandbox is asked to send is answered while this is not set: the test says when, not the machine."""
    opened = asyncio.Event()

    async def wait(_seconds: float) -> None:
        await opened.wait()

    sandbox.world.account.send_latency = 1.0
    monkeypatch.setattr(sending, "asyncio", SimpleNamespace(sleep=wait))
    return opened


async def asked(sandbox: Sandbox) -> None:
    """Wait until somebody has asked the sandbox to send and has no answer yet."""
    async with asyncio.timeout(60):
        while not sandbox.world.sending:  # noqa: ASYNC110 - what the sandbox is doing
            await asyncio.sleep(0.005)


@pytest.fixture
def outside(ports: Ports, sandbox: Sandbox) -> Ports:
    """Ports that reach the sandbox."""
    return with_sandbox(ports, sandbox)


@pytest.fixture
async def told(sandbox: Sandbox, outside: Ports, serving: Serving, client: Client) -> AsyncIterator[Told]:
    app = serving.server.app
    before, app.ctx.ports = app.ctx.ports, replace(outside, limits=app.ctx.ports.limits)
    held = Told(sandbox, outside, f"{serving.base}/wechat/callback")
    held.turn("program")
    held.turn("service")
    yield held
    app.ctx.ports = before


@pytest.fixture
async def careless(database: None, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Careless]:
    """Claims that leave something out: `await careless(("what the function says", "what it says instead"))`."""
    written: str = await db.fetchval("SELECT pg_get_functiondef('outbox_claim'::regproc)")

    async def change(*changes: tuple[str, str]) -> None:
        other = written.replace(".outbox_claim(", ".careless_claim(")
        for said, instead in changes:
            assert said in other
            other = other.replace(said, instead)
        await db.execute(other)
        monkeypatch.setattr(_claim, "_CLAIM", _claim._CLAIM.replace("outbox_claim(", "careless_claim("))

    yield change
    await db.execute("DROP FUNCTION IF EXISTS careless_claim")
