"""Running one app on one listening socket, and ending it in time: new connections stop, started requests finish."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from sanic import Sanic

GRACE = 3.5
_STEP = 0.05


class Server:
    """An app that serves. Sanic's own runner waits for idle connections on newer Pythons; this one closes them."""

    def __init__(self, app: Sanic[Any, Any]) -> None:
        self.app = app
        self._server: Any = None

    async def start(self, listening: socket.socket) -> None:
        """Run the app's start listeners, then accept connections."""
        self._server = await self.app.create_server(sock=listening, access_log=False)
        await self._server.startup()
        await self._server.before_start()
        await self._server.start_serving()
        await self._server.after_start()

    async def stop(self, grace: float = GRACE) -> None:
        """Stop accepting, let what runs finish for `grace` seconds, cut the rest, run the stop listeners."""
        await self._server.before_stop()
        self._server.server.close()
        for _ in range(round(grace / _STEP)):
            for connection in tuple(self._server.connections):
                connection.close_if_idle()
            if not self._server.connections:
                break
            await asyncio.sleep(_STEP)
        for connection in tuple(self._server.connections):
            connection.abort()
        await asyncio.sleep(0)
        for task in self.app.tasks:
            task.cancel()
        await self._server.after_stop()
        Sanic.unregister_app(self.app)


def listen(host: str, port: int) -> socket.socket:
    """Open a listening socket. Raises OSError when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(1024)
    except OSError:
        listening.close()
        raise
    listening.setblocking(False)  # noqa: FBT003 - the socket module's own shape
    return listening
