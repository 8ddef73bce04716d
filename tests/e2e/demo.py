"""The whole demo, begun in an empty folder and ended as a person ends it; and what a test in a browser needs."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from tests.smoke.processes import ROOT, free_port

HERE = Path(__file__).parent
START_SECONDS = 180
STOP_SECONDS = 30
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
_OWN = ("DATABASE_URL", "REDIS_URL", "FILES_URL", "PUBLIC_URL", "SECRETS_FILE")

NEEDS_PHONE = pytest.mark.skipif(
    not (ROOT / "miniprogram/dist/build/h5/index.html").is_file(), reason="the phone is not built (make h5)"
)
NEEDS_BROWSER = [
    NEEDS_PHONE,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (make browser)"),
    pytest.mark.skipif(not (HERE / "node_modules").is_dir(), reason="npm packages of tests/e2e are not installed"),
]


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that is ready, and the folder it keeps everything in."""

    process: subprocess.Popen[bytes]
    var: Path
    port: int
    sandbox_port: int
    log: Path

    @property
    def app(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def sandbox(self) -> str:
        return f"http://127.0.0.1:{self.sandbox_port}"

    @property
    def database(self) -> str:
        """Give the address in the line for `psql`."""
        return self.said().partition("psql '")[2].partition("'")[0]

    def said(self) -> str:
        return self.log.read_text("utf-8", "replace")

    def family(self) -> list[psutil.Process]:
        """Find everything that runs for this demo: its children, theirs, and what they left behind."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if str(self.var) in " ".join(process.cmdline()) or process.environ().get("VAR_DIR") == str(self.var):
                    found.append(process)
        return found

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it and give its exit code."""
        self.process.send_signal(how)
        return self.process.wait(STOP_SECONDS)


def start(var: Path) -> Demo:
    """Run the demo until it says that it is ready."""
    port, sandbox = free_port(), free_port()
    environment = {**os.environ, "PORT": str(port), "SANDBOX_PORT": str(sandbox), "VAR_DIR": str(var)}
    for name in _OWN:
        environment.pop(name, None)
    var.parent.chmod(0o711)  # PostgreSQL's user passes through
    log = var.parent / "demo.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "server", "demo"], cwd=ROOT, env=environment, stdout=out, stderr=out
        )
    demo = Demo(process, var, port, sandbox, log)
    deadline = time.monotonic() + START_SECONDS
    while "\nready http" not in demo.said():
        assert process.poll() is None, demo.said()
        assert time.monotonic() < deadline, f"the demo is not ready:\n{demo.said()}"
        time.sleep(0.2)
    return demo


@contextlib.contextmanager
def running(var: Path) -> Iterator[Demo]:
    """Run a demo, and end it however the test ended."""
    demo = start(var)
    try:
        yield demo
    finally:
        if demo.process.poll() is None:
            demo.stop()
