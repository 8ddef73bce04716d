"""What every test may ask for. Fixtures of the web and of people are in their own files, named in `pytest_plugins`."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import hypothesis
import pytest

from server import db
from server.config import Settings
from server.db import embedded
from server.features.identity import service as identity
from server.kit import clock as clocks
from server.kit import ids
from tests.clean_state import CleanState

# How long an example takes says something of the machine, not of what is tested.
hypothesis.settings.register_profile(
    "any-machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any-machine")

pytest_plugins = ["tests.fixtures_web", "tests.factories.identity"]

_SERVER = os.environ.get("DATABASE_URL", "")
_LONGEST = tuple(Path(__file__).parent / name for name in ("e2e", "smoke"))
_REDIS_DATABASES = 16


def _redis_of_its_own() -> None:
    """Of processes beside each other (`-n 2`) the first has the Redis database it is told, the next the one below."""
    told, number = os.environ.get("REDIS_URL", ""), int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    if told and number:
        address = urlsplit(told)
        below = (int(address.path.strip("/") or 0) - number) % _REDIS_DATABASES
        os.environ["REDIS_URL"] = urlunsplit(address._replace(path=f"/{below}"))


_redis_of_its_own()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that processes beside each other end together."""
    items.sort(key=lambda item: not any(item.path.is_relative_to(folder) for folder in _LONGEST))


@pytest.fixture(scope="session")
def settings() -> Iterator[Settings]:
    """Settings of a test run: nothing from this machine's `.env`, a folder and a database of its own."""
    var = Path(tempfile.mkdtemp(prefix="onetrip-test-"))
    var.chmod(0o711)  # PostgreSQL's user passes through
    name = f"onetrip_test_{os.getpid()}_{ids.token(32).lower().replace('-', '_')}"
    url = urlunsplit(urlsplit(_SERVER)._replace(path=f"/{name}")) if _SERVER else ""
    environ = {"ENV": "test", "VAR_DIR": str(var), "DATABASE_URL": url, "REDIS_URL": os.environ.get("REDIS_URL", "")}
    yield Settings.load(environ, env_file=None)
    shutil.rmtree(var, ignore_errors=True)


async def _on_server(sql: str) -> None:
    connection = await asyncpg.connect(_SERVER)
    await connection.execute(sql)
    await connection.close()


@pytest.fixture(scope="session")
async def _empty_database(settings: Settings) -> AsyncIterator[None]:
    """A database of this run: on the server of `DATABASE_URL`, else in a PostgreSQL of its own without fsync."""
    if not settings.database_url:
        owner = embedded.start(settings, durable=False)
        yield
        owner.stop()
        return
    name = urlsplit(settings.database_url).path.removeprefix("/")
    await _on_server(f"CREATE DATABASE {name} ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    yield
    await _on_server(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
async def _clean_state(settings: Settings, _empty_database: None) -> AsyncIterator[CleanState]:
    await db.connect(settings)
    await db.migrate()
    yield await CleanState.remember()
    await db.disconnect()


@pytest.fixture
async def database(_clean_state: CleanState, settings: Settings) -> None:
    """A migrated database holding exactly what the migrations put there, and the county as every process is told it."""
    await _clean_state.restore()
    identity.serve(settings.region)


class Clock:
    """Moves the product's time for one test."""

    now = staticmethod(clocks.now)
    today = staticmethod(clocks.today)

    def set(self, at: datetime) -> None:
        clocks.advance(at - clocks.now())

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        clocks.advance(timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds))


@pytest.fixture
def clock() -> Iterator[Clock]:
    yield Clock()
    clocks.reset()


def _allowed() -> set[str]:
    host = urlsplit(_SERVER).hostname
    return {str(found[4][0]) for found in socket.getaddrinfo(host, None)} if host else set()


@pytest.fixture(scope="session", autouse=True)
def _only_loopback() -> Iterator[None]:
    """Refuse every connection that leaves this machine, so no test depends on the internet or reaches somebody."""
    allowed = _allowed()

    def guarded(self: socket.socket, address: Any) -> None:  # noqa: ANN401 - as the socket module has it
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            host = address[0]
            if host != "localhost" and host not in allowed and not ip_address(host).is_loopback:
                raise PermissionError(f"a test tried to reach {host}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        connect = socket.socket.connect
        patch.setattr(socket.socket, "connect", guarded)
        yield
