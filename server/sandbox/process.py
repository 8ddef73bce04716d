"""The sandbox as a process of its own."""

import asyncio
import os
import signal
import socket
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from sanic import Sanic

from server.sandbox.app import create_app
from server.sandbox.settings import Settings

__all__ = ["Serving", "run"]

PATIENCE = 1.5


def run(
    host: str = "127.0.0.1",
    port: int = 8001,
    app_origin: str = "http://127.0.0.1:8000",
    *,
    public_url: str | None = None,
    state_file: Path | str | None = None,
    **settings: str | float,
) -> None:
    """
    Serves until SIGTERM or Ctrl-C.

    `app_origin` is where the H5 build is served, `public_url` how a browser reaches the sandbox (default: the host of
    the H5 build, on `port`). The rest are the fields of `Settings`: appid, secret, sms_secret_id … Raises OSError when
    the port is taken.
    """
    if os.environ.get("ENV") == "production":
        raise SystemExit("The sandbox answers in WeChat's place and must not run with ENV=production.")
    app = create_app(
        Settings(
            app_origin=app_origin.rstrip("/"),
            public_url=(public_url or _beside(app_origin, port)).rstrip("/"),
            state_file=Path(state_file) if state_file else None,
            **settings,  # type: ignore[arg-type]
        )
    )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=1024) as listening:
        asyncio.run(_until_told(app, listening))


class Serving:
    """One app on one listening socket, in this process: the sandbox's state is in its memory."""

    def __init__(self, app: Sanic[Any, Any], listening: socket.socket) -> None:
        self._app = app
        self._listening = listening
        self._server: Any = None

    async def __aenter__(self) -> Self:
        self._server = await self._app.create_server(sock=self._listening, return_asyncio_server=True, access_log=False)
        await self._server.startup()
        await self._server.before_start()
        await self._server.start_serving()
        await self._server.after_start()
        return self

    async def __aexit__(self, *_: object) -> None:
        # Sanic's own ending waits for idle connections for ever on Python 3.12 and later.
        await self._server.before_stop()
        self._server.server.close()
        for _step in range(int(PATIENCE / 0.05)):
            for connection in tuple(self._server.connections):
                connection.close_if_idle()
            if not self._server.connections:
                break
            await asyncio.sleep(0.05)
        for connection in tuple(self._server.connections):
            connection.abort()
        await self._server.after_stop()
        Sanic.unregister_app(self._app)


def _beside(app_origin: str, port: int) -> str:
    """Both pages under one host name: the browser then counts them as one site, and the H5 build knows its frame."""
    name = urlsplit(app_origin).hostname or "127.0.0.1"
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


async def _until_told(app: Sanic[Any, Any], listening: socket.socket) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    async with Serving(app, listening):
        await told.wait()
