"""What was mended once is mended for all: a paper or an answer several of a theme's items share is asked for once."""

from __future__ import annotations

from uuid import UUID

from msgspec import convert

from server.actor import Actor
from server.features.cases.models import Case, CaseState, Material, MaterialCheck
from server.features.cases.schemas import Correction
from server.features.cases.service._earlier import EARLIER
from server.features.cases.service._family import parts_of
from server.features.cases.service._receiving import start_receiving
from server.features.cases.service._routing import pass_on
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import FormField, GuideContent, MaterialRule
from server.features.thread import service as thread
from server.kit import clock

# Where the office has not taken it on yet; what it has taken on it took on as it was.
_OPEN = (CaseState.SUBMITTED, CaseState.CORRECTION_ASKED)


async def share_mended(actor: Actor, case: Case) -> None:
    """Give what a case was asked to mend, and has mended, to the theme's other items which share it.

    One that was asked to mend just that is handed in again along with it.
    """
    if case.parent_id is None or case.correction is None:
        return
    parent = await Case.get(id=case.parent_id)
    theme = (await catalogue.guide(parent.guide_id)).content
    mended = [line.key for line in convert(case.correction, Correction, strict=False).lines]
    for other in await parts_of(parent.id, lock=True):
        if other.id != case.id and other.state in _OPEN:
            await _take_over(actor, case, other, _shared(theme, case, other, mended))


def _shared(theme: GuideContent, case: Case, other: Case, mended: list[str]) -> dict[str, str]:
    """Say under which key the other item asks for what was mended: by the key it has here."""
    found = {}
    lines: list[MaterialRule | FormField] = [*theme.materials, *theme.form]
    for line in lines:
        keys = catalogue.stood_for(line, [key for key in (case.part, other.part) if key is not None])
        if len(keys) > 1 and keys[str(case.part)] in mended:
            found[keys[str(case.part)]] = keys[str(other.part)]
    return found


async def _take_over(actor: Actor, case: Case, other: Case, shared: dict[str, str]) -> None:
    if not shared:
        return
    for here, there in shared.items():
        await _refer(case.id, here, other.id, there)
    other.form = other.form | {there: case.form[here] for here, there in shared.items() if here in case.form}
    await MaterialCheck.filter(case_id=other.id, rule_key__in=list(shared.values())).delete()
    if other.state is CaseState.CORRECTION_ASKED and _all_mended(other, set(shared.values())):
        other.submitted_at = clock.now()
        await start_receiving(other)
        await other.move("submit")
        await thread.record(other.thread_id, "cases.submitted", actor, case_id=str(other.id))
        await pass_on(actor, other)
    else:
        await other.keep()


async def _refer(case_id: UUID, here: str, other_id: UUID, there: str) -> None:
    fresh = await Material.filter(case_id=case_id, rule_key=here, source="upload").order_by("place", "id")
    if not fresh:
        return
    await Material.filter(case_id=other_id, rule_key=there, source__in=("upload", EARLIER)).delete()
    await Material.bulk_create(
        [Material(case_id=other_id, rule_key=there, file_id=row.file_id, place=row.place) for row in fresh]
    )


def _all_mended(case: Case, mended: set[str]) -> bool:
    if case.correction is None:
        return False
    return {line.key for line in convert(case.correction, Correction, strict=False).lines} <= mended
