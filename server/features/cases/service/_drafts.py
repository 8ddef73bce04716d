"""Which matters are under way, and at which step a draft that nobody has seen yet stands."""

from __future__ import annotations

from uuid import UUID

from server.features.booking import service as booking
from server.features.cases.models import MOVES, Case, CaseState, Material
from server.features.cases.service import _resolve
from server.features.cases.service._rules import asked_materials, asked_of, fields_asked, missing_of
from server.features.catalogue import service as catalogue
from server.features.thread import service as thread
from server.kit.texts import text


@thread.under_way
async def under_way(thread_ids: tuple[UUID, ...], locale: str) -> dict[UUID, thread.Draft | None]:
    """Name the threads with a live booking or an unfinished case; one with nothing but a draft says where it stands."""
    going_on: dict[UUID, thread.Draft | None] = dict.fromkeys(await booking.live_among(thread_ids))
    states = (*MOVES["withdraw"][0], CaseState.GRANTED)
    for case in await Case.filter(thread_id__in=thread_ids, state__in=states):
        only_a_draft = case.state is CaseState.DRAFT and case.thread_id not in going_on
        going_on[case.thread_id] = await _draft(case, locale) if only_a_draft else None
    return going_on


async def _draft(case: Case, locale: str) -> thread.Draft:
    return thread.Draft(
        step=text(locale, f"cases.step.{await _step(case)}"), page=f"/features/cases/pages/form?id={case.id}"
    )


async def _step(case: Case) -> str:
    """Say which of the three pages of the form is the first that lacks something: form, papers, confirm."""
    guide = await catalogue.guide(case.guide_id)
    content, form = asked_of(guide, case.situation), case.form
    if any(field.required and not form.get(key) for key, field in fields_asked(content, form).items()):
        return "form"
    rules = [rule for rule in asked_materials(content, form) if rule.medium != "paper"]
    held = {row.rule_key for row in await Material.filter(case_id=case.id)}
    held |= (await _resolve.on_hand(case, rules, held)).keys
    return "papers" if missing_of(rules, held) else "confirm"
