"""The sandbox as one web application."""

import asyncio
import contextlib
import logging
from typing import Any

from sanic import Request, Sanic
from sanic.exceptions import SanicException
from sanic.response import HTTPResponse

from server.sandbox import gate, page
from server.sandbox.clock import Clock
from server.sandbox.control import courier, knobs, lockers, phones, pushes, screen
from server.sandbox.control.talk import ControlError, encoded
from server.sandbox.settings import Settings
from server.sandbox.wechat.api import PREFIXES
from server.sandbox.wechat.wire import as_reply
from server.sandbox.world import World, write_state

__all__ = ["create_app"]

log = logging.getLogger("onetrip.sandbox")
SAVE_EVERY = 0.5


def create_app(settings: Settings, *, clock: Clock | None = None, name: str = "onetrip_sandbox") -> Sanic[Any, Any]:
    """`app.ctx.world` is the sandbox's state, for tests in the same process."""
    app: Sanic[Any, Any] = Sanic(name, configure_logging=False)
    app.config.update(
        {
            "ACCESS_LOG": False,
            "FALLBACK_ERROR_FORMAT": "json",
            "GRACEFUL_SHUTDOWN_TIMEOUT": 1.0,
            "KEEP_ALIVE_TIMEOUT": 75,
            "REQUEST_MAX_SIZE": 8_000_000,
            "RESPONSE_TIMEOUT": 86_400,  # the event stream is one answer that lasts all day
        }
    )
    app.ctx.world = World(settings, clock)
    for part in (gate, phones, knobs, pushes, courier, lockers, screen, page):
        app.blueprint(part.blueprint)
    app.register_middleware(refuse_strangers, "request")
    app.exception(ControlError)(show_control_error)
    app.exception(Exception)(show_any_error)
    app.register_listener(start_saving, "after_server_start")
    app.register_listener(stop_saving, "before_server_stop")
    return app


async def refuse_strangers(request: Request) -> HTTPResponse | None:
    """Any web page may post to this machine's ports; only our own pages may turn the sandbox's knobs."""
    if request.headers.get("sec-fetch-site") == "cross-site" and request.method not in {"GET", "HEAD"}:
        return encoded({"error": {"code": "cross_site", "text": "Only the sandbox's own page may do this."}}, 403)
    return None


async def show_control_error(request: Request, error: ControlError) -> HTTPResponse:  # noqa: ARG001 - Sanic's signature
    return encoded({"error": {"code": error.code, "text": error.text}}, error.status)


async def show_any_error(request: Request, error: Exception) -> HTTPResponse:
    status = error.status_code if isinstance(error, SanicException) else 500
    if status >= 500:
        log.error("The sandbox failed on %s %s", request.method, request.path, exc_info=error)
        if request.path.startswith(PREFIXES):
            return HTTPResponse(
                as_reply({"errcode": -1, "errmsg": "system error"}).body, content_type="application/json"
            )
    return encoded({"error": {"code": type(error).__name__, "text": str(error) if status < 500 else ""}}, status)


async def start_saving(app: Sanic[Any, Any]) -> None:
    if app.ctx.world.settings.state_file is not None:
        app.ctx.saving = asyncio.create_task(keep_saving(app.ctx.world))


async def stop_saving(app: Sanic[Any, Any]) -> None:
    app.ctx.world.hub.close()
    await app.ctx.world.pusher.close()
    saving: asyncio.Task[None] | None = getattr(app.ctx, "saving", None)
    if saving is not None:
        saving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await saving
        await save(app.ctx.world)


async def keep_saving(world: World) -> None:
    while True:
        await asyncio.sleep(SAVE_EVERY)
        await save(world)


async def save(world: World) -> None:
    file = world.settings.state_file
    if file is None or not world.unsaved:
        return
    world.unsaved = False
    try:
        await asyncio.to_thread(write_state, file, world.state.written())
    except OSError:
        world.unsaved = True
        log.exception("The sandbox's state could not be written to %s", file)
