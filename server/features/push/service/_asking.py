"""Text messages whose end nobody has told: asked after by their number.

The provider gives each report once. One that was on its way to us when a process died would be gone, so what stays
unheard is asked for in a way that takes nothing away: at least once, whatever dies.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from server import db
from server.features.identity import service as identity
from server.features.push.service import _arrivals as arrivals
from server.kit import clock
from server.ports import OutsideError, Ports

if TYPE_CHECKING:
    from asyncpg import Record

# Most reports come within seconds. After the last time it stays `sent`: nobody knows more of it.
FIRST = timedelta(minutes=10)
AGAIN = (timedelta(hours=2), timedelta(days=1))
# The provider answers twenty of these a second.
AT_ONCE = 20
# Its clock and ours may differ.
_SLACK = timedelta(minutes=5)

_UNHEARD = """
    SELECT id, account_id, person_id, ended_at, asks FROM outbox
    WHERE channel = 'sms' AND state = 'sent' AND asks < 3 AND coalesce(unheard_since, ended_at) < $1
    ORDER BY coalesce(unheard_since, ended_at) LIMIT $2
"""
_ASKED = "UPDATE outbox SET asks = asks + 1, unheard_since = $2 WHERE id = $1"

_log = logging.getLogger(__name__)


async def ask_reports(ports: Ports) -> int:
    """Ask after text messages that nobody has reported on; gives how many were asked after."""
    rows = await db.fetch(_UNHEARD, clock.now() - FIRST, AT_ONCE)
    for done, row in enumerate(rows):
        try:
            await _ask(ports, row)
        except OutsideError as trouble:
            _log.info("text messages cannot be asked after: %s", trouble.code)
            return done
    return len(rows)


async def _ask(ports: Ports, row: Record) -> None:
    phone = await identity.phone_to_text(row["account_id"], row["person_id"])
    if phone is not None:
        await arrivals.keep_reports(await ports.sms.reports_of(phone, row["ended_at"] - _SLACK))
    wait = AGAIN[min(row["asks"], len(AGAIN) - 1)]
    await db.execute(_ASKED, row["id"], clock.now() + wait - FIRST)
