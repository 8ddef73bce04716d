"""The file of keys: made once, readable by its owner only, never in the database or its backups."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from server.kit.sealing import KEY_BYTES, KEY_ID_BYTES, Keyring

_SINGLE = ("session", "audit")
_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class SecretFileError(Exception):
    """The file cannot be used. The message is one line: why, and how to mend it."""


@dataclass(frozen=True, slots=True)
class SigningSeed:
    """A key that signs from a moment on. From `compromised_from` on somebody else may have signed with it."""

    seed: bytes = field(repr=False)
    signs_from: datetime = _LONG_AGO
    compromised_from: datetime | None = None
    algorithm: str = "Ed25519"


@dataclass(frozen=True, slots=True)
class Secrets:
    """Keys of 32 bytes. `keyring` seals and indexes personal data; the others are named for their use."""

    keyring: Keyring = field(repr=False)
    session: bytes = field(repr=False)
    audit: bytes = field(repr=False)
    signing: tuple[SigningSeed, ...] = field(repr=False)


def load_secrets(path: Path, *, make: bool) -> Secrets:
    """Read the file; if it is not there and `make`, make it first. Raises `SecretFileError`."""
    if not path.exists():
        if not make:
            raise SecretFileError(f"{path} is not there. Put back the one this database was sealed with")
        _make(path)
    with _readable(path):
        return _parsed(json.loads(path.read_text("utf-8")))


def signing_seeds(path: Path) -> tuple[SigningSeed, ...]:
    """Read only the signing keys, as they stand in the file now. Raises `SecretFileError`."""
    with _readable(path):
        return _signing(json.loads(path.read_text("utf-8")))


def add_signing_seed(path: Path, signs_from: datetime, algorithm: str = "Ed25519") -> SigningSeed:
    """Add a signing key of its own making. Raises `SecretFileError`."""
    with _changing(path) as found:
        made = {"seed": _fresh(), "from": signs_from.isoformat(), "algorithm": algorithm}
        found["signing"] = [*_written(found), made]
    return _seed(found["signing"][-1])


def mark_compromised(path: Path, place: int, since: datetime) -> None:
    """Write down from when on the signing key at a place may be somebody else's. Raises `SecretFileError`."""
    with _changing(path) as found:
        signing = _written(found)
        signing[place] |= {"compromised": since.isoformat()}
        found["signing"] = signing


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        if path.stat().st_mode & 0o077:
            raise SecretFileError(f"{path} can be read by others. Run: chmod 600 {path}")
        yield
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        raise SecretFileError(
            f"{path} cannot be read ({type(wrong).__name__}). Put back the file from its backup"
        ) from wrong


@contextmanager
def _changing(path: Path) -> Iterator[dict[str, Any]]:
    """Change the file whole or not at all, one at a time; what it was before a crash is what it is afterwards."""
    with _readable(path), path.with_name(f".{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = json.loads(path.read_text("utf-8"))
        yield found
        _draft(path, found).replace(path)


def _signing(found: dict[str, Any]) -> tuple[SigningSeed, ...]:
    return tuple(_seed(one) for one in _written(found))


def _written(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the keys as they are written; a file of before there was a second one has a seed and no more."""
    return found.get("signing") or [{"seed": found["signing_seed"], "from": _LONG_AGO.isoformat()}]


def _seed(one: dict[str, Any]) -> SigningSeed:
    compromised = one.get("compromised")
    return SigningSeed(
        _key(one["seed"]),
        datetime.fromisoformat(one["from"]),
        datetime.fromisoformat(compromised) if compromised else None,
        one.get("algorithm", "Ed25519"),
    )


def _parsed(found: dict[str, Any]) -> Secrets:
    encryption = found["encryption"]
    ring = Keyring(
        bytes.fromhex(encryption["current"]),
        {bytes.fromhex(name): _key(key) for name, key in encryption["keys"].items()},
        _key(found["blind_index"]),
    )
    session, audit = (_key(found[name]) for name in _SINGLE)
    return Secrets(ring, session, audit, _signing(found))


def _key(text: str) -> bytes:
    key = base64.b64decode(text, validate=True)
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key is {KEY_BYTES} bytes")
    return key


def _fresh() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _make(path: Path) -> None:
    """Write a new file whole or not at all: of two processes starting at once, one makes it and both read it."""
    name = secrets.token_hex(KEY_ID_BYTES)
    keys: dict[str, Any] = {"encryption": {"current": name, "keys": {name: _fresh()}}, "blind_index": _fresh()}
    keys |= {single: _fresh() for single in _SINGLE}
    keys["signing"] = [{"seed": _fresh(), "from": _LONG_AGO.isoformat()}]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = _draft(path, keys)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    except OSError as wrong:
        raise SecretFileError(f"{path} cannot be made ({wrong.strerror}). Make its folder writable") from wrong


def _draft(path: Path, keys: dict[str, Any]) -> Path:
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(keys, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    return draft
