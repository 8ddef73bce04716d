"""Tencent Cloud's TC3-HMAC-SHA256 request signature, computed from the request as it arrived."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime

__all__ = ["SignatureError", "check", "signature"]

AUTHORIZATION = re.compile(
    r"TC3-HMAC-SHA256 Credential=(?P<id>[^/,\s]+)/(?P<date>\d{4}-\d{2}-\d{2})/(?P<service>[a-z0-9]+)/tc3_request,\s*"
    r"SignedHeaders=(?P<headers>[a-z0-9;-]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)
STAMP = re.compile(r"[0-9]{1,12}")
TOLERANCE = 300


class SignatureError(Exception):
    """`code` and `text` as Tencent Cloud puts them into Response.Error."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        self.text = text
        super().__init__(code)


def signature(
    *, key: str, service: str, timestamp: int, headers: Mapping[str, str], signed: str, uri: str, body: bytes
) -> str:
    """Hex signature of a POST; `headers` by lower-case name, `signed` the semicolon list of those that count."""
    lines = "".join(f"{name}:{headers[name].strip().lower()}\n" for name in signed.split(";"))
    canonical = "\n".join(("POST", uri, "", lines, signed, hashlib.sha256(body).hexdigest()))
    date = datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d")
    scope = f"{date}/{service}/tc3_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = f"TC3-HMAC-SHA256\n{timestamp}\n{scope}\n{digest}"
    derived = f"TC3{key}".encode()
    for part in (date, service, "tc3_request"):
        derived = hmac.digest(derived, part.encode(), "sha256")
    return hmac.new(derived, to_sign.encode(), "sha256").hexdigest()


def check(
    *, secret_id: str, key: str, service: str, now: float, headers: Mapping[str, str], path: str, body: bytes
) -> None:
    """Raises SignatureError. The URI signed is `/`, as for every call of API 3.0; the real path is taken as well."""
    found = AUTHORIZATION.fullmatch(headers.get("authorization", ""))
    if found is None:
        raise SignatureError("AuthFailure.InvalidAuthorization", "The request Authorization header is invalid.")
    if found["id"] != secret_id:
        raise SignatureError("AuthFailure.SecretIdNotFound", "The SecretId is not found, please ensure it is correct.")
    stamp = headers.get("x-tc-timestamp", "")
    if not STAMP.fullmatch(stamp) or abs(int(stamp) - now) > TOLERANCE:
        raise SignatureError(
            "AuthFailure.SignatureExpire", "The provided timestamp is out of the five minutes allowed."
        )
    signed = found["headers"].split(";")
    complete = {"content-type", "host"} <= set(signed) and all(name in headers for name in signed)
    date = datetime.fromtimestamp(int(stamp), UTC).strftime("%Y-%m-%d")
    good = complete and found["service"] == service and found["date"] == date
    if not good or not any(
        hmac.compare_digest(
            found["signature"],
            signature(
                key=key,
                service=service,
                timestamp=int(stamp),
                headers=headers,
                signed=found["headers"],
                uri=uri,
                body=body,
            ),
        )
        for uri in {"/", path}
    ):
        raise SignatureError(
            "AuthFailure.SignatureFailure",
            "The provided credentials could not be validated. Please check your signature is correct.",
        )
