"""Whoever writes: under a login or without, seen again by them alone, taken back, judged."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from server import db
from server.actor import Actor, Citizen
from server.errors import Conflict, FieldError, Gone, InvalidInput, NotFound
from server.features.catalogue import service as catalogue
from server.features.complaints.models import ENDED, UNANSWERED, Complaint, Kind, State
from server.features.complaints.schemas import (
    MOST_PICTURES,
    ComplaintIn,
    ComplaintJudgeIn,
    ComplaintLine,
    ComplaintOut,
    ComplaintStep,
)
from server.features.complaints.service._work import done, due_on, title
from server.features.documents import service as documents
from server.features.thread import service as thread
from server.kit import clock
from server.kit.ids import new_id_of
from server.kit.paging import Page, PageQuery, after, cursor_of
from server.kit.texts import text

_NUMBER = "SELECT nextval('complaint_serial')"
_TOLD = ("route", "take", "extend", "answer", "reopen", "withdraw", "agree", "run_out", "publish")
_DEEDS = """
SELECT id, created_at, deed, words_sealed FROM complaint_deed WHERE complaint_id = $1 AND deed = ANY ($2)
ORDER BY created_at, id
"""
_BEGINS_WITH = 40


@db.transactional
async def write(actor: Actor, wish: ComplaintIn) -> ComplaintOut:
    """Take one in. Whom it concerns is known from the item or the hall; the rest waits for somebody to route it.

    Raises NotFound for an item, hall or matter that is not there or not theirs, InvalidInput by field.
    """
    row = Complaint(
        id=new_id_of(actor.account_id if isinstance(actor, Citizen) else None),
        reason=wish.reason,
        account_id=actor.account_id if isinstance(actor, Citizen) else None,
        nameless=wish.nameless or not isinstance(actor, Citizen),
    )
    await begin(actor, row, wish)
    return await shown(row, actor)


async def begin(actor: Actor, row: Complaint, wish: ComplaintIn, *, department_id: UUID | None = None) -> None:
    """Give what was said its number, its place and its clock, in the caller's transaction. Raises as `write`."""
    _require_fitting(wish)
    row.number, row.kind, row.page = await _number(), wish.kind, wish.page
    row.due_on = clock.today()
    row.words = wish.words.strip()
    await _place(actor, row, wish)
    if department_id is not None and row.department_id is None:
        row.department_id = (await catalogue.department(department_id)).id
    row.due_on = await due_on(row, clock.today())
    row.token = await thread.issue_code("complaint", row.id)
    await row.save(force_create=True)
    if row.hall_id is not None or row.department_id is not None:
        await done(actor, row, "route")


def _require_fitting(wish: ComplaintIn) -> None:
    wrong = []
    if not wish.words.strip():
        wrong.append(FieldError("words", "required"))
    if (wish.kind is Kind.STUCK) is (wish.reason is None):
        wrong.append(FieldError("reason", "required" if wish.reason is None else "unknown_field"))
    if wrong:
        raise InvalidInput("invalid_input", fields=tuple(wrong))


async def _number() -> str:
    serial: int = await db.fetchval(_NUMBER)
    return f"{clock.today():%Y%m%d}{serial:06}"


async def _place(actor: Actor, row: Complaint, wish: ComplaintIn) -> None:
    """Note what it is about, and whose it is: of a matter or item its department, of what got stuck the hall."""
    if wish.thread_id is not None:
        opened = await thread.view(actor, wish.thread_id)
        row.thread_id, row.item_id = opened.id, opened.item_id
    elif wish.item_id is not None:
        row.item_id = (await catalogue.item(wish.item_id)).id
    if wish.hall_id is not None:
        row.hall_id = (await catalogue.hall(wish.hall_id)).id
    elif wish.kind is Kind.STUCK and row.thread_id is not None:
        row.hall_id = next(iter(await thread.halls_of(row.thread_id)), None)
    # Who could not get something done turns to a hall's manager, past the department that did not do it.
    if row.item_id is not None and wish.kind is not Kind.STUCK:
        row.department_id = (await catalogue.item(row.item_id)).department_id


async def one(actor: Actor, token: str) -> ComplaintOut:
    """Show one to whoever wrote it. Raises NotFound `codes.unknown`, for somebody else's too."""
    return await shown(await theirs(actor, token), actor)


async def mine(actor: Citizen, query: PageQuery) -> Page[ComplaintLine]:
    """List what somebody wrote under their login, the newest first."""
    rows = Complaint.of(actor.account_id).order_by("-created_at", "-id")
    if (last := after(query.cursor, tuple[datetime, UUID])) is not None:
        rows = rows.filter(created_at__lte=last[0]).exclude(created_at=last[0], id__gte=last[1])
    found = await rows.limit(query.limit + 1)
    shown = found[: query.limit]
    following = cursor_of(shown[-1].created_at, shown[-1].id) if len(found) > query.limit else None
    return Page(items=[await _line(row, actor.locale) for row in shown], next=following)


@db.transactional
async def withdraw(actor: Actor, token: str) -> ComplaintOut:
    """Take one back that has no answer yet; twice is once. Raises NotFound, Conflict `complaints.moved_on`."""
    row = await theirs(actor, token, lock=True)
    if row.state is not State.WITHDRAWN:
        row.require("withdraw")
        row.ended_at = clock.now()
        await done(actor, row, "withdraw")
    return await shown(row, actor)


@db.transactional
async def judge(actor: Actor, wish: ComplaintJudgeIn) -> ComplaintOut:
    """Say whether the answer is one; if not, it is worked on once more, with words that say what is left.

    The same word again changes nothing. Raises NotFound, Conflict `complaints.moved_on`, `complaints.reopened_already`.
    """
    row = await theirs(actor, wish.token, lock=True)
    if wish.satisfied:
        if row.satisfied is not True:
            await agree(actor, row)
    else:
        await reopen(actor, row, wish.words)
    return await shown(row, actor)


async def agree(actor: Actor, row: Complaint) -> None:
    """Close one whose answer was one, in the caller's transaction. Raises Conflict `complaints.moved_on`."""
    row.require("agree")
    row.satisfied, row.ended_at = True, clock.now()
    await done(actor, row, "agree")


async def reopen(actor: Actor, row: Complaint, words: str) -> None:
    """Have it worked on once more, in the caller's transaction. Raises as `judge`."""
    row.require("reopen")
    if row.reopened_at is not None:
        raise Conflict("complaints.reopened_already")
    if not words.strip():
        raise InvalidInput("invalid_input", fields=(FieldError("words", "required"),))
    row.first_due_on, row.first_answered_at = row.due_on, row.answered_at
    row.first_department_id, row.first_hall_id = row.department_id, row.hall_id
    row.reopened_at, row.extended_at = clock.now(), None
    row.calm()
    row.owner_id, row.due_on = None, await due_on(row, clock.today())
    # What is disputed does not stand in public.
    row.take_down()
    await done(actor, row, "reopen", words.strip())


async def theirs(actor: Actor, token: str, *, lock: bool = False) -> Complaint:
    """Find one for whoever wrote it. Raises NotFound `codes.unknown`, for somebody else's too."""
    try:
        found = await thread.resolve_code(token, "complaint")
    except Gone:
        raise NotFound("codes.unknown") from None
    rows = Complaint.filter(id=found.subject_id)
    row = await (rows.select_for_update() if lock else rows).get()
    # Written under a login, it is read under that login; else by whoever holds the code.
    if row.account_id is not None and not (isinstance(actor, Citizen) and actor.account_id == row.account_id):
        raise NotFound("codes.unknown")
    return row


async def _line(row: Complaint, locale: str) -> ComplaintLine:
    return ComplaintLine(
        token=row.token,
        number=row.number,
        kind_text=text(locale, f"complaints.kind.{row.kind.value}"),
        state_text=text(locale, f"complaints.state.{row.state.value}"),
        title=await title(row, locale),
        begun=row.words[:_BEGINS_WITH],
        written_at=row.created_at,
        open=row.state not in ENDED,
    )


async def shown(row: Complaint, actor: Actor) -> ComplaintOut:
    """Describe one to whoever wrote it."""
    locale, running = actor.locale, row.state in UNANSWERED
    office = None if row.department_id is None else (await catalogue.department(row.department_id)).name
    if office is None and row.hall_id is not None:
        office = (await catalogue.hall(row.hall_id)).name
    pictures = await documents.exhibits(row.id)
    return ComplaintOut(
        token=row.token,
        number=row.number,
        kind=row.kind,
        kind_text=text(locale, f"complaints.kind.{row.kind.value}"),
        state=row.state,
        state_text=text(locale, f"complaints.state.{row.state.value}"),
        title=await title(row, locale),
        office=office,
        words=row.words,
        pictures=pictures,
        pictures_left=0 if row.state in ENDED else MOST_PICTURES - len(pictures),
        written_at=row.created_at,
        due_on=row.due_on if running else None,
        late=running and row.light(clock.today()) == "red",
        answer=row.answer,
        answered_at=row.answered_at,
        judge_until=row.judge_until if row.state is State.ANSWERED else None,
        satisfied=row.satisfied,
        may_reopen=row.reopened_at is None,
        steps=[_step(one, locale) for one in await db.fetch(_DEEDS, row.id, list(_TOLD))],
        can=[deed for deed in ("withdraw", "agree", "reopen") if row.allows(deed)],
    )


def _step(row: db.Record, locale: str) -> ComplaintStep:
    # Why it takes longer is theirs to read; what one officer writes to another is not.
    told = row["words_sealed"] if row["deed"] in ("extend", "reopen") else None
    return ComplaintStep(
        at=row["created_at"],
        text=text(locale, f"complaints.step.{row['deed']}"),
        words=None if told is None else db.unseal("complaint_deed", "words_sealed", row["id"], told),
    )
