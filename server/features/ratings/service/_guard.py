"""What a rating is looked at for as it comes: too many at once, words for a second look, a browser that staff use.

Nothing is refused and nothing dropped for it. Who counts is decided by a person; until then a burst is left out of the
public figures, and held words are read by nobody but a supervisor. `data/guard.json` has numbers to replace.
"""

from __future__ import annotations

import functools
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import msgspec

from server import db
from server.actor import Actor
from server.features.ratings.models import Channel, Rating
from server.features.ratings.service._figures import RATINGS
from server.features.ratings.service._theirs import OF_MANY
from server.features.thread import service as thread
from server.kit import clock
from server.kit.addresses import neighbourhood
from server.kit.held_words import to_hold
from server.kit.ids import is_walked, new_id

RULES = Path(__file__).resolve().parent.parent / "data" / "guard.json"
# A source is remembered for as long as a burst may be looked into, and no longer.
REMEMBERED = timedelta(days=30)

_TURN = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
_NOTE = "UPDATE rating SET source = $2, from_staff = $3, words_held = $4 WHERE id = $1"
_COUNT = f"""
SELECT count(*), max(burst_id::text) FROM {RATINGS} AND r.{{column}} = $1 AND r.given_at > $2
"""  # noqa: S608 - our own words; values are parameters
_OPEN = "INSERT INTO rating_burst (id, created_at, kind) VALUES ($1, $2, $3)"
_UNLOOKED = "SELECT id FROM rating_burst WHERE id = $1 AND looked_at IS NULL"
_MARK = "UPDATE rating SET burst_id = $3 WHERE {column} = $1 AND given_at > $2 AND burst_id IS NULL AND {real}"
_FORGET = "UPDATE rating SET source = NULL WHERE source IS NOT NULL AND given_at < $1"


class Rules(msgspec.Struct, frozen=True):
    """How many within how many minutes are a burst."""

    minutes: int
    per_source: int
    per_window: int


@functools.cache
def rules() -> Rules:
    """Read the rules once."""
    return msgspec.json.decode(RULES.read_bytes(), type=Rules)


async def note(actor: Actor, rating: Rating, channel: Channel, *, from_staff: bool) -> None:
    """Look at a rating that has just been given, in its own transaction; a test person's is nobody's to look at."""
    if is_walked(rating.thread_id):
        return
    source = None
    if channel not in OF_MANY and actor.address:
        source = db.blind_index("rating_source", neighbourhood(actor.address))
        await db.execute(_TURN, f"rating source {source.hex()}")
    if rating.window_id is not None:
        await db.execute(_TURN, f"rating window {rating.window_id}")
    await db.execute(_NOTE, rating.id, source, from_staff, to_hold(rating.words or ""))
    if source is not None:
        await _flag("source", "source", source, rules().per_source)
    if rating.window_id is not None:
        await _flag("window", "window_id", rating.window_id, rules().per_window)


async def _flag(kind: str, column: str, value: bytes | UUID, most: int) -> None:
    since = clock.now() - timedelta(minutes=rules().minutes)
    row = await db.fetchrow(_COUNT.format(column=column), value, since)
    if row is None or row["count"] <= most:
        return
    burst = None if row["max"] is None else await db.fetchval(_UNLOOKED, UUID(row["max"]))
    if burst is None:
        burst = new_id()
        await db.execute(_OPEN, burst, clock.now(), kind)
    await db.execute(_MARK.format(column=column, real=thread.real("thread_id")), value, since, burst)


async def forget_sources() -> int:
    """Forget where ratings of long ago came from; gives 0, for a day's round is enough."""
    await db.execute(_FORGET, clock.now() - REMEMBERED)
    return 0
