"""What a supervisor looks at: bursts that do not count until then, words that are held, browsers that staff use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from tortoise.queryset import QuerySet

from server import db
from server.actor import Role, Staff
from server.errors import Conflict, Forbidden, NotFound
from server.features.audit import service as audit
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.ratings.models import Rating
from server.features.ratings.schemas import BurstOut, HeldOut, WatchOut
from server.features.ratings.service._about import abouts
from server.features.ratings.service._rectify import report
from server.kit import clock
from server.kit.texts import text

_SHOWN = 50
_STAFF_DAYS = timedelta(days=30)
_WAITING = """
SELECT b.id, b.kind, count(*) AS number, min(r.given_at) AS first_at, max(r.given_at) AS last_at,
    count(*) FILTER (WHERE r.level IN ('dissatisfied', 'very_dissatisfied')) AS bad,
    array_agg(DISTINCT r.hall_id) FILTER (WHERE r.hall_id IS NOT NULL) AS halls
FROM rating_burst b JOIN rating r ON r.burst_id = b.id
WHERE b.looked_at IS NULL AND r.id = ANY ($1) GROUP BY b.id ORDER BY b.created_at LIMIT 50
"""
_LOOK = """
UPDATE rating_burst SET looked_at = $2, looked_by = $3, counted = $4, reason_sealed = $5
WHERE id = $1 AND looked_at IS NULL RETURNING id
"""


async def to_look_at(actor: Staff) -> WatchOut:
    """Give everything that waits for a look within the actor's reach. Who rated is not among it."""
    within = await _within(actor)
    suspect = await within.filter(burst_id__isnull=False).order_by("-given_at").limit(5000).values_list("id", flat=True)
    held = await within.filter(words_held=True, words_looked_by=None).order_by("given_at").limit(_SHOWN)
    since = clock.now() - _STAFF_DAYS
    marked = (
        await (await _within(actor)).filter(from_staff=True, given_at__gte=since).order_by("-given_at").limit(_SHOWN)
    )
    return WatchOut(
        bursts=[await _burst(row) for row in await db.fetch(_WAITING, list(suspect))],
        held=await _held(held, actor),
        from_staff=await _held(marked, actor),
    )


@db.transactional
async def decide_burst(actor: Staff, burst_id: UUID, *, counted: bool, words: str) -> None:
    """Say whether the ratings of a burst count. Raises NotFound, Conflict `ratings.moved_on` for one looked at.

    Raises Forbidden `ratings.burst_elsewhere` where some of them are out of reach: another hall's are not decided here.
    """
    within = await (await _within(actor)).filter(burst_id=burst_id).count()
    if not within:
        raise NotFound
    if within < await Rating.filter(burst_id=burst_id).count():
        raise Forbidden("ratings.burst_elsewhere")
    sealed = db.seal("rating_burst", "reason_sealed", burst_id, report("words", words))
    if await db.fetchval(_LOOK, burst_id, clock.now(), actor.staff_id, counted, sealed) is None:
        raise Conflict("ratings.moved_on")
    await audit.record(actor, "ratings.burst_looked_at", "rating_burst", burst_id, counted=counted)


@db.transactional
async def decide_words(actor: Staff, rating_id: UUID, *, shown: bool) -> None:
    """Let the office read held words, or not. The rating counts either way. Raises NotFound, Conflict."""
    row = await (await _within(actor)).select_for_update().get_or_none(id=rating_id)
    if row is None:
        raise NotFound
    if not row.words_held or row.words_looked_by is not None:
        raise Conflict("ratings.moved_on")
    row.words_held, row.words_looked_by = not shown, actor.staff_id
    await row.save(update_fields=["words_held", "words_looked_by"])
    await audit.record(actor, "ratings.words_looked_at", "rating", row.id, thread_id=row.thread_id, shown=shown)


async def _within(actor: Staff) -> QuerySet[Rating]:
    reach = await identity.reach(actor, Role.SUPERVISOR)
    return Rating.in_reach(await catalogue.halls_within(reach), await catalogue.departments_within(reach))


async def _burst(row: db.Record) -> BurstOut:
    halls = [(await catalogue.hall(one)).name for one in row["halls"] or ()]
    return BurstOut(
        id=row["id"], kind=row["kind"], number=row["number"], bad=row["bad"], first_at=row["first_at"],
        last_at=row["last_at"], places=halls,
    )  # fmt: skip


async def _held(rows: Sequence[Rating], actor: Staff) -> list[HeldOut]:
    subjects = await abouts(rows)
    return [
        HeldOut(
            id=row.id,
            item=subjects[row.id].title,
            office=subjects[row.id].office,
            level_text=text(actor.locale, f"ratings.level.{row.level.value}") if row.level else "",
            words=row.words,
            given_at=row.given_at or row.created_at,
        )
        for row in rows
    ]
