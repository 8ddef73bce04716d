"""A phone's view: the real app on a real socket in the tests' own loop."""

from __future__ import annotations

import json as jsonlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
import pytest
from sanic import Sanic

from server import wiring
from server.app import create_app
from server.config import Settings
from server.ports import Ports
from server.web.serving import Server, listen
from tests.clean_state import CleanState

Sanic.test_mode = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever was answered
        """Decode the body."""
        return jsonlib.loads(self.body)

    @property
    def text(self) -> str:
        """Decode the body as text."""
        return self.body.decode()


@dataclass(frozen=True, slots=True)
class Client:
    """Sends requests: `await client.post("/api/v1/bookings", json={…}, headers={…})`."""

    base: str
    session: aiohttp.ClientSession
    headers: Mapping[str, str]

    def as_(self, token: str) -> Client:
        """Send the bearer token of a citizen from here on."""
        return self.with_(authorization=f"Bearer {token}")

    def in_console(self, cookie: str) -> Client:
        """Send the session cookie of a member of staff from here on."""
        return self.with_(cookie=f"onetrip_console={cookie}")

    def with_(self, **headers: str) -> Client:
        """Send more headers from here on; `_` stands for `-`."""
        return replace(self, headers={**self.headers, **{name.replace("_", "-"): v for name, v in headers.items()}})

    async def request(self, method: str, path: str, **options: Any) -> Answer:
        """Send one request. Redirects are answers, not followed."""
        options["headers"] = {**self.headers, **(options.get("headers") or {})}
        options.setdefault("allow_redirects", False)
        async with self.session.request(method, self.base + path, **options) as response:
            return Answer(response.status, response.headers, await response.read())

    async def get(self, path: str, **options: Any) -> Answer:
        return await self.request("GET", path, **options)

    async def post(self, path: str, **options: Any) -> Answer:
        return await self.request("POST", path, **options)

    async def put(self, path: str, **options: Any) -> Answer:
        return await self.request("PUT", path, **options)

    async def delete(self, path: str, **options: Any) -> Answer:
        return await self.request("DELETE", path, **options)


@dataclass(slots=True)
class Serving:
    """A running app and where it is."""

    base: str
    server: Server

    async def stop(self) -> None:
        await self.server.stop()


async def serve(app: Sanic[Any, Any]) -> Serving:
    """Start an app on a free port of the loopback."""
    listening = listen("127.0.0.1", 0)
    base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = Server(app)
    await server.start(listening)
    return Serving(base, server)


@pytest.fixture(scope="session")
def ports(settings: Settings) -> Ports:
    """What stands behind the ports in tests: the same as in a demo, without a network."""
    return wiring.ports(settings)


@pytest.fixture(scope="session")
async def serving(settings: Settings, ports: Ports, _clean_state: CleanState) -> AsyncIterator[Serving]:
    """Serve the whole app once per test run."""
    running = await serve(create_app(settings=settings, ports=ports))
    yield running
    await running.stop()


@pytest.fixture(scope="session")
async def http_session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield session


@pytest.fixture
def client(serving: Serving, http_session: aiohttp.ClientSession, database: None) -> Client:
    """A phone that is not logged in and reads Chinese. `client.as_(token)` logs it in."""
    return Client(serving.base, http_session, {"accept-language": "zh-CN"})
