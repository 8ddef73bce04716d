"""Which originals are to be shown at a window before an application is accepted, where, and until when."""

from __future__ import annotations

from server.errors import Conflict
from server.features.cases.models import TO_ACCEPT, Case, CaseState, Material, PreReview
from server.features.cases.schemas import OriginalLine, Originals
from server.features.cases.service._resolve import handed_in
from server.features.cases.service._rules import asked_materials, asked_of
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import GuideView, MaterialRule


async def originals_of(case: Case, guide: GuideView) -> list[MaterialRule]:
    """List the lines whose originals are to be seen: what was sent as a picture, and what there is on paper only.

    None for what came to a window, which sees them as they come, and for what a register or a word answers for. A theme
    is looked at by its window as one.
    """
    if not guide.content.pre_review or case.channel != "phone" or case.whole or case.parent_id is not None:
        return []
    rows = await Material.filter(case_id=case.id)
    sent = handed_in(rows)
    held = {row.rule_key for row in rows}
    rules = [rule for rule in asked_materials(asked_of(guide, case.situation), case.form) if rule.exempt is None]
    return [
        rule
        for rule in rules
        if (rule.key in sent and (rule.originals or rule.medium == "paper"))
        or (rule.key not in held and rule.medium == "paper" and rule.need == "required")
    ]


async def require_no_originals(case: Case, guide: GuideView) -> None:
    """Refuse `cases.originals_first` where originals are to be seen and the pre-review has not let it through."""
    if case.state in TO_ACCEPT and await originals_of(case, guide):
        raise Conflict("cases.originals_first")


async def open_pre_review(case: Case, *, lock: bool = False) -> PreReview | None:
    """Find what came through and waits for its originals."""
    if case.state is not CaseState.PRE_REVIEW:
        return None
    rows = PreReview.filter(case_id=case.id, closed_at=None)
    return await (rows.select_for_update() if lock else rows).first()


async def originals(case: Case, guide: GuideView) -> Originals | None:
    """Say which originals to bring to which hall: while it is looked at those there will be, then until which day."""
    if case.hall_id is None or not guide.content.pre_review:
        return None
    passed = await open_pre_review(case)
    if passed is not None:
        keys = set(passed.keys)
        rules = [rule for rule in guide.content.materials if rule.key in keys]
    else:
        rules = await originals_of(case, guide) if case.state in TO_ACCEPT else []
    if not rules:
        return None
    hall = await catalogue.hall(case.hall_id)
    return Originals(
        lines=[OriginalLine(key=rule.key, name=rule.name, standards=rule.standards) for rule in rules],
        hall_id=hall.id,
        hall=hall.name,
        address=hall.address,
        bookable=guide.content.bookable and guide.item.active,
        due_on=passed.due_on if passed else None,
    )
