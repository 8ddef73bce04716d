"""What every deed on a complaint shares: reach it, write the deed down, say what came of it."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import msgspec

from server import db
from server.actor import Actor, Staff
from server.errors import FieldError, Forbidden, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.catalogue import service as catalogue
from server.features.complaints.messages import Answered, ComplaintNews
from server.features.complaints.models import MOVES, Complaint, Kind
from server.features.complaints.schemas import CallerOut, ComplaintPolicy
from server.features.identity import service as identity
from server.features.push import service as push
from server.kit import checks, clock
from server.kit.ids import new_id
from server.kit.texts import text

LONGEST_REPORT = 1000
TEXT = "complaint_answered"
# What is said in a message is said in the language of the place.
LOCALE = "zh-CN"

_DEED = """
INSERT INTO complaint_deed (id, created_at, complaint_id, deed, staff_id, words_sealed) VALUES ($1, $2, $3, $4, $5, $6)
"""


async def held(actor: Staff, deed: str, complaint_id: UUID) -> Complaint:
    """Lock one within reach of those whose deed it is.

    Raises NotFound, Conflict `complaints.moved_on`, Forbidden `complaints.owner` where somebody else has taken it.
    """
    reach = await identity.reach(actor, *MOVES[deed].roles)
    within = (await catalogue.halls_within(reach), await catalogue.departments_within(reach))
    row = await Complaint.in_reach(*within).select_for_update().get_or_none(id=complaint_id)
    if row is None:
        raise NotFound
    row.require(deed)
    if MOVES[deed].own and row.owner_id != actor.staff_id:
        raise Forbidden("complaints.owner")
    return row


async def done(actor: Actor, row: Complaint, deed: str, words: str | None = None) -> None:
    """Write a deed down where it is worked on and in the trail, and move on, in the caller's transaction."""
    row.state = MOVES[deed].target or row.state
    await row.save()
    deed_id, staff_id = new_id(), actor.staff_id if isinstance(actor, Staff) else None
    sealed = None if words is None else db.seal("complaint_deed", "words_sealed", deed_id, words)
    await db.execute(_DEED, deed_id, clock.now(), row.id, deed, staff_id, sealed)
    await audit.record(actor, f"complaints.{deed}", "complaint", row.id, thread_id=row.thread_id)


def report(field: str, words: str) -> str:
    """Give what was written. Refuses nothing at all, and more than anybody reads."""
    said = words.strip()
    if not said:
        raise InvalidInput("invalid_input", fields=(FieldError(field, "required"),))
    if len(said) > LONGEST_REPORT:
        raise InvalidInput("invalid_input", fields=(FieldError(field, "too_long"),))
    return said


async def tell(kind: type[ComplaintNews], row: Complaint, *, dedupe: str, **more: object) -> None:
    """Say what came of it to whoever wrote under a login, or called from a mobile, in the caller's transaction."""
    if row.account_id is None:
        if kind is Answered and row.caller is not None:
            await _text_caller(row, row.caller, dedupe)
        return
    await push.send(
        kind(
            token=row.token,
            number=row.number,
            item=await about(row) or text(LOCALE, f"complaints.kind.{row.kind.value}"),
            at=clock.now(),
            **more,
        ),
        to=push.To(account_id=row.account_id),
        thread_id=row.thread_id,
        dedupe=dedupe,
    )


async def _text_caller(row: Complaint, caller: str, dedupe: str) -> None:
    """Send whoever called the link to the answer, where what they left is a mobile's number."""
    phone = checks.mobile(msgspec.json.decode(caller, type=CallerOut).phone)
    if phone is not None:
        await push.text(phone, TEXT, {"number": row.number, "link": f"/q/{row.token}"}, dedupe=dedupe)


async def about(row: Complaint) -> str | None:
    """Name what it is about, where it is about an item or a hall."""
    if row.item_id is not None:
        return (await catalogue.item(row.item_id)).name
    return None if row.hall_id is None else (await catalogue.hall(row.hall_id)).name


async def title(row: Complaint, locale: str) -> str:
    """Say what kind it is of, and what it is about."""
    return " · ".join(filter(None, (text(locale, f"complaints.kind.{row.kind.value}"), await about(row))))


async def policy_of(row: Complaint) -> ComplaintPolicy:
    """Give the days that hold where it was routed to; before that, those of everywhere."""
    if row.department_id is not None:
        return await catalogue.policy(ComplaintPolicy, (await catalogue.department(row.department_id)).region_code)
    if row.hall_id is not None:
        return await catalogue.policy(ComplaintPolicy, (await catalogue.hall(row.hall_id)).region_code)
    return ComplaintPolicy()


async def grades(row: Complaint) -> dict[str, int]:
    """Give the grades of what got stuck, each with its working days: on the spot, soon, longer."""
    policy = await policy_of(row)
    return {"now": 0, "soon": policy.stuck_soon_days, "most": policy.stuck_most_days}


async def due_on(row: Complaint, today: date) -> date:
    """Work out the last day of its time. What could not be got done is for the same day until it has a grade."""
    policy = await policy_of(row)
    days = {
        Kind.QUESTION: policy.question_days,
        Kind.GRIEVANCE: policy.grievance_days,
        Kind.STUCK: 0,
        Kind.NUISANCE: policy.nuisance_days,
        Kind.ERRATUM: policy.erratum_days,
    }[row.kind]
    if days:
        return await catalogue.add_working_days(today, days)
    return today if await catalogue.is_working_day(today) else await catalogue.add_working_days(today, 1)


async def judge_until(row: Complaint) -> date:
    """Give the last day to say what one thinks of the answer."""
    return clock.today() + timedelta(days=(await policy_of(row)).judge_days)
