"""Kills of the embedded PostgreSQL at bad moments. Shared by a short test and a long proof."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

ROOT = Path(__file__).parents[3]
GONE_SECONDS = 5.0


def cluster_processes(var: Path) -> list[int]:
    """List the processes of a folder's PostgreSQL: each works in its data folder."""
    found = []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):
            if link.readlink().is_relative_to(var):
                found.append(int(link.parent.name))
    return found


def shared_memory(process: int) -> set[Path]:
    """List the shared memory a process holds by name; it outlives the process unless somebody removes it."""
    lines = Path(f"/proc/{process}/maps").read_text("utf-8").splitlines()
    return {Path(line.split(maxsplit=5)[5]) for line in lines if "/dev/shm/PostgreSQL." in line}


def kill(*processes: int) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


async def gone(var: Path) -> bool:
    """Wait until no process of the folder's PostgreSQL is left."""
    deadline = time.monotonic() + GONE_SECONDS
    while cluster_processes(var):
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.02)
    return True


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """Make a folder for one cluster; afterwards none of its processes is left, whatever the test found."""
    var = Path(tempfile.mkdtemp(prefix="onetrip-kill-"))
    var.chmod(0o711)
    try:
        yield var
    finally:
        kill(*cluster_processes(var))
        shutil.rmtree(var, ignore_errors=True)


class Keeper:
    """The owner in a process of its own, so that it can be killed."""

    def __init__(self, var: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.server.db.owner_process", str(var)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    async def said(self) -> tuple[str, str]:
        """Wait for its word and the address."""
        if self.process.stdout is None:
            raise AssertionError("it was started with a pipe")
        line = await asyncio.to_thread(self.process.stdout.readline)
        word, _, rest = line.strip().partition(" ")
        return word, rest

    def kill(self) -> None:
        self.process.kill()
        self._close()

    def leave(self) -> None:
        """End in order."""
        self._close()

    def _close(self) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        self.process.wait(15)


@dataclass
class Matrix:
    """Rounds of: start, write under load, kill, look. Every row whose commit was answered must be there for good."""

    var: Path
    chance: random.Random
    acknowledged: set[int] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    shared: set[Path] = field(default_factory=set)
    next_row: int = 0

    async def round(self, what: str) -> None:
        """Do one round with one kind of kill: owner, postmaster, backend, all, start, recycled."""
        keeper = Keeper(self.var)
        if what == "start":
            await asyncio.sleep(self.chance.uniform(0.05, 0.9))
            keeper.kill()
            await self._look_gone(what)
            return
        word, address = await keeper.said()
        if word != "owner":
            self.faults.append(f"{what}: {word} {address}")
            keeper.leave()
            return
        await self._look_kept(address)
        writing = asyncio.create_task(self._write(address))
        await asyncio.sleep(self.chance.uniform(0.05, 0.3))
        self._strike(what, keeper)
        await writing
        if what in {"postmaster", "backend"}:
            await self._look_kept(address)
            keeper.leave()
        await self._look_gone(what)
        if what == "recycled":
            self._recycle()

    def _strike(self, what: str, keeper: Keeper) -> None:
        postmaster = int((self.var / "pg/data/postmaster.pid").read_text().split("\n", 1)[0])
        self.shared |= shared_memory(postmaster)
        others = [process for process in cluster_processes(self.var) if process != postmaster]
        if what == "postmaster":
            kill(postmaster)
        elif what == "backend":
            kill(self.chance.choice(others))
        elif what == "owner":
            keeper.kill()
        else:
            kill(keeper.process.pid, postmaster, *others)
            keeper.kill()

    def _recycle(self) -> None:
        """Let the left-behind process id be somebody's: ours."""
        for path in (self.var / "pg/data/postmaster.pid", self.var / "pg/run/.s.PGSQL.5432.lock"):
            lines = path.read_text().split("\n")
            path.write_text("\n".join([str(os.getpid()), *lines[1:]]))

    async def _write(self, address: str) -> None:
        with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
            connection = await asyncpg.connect(address)
            await connection.execute("CREATE TABLE IF NOT EXISTS kept (n integer PRIMARY KEY)")
            while True:
                self.next_row += 1
                await connection.execute("INSERT INTO kept VALUES ($1)", self.next_row)
                self.acknowledged.add(self.next_row)

    async def _look_kept(self, address: str) -> None:
        deadline = time.monotonic() + 15
        while True:
            try:
                connection = await asyncpg.connect(address)
                break
            except (OSError, asyncpg.PostgresError, asyncpg.InternalClientError) as error:
                if time.monotonic() > deadline:
                    self.faults.append(f"does not come back: {error!r}")
                    return
                await asyncio.sleep(0.05)
        there = await connection.fetchval("SELECT to_regclass('kept')") is not None
        rows = await connection.fetch("SELECT n FROM kept") if there else []
        await connection.close()
        lost = self.acknowledged - {row["n"] for row in rows}
        if lost:
            self.faults.append(f"{len(lost)} acknowledged rows are lost")

    async def _look_gone(self, what: str) -> None:
        if not await gone(self.var):
            self.faults.append(f"{what}: processes {cluster_processes(self.var)} are left")
