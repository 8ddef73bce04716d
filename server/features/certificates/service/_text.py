"""Checking a certificate by its text alone, as it stands behind the `#` of a printed code, layer by layer."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from server.features.certificates.service import _payload
from server.features.certificates.service._payload import ISSUED, Payload
from server.features.certificates.service._signed import holds
from server.features.certificates.service._status_list import BITS, CODES, LOST, NEXT, PER_BYTE, SIZE, TYPE
from server.kit import clock, cose
from server.ports import Signer

# Clocks of telephones are not those of servers; a list of yesterday proves nothing.
SKEW = timedelta(minutes=5)
STALE_AFTER = timedelta(hours=24)
STATES = {code: state for state, code in CODES.items()}

# What the issuer says of a place in the list: "valid", a state, or "stale_list".
Standing = Callable[[int], str]


def judge_text(text: str, signer: Signer, standing: Standing, now: datetime) -> tuple[str, Payload | None]:
    """Say whether a text is a certificate that holds: "valid", or the reason's code. Raises what the signer raises."""
    try:
        message = _payload.read(text)
        known = {key.key_id: key for key in signer.every_key()}
        if message.key_id not in known:
            return "unknown_key", None
        if not holds(message, signer):
            return "forged", None
        payload = _payload.claims_of(message)
    except cose.CoseError as wrong:
        return wrong.reason, None
    since = known[message.key_id].compromised_from
    return _timely(payload, since, now) or standing(payload.index), payload


def _timely(payload: Payload, since: datetime | None, now: datetime) -> str | None:
    if since is not None:
        return "key_lost" if payload.issued >= since else "unsure"
    if payload.begins > now or payload.issued > now + SKEW:
        return "future"
    return "expired" if payload.ends is not None and payload.ends <= now else None


def standing_in(body: bytes | None, signer: Signer, now: datetime) -> Standing:
    """Read a published list; one that is old, altered or of a lost key says "stale_list" of everything."""
    found = None if body is None else _list(body, signer, now)

    def standing(index: int) -> str:
        if found is None or index >= found[SIZE]:
            return "stale_list"
        packed = found[BITS]
        return STATES.get(packed[index // PER_BYTE] >> index % PER_BYTE * 2 & 3, "valid")

    return standing


def _list(body: bytes, signer: Signer, now: datetime) -> dict[int, Any] | None:
    try:
        message = cose.read(body)
        good = {key.key_id for key in signer.every_key() if key.compromised_from is None}
        if message.type != TYPE or message.key_id not in good:
            return None
        if not holds(message, signer):
            return None
        claims: dict[int, Any] = cose.decoded(message.payload)
        issued = datetime.fromtimestamp(claims[ISSUED], tz=clock.SHANGHAI)
        claims[BITS] = zlib.decompress(claims[BITS])
        claims[SIZE] = min(claims[SIZE], len(claims[BITS]) * PER_BYTE)
        right = {LOST, NEXT, SIZE, BITS} <= set(claims)
        fresh = issued <= now + SKEW and now - issued <= STALE_AFTER
    except (cose.CoseError, zlib.error, KeyError, TypeError, ValueError, OverflowError):
        return None
    return claims if right and fresh and bytes.fromhex(message.key_id) not in claims[LOST] else None
