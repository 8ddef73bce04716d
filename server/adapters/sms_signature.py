"""TC3-HMAC-SHA256: how a request to Tencent Cloud's API 3.0 proves whose it is."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime

ALGORITHM = "TC3-HMAC-SHA256"
CONTENT_TYPE = "application/json; charset=utf-8"
_SIGNED = "content-type;host;x-tc-action"
_END = "tc3_request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose requests these are, and for which service."""

    secret_id: str = field(repr=False)
    secret_key: str = field(repr=False)
    service: str
    host: str


def authorization(account: Account, action: str, body: bytes, at: datetime) -> str:
    """Make the Authorization header of a POST of this body at this moment."""
    stamp, day = str(int(at.timestamp())), at.astimezone(UTC).strftime("%Y-%m-%d")
    scope = f"{day}/{account.service}/{_END}"
    lines = f"content-type:{CONTENT_TYPE}\nhost:{account.host}\nx-tc-action:{action.lower()}\n"
    canonical = "\n".join(("POST", "/", "", lines, _SIGNED, hashlib.sha256(body).hexdigest()))
    words = "\n".join((ALGORITHM, stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    key = f"TC3{account.secret_key}".encode()
    for part in (day, account.service, _END):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, words.encode(), "sha256").hex()
    return f"{ALGORITHM} Credential={account.secret_id}/{scope}, SignedHeaders={_SIGNED}, Signature={signature}"
