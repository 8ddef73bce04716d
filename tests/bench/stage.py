"""What a measurement stands on: a durable database of its own, processes that end with it, a client that costs little."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from server import db
from server.config import ROOT, Settings
from server.db import embedded

_PATIENCE = 30.0
_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@asynccontextmanager
async def database() -> AsyncIterator[Settings]:
    """A migrated PostgreSQL of this measurement, with fsync."""
    var = Path(tempfile.mkdtemp(prefix="onetrip-bench-"))
    var.chmod(0o711)  # PostgreSQL's user passes through
    settings = Settings.load({"ENV": "test", "VAR_DIR": str(var)}, env_file=None)
    owner = embedded.start(settings)
    try:
        await db.connect(settings)
        await db.migrate()
        yield settings
    finally:
        await db.disconnect()
        owner.stop()
        shutil.rmtree(var, ignore_errors=True)


def free_port() -> int:
    """Find a port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as line:
        return int(line.getsockname()[1])


@asynccontextmanager
async def process(port: int, *command: str, **environment: str) -> AsyncIterator[str]:
    """Run `python -m …` until it listens on `port`, and end it afterwards; yields its address."""
    running = subprocess.Popen(  # noqa: ASYNC220 - started once, before anything is measured
        [sys.executable, "-m", *command], cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(_PATIENCE):
            while not _listens(port):
                if running.poll() is not None:
                    raise RuntimeError(f"{command[0]} ended at once")
                await asyncio.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        running.terminate()
        try:
            running.wait(10)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def _listens(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


async def requests_per_second(port: int, paths: Sequence[str], *, clients: int, seconds: float) -> float:
    """Ask for the paths in turn over so many kept connections. Raises RuntimeError for an answer that is not 200."""
    asked = itertools.cycle([f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode() for path in paths])
    loop = asyncio.get_running_loop()
    lines = [(await loop.create_connection(lambda: _Client(asked), "127.0.0.1", port))[1] for _ in range(clients)]
    began = time.perf_counter()
    for line in lines:
        line.ask()
    await asyncio.sleep(seconds)
    answered = sum(line.answered for line in lines)
    took = time.perf_counter() - began
    for line in lines:
        line.close()
    wrong = [line.wrong for line in lines if line.wrong]
    if wrong:
        raise RuntimeError(f"{len(wrong)} clients were answered {wrong[0][:200]!r}")
    return answered / took


class _Client(asyncio.Protocol):
    """One kept connection with one request under way. It reads no more of an answer than its status and its length."""

    def __init__(self, asked: Iterator[bytes]) -> None:
        self.answered = 0
        self.wrong = b""
        self._asked = asked
        self._transport: asyncio.Transport | None = None
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def ask(self) -> None:
        if self._transport is not None:
            self._transport.write(next(self._asked))

    def close(self) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, end, body = self._buffer.partition(_END)
        if not end or len(body) < int(_LENGTH.search(head)[1]):  # type: ignore[index]  # every answer has a length
            return
        if not head.startswith(b"HTTP/1.1 200"):
            self.wrong = self._buffer
            return
        self._buffer = b""
        self.answered += 1
        self.ask()
