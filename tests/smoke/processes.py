"""Real processes, as an operator starts them, in a folder and on a port of their own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(slots=True)
class Running:
    """One `python -m server ...`, with everything it said."""

    process: subprocess.Popen[bytes]
    log: Path
    base: str

    def said(self) -> str:
        return self.log.read_text("utf-8", "replace")

    def children(self, word: str) -> list[psutil.Process]:
        with contextlib.suppress(psutil.NoSuchProcess):
            return [child for child in psutil.Process(self.process.pid).children() if word in child.cmdline()]
        return []

    def answers(self, path: str = "/health/ready") -> int:
        try:
            with urllib.request.urlopen(self.base + path, timeout=2) as answer:
                status: int = answer.status
                return status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0


@dataclass(slots=True)
class Place:
    """Where processes of one test run: their environment, and what to end afterwards."""

    environment: dict[str, str]
    folder: Path
    running: list[Running]

    def start(self, *words: str, **changes: str) -> Running:
        environment = {**self.environment, **changes}
        log = self.folder / f"{words[0]}-{len(self.running)}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "server", *words],
                cwd=ROOT,
                env=environment,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        running = Running(process, log, f"http://127.0.0.1:{environment['PORT']}")
        self.running.append(running)
        return running

    def finish(self, *words: str, **changes: str) -> Running:
        running = self.start(*words, **changes)
        running.process.wait(60)
        return running


@contextlib.contextmanager
def place(folder: Path) -> Iterator[Place]:
    folder.chmod(0o711)  # PostgreSQL's own user passes through
    for above in folder.parents[:2]:
        with contextlib.suppress(PermissionError):
            above.chmod(above.stat().st_mode | 0o011)
    kept = ("PATH", "HOME", "LANG", "TMPDIR")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment |= {"ENV": "test", "VAR_DIR": str(folder), "PORT": str(free_port()), "WEB_WORKERS": "2"}
    here = Place(environment, folder, [])
    try:
        yield here
    finally:
        for one in reversed(here.running):
            if one.process.poll() is None:
                one.process.send_signal(signal.SIGTERM)
        for one in here.running:
            try:
                one.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(one.process.pid, signal.SIGKILL)
                one.process.wait()


def until(true: Callable[[], object], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.05)
