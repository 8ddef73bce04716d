"""What every test may ask for. Fixtures of the web and of people are in their own files, named in `pytest_plugins`."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from server import db
from server.config import Settings
from server.db import embedded
from server.kit import clock as clocks
from tests.clean_state import CleanState

pytest_plugins = [f"tests.{name}" for name in ("fixtures_web",) if Path(__file__).with_name(f"{name}.py").exists()]


@pytest.fixture(scope="session")
def settings() -> Iterator[Settings]:
    """Settings of a test run: nothing from this machine's `.env`, a folder of its own."""
    var = Path(tempfile.mkdtemp(prefix="onetrip-test-"))
    var.chmod(0o711)  # PostgreSQL's user passes through
    environ = {"ENV": "test", "VAR_DIR": str(var), "DATABASE_URL": os.environ.get("TEST_DATABASE_URL", "")}
    yield Settings.load(environ, env_file=None)
    shutil.rmtree(var, ignore_errors=True)


@pytest.fixture(scope="session")
async def _clean_state(settings: Settings) -> AsyncIterator[CleanState]:
    owner = embedded.start(settings, durable=False)
    await db.connect(settings)
    await db.migrate()
    yield await CleanState.remember()
    await db.disconnect()
    owner.stop()


@pytest.fixture
async def database(_clean_state: CleanState) -> None:
    """A migrated database holding exactly what the migrations put there."""
    await _clean_state.restore()


class Clock:
    """Moves the product's time for one test."""

    now = staticmethod(clocks.now)
    today = staticmethod(clocks.today)

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        clocks.advance(timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds))


@pytest.fixture
def clock() -> Iterator[Clock]:
    yield Clock()
    clocks.reset()


@pytest.fixture(autouse=True)
def _only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that leaves this machine, so no test depends on the internet or reaches somebody."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:  # noqa: ANN401 - as the socket module has it
        if self.family in {socket.AF_INET, socket.AF_INET6} and not ip_address(address[0]).is_loopback:
            pytest.fail(f"a test tried to reach {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
