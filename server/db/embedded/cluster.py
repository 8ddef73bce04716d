"""The cluster's files: made once, checked at every start."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import IO

from server.db.embedded.place import DATABASE, MAJOR, USER, EmbeddedError, Place

ENVIRONMENT = {"LC_ALL": "C", "PATH": os.defpath, "TZ": "UTC"}
_READY_LINE = 7  # of postmaster.pid, counted from 0; PostgreSQL writes its state there


def ensure_data(place: Place, programs: Path, lock: IO[bytes], *, durable: bool) -> None:
    """Make the cluster if there is none; refuse one of another major version. Raises `EmbeddedError`."""
    version = place.data / "PG_VERSION"
    if not version.is_file():
        _make(place, programs, lock, durable=durable)
        return
    found = version.read_text("ascii").strip()
    if found != str(MAJOR):
        raise EmbeddedError(
            f"{place.data} was made by PostgreSQL {found} and this is {MAJOR}: run `python -m server backup` with"
            " the release that made it, move the folder away, then run `python -m server restore` with this one"
        )


def _make(place: Place, programs: Path, lock: IO[bytes], *, durable: bool) -> None:
    """Make it aside and move it into place whole, so a kill in between leaves nothing half made.

    The makers hold the cluster's lock: were we killed, the next owner waits for them before it clears up.
    """
    draft = place.root / "data.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    place.account.give(draft)
    sync = [] if durable else ["--no-sync"]
    initdb = [str(programs / "bin" / "initdb"), f"--pgdata={draft}", f"--username={USER}", *sync]
    _run(place, lock, [*initdb, "--encoding=UTF8", "--locale=C", "--auth-local=trust", "--auth-host=reject"])
    single = [str(programs / "bin" / "postgres"), "--single", "-D", str(draft), *([] if durable else ["-F"])]
    _run(place, lock, [*single, "postgres"], f"CREATE DATABASE {DATABASE};\n")
    draft.rename(place.data)


def _run(place: Place, lock: IO[bytes], command: list[str], given: str = "") -> None:
    account = place.account
    done = subprocess.run(  # noqa: S603 - our own programs
        command,
        input=given,
        capture_output=True,
        text=True,
        cwd="/",
        env=ENVIRONMENT,
        check=False,
        pass_fds=(lock.fileno(),),
        user=account.uid if account.switch else None,
        group=account.gid if account.switch else None,
        extra_groups=[] if account.switch else None,
    )
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise EmbeddedError(f"{Path(command[0]).name} failed: {lines[-1].strip() if lines else done.returncode}")


def server_arguments(place: Place, programs: Path, sockets: Path, *, durable: bool) -> list[str]:
    """Give PostgreSQL's command line: only a Unix socket that only its own user (and root) can open."""
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "shared_buffers": "128MB",
        "fsync": "on" if durable else "off",
        "synchronous_commit": "on" if durable else "off",
        "full_page_writes": "on" if durable else "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "logging_collector": "off",
        # Statements carry sealed values and indexes, but a log needs neither.
        "log_min_error_statement": "panic",
        "log_parameter_max_length_on_error": "0",
    }
    flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return [str(programs / "bin" / "postgres"), "-D", str(place.data), *flags]


def ready(place: Place, pid: int) -> bool:
    """Say whether this very PostgreSQL takes connections."""
    try:
        lines = (place.data / "postmaster.pid").read_text("ascii", "replace").splitlines()
    except OSError:
        return False
    return len(lines) > _READY_LINE and lines[0].strip() == str(pid) and lines[_READY_LINE].strip() == "ready"


def remove_stale_locks(place: Place, sockets: Path) -> None:
    """Remove what a killed PostgreSQL left. The id in it may be another program's by now, and would stop the start.

    Only for the holder of the cluster's lock, who therefore knows that no process of this cluster is left.
    """
    (place.data / "postmaster.pid").unlink(missing_ok=True)
    for left in sockets.glob(".s.PGSQL.*"):
        left.unlink()


def stop_stray(place: Place) -> None:
    """Stop a PostgreSQL whose owner died without the kernel telling it, as happens where there is no such call."""
    try:
        pid = int((place.data / "postmaster.pid").read_text("ascii").split("\n", 1)[0])
        listed = subprocess.run(  # noqa: S603 - our own arguments
            ["/bin/ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
    except (OSError, ValueError):
        return
    if str(place.data) in listed.stdout:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGQUIT)
