"""The small app, served; each test finds it as if nobody had asked before."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from jinja2 import ChoiceLoader, DictLoader, FileSystemLoader
from sanic import Sanic

import server.app
from server import db
from server.adapters.cache import LocalLimits
from server.config import Settings
from server.kit import ids
from server.ports import Ports
from server.web import html
from tests.clean_state import CleanState
from tests.fixtures_web import Client, Serving, serve
from tests.server.web import small_app
from tests.server.web.small_app import People, World

MakeSmall = Callable[[Settings], Sanic[Any, Any]]


@pytest.fixture(scope="package")
def make_small(ports: Ports) -> MakeSmall:
    """Make the small app under other settings."""

    def make(settings: Settings) -> Sanic[Any, Any]:
        with pytest.MonkeyPatch.context() as patch:
            modules = [SimpleNamespace(blueprint=small_app.blueprint), SimpleNamespace(blueprint=small_app.desk)]
            patch.setattr(server.app, "modules", lambda: modules)
            patch.setattr(server.app, "actors", People())
            return server.app.create_app(settings=settings, ports=replace(ports, limits=LocalLimits()))

    return make


@pytest.fixture(scope="package")
async def small_serving(settings: Settings, make_small: MakeSmall, _clean_state: CleanState) -> AsyncIterator[Serving]:
    await db.execute("CREATE TABLE web_deed (text text)")
    templates = DictLoader({"note.html": "{{ name }}: {{ note }} {{ csrf }} {{ t('web.status.404') }}"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(html.environment(), "loader", ChoiceLoader([templates, FileSystemLoader(html._FOLDERS)]))
        running = await serve(make_small(settings))
        yield running
        await running.stop()
    await db.execute("DROP TABLE web_deed")


@pytest.fixture
async def small(small_serving: Serving, http_session: aiohttp.ClientSession, database: None, ports: Ports) -> Client:
    """A phone in front of the small app."""
    small_app.world.__init__()  # type: ignore[misc]  # the routes hold on to this very one
    small_serving.server.app.ctx.ports = replace(ports, limits=LocalLimits())
    await db.execute("TRUNCATE web_deed")
    return Client(small_serving.base, http_session, {"accept-language": "zh-CN"})


@pytest.fixture(name="world")
def _world(small: Client) -> World:
    """What the small app did during this test."""
    return small_app.world


@pytest.fixture
def key() -> dict[str, str]:
    return {"idempotency-key": str(ids.new_id())}
