"""The door of ratings: opened by what was finished, given by whoever holds the QR, worked off by the department."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import msgspec
from tortoise.queryset import QuerySet

from server import db
from server.actor import Actor, Citizen, Role, Staff
from server.errors import Conflict, FieldError, InvalidInput
from server.features.cases import service as cases
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.push import service as push
from server.features.ratings import messages
from server.features.ratings.messages import Invited
from server.features.ratings.models import Level, Rating, RatingState, Rectification
from server.features.ratings.schemas import (
    DeskRectification,
    FormOut,
    LevelOut,
    RateIn,
    RatingOut,
    RatingRef,
    RectificationOut,
    TagOut,
)
from server.features.thread import service as thread
from server.kit import clock
from server.kit.ids import new_id
from server.kit.texts import text

__all__ = [
    "Invited",
    "RatingRef",
    "form",
    "of_thread",
    "open_counts",
    "open_rectifications",
    "rate",
    "token_of",
]

TAGS = Path(__file__).parent / "data" / "tags.json"
RECTIFY_WITHIN = timedelta(days=7)
LONGEST_WORDS = 150
SHOWN = 200
VERIFIERS = (Role.HALL_MANAGER, Role.SUPERVISOR)
OPEN_WORK = ("assigned", "verified", "rectified", "reopened", "escalated")

GIVE = """
UPDATE rating SET state = 'given', level = $2, tags = $3::jsonb, words_sealed = $4, account_id = $5, given_at = $6
WHERE id = $1 AND state = 'open'
RETURNING id
"""


class _Tag(msgspec.Struct, frozen=True):
    """A national reason tag (国家政务服务评估 tag set); the wording may not be changed."""

    code: str
    star: int
    name: str
    default_shown: bool


@functools.cache
def _tags() -> Mapping[str, _Tag]:
    return {tag.code: tag for tag in msgspec.json.decode(TAGS.read_bytes(), type=list[_Tag])}


@thread.on("booking.served")
async def _after_visit(happening: thread.Recorded) -> None:
    await _open(happening, "visit", UUID(str(happening.step.data["booking_id"])))


@thread.on("queue.served")
async def _after_walk_in(happening: thread.Recorded) -> None:
    await _open(happening, "visit", UUID(str(happening.step.data["ticket_id"])))


@thread.on("thread.closed")
async def _after_case(happening: thread.Recorded) -> None:
    # However the office answered: collected, nothing to collect, denied, not accepted.
    case_id = await cases.newest_handled(happening.thread.id)
    if case_id is not None:
        await _open(happening, "case", case_id)


async def _open(happening: thread.Recorded, kind: str, subject_id: UUID) -> None:
    item = await catalogue.item(happening.thread.item_id)
    rating = Rating(
        id=new_id(),
        thread_id=happening.thread.id,
        subject_kind=kind,
        subject_id=subject_id,
        department_id=item.department_id,
    )
    rating.token = await thread.issue_code("rating", rating.id, thread_id=happening.thread.id)
    await rating.save(force_create=True)
    if happening.thread.person_id is not None:
        await push.send(
            messages.Invited(
                token=rating.token,
                number=happening.thread.number,
                item=item.name,
                department=(await catalogue.department(item.department_id)).name,
                at=clock.now(),
            ),
            to=push.To(person_id=happening.thread.person_id),
            thread_id=happening.thread.id,
            dedupe=f"ratings.invited:{rating.id}",
        )


async def form(actor: Actor, token: str) -> FormOut:
    """Show the rating page to whoever scanned. Raises NotFound `codes.unknown`."""
    rating = await _of_token(token)
    opened = await thread.get(rating.thread_id)
    department = await catalogue.department(rating.department_id)
    return FormOut(
        title=opened.title,
        subject=rating.subject_kind,
        subject_text=text(actor.locale, f"ratings.subject.{rating.subject_kind}"),
        department=department.name,
        levels=[_level(level, actor.locale) for level in Level],
        given=rating.level,
        longest_words=LONGEST_WORDS,
    )


def _level(level: Level, locale: str) -> LevelOut:
    return LevelOut(
        level=level,
        stars=level.stars,
        text=text(locale, f"ratings.level.{level.value}"),
        tags=[
            TagOut(code=tag.code, text=tag.name, shown=tag.default_shown)
            for tag in _tags().values()
            if tag.star == level.stars
        ],
    )


async def _of_token(token: str) -> Rating:
    code = await thread.resolve_code(token, "rating")
    return await Rating.get(id=code.subject_id)


@db.transactional
async def rate(actor: Actor, wish: RateIn) -> RatingOut:
    """Take one rating. The same one again is the same answer; a different one is refused (`ratings.already_given`).

    A bad one opens a rectification with its clock in the same transaction.
    """
    rating = await _of_token(wish.token)
    tags = list(dict.fromkeys(wish.tags))
    foreign = [code for code in tags if code not in _tags() or _tags()[code].star != wish.level.stars]
    if foreign:
        raise InvalidInput("invalid_input", fields=(FieldError("tags", "bad_format"),))
    words = wish.words.strip()
    rating.words = words or None
    given = await db.fetchval(
        GIVE,
        rating.id,
        wish.level.value,
        msgspec.json.encode(tags).decode(),
        rating.words_sealed,
        actor.account_id if isinstance(actor, Citizen) else None,
        clock.now(),
    )
    if given is None:
        return await _again(wish, tags, words)
    await thread.record(rating.thread_id, "ratings.given", actor)
    rectification = await _rectify(rating, actor) if wish.level.bad else None
    return _out(rating.id, wish.level, rectification)


async def _again(wish: RateIn, tags: list[str], words: str) -> RatingOut:
    rating = await _of_token(wish.token)
    if (rating.level, sorted(rating.tags), rating.words or "") != (wish.level, sorted(tags), words):
        raise Conflict("ratings.already_given")
    return _out(rating.id, wish.level, await Rectification.get_or_none(rating_id=rating.id))


async def _rectify(rating: Rating, actor: Actor) -> Rectification:
    today = clock.today()
    rectification = Rectification(
        rating_id=rating.id,
        thread_id=rating.thread_id,
        department_id=rating.department_id,
        started_on=today,
        due_on=today + RECTIFY_WITHIN,
        hall_id=next(iter(await thread.halls_of(rating.thread_id)), None),
    )
    await rectification.save(force_create=True)
    await thread.record(rating.thread_id, "ratings.rectification_opened", actor, due_on=rectification.due_on)
    return rectification


def _out(rating_id: UUID, level: Level, rectification: Rectification | None) -> RatingOut:
    return RatingOut(
        id=rating_id,
        level=level,
        rectification=RectificationOut(due_on=rectification.due_on) if rectification else None,
    )


async def of_thread(thread_id: UUID) -> RatingRef | None:
    """Tell the newest rating of a thread; the caller has already checked who may see the thread."""
    rows = await Rating.filter(thread_id=thread_id).order_by("created_at")
    if not rows:
        return None
    waiting = next((row for row in rows if row.state is RatingState.OPEN), None)
    newest = waiting or rows[-1]
    return RatingRef(token=newest.token if waiting else None, given=waiting is None, subject=newest.subject_kind)


async def token_of(actor: Staff, thread_id: UUID) -> str | None:
    """Give the open rating's token for the QR on the clerk's screen; the clerk must be able to see the thread."""
    await thread.view(actor, thread_id)
    found = await of_thread(thread_id)
    return found.token if found else None


async def open_rectifications(actor: Staff) -> list[DeskRectification]:
    """List what the actor's departments and halls must mend, the most pressing first. Who rated is not among it."""
    rows = await _open_within(actor)
    found = await rows.order_by("due_on", "created_at").limit(SHOWN)
    ratings = {row.id: row for row in await Rating.filter(id__in=[row.rating_id for row in found])}
    threads = await thread.many([row.thread_id for row in found])
    offices = {one: (await catalogue.department(one)).name for one in {row.department_id for row in found}}
    return [
        _desk_line(row, ratings[row.rating_id], threads[row.thread_id], offices[row.department_id], actor)
        for row in found
    ]


async def open_counts(actor: Staff) -> tuple[int, int]:
    """Count the open rectifications within reach, and those of them that are late."""
    rows = await _open_within(actor)
    return await rows.count(), await rows.filter(due_on__lt=clock.today()).count()


async def _open_within(actor: Staff) -> QuerySet[Rectification]:
    reach = await identity.reach(actor)
    within = (await catalogue.halls_within(reach), await catalogue.departments_within(reach))
    return Rectification.in_reach(*within).filter(state__in=OPEN_WORK)


def _desk_line(
    row: Rectification, rating: Rating, opened: thread.ThreadView, office: str, actor: Staff
) -> DeskRectification:
    today, locale = clock.today(), actor.locale
    level = rating.level or Level.VERY_DISSATISFIED
    return DeskRectification(
        id=row.id,
        number=opened.number if actor.has(*VERIFIERS) else None,
        item=opened.title,
        department=office,
        level=level,
        level_text=text(locale, f"ratings.level.{level.value}"),
        tags=[_tags()[code].name for code in rating.tags if code in _tags()],
        words=rating.words,
        rated_on=(rating.given_at or rating.created_at).astimezone(clock.SHANGHAI).date(),
        due_on=row.due_on,
        days_left=(row.due_on - today).days,
        light=row.light(today),
        state=row.state,
        state_text=text(locale, f"ratings.rectification.{row.state}"),
    )
