"""What whoever rated sees of it, and what they say to the answer: agreed, or once more."""

from __future__ import annotations

from datetime import date, timedelta

from tortoise.expressions import Q

from server import db
from server.actor import Actor, Staff, System
from server.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound
from server.features.ratings.models import UNANSWERED, Rating, Rectification, RectificationState
from server.features.ratings.schemas import AnswerOut, JudgeIn
from server.features.ratings.service import _clocks
from server.features.ratings.service._about import own_work, record
from server.features.ratings.service._rectify import done
from server.features.ratings.service._theirs import Rater
from server.features.ratings.service._tokens import of_token
from server.kit import clock

BY_ITSELF = System(name="ratings.clock")
_MOST_AT_ONCE = 500
_SAID = "SELECT id, words_sealed FROM rectification_deed WHERE rectification_id = $1 AND deed = 'reopen'"


async def answer_for(rater: Rater, rating: Rating) -> AnswerOut | None:
    """Show what became of a bad rating to whoever gave it, and to nobody who only holds its code."""
    row = await Rectification.get_or_none(rating_id=rating.id)
    if row is None or not rater.gave(rating):
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
async def judge(rater: Rater, wish: JudgeIn, *, at_desk: Staff | None = None, from_desk: bool = False) -> None:
    """Take what whoever rated says to the answer: closed, or opened once more with new days.

    The same once more changes nothing. Raises NotFound for anybody else, Conflict `ratings.moved_on`,
    `ratings.reopened_already`, Forbidden `ratings.own_window` to whose work it was, and `ratings.desk_browser` for what
    was given without a login in a browser that staff use.
    """
    rating = await of_token(wish.token)
    row = await Rectification.filter(rating_id=rating.id).select_for_update().get_or_none()
    if row is None or not rater.gave(rating):
        raise NotFound
    if at_desk is not None and await own_work(at_desk, rating):
        raise Forbidden("ratings.own_window")
    if rating.account_id is None and (from_desk or at_desk is not None):
        raise Forbidden("ratings.desk_browser")
    actor, words = rater.actor, wish.words.strip()
    if row.closed_at is not None and row.satisfied is wish.satisfied:
        return  # the same tap again
    if not wish.satisfied and await _reopened_so(row, words):
        return
    row.require("agree" if wish.satisfied else "reopen")
    if wish.satisfied:
        row.satisfied, row.closed_at = True, clock.now()
        await done(actor, row, "agree", None)
        await record(row, "ratings.agreed", actor)
    else:
        await _reopen(actor, row, words)


async def _reopened_so(row: Rectification, words: str) -> bool:
    """Say whether it was opened once more with these words, and no answer has come since."""
    if row.reopened_at is None or row.state is RectificationState.ANSWERED:
        return False
    said = await db.fetchrow(_SAID, row.id)
    return said is not None and words == db.unseal(
        "rectification_deed", "words_sealed", said["id"], said["words_sealed"]
    )


async def _reopen(actor: Actor, row: Rectification, words: str) -> None:
    if row.reopened_at is not None:
        raise Conflict("ratings.reopened_already")
    if not words:
        raise InvalidInput("invalid_input", fields=(FieldError("words", "required"),))
    days = await _clocks.times(row, clock.today())
    row.reopened_at, row.founded = clock.now(), None
    row.escalated_at, row.escalations, row.escalate_on = None, 0, None
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
    """Put what is late and unanswered, or not called back in time, before those above; give their number.

    Again after some days as the area's policy says, and once it is past its last day, as long as it stays so.
    """
    today = clock.today()
    late = await Rectification.filter(
        Q(due_on__lt=today) | Q(call_back_on__lt=today, called_back_at=None),
        Q(escalate_on=None) | Q(escalate_on__lte=today),
        state__in=UNANSWERED,
    ).limit(_MOST_AT_ONCE)
    for one in late:
        await _escalate(one, today)
    return len(late)


@db.transactional
async def _escalate(found: Rectification, today: date) -> None:
    row = await Rectification.filter(id=found.id).select_for_update().get()
    late = row.due_on < today or row.call_missed(today)
    if row.state not in UNANSWERED or row.escalations != found.escalations or not late:
        return
    row.escalated_at, row.escalations = clock.now(), row.escalations + 1
    row.escalate_on = today + timedelta(days=(await _clocks.policy_of(row)).escalate_days)
    if today <= row.due_on:
        row.escalate_on = min(row.escalate_on, row.due_on + timedelta(days=1))
    await done(BY_ITSELF, row, "escalate", None)
