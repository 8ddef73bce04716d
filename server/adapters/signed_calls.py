"""Calls that prove who makes them: an HMAC over time, nonce, method, path and body, one a line."""

from __future__ import annotations

import hmac
import logging
import re
import secrets
from collections.abc import Mapping

from server.errors import Forbidden
from server.kit import clock

MOST_BYTES = 16 * 1024
FRESH_SECONDS = 300
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)

_log = logging.getLogger(__name__)


def headers_for(secret: bytes, method: str, path: str, body: bytes) -> dict[str, str]:
    """Sign what we ask."""
    stamp, nonce = str(int(clock.now().timestamp())), secrets.token_urlsafe(18)
    return {
        "content-type": "application/json",
        "x-timestamp": stamp,
        "x-nonce": nonce,
        "x-signature": _mac(secret, stamp, nonce, f"{method}\n{path}", body),
    }


def proven(secret: bytes, who: str, headers: Mapping[str, str], body: bytes) -> str:
    """Make sure that whoever calls our own address has the key and calls now; give its nonce. Raises Forbidden."""
    stamp, nonce, given = (headers.get(f"x-{name}", "") for name in ("timestamp", "nonce", "signature"))
    if not secret or len(body) > MOST_BYTES:
        raise _refused(who, "too_long" if secret else "off")
    made = _mac(secret, stamp, nonce, "POST\ncallback", body)
    if not hmac.compare_digest(made.encode(), given.encode("utf-8", "surrogateescape")):
        raise _refused(who, "signature")
    if not _fresh(stamp):
        raise _refused(who, "stale")
    if not _NONCE.fullmatch(nonce):
        raise _refused(who, "nonce")
    return nonce


def _refused(who: str, why: str) -> Forbidden:
    _log.warning("%s call refused: %s", who, why)
    return Forbidden("delivery.call_refused", why=why)


def _mac(secret: bytes, stamp: str, nonce: str, what: str, body: bytes) -> str:
    head = f"{stamp}\n{nonce}\n{what}\n".encode("utf-8", "surrogateescape")
    return hmac.new(secret, head + body, "sha256").hexdigest()


def _fresh(stamp: str) -> bool:
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        return False
    return abs(clock.now().timestamp() - int(stamp)) <= FRESH_SECONDS
