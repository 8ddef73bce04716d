"""A complaint by telephone, from the hotline or directly: taken down once, called back about, judged by the caller."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import msgspec

from server import db
from server.actor import Staff
from server.errors import Conflict, FieldError, Forbidden, InvalidInput
from server.features.audit import service as audit
from server.features.complaints.models import Complaint
from server.features.complaints.schemas import Call, CallerOut, ComplaintIn
from server.features.complaints.service._work import held, policy_of
from server.features.complaints.service._writing import agree, begin, reopen
from server.features.thread import service as thread
from server.kit import clock

_ORDER = re.compile(r"[0-9A-Z][0-9A-Z-]{5,39}")
# Whoever took down the same number, or the same words, within this has most likely sent it twice.
JUST_NOW = timedelta(minutes=30)
_TURN = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
_ANSWERED_BY = """
SELECT DISTINCT department_id, hall_id FROM complaint WHERE caller_sealed IS NOT NULL AND ended_at IS NOT NULL
"""
_PHONE = re.compile(r"\+?[0-9][0-9-]{5,18}[0-9]")


@db.transactional
async def take_call(actor: Staff, call: Call) -> tuple[UUID, str]:
    """Take one down; gives its id and number. From here on it goes the way of those written on a phone.

    Raises NotFound for a matter out of reach, InvalidInput by field, Conflict `complaints.order_known` for a work order
    that was taken down before, `complaints.call_known` for a number or words of just now, with the number it has here.
    """
    order = _order(call)
    known = None if order is None else await Complaint.get_or_none(order_number=order)
    if known is not None:
        raise Conflict("complaints.order_known", number=known.number)
    row = Complaint(reason=call.reason, taken_by=actor.staff_id, nameless=not call.consent, order_number=order)
    row.caller = msgspec.json.encode(_caller(call)).decode() if call.consent else None
    row.call_print = _print(call)
    if order is None and not call.again:
        await _require_new(row.call_print)
    matter = await thread.find(actor, call.number) if call.number.strip() else None
    wish = ComplaintIn(
        kind=call.kind,
        words=call.words,
        reason=call.reason,
        thread_id=None if matter is None else matter.id,
        hall_id=call.hall_id,
    )
    await begin(actor, row, wish, department_id=call.department_id)
    person_id = None if matter is None else matter.person_id
    await audit.record(actor, "complaints.taken", "complaint", row.id, person_id=person_id, thread_id=row.thread_id)
    return row.id, row.number


@db.transactional
async def judge_by_call(actor: Staff, complaint_id: UUID, *, satisfied: bool, words: str) -> None:
    """Write down what the caller says to the answer, when called back: content, or once more.

    Raises NotFound, Conflict as `judge`, Forbidden `complaints.own_answer` to whoever answered: they do not ask
    whether it was one.
    """
    row = await held(actor, "call", complaint_id)
    if row.taken_by is None:
        raise Conflict("complaints.moved_on")
    if row.answered_by == actor.staff_id:
        raise Forbidden("complaints.own_answer")
    if satisfied:
        await agree(actor, row)
    else:
        await reopen(actor, row, words)


async def forget_callers() -> int:
    """Erase whom to call some days after it is over, as the policy of each place says; gives of how many."""
    forgotten = 0
    for place in map(dict, await db.fetch(_ANSWERED_BY)):
        days = timedelta(days=(await policy_of(Complaint(**place))).caller_days)
        over = Complaint.filter(**place, caller_sealed__isnull=False, ended_at__lte=clock.now() - days)
        forgotten += await over.update(caller_sealed=None, call_print=None)
    return forgotten


async def _require_new(seen: bytes) -> None:
    await db.execute(_TURN, f"complaint call {seen.hex()}")
    known = await Complaint.filter(call_print=seen, created_at__gte=clock.now() - JUST_NOW).first()
    if known is not None:
        raise Conflict("complaints.call_known", number=known.number)


def _print(call: Call) -> bytes:
    """Give what a call is known by for a while, of no use to whoever reads the table: the number, or else the words."""
    said = "".join(call.words.split())
    return db.blind_index("complaint_call", _caller(call).phone if call.consent else f"{call.kind} {said}")


def _order(call: Call) -> str | None:
    order = "".join(call.order_number.split()).upper()
    if order and not _ORDER.fullmatch(order):
        raise InvalidInput("invalid_input", fields=(FieldError("order_number", "bad_format"),))
    return order or None


def _caller(call: Call) -> CallerOut:
    phone = "".join(call.phone.split())
    if not _PHONE.fullmatch(phone):
        raise InvalidInput("invalid_input", fields=(FieldError("phone", "bad_format" if phone else "required"),))
    return CallerOut(name=call.name.strip(), phone=phone)
