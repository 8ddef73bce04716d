"""The seal of the issuing authority: Ed25519 (RFC 8032) or SM2, under keys of the secrets file, one by one."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from server.adapters.sm2 import ALGORITHM, Sm2Private, Sm2Public, available
from server.config import SettingError, Settings
from server.kit import clock
from server.kit.secret_file import SigningSeed, add_signing_seed, mark_compromised, signing_seeds
from server.ports import OutsideError, SigningKey

KEY_ID_HEX = 16
# A key made on one host is known to the others as soon as they have the file; they look this often, in seconds.
LOOK_EVERY = 1.0


@dataclass(frozen=True, slots=True)
class _Key:
    private: Ed25519PrivateKey | Sm2Private
    public: Ed25519PublicKey | Sm2Public
    about: SigningKey


class Ed25519Signer:
    """Signs with the newest key whose time has come and that nobody else has; verifies with every one of ours.

    A key's id is the beginning of the public key's hash, so that nobody has to agree on names.
    """

    def __init__(self, *seeds: SigningSeed, changed: Callable[[], Sequence[SigningSeed] | None] | None = None) -> None:
        self._changed = changed
        self._looked = time.monotonic()
        self._keys = _keys(seeds)

    @property
    def key_id(self) -> str:
        """Name the key that signs now. Raises OutsideError when there is none."""
        return self._current().about.key_id

    def sign(self, payload: bytes) -> bytes:
        """Sign with the current key; 64 bytes. Raises as `key_id`."""
        return self._current().private.sign(payload)

    def verify(self, payload: bytes, signature: bytes, key_id: str) -> bool:
        """Say whether this key of ours made the signature; a key nobody knows has made none."""
        self._look()
        key = self._keys.get(key_id)
        if key is None:
            return False
        try:
            key.public.verify(signature, payload)
        except InvalidSignature:
            return False
        return True

    def every_key(self) -> tuple[SigningKey, ...]:
        """List every key, the oldest first, those to come included."""
        self._look()
        return tuple(key.about for key in self._keys.values())

    def _current(self) -> _Key:
        self._look()
        now = clock.now()
        ours = [key for key in self._keys.values() if key.about.signs_from <= now and not key.about.compromised_from]
        if not ours:
            raise OutsideError("no_signing_key", final=False)
        return ours[-1]

    def _look(self) -> None:
        if self._changed is None or time.monotonic() - self._looked < LOOK_EVERY:
            return
        self._looked = time.monotonic()
        seeds = self._changed()
        if seeds is not None:
            self._keys = _keys(seeds)


def _keys(seeds: Sequence[SigningSeed]) -> dict[str, _Key]:
    found = {}
    for seed in sorted(seeds, key=lambda one: one.signs_from):
        if seed.algorithm == ALGORITHM and not available():
            continue  # said at the start; what it has signed cannot be verified here, and is not green
        private, public, raw = _halves(seed)
        about = SigningKey(
            key_id=key_id_of(raw),
            public=raw,
            signs_from=seed.signs_from,
            compromised_from=seed.compromised_from,
            algorithm=seed.algorithm,
        )
        found[about.key_id] = _Key(private, public, about)
    return found


def _halves(
    seed: SigningSeed,
) -> tuple[Ed25519PrivateKey | Sm2Private, Ed25519PublicKey | Sm2Public, bytes]:
    if seed.algorithm == ALGORITHM:
        sm2 = Sm2Private(seed.seed)
        return sm2, sm2.public_key(), sm2.public_key().raw
    private = Ed25519PrivateKey.from_private_bytes(seed.seed)
    public = private.public_key()
    return private, public, public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def key_id_of(public: bytes) -> str:
    """Name a public key: the beginning of its SHA-256, hexadecimal."""
    return hashlib.sha256(public).hexdigest()[:KEY_ID_HEX]


def make(settings: Settings) -> Ed25519Signer:
    """Take the signing keys of the secrets file, and notice when it is another file. Raises SettingError."""
    if not available() and any(seed.algorithm == ALGORITHM for seed in settings.secrets.signing):
        raise SettingError("SECRETS_FILE: has an SM2 key, and SM2 is not installed. Run: pip install tongsuopy==1.0.1")
    path = settings.secrets_file
    seen = _stamp(path)

    def changed() -> Sequence[SigningSeed] | None:
        nonlocal seen
        now = _stamp(path)
        if now == seen or now is None:
            return None  # a file that is just being copied is looked at again in a second
        found = signing_seeds(path)
        seen = now
        return found

    return Ed25519Signer(*settings.secrets.signing, changed=changed)


def keys_of(path: Path) -> tuple[SigningKey, ...]:
    """List the keys of a secrets file, the oldest first. Raises SecretFileError."""
    return tuple(key.about for key in _keys(signing_seeds(path)).values())


def rotate(path: Path, *, signs_from: datetime, algorithm: str = "Ed25519") -> str:
    """Add a key to the secrets file that signs from a moment on; gives its id. The former ones go on verifying."""
    seed = add_signing_seed(path, signs_from, algorithm)
    return next(iter(_keys([seed])))


def compromise(path: Path, key_id: str, since: datetime) -> bool:
    """Write down that from a moment on somebody else may have a key; says whether there is such a key."""
    for place, seed in enumerate(signing_seeds(path)):
        if key_id in _keys([seed]):
            mark_compromised(path, place, since)
            return True
    return False


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino
