"""Papers taken at a window go to the department in batches: the giver signs, the receiver counts them and signs.

What is missing stays open with the giver, who finds it or reports it as lost. Papers are on one open batch only.
"""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from tortoise.exceptions import IntegrityError

from server import db
from server.actor import Role, Staff
from server.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.cases.models import BACK, FRONT, Case, PaperBatch, PaperLine
from server.features.cases.service._batch_views import is_side, papers_taken
from server.features.catalogue import service as catalogue
from server.features.documents import service as documents
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import clock

# Each side signs by the end of the next working day.
DAYS = 1
MOST_LINES = 200
Counted = Literal["received", "missing"]


@db.transactional
async def open_batch(actor: Staff, hall_id: UUID, department_id: UUID) -> UUID:
    """Begin a hand-over, or go on with the one that is open between these two. Raises NotFound for another's hall."""
    halls = await catalogue.halls_within(await identity.reach(actor, *FRONT))
    if halls is not None and hall_id not in halls:
        raise NotFound
    await catalogue.department(department_id)
    between = PaperBatch.filter(hall_id=hall_id, department_id=department_id, state="open")
    if (known := await between.first()) is not None:
        return known.id
    serial = await db.fetchval("SELECT nextval('paper_batch_serial')")
    row = PaperBatch(
        number=f"ZJ{clock.today():%y%m%d}{serial:05}",
        hall_id=hall_id,
        department_id=department_id,
        due_on=await catalogue.add_working_days(clock.today(), DAYS),
        giver_id=actor.staff_id,
    )
    try:
        async with db.savepoint():
            await row.save(force_create=True)
    except IntegrityError:
        # Somebody at the next window was quicker.
        return (await between.get()).id
    await audit.record(actor, "cases.batch_opened", "paper_batch", row.id, number=row.number)
    return row.id


@db.transactional
async def put_on_batch(actor: Staff, batch_id: UUID, scanned: str) -> None:
    """Put a case's papers on the list, by its number or by the code on its receipt.

    Refuses `cases.no_such_number`, `.batch_other_department`, `.batch_no_papers`, `.batch_twice`, `.batch_elsewhere`,
    `.batch_closed`, `.batch_full`.
    """
    batch = await _mine(actor, batch_id, FRONT, "open")
    case = await _scanned(batch, scanned)
    if case.department_id != batch.department_id:
        raise Conflict("cases.batch_other_department", department=(await catalogue.department(case.department_id)).name)
    keys = await papers_taken(case.id)
    if not keys:
        raise Conflict("cases.batch_no_papers")
    number = (await thread.get(case.thread_id)).number
    if await PaperLine.filter(batch_id=batch.id, case_id=case.id).exists():
        raise Conflict("cases.batch_twice", number=number)
    if await PaperLine.filter(batch_id=batch.id).count() >= MOST_LINES:
        raise Conflict("cases.batch_full", most=MOST_LINES)
    try:
        async with db.savepoint():
            await PaperLine(batch_id=batch.id, case_id=case.id, keys=keys).save(force_create=True)
    except IntegrityError:
        raise Conflict("cases.batch_elsewhere", number=number) from None


@db.transactional
async def take_off_batch(actor: Staff, batch_id: UUID, line_id: UUID) -> None:
    """Take a case off the list before it is signed. Refuses `cases.batch_closed`."""
    batch = await _mine(actor, batch_id, FRONT, "open")
    await PaperLine.filter(id=line_id, batch_id=batch.id).delete()


@db.transactional
async def hand_over_batch(actor: Staff, batch_id: UUID) -> None:
    """Sign for the giving side: nothing more is put on it. Refuses `cases.batch_empty`, `cases.batch_closed`."""
    batch = await _mine(actor, batch_id, FRONT, "open")
    lines = await PaperLine.filter(batch_id=batch.id)
    if not lines:
        raise Conflict("cases.batch_empty")
    batch.state, batch.handed_at, batch.giver_id = "handed", clock.now(), actor.staff_id
    batch.due_on = await catalogue.add_working_days(clock.today(), DAYS)
    await batch.save(update_fields=["state", "handed_at", "giver_id", "due_on"])
    await audit.record(actor, "cases.batch_handed", "paper_batch", batch.id, number=batch.number, lines=len(lines))


@db.transactional
async def count_line(actor: Staff, batch_id: UUID, line_id: UUID, found: Counted) -> None:
    """Say whether a case's papers are there; a slip of the hand is put right until it is signed.

    Refuses `cases.batch_closed` unless it lies between the two signatures, `cases.own_batch`.
    """
    batch = await _mine(actor, batch_id, BACK, "handed")
    _require_other(actor, batch)
    line = await PaperLine.get_or_none(id=line_id, batch_id=batch.id)
    if line is None:
        raise NotFound
    line.state, line.counted_by, line.counted_at = found, actor.staff_id, clock.now()
    await line.save(update_fields=["state", "counted_by", "counted_at"])


@db.transactional
async def receive_batch(actor: Staff, batch_id: UUID) -> None:
    """Sign for the receiving side. Refuses `cases.batch_uncounted` while a line is not counted, `cases.own_batch`."""
    batch = await _mine(actor, batch_id, BACK, "handed")
    _require_other(actor, batch)
    lines = await PaperLine.filter(batch_id=batch.id)
    if any(line.state == "listed" for line in lines):
        raise Conflict("cases.batch_uncounted")
    batch.state, batch.receiver_id, batch.received_at = "received", actor.staff_id, clock.now()
    await batch.save(update_fields=["state", "receiver_id", "received_at"])
    missing = sum(line.state == "missing" for line in lines)
    await audit.record(actor, "cases.batch_received", "paper_batch", batch.id, number=batch.number, missing=missing)


@db.transactional
async def settle_line(actor: Staff, batch_id: UUID, line_id: UUID, *, found: bool, words: str) -> None:
    """Answer for what was missing: it was found, and may be handed over again; or it is lost, which is reported.

    Refuses `cases.batch_not_missing`; `invalid_input` for a loss without words.
    """
    batch = await _mine(actor, batch_id, FRONT, "received")
    line = await PaperLine.get_or_none(id=line_id, batch_id=batch.id)
    if line is None:
        raise NotFound
    if line.state != "missing":
        raise Conflict("cases.batch_not_missing")
    if not found and not words.strip():
        raise InvalidInput("invalid_input", fields=(FieldError("words", "required"),))
    line.state, line.settled_by, line.settled_at = "found" if found else "lost", actor.staff_id, clock.now()
    line.words = await documents.printable(words) if words.strip() else None
    await line.save(update_fields=["state", "settled_by", "settled_at", "words_sealed"])
    case = await Case.get(id=line.case_id)
    action = "cases.papers_found" if found else "cases.papers_lost"
    await audit.record(actor, action, "case", case.id, person_id=case.holder_id, thread_id=case.thread_id)


async def _scanned(batch: PaperBatch, scanned: str) -> Case:
    """Find the case a number or the code on a receipt names, of this hall."""
    thread_id = await thread.by_number(scanned)
    found = None
    if thread_id is not None:
        of_hall = Case.filter(thread_id=thread_id, hall_id=batch.hall_id, submitted_at__not_isnull=True, whole=False)
        found = await of_hall.order_by("-created_at").first()
    if found is None:
        raise InvalidInput("cases.no_such_number", fields=(FieldError("scanned", "no_such_number"),))
    return found


def _require_other(actor: Staff, batch: PaperBatch) -> None:
    if actor.staff_id == batch.giver_id:
        raise Forbidden("cases.own_batch")


async def _mine(actor: Staff, batch_id: UUID, roles: tuple[Role, ...], state: str) -> PaperBatch:
    """Reach one hand-over from the side whose deed it is, and wait until nobody else is changing it."""
    row = await PaperBatch.filter(id=batch_id).select_for_update().get_or_none()
    if row is None or not await is_side(actor, row, roles):
        raise NotFound
    if row.state != state:
        raise Conflict("cases.batch_closed")
    return row
