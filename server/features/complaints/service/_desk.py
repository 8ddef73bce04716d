"""What the desk sees of complaints: what was written, how the time stands, what was done; who wrote is asked for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from tortoise.queryset import QuerySet

from server import db
from server.actor import Staff
from server.errors import NotFound
from server.features.audit import service as audit
from server.features.catalogue import service as catalogue
from server.features.complaints.models import ENDED, MOVES, UNANSWERED, UNIT, Complaint, Kind, State
from server.features.complaints.schemas import DeedOut, DeskComplaint, DeskLine
from server.features.complaints.service._public import public_of
from server.features.complaints.service._work import grades, title
from server.features.documents import service as documents
from server.features.identity import service as identity
from server.kit import clock
from server.kit.held_words import to_hold
from server.kit.texts import text

Which = Literal["open", "mine", "unrouted", "answered", "ended"]

_STATES: dict[Which, tuple[State, ...]] = {
    "open": UNANSWERED,
    "mine": UNANSWERED,
    "unrouted": (State.RECEIVED,),
    "answered": (State.ANSWERED,),
    "ended": ENDED,
}
_WRITTEN = db.Listing(
    "complaint c LEFT JOIN item i ON i.id = c.item_id LEFT JOIN thread t ON t.id = c.thread_id",
    "c.id",
    {
        # What is answered waits for whoever wrote, no longer for its last day.
        "due": db.By("CASE WHEN c.state = 'answered' THEN coalesce(c.judge_until, c.due_on) ELSE c.due_on END", date),
        "ended": db.By("coalesce(c.ended_at, 'epoch')", datetime),
        "written": db.By("c.created_at", datetime),
        "number": db.By("c.number", str),
        "kind": db.By("c.kind", str),
    },
    "concat_ws(' ', c.number, c.order_number, i.name, t.title)",
)
_DEEDS = """
SELECT id, created_at, deed, staff_id, words_sealed FROM complaint_deed WHERE complaint_id = $1 ORDER BY created_at, id
"""


async def complaints(actor: Staff, *, which: Which = "open", kind: Kind | None = None) -> db.Found[DeskLine]:
    """List what is within the actor's reach: those without an answer by their last day, what is over the newest first.

    `mine` are those the actor has taken, `unrouted` those that nobody is responsible for yet.
    """

    async def shown(ids: list[UUID]) -> list[DeskLine]:
        return await _lines(await db.in_order(Complaint, ids), actor)

    rows = _WRITTEN.found(shown, usual="-ended" if which == "ended" else "due")
    halls, departments = await _places(actor)
    if halls is not None and departments is not None:
        rows = rows.where(
            "c.hall_id = ANY ({}::uuid[]) OR c.department_id = ANY ({}::uuid[])", list(halls), list(departments)
        )
    if kind is not None:
        rows = rows.where("c.kind = {}", kind.value)
    if which == "mine":
        rows = rows.where("c.owner_id = {}", actor.staff_id)
    return rows.where("c.state = ANY ({}::text[])", [state.value for state in _STATES[which]])


async def open_complaints(actor: Staff) -> tuple[int, int]:
    """Count those without an answer within reach, and those of them that are late."""
    rows = (await within(actor)).filter(state__in=UNANSWERED)
    return await rows.count(), await rows.filter(due_on__lt=clock.today()).count()


@db.transactional
async def complaint(actor: Staff, complaint_id: UUID) -> DeskComplaint:
    """Give one within reach, what was done and what the actor may do; the look is on record. Raises NotFound."""
    row = await (await within(actor)).get_or_none(id=complaint_id)
    if row is None:
        raise NotFound
    await audit.record(actor, "complaints.read", "complaint", row.id, thread_id=row.thread_id)
    deeds = await db.fetch(_DEEDS, row.id)
    begun = row.reopened_at or row.created_at
    graded = any(one["deed"] == "grade" and one["created_at"] >= begun for one in deeds)
    labels = await identity.staff_labels([one["staff_id"] for one in deeds if one["staff_id"]])
    return DeskComplaint(
        line=(await _lines([row], actor))[0],
        page=row.page,
        by_call=row.taken_by is not None,
        order_number=row.order_number,
        pictures=await documents.exhibits(row.id),
        matter=row.thread_id,
        answer=row.answer,
        answered_on=None if row.answered_at is None else row.answered_at.astimezone(clock.SHANGHAI).date(),
        judge_until=row.judge_until,
        satisfied=row.satisfied,
        public=await public_of(row, actor.locale),
        own_answer=row.answered_by == actor.staff_id,
        accountable=row.accountable_at is not None,
        deeds=[_deed(one, {key: label[1] for key, label in labels.items()}) for one in deeds],
        grades=await grades(row),
        may=[one for one in MOVES if _may(actor, row, one) and (one, graded) != ("grade", True)]
        + _for_caller(actor, row),
    )


async def within(actor: Staff) -> QuerySet[Complaint]:
    """Give what lies within an officer's reach."""
    return Complaint.in_reach(*await _places(actor))


async def _places(actor: Staff) -> tuple[tuple[UUID, ...] | None, tuple[UUID, ...] | None]:
    reach = await identity.reach(actor, *UNIT)
    return await catalogue.halls_within(reach), await catalogue.departments_within(reach)


def _may(actor: Staff, row: Complaint, deed: str) -> bool:
    if not actor.has(*MOVES[deed].roles) or not row.allows(deed):
        return False
    if deed == "publish" and row.answered_by == actor.staff_id:
        return False
    return not MOVES[deed].own or row.owner_id == actor.staff_id


def _for_caller(actor: Staff, row: Complaint) -> list[str]:
    asks = row.taken_by is not None and row.answered_by != actor.staff_id and _may(actor, row, "call")
    return ["judge"] if asks and row.allows("agree") else []


async def _lines(found: Collection[Complaint], actor: Staff) -> list[DeskLine]:
    labels = await identity.staff_labels(list({row.owner_id for row in found if row.owner_id}))
    return [await _line(row, actor, {key: label[1] for key, label in labels.items()}) for row in found]


async def _line(row: Complaint, actor: Staff, names: dict[UUID, str]) -> DeskLine:
    today, locale = clock.today(), actor.locale
    office = None if row.department_id is None else (await catalogue.department(row.department_id)).name
    if office is None and row.hall_id is not None:
        office = (await catalogue.hall(row.hall_id)).name
    return DeskLine(
        id=row.id,
        number=row.number,
        kind=row.kind,
        kind_text=text(locale, f"complaints.kind.{row.kind.value}"),
        reason_text=text(locale, f"complaints.reason.{row.reason.value}") if row.reason else None,
        state=row.state,
        state_text=text(locale, f"complaints.state.{row.state.value}"),
        title=await title(row, locale),
        office=office,
        owner=None if row.owner_id is None else names.get(row.owner_id),
        own=row.owner_id == actor.staff_id,
        words=row.words,
        flagged=to_hold(row.words),
        written_on=row.created_at.astimezone(clock.SHANGHAI).date(),
        due_on=row.due_on,
        days_left=(row.due_on - today).days,
        light=row.light(today),
        escalated=row.escalations,
        extended=row.extended_at is not None,
        reopened=row.reopened_at is not None,
    )


def _deed(row: db.Record, names: dict[UUID, str]) -> DeedOut:
    sealed = row["words_sealed"]
    words = None if sealed is None else db.unseal("complaint_deed", "words_sealed", row["id"], sealed)
    flagged = row["staff_id"] is None and to_hold(words or "")
    return DeedOut(at=row["created_at"], deed=row["deed"], by=names.get(row["staff_id"]), words=words, flagged=flagged)
