"""The file of keys: made once, readable by its owner only, never in the database or its backups."""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from server.kit.sealing import KEY_BYTES, KEY_ID_BYTES, Keyring

_SINGLE = ("session", "audit", "signing_seed")


class SecretFileError(Exception):
    """The file cannot be used. The message is one line: why, and how to mend it."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """Keys of 32 bytes. `keyring` seals and indexes personal data; the others are named for their use."""

    keyring: Keyring = field(repr=False)
    session: bytes = field(repr=False)
    audit: bytes = field(repr=False)
    signing_seed: bytes = field(repr=False)


def load_secrets(path: Path, *, make: bool) -> Secrets:
    """Read the file; if it is not there and `make`, make it first. Raises `SecretFileError`."""
    if not path.exists():
        if not make:
            raise SecretFileError(f"{path} is not there. Put back the one this database was sealed with")
        _make(path)
    try:
        if path.stat().st_mode & 0o077:
            raise SecretFileError(f"{path} can be read by others. Run: chmod 600 {path}")
        return _parsed(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        raise SecretFileError(
            f"{path} cannot be read ({type(wrong).__name__}). Put back the file from its backup"
        ) from wrong


def _parsed(found: dict[str, Any]) -> Secrets:
    encryption = found["encryption"]
    ring = Keyring(
        bytes.fromhex(encryption["current"]),
        {bytes.fromhex(name): _key(key) for name, key in encryption["keys"].items()},
        _key(found["blind_index"]),
    )
    return Secrets(ring, *(_key(found[name]) for name in _SINGLE))


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
    keys = {"encryption": {"current": name, "keys": {name: _fresh()}}, "blind_index": _fresh()}
    keys |= {single: _fresh() for single in _SINGLE}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(keys, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    except OSError as wrong:
        raise SecretFileError(f"{path} cannot be made ({wrong.strerror}). Make its folder writable") from wrong
