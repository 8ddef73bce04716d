"""Something filled in is wrong (信息有误): the applicant's word stands at once, and the source is looked up."""

from __future__ import annotations

from uuid import UUID

from msgspec import convert, to_builtins

from server import db
from server.actor import Citizen
from server.errors import Conflict
from server.features.cases.schemas import CaseOut, ReportIn, Source
from server.features.cases.service import _reports
from server.features.cases.service._rules import canonical_or_refused, fields_asked
from server.features.cases.service._view import case_for, require_newest, screen
from server.features.catalogue import service as catalogue
from server.features.thread import service as thread


@db.transactional
async def report(actor: Citizen, case_id: UUID, wrong: ReportIn) -> CaseOut:
    """Say that something filled in is wrong, and what is right.

    Refuses `cases.nothing_to_report` for an answer that was not filled in, is reported already or is the same,
    `invalid_input` at its field, `cases.newer_elsewhere`, `cases.wrong_state`.
    """
    case = await case_for(actor, case_id, lock=True)
    guide = await catalogue.guide(case.guide_id)
    require_newest(case, wrong.version)
    held = case.form
    field = fields_asked(guide.content, held).get(wrong.key)
    if field is None or wrong.key not in case.prefilled:
        raise Conflict("cases.nothing_to_report")
    right = canonical_or_refused(field, wrong.right)
    if right == held[wrong.key]:
        raise Conflict("cases.nothing_to_report")
    source = convert(case.known[wrong.key], Source, strict=False)
    await _reports.write(case, field, source, right, wrong.words.strip())
    source.reported = True
    case.form = held | {field.key: right}
    case.known = case.known | {field.key: to_builtins(source)}
    case.saved_by = actor.account_id
    await case.keep()
    await thread.record(case.thread_id, "cases.reported", actor, case_id=str(case.id), field=field.label)
    return await screen(case, actor)
