"""A text to a number that is nobody's here: of somebody who only ever called. It is kept sealed until it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import msgspec

from server import db
from server.kit import clock
from server.kit.ids import new_id
from server.ports import SendError, Sms, Verdict

BARE_WAKE = "push_bare"
_LEASE = timedelta(seconds=60)
_PAUSES = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))

_KEEP = """
INSERT INTO bare_text (id, created_at, dedupe, template, sealed, state, run_at)
VALUES ($1, $2, $3, $4, $5, 'waiting', $2) ON CONFLICT (dedupe) DO NOTHING RETURNING id
"""
_CLAIM = """
UPDATE bare_text SET state = 'sending', attempt = attempt + 1, run_at = $2
WHERE id = (
    SELECT id FROM bare_text WHERE ended_at IS NULL AND run_at <= $1 ORDER BY run_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, template, sealed, attempt
"""
# Whoever has lost the lease writes nothing any more.
_END = """
UPDATE bare_text SET state = $3, reason = $4, ended_at = $5, sealed = NULL
WHERE id = $1 AND attempt = $2 AND state = 'sending'
"""
_LATER = "UPDATE bare_text SET state = 'waiting', run_at = $3 WHERE id = $1 AND attempt = $2 AND state = 'sending'"


class _Text(msgspec.Struct):
    phone: str
    params: dict[str, str]


async def text(phone: str, template: str, params: Mapping[str, str], *, dedupe: str) -> None:
    """Have a text sent to a mobile number, once for each `dedupe`, in the caller's transaction."""
    kept = new_id()
    sealed = db.seal("bare_text", "sealed", kept, msgspec.json.encode(_Text(phone, dict(params))).decode())
    if await db.fetchval(_KEEP, kept, clock.now(), dedupe, template, sealed) is not None:
        await db.notify(BARE_WAKE)


async def send_bare(sms: Sms) -> int:
    """Send the one that waits longest, and give how many were dealt with: one or none."""
    now = clock.now()
    row = await db.fetchrow(_CLAIM, now, now + _LEASE)
    if row is None:
        return 0
    wanted = msgspec.json.decode(db.unseal("bare_text", "sealed", row["id"], row["sealed"]), type=_Text)
    try:
        await sms.send(wanted.phone, row["template"], wanted.params)
    except SendError as failure:
        if failure.verdict is Verdict.FINAL or row["attempt"] > len(_PAUSES):
            await _end(row, "dead", failure.code)
        else:
            await db.execute(_LATER, row["id"], row["attempt"], clock.now() + _PAUSES[row["attempt"] - 1])
        return 1
    await _end(row, "sent", None)
    return 1


async def _end(row: db.Record, state: str, reason: str | None) -> None:
    await db.execute(_END, row["id"], row["attempt"], state, reason, clock.now())
