"""Ratings: opened by what was finished, given by whoever holds the QR, once."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from server import db
from server.actor import Actor, Citizen, Staff
from server.errors import Conflict, FieldError, Forbidden, Gone, InvalidInput, NotFound
from server.features.documents import service as documents
from server.features.identity import service as identity
from server.features.queue import service as queue
from server.features.ratings.models import Channel, Level, Rating, RatingState, Rectification
from server.features.ratings.schemas import (
    MOST_PICTURES,
    FormOut,
    LevelOut,
    RateIn,
    RatingOut,
    RatingRef,
    RectificationOut,
    TagOut,
)
from server.features.ratings.service import _guard, _judging, _rectify
from server.features.ratings.service._about import about, own_work, record, workers
from server.features.ratings.service._clocks import in_time
from server.features.ratings.service._opening import of_visit
from server.features.ratings.service._theirs import OF_MANY, Rater, enterprise_for, known, offered, rater_of
from server.features.ratings.service._tokens import of_token, tags_known
from server.features.thread import service as thread
from server.kit import clock
from server.kit.held_words import to_hold
from server.kit.ids import new_id
from server.kit.texts import text

LONGEST_WORDS = 150
CHANGE_WITHIN = timedelta(days=1)

KEEP = """
INSERT INTO rating_change (id, created_at, rating_id, level, tags, words_sealed, given_at)
SELECT $1, $2, id, level, tags, $4, given_at FROM rating WHERE id = $3
"""
GIVE = """
UPDATE rating SET state = 'given', level = $2, tags = $3::jsonb, words_sealed = $4, account_id = $5, given_at = $6,
    channel = $7, taken_by = $8, caller_sealed = $9, secret = $10, enterprise_id = $11
WHERE id = $1 AND state = 'open'
RETURNING id
"""


async def form(actor: Actor, token: str, *secrets: str) -> FormOut:
    """Show the rating page to whoever scanned, and to whoever rated what they gave.

    Raises NotFound `codes.unknown`, Gone `ratings.expired`.
    """
    rating, rater = await of_token(token), await rater_of(actor, *secrets)
    await require_in_time(rating)
    subject = await about(rating)
    theirs = await enterprise_for(rater, rating) if rating.state is RatingState.OPEN else rating.enterprise_id
    return FormOut(
        title=subject.title,
        subject=rating.subject_kind,
        subject_text=text(actor.locale, f"ratings.subject.{rating.subject_kind}"),
        department=subject.office,
        levels=[_level(level, actor.locale) for level in Level],
        rated=rating.state is not RatingState.OPEN,
        given=rating.level if rater.gave(rating) else None,
        enterprise=(await identity.enterprise_names([theirs])).get(theirs) if theirs in rater.enterprises else None,
        secret=offered() if rating.state is RatingState.OPEN and not isinstance(actor, Citizen) else None,
        longest_words=LONGEST_WORDS,
        pictures=MOST_PICTURES - len(await documents.exhibits(rating.id)),
        rectification=await _judging.answer_for(rater, rating),
        change_until=await may_change_until(rater, rating),
    )


def _level(level: Level, locale: str) -> LevelOut:
    return LevelOut(
        level=level,
        stars=level.stars,
        text=text(locale, f"ratings.level.{level.value}"),
        tags=[
            TagOut(code=tag.code, text=tag.name, shown=tag.default_shown)
            for tag in tags_known().values()
            if tag.star == level.stars
        ],
    )


@db.transactional
async def rate(actor: Actor, wish: RateIn, *, at_desk: Staff | None = None, from_desk: bool = False) -> RatingOut:
    """Take one rating. The same one again is the same answer; a different one is refused (`ratings.already_given`).

    A bad one opens a rectification with its clock in the same transaction. `at_desk` is who is logged in at the desk in
    the same browser: nobody rates their own work (`ratings.own_window`). `from_desk`: somebody of the staff once was.
    A login of the same name as whoever did the work is noted, too: it may be theirs, or a namesake's, which counts.
    """
    rating = await of_token(wish.token)
    await _not_ones_own(at_desk, rating)
    noted = from_desk or at_desk is not None or await _namesake(actor, rating)
    return await give(actor, wish, Channel(wish.via), from_staff=noted)


async def _namesake(actor: Actor, rating: Rating) -> bool:
    person_id = actor.person_id if isinstance(actor, Citizen) else None
    return person_id is not None and await identity.namesake(person_id, list(await workers(rating)))


@db.transactional
async def rate_at_machine(
    actor: Actor, served: queue.Served, wish: RateIn, channel: Channel, *,
    at_desk: Staff | None = None, from_desk: bool = False,
) -> None:  # fmt: skip
    """Take a rating at a tablet or kiosk, of the visit that stands before it and no other. Raises Gone `codes.expired`.

    Nobody is logged in there; what they say is stored without anybody's name. Somebody of the staff who is, in the same
    browser, does not rate their own work (`ratings.own_window`), and a desk's browser is noted.
    """
    rating = await of_visit(served)
    if wish.token != rating.token:
        raise Gone("codes.expired")
    await _not_ones_own(at_desk, rating)
    await give(actor, fitting(wish), channel, from_staff=from_desk or at_desk is not None)


async def _not_ones_own(at_desk: Staff | None, rating: Rating) -> None:
    if at_desk is not None and await own_work(at_desk, rating):
        raise Forbidden("ratings.own_window")


def fitting(wish: RateIn) -> RateIn:
    """Leave out reasons of other levels: whoever changed their mind without a script has left them ticked."""
    kept = [code for code in wish.tags if code in tags_known() and tags_known()[code].star == wish.level.stars]
    return msgspec.structs.replace(wish, tags=kept)


async def give(
    actor: Actor, wish: RateIn, channel: Channel, caller: str | None = None, *, from_staff: bool = False
) -> RatingOut:
    """Take a rating that came through a channel, in the caller's transaction. `caller` is whose call was taken down.

    Raises Gone `ratings.expired` for a service of too long ago.
    """
    rating = await of_token(wish.token)
    await require_in_time(rating)
    tags, words = _tags_of(wish), wish.words.strip()
    rating.words, rating.caller = words or None, caller
    rating.account_id = actor.account_id if isinstance(actor, Citizen) else None
    rater = await rater_of(actor, wish.secret)
    rating.enterprise_id = await enterprise_for(rater, rating)
    theirs_alone = wish.secret and rating.account_id is None and channel not in OF_MANY and not from_staff
    given = await db.fetchval(
        GIVE,
        rating.id,
        wish.level.value,
        msgspec.json.encode(tags).decode(),
        rating.words_sealed,
        rating.account_id,
        clock.now(),
        channel.value,
        actor.staff_id if isinstance(actor, Staff) else None,
        rating.caller_sealed,
        known(rating, wish.secret) if theirs_alone else None,
        rating.enterprise_id,
    )
    if given is None:
        return await _again(rater, wish, tags, words, channel)
    await documents.exhibit(wish.pictures, rating.id)
    await _guard.note(actor, rating, channel, from_staff=from_staff)
    await record(rating, "ratings.given", actor)
    rectification = await _rectify.open_for(rating, actor) if _rectify.obliges(rating, wish.level) else None
    return _out(rating.id, wish.level, rectification)


@db.transactional
async def change(rater: Rater, wish: RateIn, *, at_desk: bool = False) -> RatingOut:
    """Change a rating once, within a day, as whoever gave it, by their login or their secret; what it was is kept.

    One that becomes bad opens a rectification. One that was bad keeps it: nobody is talked out of an answer. Raises
    NotFound for anybody else, Conflict `ratings.not_to_change`, Forbidden `ratings.desk_browser` for what was given
    without a login in a browser that staff use.
    """
    found = await of_token(wish.token)
    rating = await Rating.filter(id=found.id).select_for_update().get()
    if not rater.gave(rating):
        raise NotFound
    if at_desk and rating.account_id is None:
        raise Forbidden("ratings.desk_browser")
    actor = rater.actor
    tags, words = _tags_of(wish), wish.words.strip()
    there = set(await documents.exhibits(rating.id))
    same = (rating.level, sorted(rating.tags), rating.words or "") == (wish.level, sorted(tags), words)
    if same and there.issuperset(wish.pictures):
        return _out(rating.id, wish.level, await Rectification.get_or_none(rating_id=rating.id))
    if await may_change_until(rater, rating) is None:
        raise Conflict("ratings.not_to_change")
    if len(there.union(wish.pictures)) > MOST_PICTURES:
        raise InvalidInput("invalid_input", fields=(FieldError("pictures", "too_long"),))
    await documents.exhibit(wish.pictures, rating.id)
    change_id = new_id()
    before = None if rating.words is None else db.seal("rating_change", "words_sealed", change_id, rating.words)
    await db.execute(KEEP, change_id, clock.now(), rating.id, before)
    rating.level, rating.tags, rating.words = wish.level, tags, words or None
    rating.words_held, rating.words_looked_by = to_hold(words), None
    await rating.save(update_fields=["level", "tags", "words_sealed", "words_held", "words_looked_by"])
    await record(rating, "ratings.changed", actor)
    work = await Rectification.get_or_none(rating_id=rating.id)
    if work is None and _rectify.obliges(rating, wish.level):
        work = await _rectify.open_for(rating, actor)
    return _out(rating.id, wish.level, work)


async def may_change_until(rater: Rater, rating: Rating) -> datetime | None:
    """Say until when somebody may change a rating; None for anybody else, afterwards, and the second time."""
    if not rater.gave(rating) or rating.state is not RatingState.GIVEN or rating.given_at is None:
        return None
    until = rating.given_at + CHANGE_WITHIN
    changed = await db.fetchval("SELECT true FROM rating_change WHERE rating_id = $1", rating.id)
    return None if changed or clock.now() > until else until


async def require_in_time(rating: Rating) -> None:
    """Raises Gone `ratings.expired` for a service of so long ago that nobody could look into it any more.

    What was given stays to be read: its answer comes later.
    """
    if rating.state is RatingState.OPEN and not await in_time(rating):
        raise Gone("ratings.expired")


def _tags_of(wish: RateIn) -> list[str]:
    tags = list(dict.fromkeys(wish.tags))
    if any(code not in tags_known() or tags_known()[code].star != wish.level.stars for code in tags):
        raise InvalidInput("invalid_input", fields=(FieldError("tags", "reason_of_another_level"),))
    # Nobody works on what was good, so nobody has to see it.
    if wish.pictures and not wish.level.bad:
        raise InvalidInput("invalid_input", fields=(FieldError("pictures", "unknown_field"),))
    return tags


async def _again(rater: Rater, wish: RateIn, tags: list[str], words: str, channel: Channel) -> RatingOut:
    rating = await of_token(wish.token)
    # Else whoever only holds the code would learn what was given by trying the five levels.
    nobodys = rating.account_id is None and rating.secret is None and rating.channel is channel
    if not nobodys and not rater.gave(rating):
        raise Conflict("ratings.already_given")
    same = (rating.level, sorted(rating.tags), rating.words or "") == (wish.level, sorted(tags), words)
    if not same or not set(wish.pictures) <= set(await documents.exhibits(rating.id)):
        raise Conflict("ratings.already_given")
    return _out(rating.id, wish.level, await Rectification.get_or_none(rating_id=rating.id))


def _out(rating_id: UUID, level: Level, rectification: Rectification | None) -> RatingOut:
    return RatingOut(
        id=rating_id,
        level=level,
        rectification=RectificationOut(due_on=rectification.due_on) if rectification else None,
    )


async def of_thread(thread_id: UUID, actor: Citizen | None = None) -> RatingRef | None:
    """Tell the newest rating of a thread; the caller has already checked who may see the thread."""
    rows = await Rating.filter(thread_id=thread_id).order_by("created_at")
    if not rows:
        return None
    waiting = next(iter([row for row in rows if row.state is RatingState.OPEN and await in_time(row)]), None)
    newest = waiting or rows[-1]
    bad = [
        row for row in rows if actor is not None and row.account_id == actor.account_id and row.level and row.level.bad
    ]
    return RatingRef(
        token=newest.token if waiting else None,
        given=waiting is None,
        subject=newest.subject_kind,
        answer_token=bad[-1].token if bad else None,
    )


async def token_of(actor: Staff, thread_id: UUID) -> str | None:
    """Give the open rating's token for the QR on the clerk's screen; the clerk must be able to see the thread."""
    await thread.view(actor, thread_id)
    found = await of_thread(thread_id)
    return found.token if found else None


async def token_of_visit(served: queue.Served) -> str | None:
    """Give the token of a visit that a window has just finished, as long as it has not been rated."""
    rating = await of_visit(served)
    return rating.token if rating.state is RatingState.OPEN and await in_time(rating) else None
