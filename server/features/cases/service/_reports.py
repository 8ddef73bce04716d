"""What was filled in is wrong: the applicant's word stands in the form, and whoever answers for the source looks it up.

The report is work for the department that answers for what was filled in; its answer goes back to the person.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from server import db
from server.actor import Role, Staff
from server.errors import Conflict, NotFound
from server.features.audit import service as audit
from server.features.cases.messages import ReportAnswered
from server.features.cases.models import Case
from server.features.cases.schemas import ReportAnswer, ReportOut, Source
from server.features.cases.service._kinds import canonical
from server.features.cases.service._known import PERSONAL
from server.features.cases.service._paper import LOCALE
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import FormField
from server.features.certificates import service as certificates
from server.features.identity import service as identity
from server.features.push import service as push
from server.features.thread import service as thread
from server.kit import clock, masking
from server.kit.ids import new_id
from server.kit.texts import text
from server.ports import Signer

DESK = (Role.REVIEWER, Role.SUPERVISOR)
VERDICTS = ("corrected", "kept")

_NEW = """
INSERT INTO field_report (id, created_at, case_id, thread_id, person_id, department_id, field_key, label, source,
    source_name, held_sealed, right_sealed, words_sealed, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'open')
"""
_COLUMNS = """id, created_at, case_id, thread_id, person_id, department_id, field_key, label, source, source_name,
    held_sealed, right_sealed, words_sealed, state, answer_sealed, answered_at"""
_WITHIN = "($1::uuid[] IS NULL OR department_id = ANY ($1))"
_SOME = f"SELECT {_COLUMNS} FROM field_report WHERE id = ANY ($1)"  # noqa: S608 - constants of this module; values are parameters
_REPORTS = thread.listing(
    "field_report r JOIN thread t ON t.id = r.thread_id",
    "r.id",
    words="concat_ws(' ', t.number, r.label, r.source_name)",
    label=db.By("r.label", str),
    since=db.By("r.created_at", datetime),
)
_OF_CASE = "SELECT id, label, state, answer_sealed FROM field_report WHERE case_id = $1 ORDER BY created_at, id"
_ASKED = "SELECT department_id FROM field_report WHERE case_id = $1 AND field_key = $2"
_COUNT = f"SELECT count(*) FROM field_report WHERE {_WITHIN} AND state = 'open'"  # noqa: S608 - as above
_ONE = f"SELECT {_COLUMNS} FROM field_report WHERE {_WITHIN} AND id = $2 FOR UPDATE"  # noqa: S608 - as above
_ANSWER = """
UPDATE field_report SET state = $2, answer_sealed = $3, answered_at = $4, answered_by = $5 WHERE id = $1
"""


async def write(case: Case, field: FormField, source: Source, right: str, words: str) -> None:
    """Put one report on the desk of whoever answers for the source, in the caller's transaction."""
    await _put(case, field, source, right, words, case.form[field.key])


async def _put(case: Case, field: FormField, source: Source, right: str, words: str, held: str) -> None:
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
        db.seal("field_report", "held_sealed", report_id, held),
        db.seal("field_report", "right_sealed", report_id, right),
        db.seal("field_report", "words_sealed", report_id, words) if words else None,
    )


async def reports(actor: Staff, *, answered: bool = False, values: bool = True) -> db.Found[ReportOut]:
    """List reports about what the actor's departments answer for, the longest waiting first; looks are on record.

    With `answered` those that are done, the newest first. Without `values` nothing of what was filled in or written
    stands in them, and nobody has looked.
    """

    async def shown(ids: list[UUID]) -> list[ReportOut]:
        return await _rows(actor, ids, values=values)

    found = _REPORTS.found(shown, usual="-since" if answered else "since")
    return found.where("(r.state = 'open') = {}", not answered).within("r.department_id", await _departments(actor))


async def _rows(actor: Staff, ids: list[UUID], *, values: bool) -> list[ReportOut]:
    found = {row["id"]: row for row in await db.fetch(_SOME, ids)}
    rows = [found[one] for one in ids]
    people = await identity.people([row["person_id"] for row in rows])
    threads = await thread.many([row["thread_id"] for row in rows])
    async with db.tx():
        for row in rows if values else ():
            await audit.record(
                actor, "cases.viewed", "case", row["case_id"],
                person_id=threads[row["thread_id"]].holder_id, thread_id=row["thread_id"],
            )  # fmt: skip
    return [
        _shown(row, masking.name(people[row["person_id"]].name), threads[row["thread_id"]].number, values=values)
        for row in rows
    ]


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
async def answer_report(actor: Staff, signer: Signer, report_id: UUID, verdict: str, words: str) -> None:
    """Answer: the source is corrected, or it is right as it stands and why. The person is told.

    What is corrected is corrected in the certificates that show it, by their next version; where another department
    has issued one, the report goes on to it.
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
    of = await thread.get(row["thread_id"])
    await push.send_to_party(
        ReportAnswered(number=of.number, item=row["label"], at=clock.now(), thread_id=str(row["thread_id"])),
        person_id=row["person_id"],
        enterprise_id=of.enterprise_id,
        thread_id=row["thread_id"],
        dedupe=f"{ReportAnswered.kind}:{report_id}",
    )
    await audit.record(
        actor, "cases.report_answered", "field_report", report_id,
        person_id=of.holder_id, thread_id=row["thread_id"], verdict=verdict,
    )  # fmt: skip
    if verdict == "corrected":
        await _mend_certificates(actor, signer, row)


async def _mend_certificates(actor: Staff, signer: Signer, row: db.Record) -> None:
    case = await Case.get(id=row["case_id"])
    guide = await catalogue.guide(case.guide_id)
    field = next((one for one in guide.content.form if one.key == row["field_key"]), None)
    if field is None or field.prefill is None:
        return
    held, right = _opened(row, "held_sealed"), _opened(row, "right_sealed") or ""
    number = (await thread.get(row["thread_id"])).number
    left = await certificates.correct(
        actor,
        signer,
        catalogue.dictionary()[field.prefill].certificates,
        person_id=case.person_id,
        enterprise_id=None if field.prefill.startswith(PERSONAL) else case.enterprise_id,
        wrong=lambda said: canonical(field, said) == held,
        right=right,
        basis=text(LOCALE, "cases.report.basis", field=field.label, number=number),
    )
    # Whoever has issued it looks for themselves; nobody is asked twice.
    asked = {one["department_id"] for one in await db.fetch(_ASKED, case.id, field.key)}
    for department_id in left - asked:
        await _put(case, field, Source(kind="certificate", of=department_id), right, "", held or "")


async def _departments(actor: Staff) -> list[UUID] | None:
    within = await catalogue.departments_within(await identity.reach(actor, *DESK))
    return None if within is None else list(within)


def _opened(row: db.Record, column: str) -> str | None:
    return None if row[column] is None else db.unseal("field_report", column, row["id"], row[column])


def _shown(row: db.Record, applicant: str, number: str, *, values: bool) -> ReportOut:
    held, right, words, answer = (
        _opened(row, f"{name}_sealed") if values else None for name in ("held", "right", "words", "answer")
    )
    return ReportOut(
        id=row["id"],
        case_id=row["case_id"],
        at=row["created_at"],
        number=number,
        applicant=applicant,
        label=row["label"],
        source=row["source"],
        source_name=row["source_name"],
        held=held or "",
        right=right or "",
        words=words,
        state=row["state"],
        answer=answer,
        answered_at=row["answered_at"],
    )
