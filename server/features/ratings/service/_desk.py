"""What the desk sees of bad ratings: what was said, how the time stands and what was done; never who said it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from tortoise.queryset import QuerySet

from server import db
from server.actor import Role, Staff
from server.errors import NotFound
from server.features.catalogue import service as catalogue
from server.features.documents import service as documents
from server.features.identity import service as identity
from server.features.ratings.models import LOOKERS, MOVES, OPEN, UNANSWERED, VERIFIERS, Level, Rating, Rectification
from server.features.ratings.schemas import DeedOut, DeskRectification, ExclusionOut, WorkOut
from server.features.ratings.service._about import Subject, abouts
from server.features.ratings.service._exclusion import open_exclusion
from server.features.ratings.service._rectify import call_first
from server.features.ratings.service._tokens import tags_known
from server.kit import clock
from server.kit.held_words import to_hold
from server.kit.texts import text

Time = Literal["", "red", "amber", "green"]
# How the time stands, as `Rectification.light` says of one; `{0}` stands for today.
_LATE = "{0}::date >= r.red_on OR (r.called_back_at IS NULL AND {0} > r.call_back_on)"
_NEAR = "{0}::date >= r.red_on - 2 OR (r.called_back_at IS NULL AND {0} >= r.call_back_on)"
_RUNS = f"r.state IN ({', '.join(repr(state.value) for state in UNANSWERED)})"
_LIT: dict[Time, str] = {
    "red": f"{_RUNS} AND coalesce({_LATE}, false)",
    "amber": f"{_RUNS} AND NOT coalesce({_LATE}, false) AND coalesce({_NEAR}, false)",
    "green": f"NOT ({_RUNS} AND coalesce({_NEAR}, false))",
}
_TITLE = "coalesce(t.title, i.name, '')"
_OFFICE = "coalesce(d.name, h.name, '')"
_MENDED = db.Listing(
    """rectification r JOIN rating g ON g.id = r.rating_id LEFT JOIN thread t ON t.id = r.thread_id
    LEFT JOIN item i ON i.id = g.item_id LEFT JOIN department d ON d.id = r.department_id
    LEFT JOIN hall h ON h.id = r.hall_id""",
    "r.id",
    {
        "due": db.By("r.due_on", date),
        "ended": db.By("coalesce(r.closed_at, 'epoch')", datetime),
        "item": db.By(_TITLE, str),
        "department": db.By(_OFFICE, str),
        # Of the moment everybody sees the day alone, in the order of a list as well.
        "rated": db.By("(coalesce(g.given_at, g.created_at) AT TIME ZONE 'Asia/Shanghai')::date", date),
    },
    f"{_TITLE} || ' ' || {_OFFICE}",
)
# A number that is found names whoever rated.
_MENDED_BY_NUMBER = replace(_MENDED, searched=f"concat_ws(' ', {_MENDED.searched}, t.number)")
_DEEDS = """
SELECT id, created_at, deed, staff_id, words_sealed FROM rectification_deed
WHERE rectification_id = $1 ORDER BY created_at, id
"""


async def rectifications(actor: Staff, *, ended: bool = False, light: Time = "") -> db.Found[DeskRectification]:
    """List what the actor's departments and halls must mend, the most pressing first. Who rated is not among it.

    With `ended` those that are over, the newest first. By a number only those find it who see numbers.
    """

    async def shown(ids: list[UUID]) -> list[DeskRectification]:
        return await _lines(await db.in_order(Rectification, ids), actor)

    listing = _MENDED_BY_NUMBER if actor.has(*VERIFIERS) else _MENDED
    rows = listing.found(shown, usual="-ended" if ended else "due")
    halls, departments = await _places(actor)
    if halls is not None and departments is not None:
        rows = rows.where(
            "r.hall_id = ANY ({}::uuid[]) OR r.department_id = ANY ({}::uuid[])", list(halls), list(departments)
        )
    if ended:
        return rows.where("r.closed_at IS NOT NULL")
    rows = rows.where("r.state = ANY ({}::text[])", [state.value for state in OPEN])
    return rows.where(_LIT[light], clock.today()) if light else rows


async def open_counts(actor: Staff) -> tuple[int, int]:
    """Count the open rectifications within reach, and those of them that are late."""
    rows = (await _within(actor)).filter(state__in=UNANSWERED)
    return await rows.count(), await rows.filter(due_on__lt=clock.today()).count()


async def rectification(actor: Staff, rectification_id: UUID) -> WorkOut:
    """Give one within reach, with what was done and what the actor may do now. Raises NotFound."""
    row = await (await _within(actor)).get_or_none(id=rectification_id)
    if row is None:
        raise NotFound
    wish, first = await open_exclusion(row.rating_id), await call_first(row)
    deeds = await db.fetch(_DEEDS, row.id)
    by = {one["staff_id"] for one in deeds if one["staff_id"]} | ({wish["asked_by"]} if wish else set())
    names = {key: label[1] for key, label in (await identity.staff_labels(list(by))).items()}
    return WorkOut(
        line=(await _lines([row], actor))[0],
        rating_id=row.rating_id,
        pictures=await _pictures(actor, row),
        founded=row.founded,
        answer=row.answer,
        called_back_at=row.called_back_at,
        call_first=first and row.allows("answer"),
        judge_until=row.judge_until,
        satisfied=row.satisfied,
        deeds=[_deed(one, names, actor) for one in deeds],
        exclusion=None if wish is None else _wish(wish, names, actor),
        may=[
            deed
            for deed in MOVES
            if _may(actor, row, deed, asked=wish is not None) and not (first and deed == "answer")
        ],
    )


async def _pictures(actor: Staff, row: Rectification) -> list[UUID]:
    mends = actor.has(*LOOKERS) and await (await _within(actor, *LOOKERS)).filter(id=row.id).exists()
    return await documents.exhibits(row.rating_id) if mends else []


async def _within(actor: Staff, *roles: Role) -> QuerySet[Rectification]:
    return Rectification.in_reach(*await _places(actor, *roles))


async def _places(actor: Staff, *roles: Role) -> tuple[tuple[UUID, ...] | None, tuple[UUID, ...] | None]:
    reach = await identity.reach(actor, *roles)
    return await catalogue.halls_within(reach), await catalogue.departments_within(reach)


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
        escalated=row.escalations,
        reopened=row.reopened_at is not None,
        call_back_on=row.call_back_on if row.called_back_at is None and row.state in OPEN else None,
    )


def _deed(row: db.Record, names: dict[UUID, str], actor: Staff) -> DeedOut:
    sealed = row["words_sealed"]
    words = None if sealed is None else db.unseal("rectification_deed", "words_sealed", row["id"], sealed)
    # What officers write is theirs to answer for; what whoever rated adds is looked at like their rating's words.
    held = row["staff_id"] is None and to_hold(words or "")
    shown = None if held and not actor.has(Role.SUPERVISOR) else words
    return DeedOut(at=row["created_at"], deed=row["deed"], by=names.get(row["staff_id"]), words=shown, held=held)


def _wish(row: db.Record, names: dict[UUID, str], actor: Staff) -> ExclusionOut:
    return ExclusionOut(
        id=row["id"],
        kind=row["kind"],
        reason=db.unseal("rating_exclusion", "reason_sealed", row["id"], row["reason_sealed"]),
        by=names.get(row["asked_by"], ""),
        own=row["asked_by"] == actor.staff_id,
    )
