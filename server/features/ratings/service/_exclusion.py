"""Leaving a malicious or mistaken rating out of the count: asked for, decided by a second officer, counted."""

from __future__ import annotations

from uuid import UUID

from server import db
from server.actor import Staff
from server.errors import Conflict, Forbidden, NotFound
from server.features.ratings.messages import Excluded
from server.features.ratings.service._about import own_work, record
from server.features.ratings.service._rectify import done, held, report, tell
from server.kit import clock
from server.kit.ids import new_id

KINDS = ("malicious", "mistaken")

_ASK = """
INSERT INTO rating_exclusion (id, created_at, rating_id, kind, asked_by, reason_sealed) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING RETURNING id
"""
_OPEN = "SELECT id, kind, asked_by, reason_sealed FROM rating_exclusion WHERE rating_id = $1 AND decided_at IS NULL"
_DECIDE = """
UPDATE rating_exclusion SET decided_at = $2, decided_by = $3, granted = $4 WHERE id = $1 AND decided_at IS NULL
RETURNING id
"""
_EXCLUDE = "UPDATE rating SET state = 'excluded' WHERE id = $1"
_COUNT = "SELECT kind, count(*) AS number FROM rating_exclusion WHERE granted GROUP BY kind"


@db.transactional
async def ask_exclusion(actor: Staff, rectification_id: UUID, *, kind: str, reason: str) -> None:
    """Ask that a rating be left out. Raises NotFound, Conflict `ratings.exclusion_asked`, Forbidden for one's own work.

    Whoever worked on the matter does not judge what was said of it (`ratings.own_work`).
    """
    row = await held(actor, "ask_exclusion", rectification_id)
    if kind not in KINDS:
        raise NotFound
    said = report("reason", reason)
    if await own_work(actor, row):
        raise Forbidden("ratings.own_work")
    asked = new_id()
    sealed = db.seal("rating_exclusion", "reason_sealed", asked, said)
    if await db.fetchval(_ASK, asked, clock.now(), row.rating_id, kind, actor.staff_id, sealed) is None:
        raise Conflict("ratings.exclusion_asked")
    await done(actor, row, "ask_exclusion", said)


@db.transactional
async def decide_exclusion(actor: Staff, rectification_id: UUID, *, granted: bool, words: str) -> None:
    """Decide as the second officer. Granted, the work ends and whoever rated is told, with the reason given here.

    Raises NotFound, Conflict `ratings.moved_on`, Forbidden `ratings.second_officer` for whoever asked, and
    `ratings.own_work` for leaving out what was said of one's own work, whoever asked.
    """
    row = await held(actor, "exclude" if granted else "keep", rectification_id)
    said = report("words", words)
    asked = await db.fetchrow(_OPEN, row.rating_id)
    if asked is None:
        raise Conflict("ratings.moved_on")
    if asked["asked_by"] == actor.staff_id:
        raise Forbidden("ratings.second_officer")
    if granted and await own_work(actor, row):
        raise Forbidden("ratings.own_work")
    await db.fetchval(_DECIDE, asked["id"], clock.now(), actor.staff_id, granted)
    if not granted:
        await done(actor, row, "keep", said)
        return
    await db.execute(_EXCLUDE, row.rating_id)
    row.answer, row.answered_at, row.closed_at = said, clock.now(), clock.now()
    await done(actor, row, "exclude", said)
    await record(row, "ratings.excluded", actor)
    await tell(Excluded, row, dedupe=f"{Excluded.kind}:{row.id}")


async def open_exclusion(rating_id: UUID) -> db.Record | None:
    """Give the wish that waits for a decision."""
    return await db.fetchrow(_OPEN, rating_id)


async def excluded_counts() -> dict[str, int]:
    """Count what was left out, by kind; everybody at the desk sees it, so that nobody tidies the figures unseen."""
    return dict.fromkeys(KINDS, 0) | {row["kind"]: row["number"] for row in await db.fetch(_COUNT)}
