"""Progressive delay: whoever keeps failing waits longer, nobody is shut out for good.

Counted in the database, in statements of their own: a refusal must not undo the count of what led to it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from server import db
from server.db import blind_index
from server.errors import Conflict, TooMany
from server.kit import clock

if TYPE_CHECKING:
    from datetime import datetime

FORGET = timedelta(hours=24)

# An attempt is charged before it is judged, in one statement, so that a hundred at once are not all let in. "Free" lies
# some seconds back: of two at the same moment, the one whose clock reads earlier must not be taken for a guesser.
_CHARGE = """
INSERT INTO attempt AS known (kind, subject_index, failures, created_at, free_at)
VALUES ($1, $2, 1, $3, $3::timestamptz - interval '5 s')
ON CONFLICT (kind, subject_index) DO UPDATE SET
    failures = CASE WHEN known.free_at < $4 THEN 1 ELSE known.failures + 1 END,
    free_at = $3 + CASE WHEN known.free_at < $4 OR known.failures < $5 THEN interval '-5 s'
        ELSE make_interval(secs => LEAST($6::float8, 2.0 ^ LEAST(known.failures - $5, 20))) END
WHERE known.free_at <= $3
RETURNING failures
"""
_FREE_AT = "SELECT free_at FROM attempt WHERE kind = $1 AND subject_index = $2"
_REFUND = """
UPDATE attempt SET failures = GREATEST(failures - 1, 0), free_at = created_at WHERE kind = $1 AND subject_index = $2
"""
_CLEAR = "DELETE FROM attempt WHERE kind = $1 AND subject_index = $2"


@dataclass(frozen=True, slots=True)
class Patience:
    """`free` failures cost nothing; each further one doubles the wait, up to `longest` seconds."""

    kind: str
    free: int
    longest: int


STAFF_ACCOUNT = Patience("staff.account", 5, 60)
STAFF_SOURCE = Patience("staff.source", 20, 900)
REAL_NAME = Patience("real_name", 5, 3600)
ENTERPRISE = Patience("enterprise", 5, 3600)


async def charge(patience: Patience, subject: str) -> None:
    """Count an attempt as failed until `refund` or `clear`. Raises TooMany while the subject has to wait."""
    index, now = _index(patience, subject), clock.now()
    counted = await db.fetchval(
        _CHARGE, patience.kind, index, now, now - FORGET, patience.free, float(patience.longest)
    )
    if counted is None:
        free_at: datetime | None = await db.fetchval(_FREE_AT, patience.kind, index)
        wait = 1 if free_at is None else max(1, int((free_at - now).total_seconds()) + 1)
        raise TooMany("too_many", retry_after=wait)


async def refund(patience: Patience, subject: str) -> None:
    """Take one count back: the attempt was good, but earlier failures stay counted."""
    await db.execute(_REFUND, patience.kind, _index(patience, subject))


async def clear(patience: Patience, subject: str) -> None:
    """Forget all failures: the subject has proven who they are."""
    await db.execute(_CLEAR, patience.kind, _index(patience, subject))


@asynccontextmanager
async def counted(patience: Patience, subject: str) -> AsyncIterator[None]:
    """Charge a question put to an authority: a no (Conflict) stays counted, silence does not, a yes clears all."""
    await charge(patience, subject)
    try:
        yield
    except Conflict:
        raise
    except BaseException:
        await refund(patience, subject)
        raise
    await clear(patience, subject)


async def forget_old() -> int:
    """Drop what nobody waits for any more; gives how many."""
    tag = await db.execute("DELETE FROM attempt WHERE free_at < $1", clock.now() - FORGET)
    return int(tag.rpartition(" ")[2])


def _index(patience: Patience, subject: str) -> bytes:
    return blind_index(f"attempt.{patience.kind}", subject)
