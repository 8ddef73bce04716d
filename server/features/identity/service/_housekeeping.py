"""What has served its purpose is forgotten."""

from __future__ import annotations

from datetime import timedelta

from server import db
from server.features.identity.service import _attempts, _login, _sessions
from server.kit import clock

_KEEP_ENDED = timedelta(days=30)  # long enough to answer "was that me?"

_SESSIONS = "DELETE FROM session WHERE ended_at < $1 OR expires_at < $1 OR seen_at < $2"
_STAFF_SESSIONS = "DELETE FROM staff_session WHERE created_at < $1 AND expires_at < $1"


async def tidy() -> int:
    """Forget spent codes, old failures and sessions long over; gives how many rows."""
    before = clock.now() - _KEEP_ENDED
    gone = await _login.forget_codes() + await _attempts.forget_old()
    for tag in (
        await db.execute(_SESSIONS, before, before - _sessions.IDLE),
        await db.execute(_STAFF_SESSIONS, before),
    ):
        gone += int(tag.rpartition(" ")[2])
    return gone
