"""The one process that keeps the embedded PostgreSQL running."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO
from urllib.parse import quote

from server.db.embedded.cluster import ensure_data, ready, remove_stale_pid_file, server_arguments, stop_stray
from server.db.embedded.place import DATABASE, USER, EmbeddedError, Place, reachable_binaries

_START_SECONDS = 60.0
_STRAY_SECONDS = 8.0
_STOP_SECONDS = ((signal.SIGINT, 3.0), (signal.SIGQUIT, 2.0), (signal.SIGKILL, 5.0))
_TRIES = 5

_log = logging.getLogger(__name__)


def keep(place: Place, *, durable: bool = True) -> Owner | None:
    """Become the owner and bring PostgreSQL up; None if another process is the owner. Raises `EmbeddedError`."""
    lock = place.lock("owner")
    if lock is None:
        return None
    try:
        owner = Owner(place, lock, durable=durable)
        owner.bring_up()
    except BaseException:
        lock.close()
        raise
    return owner


class Owner:
    """Keeps PostgreSQL up: starts it, starts it again if it dies, stops it.

    A thread of its own starts and awaits the child, because the kernel tells a child of its parent's death when the
    parent's *thread* ends.
    """

    def __init__(self, place: Place, lock: IO[bytes], *, durable: bool) -> None:
        self._place = place
        self._lock = lock
        self._durable = durable
        self._cluster: IO[bytes] | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._started = threading.Event()
        self._failure: EmbeddedError | None = None
        self._thread = threading.Thread(target=self._run, name="embedded-postgres", daemon=True)
        self._sockets = Path()
        self.dsn = ""

    def bring_up(self) -> None:
        """Start and wait until it takes connections. Raises `EmbeddedError`."""
        self._forget_address()
        self._cluster = self._take_cluster()
        try:
            self._binaries = reachable_binaries(self._place.account)
            ensure_data(self._place, self._binaries, durable=self._durable)
            remove_stale_pid_file(self._place)
            self._sockets = self._place.socket_dir()
            self.dsn = f"postgresql://{USER}@/{DATABASE}?host={quote(str(self._sockets), safe='/')}"
            self._thread.start()
            self._started.wait()
            if self._failure is not None:
                raise self._failure
            self._publish()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop PostgreSQL, gently at first, and let another process become the owner."""
        if self._lock.closed:
            return
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        self._forget_address()
        if self._cluster is not None:
            self._cluster.close()
        self._lock.close()

    def _take_cluster(self) -> IO[bytes]:
        """Wait until no process of an earlier PostgreSQL is left: each of them holds this lock until it ends."""
        deadline = time.monotonic() + _STRAY_SECONDS
        killed = False
        while True:
            lock = self._place.lock("cluster")
            if lock is not None:
                return lock
            if time.monotonic() > deadline:
                if killed:
                    raise EmbeddedError(
                        f"a PostgreSQL without owner runs on {self._place.data}; end it and start again"
                    )
                killed = stop_stray(self._place)
                deadline = time.monotonic() + _STRAY_SECONDS
            time.sleep(0.02)

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                self._serve_once()
            except (OSError, EmbeddedError) as failure:
                self._failure = failure if isinstance(failure, EmbeddedError) else EmbeddedError(str(failure))
            if self._stopping.is_set():
                break
            failures = failures + 1 if time.monotonic() - began < 30 else 1
            if not self._started.is_set() or failures > _TRIES:
                break
            _log.error("the embedded PostgreSQL ended by itself and is started again (%s)", self._place.log)
            self._stopping.wait(0.2 * failures)
        self._started.set()

    def _serve_once(self) -> None:
        self._child = child = self._spawn()
        deadline = time.monotonic() + _START_SECONDS
        while not ready(self._place, child.pid):
            if child.poll() is not None or time.monotonic() > deadline or self._stopping.is_set():
                self._end(child)
                raise EmbeddedError(f"PostgreSQL does not start: {_last_line(self._place.log)}")
            time.sleep(0.02)
        self._started.set()
        while child.poll() is None and not self._stopping.wait(0.1):
            pass
        self._end(child)

    def _spawn(self) -> subprocess.Popen[bytes]:
        if self._cluster is None:
            raise EmbeddedError("the cluster is not ours")
        account = self._place.account
        launcher = Path(__file__).with_name("launch.py")
        who = [str(os.getpid()), str(account.uid if account.switch else -1), str(account.gid)]
        arguments = server_arguments(self._place, self._binaries, self._sockets, durable=self._durable)
        with self._place.log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - our own programs with our own arguments
                [sys.executable, "-I", "-S", str(launcher), *who, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env={"LC_ALL": "C", "PATH": os.defpath, "TZ": "UTC"},
                pass_fds=(self._cluster.fileno(),),
                start_new_session=True,
            )

    def _end(self, child: subprocess.Popen[bytes]) -> None:
        for how, seconds in _STOP_SECONDS:
            if child.poll() is not None:
                return
            child.send_signal(how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(seconds)

    def _publish(self) -> None:
        draft = self._place.card.with_suffix(".new")
        draft.write_text(json.dumps({"dsn": self.dsn, "owner": os.getpid(), "sockets": str(self._sockets)}), "utf-8")
        draft.replace(self._place.card)

    def _forget_address(self) -> None:
        """Withdraw the address, ours or the one a killed owner left, with its socket folder."""
        try:
            sockets = Path(json.loads(self._place.card.read_text("utf-8"))["sockets"])
        except (OSError, ValueError, KeyError):
            return
        self._place.card.unlink(missing_ok=True)
        if sockets.name.startswith("onetrip-") and sockets.parent == Path("/tmp"):  # noqa: S108 - where socket_dir made it
            shutil.rmtree(sockets, ignore_errors=True)


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
    fatal = [line for line in lines if "FATAL" in line]
    return f"{(fatal or lines or ['it says nothing'])[-1]} ({log})"
