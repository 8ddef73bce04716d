"""`verify-certificate`: without network by the independent verifier, or asking the house that issued it."""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from server.cli.verifier import Key, Verdict, verify
from server.config import SettingError, Settings
from server.kit import clock, texts

_KEYS, _LIST = "/api/v1/certificates/keys", "/api/v1/certificates/status-list"
KEY_BYTES = {"Ed25519": 32, "SM2-SM3": 64}
_TIMEOUT = aiohttp.ClientTimeout(total=10)


def verify_certificate(settings: Settings, given: argparse.Namespace) -> int:
    """Check one. 0: it holds; 1: it does not, or nobody can be sure, and the line says why."""
    text = _text(given.certificate)
    if given.offline:
        if given.keys is None:
            raise SettingError("--keys: is needed without network. Save the house's /api/v1/certificates/keys there")
        keys = _held("--keys", given.keys)
        listed = _held("--status-list", given.status_list) if given.status_list else None
    else:
        keys, listed = asyncio.run(_fetched(given.at or settings.public_url))
    return _told(verify(text, keys_of(keys), listed, clock.now()), given.locale)


def keys_of(published: bytes) -> dict[str, Key]:
    """Read the public keys as a house publishes them. Raises SettingError for anything else."""
    try:
        found: dict[str, Any] = json.loads(published)
        return {one["key_id"]: _key(one) for one in found["keys"]}
    except (ValueError, KeyError, TypeError) as wrong:
        raise SettingError("--keys: is not what /api/v1/certificates/keys gives. Save it again") from wrong


def _key(one: dict[str, Any]) -> Key:
    public = base64.urlsafe_b64decode(one["public_key"] + "=" * (-len(one["public_key"]) % 4))
    algorithm = one.get("algorithm", "Ed25519")
    if len(public) != KEY_BYTES.get(algorithm):
        raise SettingError(f"--keys: a key of {algorithm} has {len(public)} bytes, which none has. Save the keys again")
    since = datetime.fromisoformat(one["compromised_from"]) if one["compromised_from"] else None
    if since is not None and since.tzinfo is None:
        raise SettingError("--keys: a moment has no time zone. Save the keys again")
    return Key(public=public, compromised_from=since, algorithm=algorithm)


def _held(option: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as away:
        raise SettingError(f"{option}: {path} cannot be read ({away.strerror}). Give a file you have saved") from None


def _text(given: str) -> str:
    """Take a file, a text, or a whole scanned address with the text behind its `#`."""
    path = Path(given)
    try:
        held = path.read_text("utf-8") if len(given) < 250 and path.is_file() else given
    except (OSError, ValueError):
        raise SettingError(f"{given}: cannot be read as text. Give the certificate as it stands in the code") from None
    return held.strip().rpartition("#")[2]


async def _fetched(house: str) -> tuple[bytes, bytes | None]:
    parts = urlsplit(house)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise SettingError(f"--at: {house!r} is no address. Write it as https://…")
    async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
        try:
            keys = await _got(session, house.rstrip("/") + _KEYS)
            listed = await _got(session, house.rstrip("/") + _LIST)
        except (aiohttp.ClientError, TimeoutError) as away:
            raise SettingError(f"--at: {house} does not answer ({type(away).__name__}). Try --offline") from None
    if keys is None:
        raise SettingError(f"--at: {house} publishes no keys. See whether it is the right address")
    return keys, listed


async def _got(session: aiohttp.ClientSession, address: str) -> bytes | None:
    async with session.get(address) as answer:
        return await answer.read() if answer.status == 200 else None


def _told(verdict: Verdict, locale: str) -> int:
    words = texts.text(locale, f"certificates.check.{verdict.result}")
    print(f"{verdict.result.upper()}{f' ({verdict.layer})' if verdict.layer else ''}: {words}")
    for name in ("type", "holder", "number", "issuer"):
        if name in verdict.shown:
            print(f"  {verdict.shown[name]}")
    for label, value in verdict.shown.get("lines", ()):
        print(f"  {label}: {value}")
    if verdict.shown.get("sample"):
        print(f"  {texts.text(locale, 'certificates.sample_note')}")
    return 0 if verdict.result == "valid" else 1
