"""The status list: two bits for every certificate, signed, cacheable, so that anybody can check without asking us whom.

Published again within a minute of a change, and every half hour anyhow, so that an old one is known to be old.
"""

from __future__ import annotations

import zlib
from datetime import timedelta
from typing import Any

from server import db
from server.features.certificates.models import StatusList
from server.features.certificates.schemas import StatusListOut
from server.features.certificates.service._payload import ISSUED, ISSUER
from server.features.certificates.service._signed import signed
from server.kit import clock, cose
from server.ports import Signer

TYPE = "onetrip-status-list"
NEXT, SIZE, BITS, LOST = -70101, -70102, -70103, -70104
# IETF Token Status List: 0 valid, 1 invalid, 2 suspended; 3 is the application's, ours says that a newer one stands.
CODES = {"revoked": 1, "suspended": 2, "superseded": 3}
PER_BYTE = 4
AGAIN_AFTER = timedelta(minutes=30)
GOOD_FOR = timedelta(hours=1)
# Whoever changed a row just now may not have committed yet when a list was made.
COMMITS_WITHIN = timedelta(seconds=30)
KEPT = timedelta(days=1)

_FALLEN = "SELECT status_index, state FROM certificate WHERE state IN ('suspended', 'revoked', 'superseded')"
_CHANGED = """
    SELECT EXISTS (SELECT FROM certificate WHERE status_changed_at > $1)
        OR coalesce((SELECT max(status_index) + 1 FROM certificate), 0) > $2
"""


async def publish_status_list(signer: Signer) -> bool:
    """Publish a new list if anything has changed since the last one, or it is getting old; says whether it did."""
    last = await StatusList.all().order_by("-created_at").first()
    if last is not None and not await _is_due(last, signer):
        return False
    now = clock.now()
    size = int(await db.fetchval("SELECT coalesce(max(status_index) + 1, 0) FROM certificate"))
    packed = bytearray(-(-size // PER_BYTE))
    for row in await db.fetch(_FALLEN):
        if row["status_index"] < size:
            packed[row["status_index"] // PER_BYTE] |= CODES[row["state"]] << row["status_index"] % PER_BYTE * 2
    claims: dict[int, Any] = {
        ISSUER: "onetrip",
        ISSUED: int(now.timestamp()),
        NEXT: int((now + GOOD_FOR).timestamp()),
        SIZE: size,
        BITS: zlib.compress(bytes(packed), 9),
        LOST: {
            bytes.fromhex(key.key_id): int(key.compromised_from.timestamp())
            for key in signer.every_key()
            if key.compromised_from
        },
    }
    body, key_id = signed(cose.encoded(claims), kind=TYPE, signer=signer)
    async with db.tx():
        await StatusList.create(created_at=now, next_at=now + GOOD_FOR, size=size, key_id=key_id, body=body)
        await StatusList.filter(created_at__lt=now - KEPT).delete()
    return True


async def _is_due(last: StatusList, signer: Signer) -> bool:
    if last.created_at < clock.now() - AGAIN_AFTER or last.key_id != signer.key_id:
        return True
    return bool(await db.fetchval(_CHANGED, last.created_at - COMMITS_WITHIN, last.size))


async def status_list() -> StatusList | None:
    """Give the newest list; none before the worker has made the first."""
    return await StatusList.all().order_by("-created_at").first()


async def status_list_standing() -> StatusListOut | None:
    """Say how old the newest list is."""
    last = await status_list()
    if last is None:
        return None
    return StatusListOut(
        issued_at=last.created_at,
        next_at=last.next_at,
        size=last.size,
        key_id=last.key_id,
        fresh=clock.now() < last.next_at,
    )
