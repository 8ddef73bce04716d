"""Applications by post: every envelope is written down once, and ends with a case or goes back with a reason."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.queryset import QuerySet

from server import db
from server.actor import Staff
from server.errors import Conflict, FieldError, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.cases.models import FRONT, OPEN, Case, Parcel
from server.features.cases.schemas import ParcelIn, ParcelOut, ReturnIn
from server.features.cases.service._desk import case_to_change
from server.features.catalogue import service as catalogue
from server.features.documents import service as documents
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import clock, masking

# An envelope is opened the day it comes, or the working days after a long holiday.
OLDEST = timedelta(days=30)
NOON = time(12, tzinfo=clock.SHANGHAI)
_PARCELS = db.Listing(
    """parcel p JOIN hall h ON h.id = p.hall_id LEFT JOIN case_record c ON c.id = p.case_id
    LEFT JOIN thread t ON t.id = c.thread_id""",
    "p.id",
    {"waybill": db.By("p.waybill", str), "hall": db.By("h.name", str), "received": db.By("p.received_on", date)},
    "concat_ws(' ', p.waybill, p.out_waybill, t.number)",
)


@db.transactional
async def register_parcel(actor: Staff, came: ParcelIn) -> UUID:
    """Write an envelope down. Refuses `cases.parcel_known` for a waybill that is written down already.

    `invalid_input` for a day in the future or long past; NotFound for another's hall.
    """
    await _require_hall(actor, came.hall_id)
    if not clock.today() - OLDEST <= came.received_on <= clock.today():
        raise InvalidInput("invalid_input", fields=(FieldError("received_on", "out_of_range"),))
    row = Parcel(
        hall_id=came.hall_id,
        courier=came.courier,
        waybill=_plain(came.waybill),
        received_on=came.received_on,
        staff_id=actor.staff_id,
    )
    row.sender = {"name": came.sender.strip(), "phone": came.sender_phone.strip()}
    row.contents = came.contents.strip()
    try:
        async with db.savepoint():
            await row.save(force_create=True)
    except IntegrityError:
        raise Conflict("cases.parcel_known") from None
    await audit.record(actor, "cases.parcel_registered", "parcel", row.id, courier=row.courier)
    return row.id


async def parcel(actor: Staff, parcel_id: UUID) -> ParcelOut:
    """Show one envelope, its sender in clear. That somebody looked is on record, for the applicant of its case too."""
    row = await _mine(actor, parcel_id)
    case = None if row.case_id is None else await Case.get(id=row.case_id)
    async with db.tx():
        await audit.record(
            actor, "cases.parcel.viewed", "parcel", row.id,
            person_id=None if case is None else case.holder_id, thread_id=None if case is None else case.thread_id,
        )  # fmt: skip
    return (await _shown([row], clear=True))[0]


async def parcels(actor: Staff, *, state: str) -> db.Found[ParcelOut]:
    """List the envelopes in a state, the oldest first (what is over, the newest)."""

    async def shown(ids: list[UUID]) -> list[ParcelOut]:
        return await _shown(await db.in_order(Parcel, ids))

    found = _PARCELS.found(shown, usual="received" if state == "registered" else "-received")
    return found.where("p.state = {}", state).within("p.hall_id", await _halls(actor))


async def parcels_of(case_id: UUID) -> list[ParcelOut]:
    """List the envelopes of a case, the first first; the caller has checked who may see the case."""
    return await _shown(await Parcel.filter(case_id=case_id).order_by("received_on", "id"))


async def take_parcel(actor: Staff, parcel_id: UUID, hall_id: UUID) -> Parcel:
    """Take an envelope that waits at this hall, in the caller's transaction. Refuses `cases.parcel_answered`."""
    row = await _mine(actor, parcel_id, lock=True)
    if row.hall_id != hall_id:
        raise NotFound
    if row.state != "registered":
        raise Conflict("cases.parcel_answered")
    return row


async def file_parcel(actor: Staff, row: Parcel, case: Case) -> None:
    """Put an envelope that was taken to its case, in the caller's transaction."""
    row.state, row.case_id = "filed", case.id
    await _answered(actor, row)
    await thread.record(
        case.thread_id, "cases.received_by_post", actor, case_id=str(case.id), received_on=row.received_on
    )
    await audit.record(
        actor, "cases.parcel_filed", "parcel", row.id, person_id=case.holder_id, thread_id=case.thread_id
    )


@db.transactional
async def attach_parcel(actor: Staff, parcel_id: UUID, number: str) -> UUID:
    """Put what came later to the case it belongs to, and give that case's id: what was to be mended, or to follow.

    Refuses `cases.parcel_answered`, `cases.no_such_number` for a number that is nobody's here or is over.
    """
    await _mine(actor, parcel_id)
    thread_id = await thread.by_number(number)
    found = None if thread_id is None else await Case.filter(thread_id=thread_id, state__in=OPEN).first()
    if found is None:
        raise InvalidInput("cases.no_such_number", fields=(FieldError("number", "no_such_number"),))
    try:
        case = await case_to_change(actor, found.id, *FRONT)
    except NotFound:
        raise InvalidInput("cases.no_such_number", fields=(FieldError("number", "no_such_number"),)) from None
    row = await _mine(actor, parcel_id, lock=True)
    if row.state != "registered":
        raise Conflict("cases.parcel_answered")
    await file_parcel(actor, row, case)
    return case.id


@db.transactional
async def return_parcel(actor: Staff, parcel_id: UUID, back: ReturnIn) -> None:
    """Send an envelope back with its reason. Refuses `cases.parcel_answered`, `.parcel_known` for the new waybill."""
    row = await _mine(actor, parcel_id, lock=True)
    if row.state != "registered":
        raise Conflict("cases.parcel_answered")
    row.state, row.reason = "returned", back.reason
    row.words = await documents.printable(back.words) if back.words.strip() else None
    row.out_courier, row.out_waybill = back.courier, _plain(back.waybill)
    try:
        async with db.savepoint():
            await _answered(actor, row)
    except IntegrityError:
        raise Conflict("cases.parcel_known") from None
    await audit.record(actor, "cases.parcel_returned", "parcel", row.id, reason=back.reason)


def moment_of(received_on: date) -> datetime:
    """Give the moment an application of that day counts from: now, or noon of an earlier day."""
    return clock.now() if received_on == clock.today() else datetime.combine(received_on, NOON)


async def _answered(actor: Staff, row: Parcel) -> None:
    row.answered_by, row.answered_at = actor.staff_id, clock.now()
    await row.save(
        update_fields=[
            "state", "case_id", "reason", "words_sealed", "out_courier", "out_waybill", "answered_by", "answered_at",
        ]
    )  # fmt: skip


async def _in_reach(actor: Staff) -> QuerySet[Parcel]:
    return Parcel.in_reach(await _halls(actor))


async def _halls(actor: Staff) -> Collection[UUID] | None:
    return await catalogue.halls_within(await identity.reach(actor, *FRONT))


async def _mine(actor: Staff, parcel_id: UUID, *, lock: bool = False) -> Parcel:
    rows = await _in_reach(actor)
    found = await (rows.select_for_update() if lock else rows).get_or_none(id=parcel_id)
    if found is None:
        raise NotFound
    return found


async def _require_hall(actor: Staff, hall_id: UUID) -> None:
    within = await _halls(actor)
    if within is not None and hall_id not in within:
        raise NotFound


async def _shown(rows: Sequence[Parcel], *, clear: bool = False) -> list[ParcelOut]:
    filed = {case.id: case for case in await Case.filter(id__in=[row.case_id for row in rows if row.case_id])}
    numbers = await thread.many([case.thread_id for case in filed.values()])
    halls = {one.id: one.name for one in await catalogue.halls()}
    return [
        ParcelOut(
            id=row.id,
            hall_id=row.hall_id,
            hall=halls[row.hall_id],
            courier=row.courier,
            waybill=row.waybill,
            sender=row.sender["name"] if clear else masking.name(row.sender["name"]),
            sender_phone=row.sender["phone"] if clear else "",
            contents=row.contents if clear else "",
            received_on=row.received_on,
            registered_at=row.created_at,
            state=row.state,
            case_id=row.case_id,
            number=numbers[filed[row.case_id].thread_id].number if row.case_id else None,
            reason=row.reason,
            words=row.words,
            out_courier=row.out_courier,
            out_waybill=row.out_waybill,
            answered_at=row.answered_at,
        )
        for row in rows
    ]


def _plain(waybill: str) -> str:
    return waybill.strip().upper()
