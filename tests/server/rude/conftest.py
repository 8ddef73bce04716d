"""The whole app with an outside that knows everybody, and a world in it that one module shares."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from sanic import Sanic

from server.app import create_app
from server.config import Settings
from server.features.identity import service as identity
from server.kit import clock
from server.ports import Ports
from server.web import routing
from server.web.routing import Operation
from tests.clean_state import CleanState
from tests.factories import identity as people
from tests.fixtures_web import Client, Serving, serve
from tests.server.rude.world import World, seed


class Silent:
    """An SMS provider that takes everything."""

    async def send(self, phone: str, template: str, params: dict[str, str]) -> str:  # noqa: ARG002 - the Protocol's shape
        return "1"


@pytest.fixture(scope="module")
def open_ports(ports: Ports) -> Ports:
    """Ports that need no network and say yes: what lies behind them is met too."""
    sms: Any = Silent()
    return replace(ports, wechat=people.WECHAT, sms=sms, identity_check=people.REGISTER)


@pytest.fixture(scope="module")
def app(settings: Settings, open_ports: Ports) -> Sanic[Any, Any]:
    return create_app(settings=settings, ports=open_ports)


@pytest.fixture(scope="module")
def register(app: Sanic[Any, Any]) -> list[Operation]:
    return [operation for _, operation in routing.operations(app)]


@pytest.fixture(scope="module")
async def rude_serving(
    app: Sanic[Any, Any], register: list[Operation], _clean_state: CleanState
) -> AsyncIterator[Serving]:
    running = await serve(app)
    yield running
    await running.stop()


@pytest.fixture(scope="module")
async def world(settings: Settings, open_ports: Ports, _clean_state: CleanState) -> AsyncIterator[World]:
    """Tests of a module share it; those that use it up come last."""
    await _clean_state.restore()
    identity.serve(settings.region)
    try:
        yield await seed(open_ports)
    finally:
        clock.reset()


@pytest.fixture(scope="module")
def stranger(rude_serving: Serving, world: World, http_session: aiohttp.ClientSession) -> Client:
    """A phone that is not logged in."""
    return Client(rude_serving.base, http_session, {"accept-language": "zh-CN", "accept": "application/json"})
