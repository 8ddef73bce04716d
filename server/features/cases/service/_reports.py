"""What was filled in is wrong: the applicant's word stands in the form, and whoever answers for the source looks it up.

The report is work for the department that answers for what was filled in; its answer goes back to the person.
"""

from __future__ import annotations

from uuid import UUID

from server import db
from server.actor import Role, Staff
from server.errors import Conflict, NotFound
from server.features.audit import service as audit
from server.features.cases.messages import ReportAnswered
from server.features.cases.models import Case
from server.features.cases.schemas import ReportAnswer, ReportOut, Source
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import FormField
from server.features.identity import service as identity
from server.features.push import service as push
from server.features.thread import service as thread
from server.kit import clock, masking
from server.kit.ids import new_id

DESK = (Role.REVIEWER, Role.SUPERVISOR)
VERDICTS = ("corrected", "kept")

_NEW = """
INSERT INTO field_report (id, created_at, case_id, thread_id, person_id, department_id, field_key, label, source,
    source_name, held_sealed, right_sealed, words_sealed, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'open')
"""
_COLUMNS = """id, created_at, case_id, thread_id, person_id, department_id, label, source, source_name, held_sealed,
    right_sealed, words_sealed, state, answer_sealed, answered_at"""
_WITHIN = "($1::uuid[] IS NULL OR department_id = ANY ($1))"
_OPEN = f"""SELECT {_COLUMNS} FROM field_report WHERE {_WITHIN} AND (state = 'open') = $2
    ORDER BY CASE WHEN $2 THEN created_at END, created_at DESC, id LIMIT $3 OFFSET $4"""  # noqa: S608 - our own words
_OF_CASE = "SELECT id, label, state, answer_sealed FROM field_report WHERE case_id = $1 ORDER BY created_at, id"
_COUNT = f"SELECT count(*) FROM field_report WHERE {_WITHIN} AND state = 'open'"  # noqa: S608 - as above
_ONE = f"SELECT {_COLUMNS} FROM field_report WHERE {_WITHIN} AND id = $2 FOR UPDATE"  # noqa: S608 - as above
_ANSWER = """
UPDATE field_report SET state = $2, answer_sealed = $3, answered_at = $4, answered_by = $5 WHERE id = $1
"""


async def write(case: Case, field: FormField, source: Source, right: str, words: str) -> None:
    """Put one report on the desk of whoever answers for the source, in the caller's transaction."""
    report_id = new_id()
    await db.execute(
        _NEW,
        report_id,
        clock.now(),
        case.id,
        case.thread_id,
        case.person_id,
        source.of or case.department_id,
        field.key,
        field.label,
        source.kind,
        source.name,
        db.seal("field_report", "held_sealed", report_id, case.form[field.key]),
        db.seal("field_report", "right_sealed", report_id, right),
        db.seal("field_report", "words_sealed", report_id, words) if words else None,
    )


async def reports(actor: Staff, *, answered: bool = False, limit: int, skip: int = 0) -> list[ReportOut]:
    """List reports about what the actor's departments answer for, the longest waiting first; looks are on record.

    With `answered` those that are done, the newest first.
    """
    rows = await db.fetch(_OPEN, await _departments(actor), not answered, limit, skip)
    people = await identity.people([row["person_id"] for row in rows])
    threads = await thread.many([row["thread_id"] for row in rows])
    async with db.tx():
        for row in rows:
            await audit.record(
                actor, "cases.viewed", "case", row["case_id"],
                person_id=row["person_id"], thread_id=row["thread_id"],
            )  # fmt: skip
    return [_shown(row, masking.name(people[row["person_id"]].name), threads[row["thread_id"]].number) for row in rows]


async def answers_to(case: Case) -> list[ReportAnswer]:
    """Tell the applicant what came of their reports."""
    if not any(source.get("reported") for source in case.known.values()):
        return []
    rows = await db.fetch(_OF_CASE, case.id)
    return [ReportAnswer(label=row["label"], state=row["state"], answer=_opened(row, "answer_sealed")) for row in rows]


async def open_reports(actor: Staff) -> int:
    """Count the reports that wait for the actor's departments."""
    found: int = await db.fetchval(_COUNT, await _departments(actor))
    return found


@db.transactional
async def answer_report(actor: Staff, report_id: UUID, verdict: str, words: str) -> None:
    """Answer: the source is corrected, or it is right as it stands and why. The person is told.

    Raises NotFound, Conflict `cases.report_answered`.
    """
    row = await db.fetchrow(_ONE, await _departments(actor), report_id)
    if row is None or verdict not in VERDICTS:
        raise NotFound
    if row["state"] != "open":
        raise Conflict("cases.report_answered")
    said = db.seal("field_report", "answer_sealed", report_id, words.strip())
    await db.execute(_ANSWER, report_id, verdict, said, clock.now(), actor.staff_id)
    await thread.record(row["thread_id"], f"cases.report_{verdict}", actor, field=row["label"])
    number = (await thread.many([row["thread_id"]]))[row["thread_id"]].number
    await push.send(
        ReportAnswered(number=number, item=row["label"], at=clock.now(), thread_id=str(row["thread_id"])),
        to=push.To(person_id=row["person_id"]),
        thread_id=row["thread_id"],
        dedupe=f"{ReportAnswered.kind}:{report_id}",
    )
    await audit.record(
        actor, "cases.report_answered", "field_report", report_id,
        person_id=row["person_id"], thread_id=row["thread_id"], verdict=verdict,
    )  # fmt: skip


async def _departments(actor: Staff) -> list[UUID] | None:
    within = await catalogue.departments_within(await identity.reach(actor, *DESK))
    return None if within is None else list(within)


def _opened(row: db.Record, column: str) -> str | None:
    return None if row[column] is None else db.unseal("field_report", column, row["id"], row[column])


def _shown(row: db.Record, applicant: str, number: str) -> ReportOut:
    return ReportOut(
        id=row["id"],
        case_id=row["case_id"],
        at=row["created_at"],
        number=number,
        applicant=applicant,
        label=row["label"],
        source=row["source"],
        source_name=row["source_name"],
        held=_opened(row, "held_sealed") or "",
        right=_opened(row, "right_sealed") or "",
        words=_opened(row, "words_sealed"),
        state=row["state"],
        answer=_opened(row, "answer_sealed"),
        answered_at=row["answered_at"],
    )
