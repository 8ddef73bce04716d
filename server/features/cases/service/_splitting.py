"""A theme is handed in once and becomes a case of each of its items, each with its own number, clock and department."""

from __future__ import annotations

from msgspec import to_builtins

from server.actor import Actor
from server.errors import Conflict
from server.features.cases.models import Case, CaseState, Material
from server.features.cases.service._eligible import require_age
from server.features.cases.service._ending import unfinished
from server.features.cases.service._receiving import start_receiving
from server.features.cases.service._routing import pass_on
from server.features.cases.service._rules import asked_of
from server.features.cases.service._told import told_at
from server.features.cases.service._ways import delivery_of
from server.features.cases.service._wish import fitting
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import GuideContent, GuideView, Part
from server.features.documents import service as documents
from server.features.thread import service as thread


async def require_open(guide: GuideView) -> dict[str, GuideView]:
    """Give the guides of a theme's items, each as the theme has it. Refuses `cases.part_withdrawn`."""
    guides = await catalogue.guides_of(guide.content)
    for part in guide.content.parts:
        if part.key not in guides or not guides[part.key].item.active:
            raise Conflict("cases.part_withdrawn", item=part.name or part.item)
    return guides


async def split(actor: Actor, case: Case, guide: GuideView, verb: str) -> None:
    """Begin a case of each item that is needed, in the transaction of the theme's own: all of them or none.

    Refuses `cases.part_withdrawn`, `cases.part_under_way` where the applicant has one already, and on a phone
    `cases.other_age` for an item that is not for them.
    """
    guides = await require_open(guide)
    for part in catalogue.parts_for(guide.content, case.situation or {}):
        if verb == "submit":
            await require_age(actor, case, guides[part.key])
        begun = await _begin(actor, case, guide.content, part, guides[part.key])
        await _hand_in(actor, begun, verb)
        # The theme waits for the same answer as its items, and is as late as they are.
        case.promise_on, case.law_on = begun.promise_on, begun.law_on


async def _begin(actor: Actor, case: Case, theme: GuideContent, part: Part, guide: GuideView) -> Case:
    opened = await thread.open(
        actor,
        person_id=case.person_id,
        enterprise_id=case.enterprise_id,
        item_id=guide.item.id,
        title=guide.item.name,
        region_code=guide.item.region_code,
        account_id=case.account_id,
    )
    await _leave_draft(await unfinished(opened.id), guide, opened)
    await thread.adopt(opened.id, case.thread_id)
    one = Case(
        thread_id=opened.id,
        item_id=guide.item.id,
        guide_id=guide.id,
        department_id=guide.department.id,
        hall_id=case.hall_id,
        region_code=guide.item.region_code,
        person_id=case.person_id,
        enterprise_id=case.enterprise_id,
        account_id=case.account_id,
        agent_id=case.agent_id,
        authority=case.authority,
        channel=case.channel,
        parent_id=case.id,
        part=part.key,
        agreed_days=theme.promise_days,
        submitted_at=case.submitted_at,
    )
    said = _said(theme, part.key)
    asked = {field.key: said[field.key] for field in guide.content.form if field.key in said}
    one.form = {key: case.form[line] for key, line in asked.items() if line in case.form}
    one.known = {key: case.known[line] for key, line in asked.items() if line in case.known}
    one.situation = catalogue.situation_of(theme, part.key, guide.content, case.situation or {}) or None
    one.delivery = to_builtins(fitting(delivery_of(case), guide, case.hall_id))
    one.told = told_at(guide, asked_of(guide, one.situation), one.form, actor.locale)
    await one.save(force_create=True)
    await _refer(case, one, theme, guide)
    return one


def _said(theme: GuideContent, part: str) -> dict[str, str]:
    """Say which question of the theme answers which of an item's."""
    stood = {line.key: catalogue.stood_for(line, [part]) for line in theme.form}
    return {named[part]: key for key, named in stood.items() if part in named}


async def _leave_draft(before: Case | None, guide: GuideView, opened: thread.ThreadView) -> None:
    """A draft of the same item gives way to what is handed in now; anything further is under way."""
    if before is None:
        return
    if before.state is not CaseState.DRAFT:
        raise Conflict("cases.part_under_way", item=guide.item.name, number=opened.number)
    await before.move("withdraw")
    await documents.let_go(opened.id)


async def _refer(case: Case, one: Case, theme: GuideContent, guide: GuideView) -> None:
    """Let the item's case refer to the papers of the theme's: the same files, not copies (government.md row 80)."""
    assert one.part is not None  # noqa: S101 - case_part_check
    lines = {line.key: catalogue.stood_for(line, [one.part]).get(one.part) for line in theme.materials}
    wanted = {rule.key for rule in asked_of(guide, one.situation).materials if rule.exempt is None}
    held = await Material.filter(case_id=case.id).order_by("place", "id")
    await Material.bulk_create(
        [
            Material(
                case_id=one.id,
                rule_key=lines[row.rule_key],
                source=row.source,
                file_id=row.file_id,
                certificate_id=row.certificate_id,
                earlier_case_id=row.earlier_case_id,
                place=row.place,
            )
            for row in held
            if lines.get(row.rule_key) in wanted
        ]
    )


async def _hand_in(actor: Actor, one: Case, verb: str) -> None:
    await start_receiving(one)
    await one.move(verb, actor)
    step = "cases.submitted" if verb == "submit" else "cases.received"
    await thread.record(one.thread_id, step, actor, case_id=str(one.id))
    await pass_on(actor, one)
