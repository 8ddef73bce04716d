"""The web process: one parent that holds the listening socket, and workers that serve from it.

The parent only watches. A worker that dies is started again, whatever killed it; a parent that dies takes its workers
along. Sanic's own manager does neither, and kills its whole process group when a start goes wrong, so it is not used.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import uvloop
from sanic import Sanic

from server import db, wiring
from server.app import create_app
from server.config import ROOT, Settings
from server.db import embedded
from server.errors import AppError
from server.kit import garbage
from server.web import problems
from server.web.serving import Server, listen

_logger = logging.getLogger(__name__)
_CANNOT_START = 78  # sysexits' EX_CONFIG: starting again would not help
_DRAIN = 4.0
_LONGEST_PAUSE = 10.0
_SETTLED = 10.0


class StartError(Exception):
    """The web process cannot start. The message is one line that says why and how to mend it."""


def serve(settings: Settings) -> int:
    """Hold the socket and watch over the workers until SIGTERM or Ctrl-C. Raises StartError, EmbeddedError."""
    listening = _listen(settings)
    stopping = threading.Event()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wanted, lambda *_: stopping.set())
    # The parent keeps the embedded database, so that a killed worker does not take it away from the others.
    owner = None if settings.database_url else embedded.join_or_own(settings)[1]
    try:
        return _Watch(listening, settings.web_workers, stopping).run()
    finally:
        if owner is not None:
            owner.stop()


def work(settings: Settings, descriptor: int) -> int:
    """Serve from an inherited listening socket until SIGTERM, Ctrl-C or the parent's end."""
    listening = socket.socket(fileno=descriptor)
    listening.setblocking(False)  # noqa: FBT003 - the socket module's own shape
    try:
        app = create(settings)
    except Exception as error:  # noqa: BLE001 - whatever it is, a second start would meet it again
        _logger.critical("cannot start: %s\n%s", error, problems.trace(error))
        return _CANNOT_START
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_work(settings, app, listening))


def create(settings: Settings) -> Sanic[Any, Any]:
    """Make the app as the web process runs it."""
    return create_app(settings=settings, ports=wiring.ports(settings))


@contextlib.asynccontextmanager
async def opened(settings: Settings, app: Sanic[Any, Any]) -> AsyncIterator[None]:
    """Keep the database and the outside open around an app."""
    await db.connect(settings)
    try:
        yield
    finally:
        for close in app.ctx.ports.closers:
            await close()
        await db.disconnect()


async def _work(settings: Settings, app: Sanic[Any, Any], listening: socket.socket) -> int:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(wanted, stopping.set)
    # The parent holds the other end of our standard input and never writes: what can be read there is its end.
    loop.add_reader(sys.stdin.fileno(), stopping.set)
    try:
        await asyncio.sleep(0)  # time to hear of a parent that ended while this was loading
        if stopping.is_set():
            return 0
        async with opened(settings, app):
            server = Server(app)
            await server.start(listening)
            garbage.settle()
            _logger.info("worker %d serves", os.getpid())
            await stopping.wait()
            await server.stop()
    except AppError as error:
        _logger.error("cannot reach the database, see DATABASE_URL: %s", error.code)  # noqa: TRY400 - the trace says no more
        return 1
    finally:
        loop.remove_reader(sys.stdin.fileno())
    return 0


@dataclass(slots=True)
class _Slot:
    """One worker's place. `again_at` is when an ended one is started again."""

    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    again_at: float = 0.0
    pause: float = field(default=0.0)


class _Watch:
    """Starts workers, and starts them again."""

    def __init__(self, listening: socket.socket, workers: int, stopping: threading.Event) -> None:
        self._listening = listening
        self._stopping = stopping
        self._slots = [_Slot() for _ in range(workers)]

    def run(self) -> int:
        """Watch until told to stop. Gives the exit code."""
        code = 0
        while code == 0 and not self._stopping.is_set():
            for slot in self._slots:
                code = code or self._look(slot)
            self._stopping.wait(0.1)
        self._drain()
        return code

    def _look(self, slot: _Slot) -> int:
        now = time.monotonic()
        if slot.process is None:
            if now >= slot.again_at:
                slot.process, slot.started = self._start(), now
            return 0
        ended = slot.process.poll()
        if ended is None or self._stopping.is_set():
            return 0
        if ended == _CANNOT_START:
            return 1
        slot.pause = 0.0 if now - slot.started > _SETTLED else min(_LONGEST_PAUSE, slot.pause * 2 + 0.25)
        _logger.error("worker %d ended (%d); another follows in %.1f s", slot.process.pid, ended, slot.pause)
        slot.process, slot.again_at = None, now + slot.pause
        return 0

    def _start(self) -> subprocess.Popen[bytes]:
        number = self._listening.fileno()
        return subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "server", "web", "--socket", str(number)],
            stdin=subprocess.PIPE,
            pass_fds=[number],
            cwd=ROOT,
        )

    def _drain(self) -> None:
        self._listening.close()
        running = [slot.process for slot in self._slots if slot.process is not None and slot.process.poll() is None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + _DRAIN
        for process in running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
            if process.poll() is None:
                process.kill()
                process.wait()


def _listen(settings: Settings) -> socket.socket:
    # Outside production nobody but this machine is meant: a demo's SMS codes can be read by whoever opens it.
    host = "0.0.0.0" if settings.env == "production" else "127.0.0.1"  # noqa: S104 - a proxy stands in front
    try:
        return listen(host, settings.port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise StartError(
                f"port {settings.port} is taken; choose another: PORT={settings.port + 10} python -m server web"
            ) from None
        if error.errno == errno.EACCES:
            raise StartError(f"port {settings.port} needs root; choose one above 1023: PORT=8000") from None
        raise
