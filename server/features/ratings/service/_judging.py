"""What whoever rated sees of it, and what they say to the answer: agreed, or once more."""

from __future__ import annotations

from server import db
from server.actor import Actor, Citizen, System
from server.errors import Conflict, FieldError, InvalidInput, NotFound
from server.features.ratings.models import UNANSWERED, Rating, Rectification, RectificationState
from server.features.ratings.schemas import AnswerOut, JudgeIn
from server.features.ratings.service import _clocks
from server.features.ratings.service._about import record
from server.features.ratings.service._rectify import done
from server.features.ratings.service._tokens import of_token
from server.kit import clock

BY_ITSELF = System(name="ratings.clock")
_MOST_AT_ONCE = 500


async def answer_for(actor: Actor, rating: Rating) -> AnswerOut | None:
    """Show what became of a bad rating to whoever gave it, and to nobody who only holds its code."""
    row = await Rectification.get_or_none(rating_id=rating.id)
    if row is None or not _theirs(actor, rating):
        return None
    judged = row.state is RectificationState.ANSWERED and clock.today() <= (row.judge_until or clock.today())
    return AnswerOut(
        state=row.state.value,
        due_on=row.due_on,
        answer=row.answer,
        answered_at=row.answered_at,
        judge_until=row.judge_until if judged else None,
        may_reopen=judged and row.reopened_at is None,
        satisfied=row.satisfied,
    )


@db.transactional
async def judge(actor: Actor, wish: JudgeIn) -> None:
    """Take what whoever rated says to the answer: closed, or opened once more with new days.

    Raises NotFound for anybody else, Conflict `ratings.moved_on`, `ratings.reopened_already`.
    """
    rating = await of_token(wish.token)
    row = await Rectification.filter(rating_id=rating.id).select_for_update().get_or_none()
    if row is None or not _theirs(actor, rating):
        raise NotFound
    if row.closed_at is not None and row.satisfied is wish.satisfied:
        return  # the same tap again
    row.require("agree" if wish.satisfied else "reopen")
    if wish.satisfied:
        row.satisfied, row.closed_at = True, clock.now()
        await done(actor, row, "agree", None)
        await record(row, "ratings.agreed", actor)
    else:
        await _reopen(actor, row, wish.words.strip())


async def _reopen(actor: Actor, row: Rectification, words: str) -> None:
    if row.reopened_at is not None:
        raise Conflict("ratings.reopened_already")
    if not words:
        raise InvalidInput("invalid_input", fields=(FieldError("words", "required"),))
    days = await _clocks.times(row, clock.today())
    row.reopened_at, row.escalated_at, row.founded = clock.now(), None, None
    row.red_on, row.due_on = days.red_on, days.due_on
    await done(actor, row, "reopen", words)
    await record(row, "ratings.reopened", actor, due_on=row.due_on)


async def run_out() -> int:
    """Close what nobody has said anything to in time, and give their number."""
    late = await Rectification.filter(state=RectificationState.ANSWERED, judge_until__lt=clock.today()).limit(
        _MOST_AT_ONCE
    )
    for one in late:
        await _close(one)
    return len(late)


@db.transactional
async def _close(found: Rectification) -> None:
    row = await Rectification.filter(id=found.id).select_for_update().get()
    if row.state is RectificationState.ANSWERED and row.judge_until == found.judge_until:
        row.closed_at = clock.now()
        await done(BY_ITSELF, row, "run_out", None)
        await record(row, "ratings.run_out", BY_ITSELF)


async def escalate() -> int:
    """Put what is late and unanswered before the supervisors, once, and give their number."""
    late = await Rectification.filter(
        state__in=UNANSWERED, escalated_at=None, due_on__lt=clock.today()
    ).limit(_MOST_AT_ONCE)  # fmt: skip
    for one in late:
        await _escalate(one)
    return len(late)


@db.transactional
async def _escalate(found: Rectification) -> None:
    row = await Rectification.filter(id=found.id).select_for_update().get()
    if row.state in UNANSWERED and row.escalated_at is None and row.due_on < clock.today():
        row.escalated_at = clock.now()
        await done(BY_ITSELF, row, "escalate", None)


def _theirs(actor: Actor, rating: Rating) -> bool:
    """Say whether it is their rating: their login's, or whoever's holds the code where no login gave it."""
    return rating.account_id is None or (isinstance(actor, Citizen) and actor.account_id == rating.account_id)
