"""What the desk sees of bad ratings: what was said, how the time stands and what was done; never who said it."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from tortoise.queryset import QuerySet

from server import db
from server.actor import Staff
from server.errors import NotFound
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.ratings.models import MOVES, OPEN, UNANSWERED, VERIFIERS, Level, Rating, Rectification
from server.features.ratings.schemas import DeedOut, DeskRectification, ExclusionOut, WorkOut
from server.features.ratings.service._about import Subject, abouts
from server.features.ratings.service._exclusion import open_exclusion
from server.features.ratings.service._tokens import tags_known
from server.kit import clock
from server.kit.texts import text

SHOWN = 500
_DEEDS = """
SELECT id, created_at, deed, staff_id, words_sealed FROM rectification_deed
WHERE rectification_id = $1 ORDER BY created_at, id
"""


async def open_rectifications(actor: Staff, *, ended: bool = False) -> list[DeskRectification]:
    """List what the actor's departments and halls must mend, the most pressing first. Who rated is not among it.

    With `ended` those that are over, the newest first.
    """
    rows = await _within(actor)
    if ended:
        found = await rows.filter(closed_at__isnull=False).order_by("-closed_at").limit(SHOWN)
    else:
        found = await rows.filter(state__in=OPEN).order_by("due_on", "created_at").limit(SHOWN)
    return await _lines(found, actor)


async def open_counts(actor: Staff) -> tuple[int, int]:
    """Count the open rectifications within reach, and those of them that are late."""
    rows = (await _within(actor)).filter(state__in=UNANSWERED)
    return await rows.count(), await rows.filter(due_on__lt=clock.today()).count()


async def rectification(actor: Staff, rectification_id: UUID) -> WorkOut:
    """Give one within reach, with what was done and what the actor may do now. Raises NotFound."""
    row = await (await _within(actor)).get_or_none(id=rectification_id)
    if row is None:
        raise NotFound
    wish = await open_exclusion(row.rating_id)
    deeds = await db.fetch(_DEEDS, row.id)
    by = {one["staff_id"] for one in deeds if one["staff_id"]} | ({wish["asked_by"]} if wish else set())
    names = {key: label[1] for key, label in (await identity.staff_labels(list(by))).items()}
    return WorkOut(
        line=(await _lines([row], actor))[0],
        founded=row.founded,
        answer=row.answer,
        called_back_at=row.called_back_at,
        judge_until=row.judge_until,
        satisfied=row.satisfied,
        deeds=[_deed(one, names) for one in deeds],
        exclusion=None if wish is None else _wish(wish, names, actor),
        may=[deed for deed in MOVES if _may(actor, row, deed, asked=wish is not None)],
    )


async def _within(actor: Staff) -> QuerySet[Rectification]:
    reach = await identity.reach(actor)
    within = (await catalogue.halls_within(reach), await catalogue.departments_within(reach))
    return Rectification.in_reach(*within)


def _may(actor: Staff, row: Rectification, deed: str, *, asked: bool) -> bool:
    if not actor.has(*MOVES[deed].roles) or not row.allows(deed):
        return False
    if deed == "call_back":
        return row.call_back_on is not None
    if deed in ("exclude", "keep"):
        return asked
    return deed != "ask_exclusion" or not asked


async def _lines(found: Collection[Rectification], actor: Staff) -> list[DeskRectification]:
    ratings = {row.id: row for row in await Rating.filter(id__in=[row.rating_id for row in found])}
    subjects = await abouts(ratings.values())
    return [_line(row, ratings[row.rating_id], subjects[row.rating_id], actor) for row in found]


def _line(row: Rectification, rating: Rating, subject: Subject, actor: Staff) -> DeskRectification:
    today, locale = clock.today(), actor.locale
    level = rating.level or Level.VERY_DISSATISFIED
    return DeskRectification(
        id=row.id,
        number=subject.number if actor.has(*VERIFIERS) else None,
        item=subject.title,
        department=subject.office,
        level=level,
        level_text=text(locale, f"ratings.level.{level.value}"),
        tags=[tags_known()[code].name for code in rating.tags if code in tags_known()],
        words=None if rating.words_held else rating.words,
        words_held=rating.words_held,
        rated_on=(rating.given_at or rating.created_at).astimezone(clock.SHANGHAI).date(),
        due_on=row.due_on,
        days_left=(row.due_on - today).days,
        light=row.light(today),
        state=row.state.value,
        state_text=text(locale, f"ratings.rectification.{row.state.value}"),
        hall_id=row.hall_id,
        escalated=row.escalated_at is not None,
        reopened=row.reopened_at is not None,
        call_back_on=row.call_back_on if row.called_back_at is None and row.state in OPEN else None,
    )


def _deed(row: db.Record, names: dict[UUID, str]) -> DeedOut:
    sealed = row["words_sealed"]
    return DeedOut(
        at=row["created_at"],
        deed=row["deed"],
        by=names.get(row["staff_id"]),
        words=None if sealed is None else db.unseal("rectification_deed", "words_sealed", row["id"], sealed),
    )


def _wish(row: db.Record, names: dict[UUID, str], actor: Staff) -> ExclusionOut:
    return ExclusionOut(
        id=row["id"],
        kind=row["kind"],
        reason=db.unseal("rating_exclusion", "reason_sealed", row["id"], row["reason_sealed"]),
        by=names.get(row["asked_by"], ""),
        own=row["asked_by"] == actor.staff_id,
    )
