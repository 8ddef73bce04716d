"""Papers scanned at the desk (高拍仪, notice row 87): kept like uploads from a phone, each for a line of the guide."""

from __future__ import annotations

from uuid import UUID

from server import db
from server.actor import Staff
from server.errors import FieldError, InvalidInput
from server.features.cases.models import Case, Material
from server.features.cases.service import _resolve
from server.features.cases.service._desk import case_for
from server.features.cases.service._front import on_record
from server.features.cases.service._pixels import check_pixels
from server.features.cases.service._rules import FILES_A_LINE, asked_materials, asked_of
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import MaterialRule
from server.features.documents import service as documents
from server.features.thread import service as thread


@db.transactional
async def scannable(actor: Staff, case_id: UUID, key: str) -> None:
    """Let a paper be scanned for a line, before its bytes are taken. Refuses what `add_scan` refuses."""
    await _line(await case_for(actor, "scan", case_id), key)


@db.transactional
async def add_scan(actor: Staff, case_id: UUID, key: str, file_id: UUID) -> None:
    """Put a file the actor has uploaded to a line of the guide; the paper itself lies at the window.

    Refuses `cases.correction_outside_guide` for a line the guide does not ask of this applicant, or that needs no
    paper, or has as many files as it may; `invalid_input` for a picture of another size than it asks for;
    `cases.wrong_state`.
    """
    case = await case_for(actor, "scan", case_id)
    rule, place = await _line(case, key)
    await documents.attach(actor, [file_id], case.thread_id)
    await check_pixels([rule], [(key, file_id)], actor.locale)
    # What was ticked as lying on the counter has its picture now.
    await Material.filter(case_id=case.id, rule_key=key, source=_resolve.WINDOW, file_id=None).delete()
    scanned = Material(case_id=case.id, rule_key=key, source=_resolve.WINDOW, file_id=file_id, place=place)
    await scanned.save(force_create=True)
    await thread.record(case.thread_id, "cases.scanned", actor, case_id=str(case.id))
    await on_record(actor, "cases.scanned", case, key=key)


async def _line(case: Case, key: str) -> tuple[MaterialRule, int]:
    """Find a line and where its next file goes."""
    guide = await catalogue.guide(case.guide_id)
    rules = {rule.key: rule for rule in asked_materials(asked_of(guide, case.situation), case.form)}
    held = await Material.filter(case_id=case.id, rule_key=key, file_id__isnull=False).count()
    why = "unknown_field" if key not in rules else "exempt" if rules[key].exempt is not None else None
    if why is None and held >= FILES_A_LINE:
        why = "too_many"
    if why is not None:
        more: dict[str, str | int] = {"max": FILES_A_LINE} if why == "too_many" else {}
        raise InvalidInput("cases.correction_outside_guide", fields=(FieldError(f"materials.{key}", why, more),))
    return rules[key], held
