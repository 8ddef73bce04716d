"""The small app, served; each test finds it as if nobody had asked before."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from types import SimpleNamespace

import aiohttp
import pytest
from jinja2 import ChoiceLoader, DictLoader, FileSystemLoader

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


@pytest.fixture(scope="session")
async def small_serving(settings: Settings, ports: Ports, _clean_state: CleanState) -> AsyncIterator[Serving]:
    with pytest.MonkeyPatch.context() as patch:
        modules = [SimpleNamespace(blueprint=small_app.blueprint), SimpleNamespace(blueprint=small_app.desk)]
        patch.setattr(server.app, "modules", lambda: modules)
        patch.setattr(server.app, "_actors", People)
        templates = DictLoader({"note.html": "{{ name }}: {{ note }} {{ csrf }} {{ t('web.status.404') }}"})
        patch.setattr(html.environment(), "loader", ChoiceLoader([templates, FileSystemLoader(html._FOLDERS)]))
        app = server.app.create_app(settings=settings, ports=replace(ports, limits=LocalLimits()))
        await db.execute("CREATE TABLE IF NOT EXISTS web_deed (text text)")
        running = await serve(app)
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
