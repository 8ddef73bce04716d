"""Puts the web process together: settings, ports and every blueprint there is.

How a feature joins, without being listed anywhere:

* `server/features/<noun>/routes.py`, `server/phone/*.py` and `server/console/*.py` each expose `blueprint`. They are
  found by name, in alphabetical order, so two starts are alike.
* The same module may define `async def on_start(app: Sanic) -> None` and `on_stop`; they run in each web process after
  the database is open and before it closes. Numbers for `/metrics` are registered there.
* `server.features.identity.service` answers who a token belongs to: `resolve_bearer` and `resolve_staff`.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from sanic import HTTPResponse, Request, Sanic
from sanic.config import Config
from sanic.exceptions import NotFound as SanicNotFound
from sanic.exceptions import RequestCancelled

from server.config import Settings
from server.features.identity import service as identity
from server.ports import Ports
from server.web import asking, docs, events, finishing, h5, health, problems, routing

_HERE = Path(__file__).resolve().parent
MOST_BODY_BYTES = 1 << 20

# Who a token or a cookie belongs to.
actors: asking.Actors = identity


def create_app(*, settings: Settings, ports: Ports) -> Sanic[Any, Any]:
    """Make the app. It opens nothing: `main` (or a test) opens the database around it."""
    app: Sanic[Any, Any] = Sanic("onetrip", config=_config(settings), configure_logging=False)
    app.ctx.settings = settings
    app.ctx.ports = ports
    app.ctx.actors = actors
    app.blueprint(health.blueprint)
    app.blueprint(docs.blueprint)
    for module in modules():
        app.blueprint(module.blueprint)
        if hasattr(module, "on_start"):
            app.register_listener(module.on_start, "after_server_start")
        if hasattr(module, "on_stop"):
            app.register_listener(module.on_stop, "before_server_stop")
    app.register_listener(events.begin_closing, "before_server_stop")
    app.register_listener(_write_lines, "after_server_stop")
    app.register_middleware(_finish(settings).answer, "response")
    app.error_handler.add(Exception, problems.answer)
    app.error_handler.add(SanicNotFound, _file_or_nothing)
    app.error_handler.add(RequestCancelled, problems.unheard)
    app.router.finalize()
    routing.operations(app)
    app.router.reset()  # type: ignore[no-untyped-call]
    return app


async def _write_lines(_app: Sanic[Any, Any]) -> None:
    finishing.write_lines()


async def _file_or_nothing(request: Request, error: Exception) -> HTTPResponse:
    return await h5.answer(request) or problems.answer(request, error)


def modules() -> list[ModuleType]:
    """Find every module with a blueprint of its own."""
    found = [importlib.import_module(name) for name in _names()]
    return [module for module in found if hasattr(module, "blueprint")]


def _names() -> Iterator[str]:
    for feature in sorted((_HERE / "features").glob("*/routes*")):
        if feature.name in ("routes", "routes.py"):
            yield f"server.features.{feature.parent.name}.routes"
    for above in ("phone", "console"):
        for path in sorted((_HERE / above).glob("*.py")):
            if path.stem != "__init__":
                yield f"server.{above}.{path.stem}"


def _finish(settings: Settings) -> finishing.Finish:
    public = urlsplit(settings.public_url)
    # A demo is opened by either name of this machine.
    hosts = dict.fromkeys((public.hostname, "127.0.0.1", "localhost")) if settings.phones_port else ()
    phones = " ".join(f"{public.scheme}://{host}:{settings.phones_port}" for host in hosts)
    return finishing.Finish(sandbox=phones, https=public.scheme == "https")


def _config(settings: Settings) -> Config:
    config = Config(env_prefix=None)
    config.AUTO_EXTEND = False
    config.ACCESS_LOG = False
    config.MOTD = False
    config.NOISY_EXCEPTIONS = False
    config.FALLBACK_ERROR_FORMAT = "json"
    config.REQUEST_MAX_SIZE = MOST_BODY_BYTES
    config.REQUEST_TIMEOUT = settings.request_timeout
    config.RESPONSE_TIMEOUT = settings.response_timeout
    config.KEEP_ALIVE_TIMEOUT = 75
    config.GRACEFUL_SHUTDOWN_TIMEOUT = 3.5
    config.PROXIES_COUNT = settings.proxies_count or None
    config.REAL_IP_HEADER = settings.real_ip_header or None
    config.FORWARDED_SECRET = settings.forwarded_secret or None
    return config
