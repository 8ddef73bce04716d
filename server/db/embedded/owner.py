"""The one process that keeps the embedded PostgreSQL running."""

from __future__ import annotations

import contextlib
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

from server.db.embedded.cluster import (
    ENVIRONMENT,
    ensure_data,
    ready,
    remove_stale_locks,
    server_arguments,
    stop_stray,
)
from server.db.embedded.place import DATABASE, SHORT, USER, EmbeddedError, Place, reachable_binaries

_START_SECONDS = 60.0
_STRAY_SECONDS = 8.0
_STOP_SECONDS = ((signal.SIGINT, 3.0), (signal.SIGQUIT, 2.0), (signal.SIGKILL, 5.0))
_TRIES = 5
_LOG_BYTES = 10_000_000

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
        self._place.card.unlink(missing_ok=True)
        try:
            self._cluster = self._take_cluster()
            self._binaries = reachable_binaries(self._place.account)
            ensure_data(self._place, self._binaries, self._cluster, durable=self._durable)
            self._sockets = self._place.socket_dir()
            remove_stale_locks(self._place, self._sockets)
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
        self._place.card.unlink(missing_ok=True)
        if self._sockets.parent == SHORT:
            shutil.rmtree(self._sockets, ignore_errors=True)
        if self._cluster is not None:
            self._cluster.close()
        self._lock.close()

    def _take_cluster(self) -> IO[bytes]:
        """Wait until no process of an earlier PostgreSQL is left: each of them holds this lock until it ends."""
        deadline = time.monotonic() + _STRAY_SECONDS
        asked = False
        while True:
            lock = self._place.lock("cluster")
            if lock is not None:
                return lock
            if time.monotonic() > deadline:
                if asked:
                    raise EmbeddedError(f"a PostgreSQL without owner runs on {self._place.data}; end it and try again")
                asked = True
                stop_stray(self._place)
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
            if not self._started.is_set():
                break
            if failures > _TRIES:
                _log.critical("the embedded PostgreSQL does not stay up and is given up (%s)", self._place.log)
                break
            _log.error("the embedded PostgreSQL ended by itself and is started again (%s)", self._place.log)
            self._stopping.wait(0.2 * failures)
        self._started.set()

    def _serve_once(self) -> None:
        since = _trimmed(self._place.log)
        self._child = child = self._spawn()
        deadline = time.monotonic() + _START_SECONDS
        while not ready(self._place, child.pid):
            if child.poll() is not None or time.monotonic() > deadline or self._stopping.is_set():
                self._end(child)
                raise EmbeddedError(f"PostgreSQL does not start: {_last_words(self._place.log, since)}")
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
                env=ENVIRONMENT,
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
        draft.write_text(self.dsn, "utf-8")
        draft.replace(self._place.card)


def _trimmed(log: Path) -> int:
    """Put a long log aside, and give the length of what is left."""
    if not log.exists():
        return 0
    if log.stat().st_size > _LOG_BYTES:
        log.replace(log.with_suffix(".old"))
        return 0
    return log.stat().st_size


def _last_words(log: Path, since: int) -> str:
    with log.open("rb") as file:
        file.seek(since)
        lines = [line for line in file.read().decode("utf-8", "replace").splitlines() if line.strip()]
    fatal = [line for line in lines if "FATAL" in line]
    return f"{(fatal or lines or ['it says nothing'])[-1].strip()} ({log})"
