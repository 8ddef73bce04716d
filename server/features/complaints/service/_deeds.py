"""What the office does with a complaint: route it, take it, answer it in time, stand by the answer in public."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import msgspec
from tortoise.expressions import Q

from server import db
from server.actor import Staff, System
from server.errors import Conflict, FieldError, Forbidden, InvalidInput
from server.features.audit import service as audit
from server.features.catalogue import service as catalogue
from server.features.complaints.messages import Answered, Extended, Published
from server.features.complaints.models import UNANSWERED, Complaint, Kind, State
from server.features.complaints.schemas import LONGEST_PUBLIC, CallBack, CallerOut
from server.features.complaints.service._work import done, due_on, grades, held, judge_until, policy_of, report, tell
from server.features.identity import service as identity
from server.kit import clock, masking
from server.kit.held_words import to_hold

BY_ITSELF = System(name="complaints")
_MOST_AT_ONCE = 200
# What may stand in public has no number of a phone or a document in it.
_GRADED = "SELECT true FROM complaint_deed WHERE complaint_id = $1 AND deed = 'grade' AND created_at >= $2 LIMIT 1"
_LONG_NUMBER = re.compile(r"\d[\d\s-]{8,}[\dXx]")


@db.transactional
async def route(
    actor: Staff, complaint_id: UUID, *, department_id: UUID | None = None, hall_id: UUID | None = None
) -> None:
    """Send it where it belongs: to a department or to a hall. Its days begin when it is there for the first time."""
    row = await held(actor, "route", complaint_id)
    if (department_id is None) is (hall_id is None):
        raise InvalidInput("invalid_input", fields=(FieldError("department_id", "required"),))
    first = row.state is State.RECEIVED
    if department_id is not None:
        row.department_id = (await catalogue.department(department_id)).id
    else:
        row.department_id, row.hall_id = None, (await catalogue.hall(hall_id)).id if hall_id else None
    row.owner_id = None
    if first:
        # What lay too long unrouted was put before the supervisors for that; it has its own days now.
        row.calm()
        row.due_on = await due_on(row, clock.today())
    await done(actor, row, "route")


@db.transactional
async def take(actor: Staff, complaint_id: UUID) -> None:
    """Become the one who answers for it until it is answered or handed over (首问负责)."""
    row = await held(actor, "take", complaint_id)
    row.owner_id = actor.staff_id
    await done(actor, row, "take")


@db.transactional
async def hand_over(actor: Staff, complaint_id: UUID, *, words: str) -> None:
    """Leave it to a colleague, with a note."""
    row = await held(actor, "hand_over", complaint_id)
    row.owner_id = None
    await done(actor, row, "hand_over", report("words", words))


@db.transactional
async def grade(actor: Staff, complaint_id: UUID, *, grade: str) -> None:
    """Say how long what got stuck takes: on the spot, soon, or longer; the days count from when it came.

    Refuses `complaints.graded` a second time: nobody is put off by and by.
    """
    row = await held(actor, "grade", complaint_id)
    days = (await grades(row)).get(grade)
    if days is None:
        raise InvalidInput("invalid_input", fields=(FieldError("grade", "bad_format"),))
    begun = row.reopened_at or row.created_at
    if await db.fetchval(_GRADED, row.id, begun):
        raise Conflict("complaints.graded")
    since = begun.astimezone(clock.SHANGHAI).date()
    if days:
        graded = await catalogue.add_working_days(since, days)
        # A later day that whoever wrote was told of is not taken back.
        row.due_on = graded if row.extended_at is None else max(graded, row.due_on)
    await done(actor, row, "grade", None)


@db.transactional
async def extend(actor: Staff, complaint_id: UUID, *, reason: str) -> None:
    """Take some days more, once, before the time is over; whoever wrote is told why. Refuses `complaints.too_late`."""
    row = await held(actor, "extend", complaint_id)
    if clock.today() > row.due_on:
        raise Conflict("complaints.too_late")
    said = report("reason", reason)
    row.extended_at = clock.now()
    row.due_on = await catalogue.add_working_days(row.due_on, (await policy_of(row)).extend_days)
    await done(actor, row, "extend", said)
    await tell(Extended, row, dedupe=f"{Extended.kind}:{row.id}:{_round(row)}", until_on=row.due_on)


@db.transactional
async def answer(actor: Staff, complaint_id: UUID, *, words: str) -> None:
    """Answer. Whoever wrote reads these words and may say once that they are no answer."""
    row = await held(actor, "answer", complaint_id)
    row.answer, row.answered_at, row.answered_by = report("words", words), clock.now(), actor.staff_id
    row.judge_until = await judge_until(row)
    await done(actor, row, "answer")
    await tell(Answered, row, dedupe=f"{Answered.kind}:{row.id}:{_round(row)}")


@db.transactional
async def urge(actor: Staff, complaint_id: UUID, *, words: str) -> None:
    """Press for it from above (督办)."""
    row = await held(actor, "urge", complaint_id)
    await done(actor, row, "urge", report("words", words))


@db.transactional
async def caller(actor: Staff, complaint_id: UUID) -> CallBack:
    """Give whom to call; the look is on record. Raises Conflict `complaints.nobody_to_call` without a number."""
    row = await held(actor, "call", complaint_id)
    if row.caller is not None:
        known = msgspec.json.decode(row.caller, type=CallerOut)
        await audit.record(actor, "complaints.viewed", "complaint", row.id, thread_id=row.thread_id)
        return CallBack(name=masking.name(known.name) if known.name else None, phone=known.phone)
    person = None if row.account_id is None else await identity.holder_of(row.account_id)
    person_id = None if person is None else person.id
    phone = await identity.phone_to_text(row.account_id, person_id)
    if phone is None:
        raise Conflict("complaints.nobody_to_call")
    await audit.record(actor, "complaints.viewed", "complaint", row.id, person_id=person_id, thread_id=row.thread_id)
    return CallBack(name=None if person is None else masking.name(person.name), phone=phone)


@db.transactional
async def publish(actor: Staff, complaint_id: UUID, *, question: str, answer: str) -> None:
    """Put question and answer beside the guide for everybody, in words without anybody's name or number.

    Refuses `complaints.second_officer` to whoever answered, and InvalidInput `personal` for what looks like a number,
    `held_words` for what somebody should look at first.
    """
    row = await held(actor, "publish", complaint_id)
    if row.answered_by == actor.staff_id:
        raise Forbidden("complaints.second_officer")
    row.public_question, row.public_answer = _public("question", question), _public("answer", answer)
    row.published_at, row.published_by = clock.now(), actor.staff_id
    await done(actor, row, "publish")
    if row.kind in (Kind.NUISANCE, Kind.ERRATUM):
        await tell(Published, row, dedupe=f"{Published.kind}:{row.id}")


@db.transactional
async def unpublish(actor: Staff, complaint_id: UUID) -> None:
    """Take it down again."""
    row = await held(actor, "unpublish", complaint_id)
    row.take_down()
    await done(actor, row, "unpublish")


@db.transactional
async def hold_to_account(actor: Staff, complaint_id: UUID, *, words: str) -> None:
    """Write down who answers for what went wrong, and how (行政问责); the officers concerned read it."""
    row = await held(actor, "hold_to_account", complaint_id)
    row.accountable_at = clock.now()
    await done(actor, row, "hold_to_account", report("words", words))


async def run_out() -> int:
    """Close what nobody has said anything to in time, and give their number."""
    late = await Complaint.filter(state=State.ANSWERED, judge_until__lt=clock.today()).limit(_MOST_AT_ONCE)
    for found in late:
        async with db.tx():
            row = await Complaint.filter(id=found.id).select_for_update().get()
            if row.state is State.ANSWERED and row.judge_until == found.judge_until:
                row.ended_at = clock.now()
                await done(BY_ITSELF, row, "run_out")
    return len(late)


async def escalate() -> int:
    """Put what is late and unanswered before those above, and give their number.

    Again after some days as the area's policy says, as long as it stays so.
    """
    today = clock.today()
    late = await Complaint.filter(
        Q(escalate_on=None) | Q(escalate_on__lte=today), state__in=UNANSWERED, due_on__lt=today
    ).limit(_MOST_AT_ONCE)
    for found in late:
        async with db.tx():
            row = await Complaint.filter(id=found.id).select_for_update().get()
            if row.state in UNANSWERED and row.escalations == found.escalations and row.due_on < today:
                row.escalated_at, row.escalations = clock.now(), row.escalations + 1
                row.escalate_on = today + timedelta(days=(await policy_of(row)).escalate_days)
                await done(BY_ITSELF, row, "escalate")
    return len(late)


def _round(row: Complaint) -> int:
    return 2 if row.reopened_at else 1


def _public(field: str, words: str) -> str:
    said = words.strip()
    if not said:
        raise InvalidInput("invalid_input", fields=(FieldError(field, "required"),))
    if len(said) > LONGEST_PUBLIC:
        raise InvalidInput("invalid_input", fields=(FieldError(field, "too_long"),))
    if to_hold(said):
        raise InvalidInput("invalid_input", fields=(FieldError(field, "held_words"),))
    if _LONG_NUMBER.search(said):
        raise InvalidInput("invalid_input", fields=(FieldError(field, "personal"),))
    return said
