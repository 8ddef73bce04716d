"""How the courier and the lockers prove what they say, and check what is said to them."""

import hmac
import re
import secrets

__all__ = ["StrangerError", "check", "signed"]

STAMP = re.compile(r"[0-9]{1,12}")
TOLERANCE = 300


class StrangerError(Exception):
    """Who asks has not proven anything: `stale` or `bad_signature`."""


def signed(key: str, now: float, body: bytes, *, nonce: str = "", forged: bool = False) -> dict[str, str]:
    """The headers of one call to our owner's server."""
    stamp, word = str(int(now)), nonce or secrets.token_urlsafe(18)
    key = "not the key" if forged else key
    return {
        "content-type": "application/json",
        "x-timestamp": stamp,
        "x-nonce": word,
        "x-signature": _mac(key, stamp, word, "POST\ncallback", body),
    }


def check(key: str, now: float, what: str, headers: dict[str, str], body: bytes) -> None:
    """`what` is method and path, a line each. Raises StrangerError. `headers` by lower-case name."""
    stamp, nonce, given = (headers.get(f"x-{name}", "") for name in ("timestamp", "nonce", "signature"))
    if not STAMP.fullmatch(stamp) or not nonce or abs(int(stamp) - now) > TOLERANCE:
        raise StrangerError("stale")
    if not hmac.compare_digest(_mac(key, stamp, nonce, what, body).encode(), given.encode()):
        raise StrangerError("bad_signature")


def _mac(key: str, stamp: str, nonce: str, what: str, body: bytes) -> str:
    return hmac.new(key.encode(), f"{stamp}\n{nonce}\n{what}\n".encode() + body, "sha256").hexdigest()
