"""What a measurement stands on: a durable database of its own, and processes that end with it."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from server import db
from server.config import ROOT, Settings
from server.db import embedded

_PATIENCE = 30.0


@asynccontextmanager
async def database() -> AsyncIterator[Settings]:
    """A migrated PostgreSQL of this measurement, with fsync."""
    var = Path(tempfile.mkdtemp(prefix="onetrip-bench-"))
    var.chmod(0o711)  # noqa: ASYNC240 - once, before anything is measured; PostgreSQL's user passes through
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
