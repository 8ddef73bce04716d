"""What a bad rating obliges the office to: looked into, put right or explained, and answered in time."""

from __future__ import annotations

from uuid import UUID

import msgspec

from server import db
from server.actor import Actor, Staff
from server.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.push import service as push
from server.features.ratings.messages import Answered, Excluded
from server.features.ratings.models import MOVES, Level, Rating, Rectification
from server.features.ratings.schemas import CallBack, Caller
from server.features.ratings.service import _clocks
from server.features.ratings.service._about import about, own_work, record
from server.kit import checks, clock, masking
from server.kit.ids import is_walked, new_id

LONGEST_REPORT = 500
TEXT = "rating_answered"

# What the trail calls each deed.
_PAST = {
    "verify": "verified",
    "rectify": "rectified",
    "answer": "answered",
    "call_back": "called_back",
    "urge": "urged",
    "ask_exclusion": "exclusion_asked",
    "exclude": "excluded",
    "keep": "kept",
    "agree": "agreed",
    "reopen": "reopened",
    "run_out": "run_out",
    "escalate": "escalated",
}

_DEED = """
INSERT INTO rectification_deed (id, created_at, rectification_id, deed, staff_id, words_sealed)
VALUES ($1, $2, $3, $4, $5, $6)
"""

_TRIED = "SELECT count(*) FROM rectification_deed WHERE rectification_id = $1 AND deed = 'not_reached'"
_BY_ANOTHER = """
SELECT EXISTS (SELECT 1 FROM rectification_deed
    WHERE rectification_id = $1 AND deed = 'verify' AND created_at >= $2 AND staff_id <> $3)
"""


def obliges(rating: Rating, level: Level) -> bool:
    """Say whether a rating begins work: bad ones do, but what a test person found is asked of the department itself."""
    return level.bad and not is_walked(rating.thread_id)


async def open_for(rating: Rating, actor: Actor) -> Rectification:
    """Begin the work a bad rating obliges to, in the caller's transaction. Named ones are called back about."""
    today = clock.today()
    days = await _clocks.times(rating, today)
    row = Rectification(
        rating_id=rating.id,
        thread_id=rating.thread_id,
        department_id=rating.department_id,
        started_on=today,
        red_on=days.red_on,
        due_on=days.due_on,
        call_back_on=days.call_back_on if _named(rating) else None,
        hall_id=rating.hall_id,
    )
    await row.save(force_create=True)
    await record(rating, "ratings.rectification_opened", actor, due_on=row.due_on)
    return row


@db.transactional
async def verify(actor: Staff, rectification_id: UUID, *, founded: bool, finding: str) -> None:
    """Say what looking into it has found; an unfounded one is explained, not put aside. Raises NotFound, Conflict.

    Nobody finds what was said of their own work unfounded: Forbidden `ratings.own_work`.
    """
    row = await held(actor, "verify", rectification_id)
    if not founded and await own_work(actor, row):
        raise Forbidden("ratings.own_work")
    row.founded = founded
    await done(actor, row, "verify", report("finding", finding))


@db.transactional
async def rectify(actor: Staff, rectification_id: UUID, *, measures: str) -> None:
    """Say what was done so that it does not happen again. Raises NotFound, Conflict."""
    row = await held(actor, "rectify", rectification_id)
    await done(actor, row, "rectify", report("measures", measures))


@db.transactional
async def answer(actor: Staff, rectification_id: UUID, *, words: str) -> None:
    """Answer whoever rated: they read these words, and are told where they left an account. Raises as `verify`.

    Forbidden `ratings.own_work` where nobody but those whose work it was has looked into it; Conflict
    `ratings.call_first` as long as whoever rated under their name has not been called.
    """
    row = await held(actor, "answer", rectification_id)
    if await own_work(actor, row) and not await _looked_into_by_another(actor, row):
        raise Forbidden("ratings.own_work")
    if await call_first(row):
        raise Conflict("ratings.call_first")
    row.answer = report("words", words)
    row.answered_at = clock.now()
    row.judge_until = await _clocks.judge_until(row, clock.today())
    await done(actor, row, "answer", None)
    await record(row, "ratings.answered", actor, until_on=row.judge_until)
    await tell(Answered, row, dedupe=f"{Answered.kind}:{row.id}:{2 if row.reopened_at else 1}")


@db.transactional
async def caller(actor: Staff, rectification_id: UUID) -> CallBack:
    """Give whom to call about a rating given under a name or by a call; that it was looked at is on record.

    Raises NotFound, Conflict `ratings.nobody_to_call` where it was given without a login or there is no number.
    """
    row = await held(actor, "call_back", rectification_id)
    rating = await Rating.get(id=row.rating_id)
    phone, person_id = await _phone_of(rating), await _rater(rating)
    if phone is None:
        raise Conflict("ratings.nobody_to_call")
    await audit.record(actor, "ratings.viewed", "rater", row.id, person_id=person_id, thread_id=row.thread_id)
    if rating.caller is not None:
        return CallBack(name=masking.name(msgspec.json.decode(rating.caller, type=Caller).name), phone=phone)
    names = [] if rating.enterprise_id is None else [(await identity.enterprise(rating.enterprise_id)).name]
    if person_id is not None:
        names.append(masking.name((await identity.person(person_id)).name))
    return CallBack(name=" · ".join(names) or None, phone=phone)


async def _rater(rating: Rating) -> UUID | None:
    """Tell whose login gave it; where it came by a call, whose matter it is."""
    if rating.account_id is None:
        return (await about(rating)).person_id
    return (await identity.account(rating.account_id)).person_id


async def call_first(row: Rectification) -> bool:
    """Say whether whoever rated is still to be called before it is answered: named bad ratings are called back.

    One call that reached them is enough, or as many that did not as the area's policy asks for.
    """
    if row.call_back_on is None or row.called_back_at is not None:
        return False
    tries = (await _clocks.policy_of(row)).call_tries
    if await db.fetchval(_TRIED, row.id) >= tries:
        return False
    return await _phone_of(await Rating.get(id=row.rating_id)) is not None


async def _phone_of(rating: Rating) -> str | None:
    if rating.caller is not None:
        return msgspec.json.decode(rating.caller, type=Caller).phone
    if rating.account_id is None:
        return None
    return await identity.phone_to_text(rating.account_id, (await about(rating)).person_id)


async def _looked_into_by_another(actor: Staff, row: Rectification) -> bool:
    found: bool = await db.fetchval(_BY_ANOTHER, row.id, row.reopened_at or row.created_at, actor.staff_id)
    return found


def _named(rating: Rating) -> bool:
    """Say whether it was given under a name: a login's, or that of whoever called."""
    return rating.account_id is not None or rating.caller is not None


@db.transactional
async def call_back(actor: Staff, rectification_id: UUID, *, reached: bool, words: str) -> None:
    """Write down a call to whoever rated under their name, answered or not. Raises as `caller`."""
    row = await held(actor, "call_back", rectification_id)
    if row.call_back_on is None:
        raise Conflict("ratings.nobody_to_call")
    if reached and row.called_back_at is None:
        row.called_back_at = clock.now()
    elif row.called_back_at is None:
        # Who could not be reached is tried again: in so many days more, not whenever.
        row.call_back_on = max(row.call_back_on, (await _clocks.times(row, clock.today())).call_back_on)
    await done(actor, row, "call_back", report("words", words), told="called" if reached else "not_reached")


@db.transactional
async def urge(actor: Staff, rectification_id: UUID, *, words: str) -> None:
    """Press for it from above (督办); the words stand with the work. Raises NotFound, Conflict."""
    row = await held(actor, "urge", rectification_id)
    await done(actor, row, "urge", report("words", words))


async def tell(kind: type[Answered | Excluded], row: Rectification, *, dedupe: str) -> None:
    """Say what became of it to whoever rated, by their login or the mobile they called from.

    Whoever called is told by a text, and what the answer is when they call: their matter's code is not theirs alone.
    """
    rating = await Rating.get(id=row.rating_id)
    what = await about(rating)
    if rating.account_id is None:
        phone = None if rating.caller is None else checks.mobile(msgspec.json.decode(rating.caller, type=Caller).phone)
        if phone is not None:
            said = {"subject": what.number or what.title, "office": what.office}
            await push.text(phone, TEXT, said, dedupe=dedupe)
        return
    await push.send(
        kind(token=rating.token, number=what.number, item=what.title, department=what.office, at=clock.now()),
        to=push.To(account_id=rating.account_id),
        thread_id=row.thread_id,
        dedupe=dedupe,
    )


async def held(actor: Staff, deed: str, rectification_id: UUID) -> Rectification:
    """Lock one within reach of those whose deed it is. Raises NotFound, Conflict `ratings.moved_on`."""
    reach = await identity.reach(actor, *MOVES[deed].roles)
    within = (await catalogue.halls_within(reach), await catalogue.departments_within(reach))
    row = await Rectification.in_reach(*within).select_for_update().get_or_none(id=rectification_id)
    if row is None:
        raise NotFound
    row.require(deed)
    return row


async def done(actor: Actor, row: Rectification, deed: str, words: str | None, *, told: str = "") -> None:
    """Write a deed down where it is worked on and in the trail, and move on, in the caller's transaction.

    `told` is what the list of deeds calls it, where that is not the deed's own name.
    """
    row.state = MOVES[deed].target or row.state
    await row.save()
    deed_id, staff_id = new_id(), actor.staff_id if isinstance(actor, Staff) else None
    sealed = None if words is None else db.seal("rectification_deed", "words_sealed", deed_id, words)
    await db.execute(_DEED, deed_id, clock.now(), row.id, told or deed, staff_id, sealed)
    await audit.record(actor, f"ratings.{_PAST[deed]}", "rectification", row.id, thread_id=row.thread_id)


def report(field: str, words: str) -> str:
    """Give what was written. Refuses nothing at all, and more than anybody reads."""
    said = words.strip()
    if not said:
        raise InvalidInput("invalid_input", fields=(FieldError(field, "required"),))
    if len(said) > LONGEST_REPORT:
        raise InvalidInput("invalid_input", fields=(FieldError(field, "too_long"),))
    return said
