"""A theme's case and those of its items: which belong together, and what each may see of the others."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from msgspec import convert

from server.actor import Actor, Citizen, Staff
from server.features.cases.models import MOVES, Case, CaseState, Material
from server.features.cases.schemas import Correction, PartOut, WholeOut
from server.features.cases.service._desk import case_at_desk
from server.features.cases.service._earlier import EARLIER
from server.features.catalogue import service as catalogue
from server.features.documents import service as documents
from server.features.thread import service as thread
from server.kit.texts import text


async def parts_of(whole_id: UUID, *, lock: bool = False) -> list[Case]:
    """List the cases of a theme's items in the order of the theme."""
    rows = Case.filter(parent_id=whole_id).order_by("created_at", "id")
    return await (rows.select_for_update() if lock else rows)


async def own_files(case: Case, file_ids: list[UUID]) -> list[UUID]:
    """Leave out the files that serve the theme's other cases already: they are referred to and lie where they lie."""
    if case.parent_id is None:
        return file_ids
    others = [case.parent_id, *(one.id for one in await parts_of(case.parent_id) if one.id != case.id)]
    rows = await Material.filter(case_id__in=others, file_id__in=file_ids)
    shared = {row.file_id for row in rows}
    return [file_id for file_id in file_ids if file_id not in shared]


async def handed_out_together(case_id: UUID) -> tuple[list[UUID], bool]:
    """Name the granted cases whose results are handed out along with this one's; say whether none is undecided.

    Where the person takes each result as it comes, and outside themes, that is this one.
    """
    case = await Case.get(id=case_id)
    if case.parent_id is None or not (case.delivery or {}).get("together"):
        return [case.id], True
    parts = await parts_of(case.parent_id)
    counted = [one for one in parts if (one.delivery or {}).get("method") == "counter"]
    undecided = any(one.state in MOVES["withdraw"].sources for one in counted)
    return [one.id for one in counted if one.state is CaseState.GRANTED], not undecided


async def paper_at_desk(actor: Staff, case_id: UUID, file_id: UUID) -> UUID:
    """Name the thread in which a paper of a case lies, for an officer who may see the case.

    One paper of a theme serves several cases, and one of an earlier matter a later one: whoever has one of them sees
    it, and no paper of the others.
    """
    case = await case_at_desk(actor, case_id)
    rows = Material.filter(case_id=case.id, file_id=file_id)
    lies_elsewhere = await (rows if case.parent_id is not None else rows.filter(source=EARLIER)).exists()
    return await documents.place_of(file_id) or case.thread_id if lies_elsewhere else case.thread_id


async def whole_of(case: Case, actor: Actor) -> WholeOut | None:
    """Show what theme a case belongs to, with how its other items stand: not what is in them."""
    if case.parent_id is None:
        return None
    parent = await Case.get(id=case.parent_id)
    opened = await thread.get(parent.thread_id)
    return WholeOut(
        id=parent.id,
        thread_id=parent.thread_id,
        number=opened.number,
        name=opened.title,
        parts=await part_views(parent, actor),
        nudged_at=None if isinstance(actor, Citizen) else await thread.last(case.thread_id, "cases.nudged"),
    )


async def part_views(case: Case, actor: Actor) -> list[PartOut]:
    """Show the cases of a theme's items side by side: state, light and days."""
    if not case.whole:
        return []
    parts = await parts_of(case.id)
    threads = await thread.many([one.thread_id for one in parts])
    clocks = await thread.clocks_of([one.thread_id for one in parts])
    return [
        PartOut(
            id=one.id,
            thread_id=one.thread_id,
            number=threads[one.thread_id].number,
            name=threads[one.thread_id].title,
            department=(await catalogue.department(one.department_id)).name,
            state=one.state.value,
            state_text=text(actor.locale, f"cases.state.{one.state.value}"),
            promise_on=_due(clocks.get(one.thread_id, [])),
            light=_light(clocks.get(one.thread_id, [])),
            mend_by=_mend_by(one),
        )
        for one in parts
    ]


async def promise_on(case: Case) -> date | None:
    """Say by when it is decided: a theme when the last of its items is."""
    if case.whole:
        return case.promise_on if case.accepted_at is not None else None
    decide = [one for one in await thread.clocks(case.thread_id) if one.kind is thread.ClockKind.DECIDE]
    return decide[-1].promise_on if decide else None


def _due(clocks: list[thread.ClockView]) -> date | None:
    """Say by when it is decided, once that has begun to count."""
    return next((one.promise_on for one in reversed(clocks) if one.kind is thread.ClockKind.DECIDE), None)


def _light(clocks: list[thread.ClockView]) -> str | None:
    return clocks[-1].light if clocks and clocks[-1].state != "stopped" else None


def _mend_by(case: Case) -> date | None:
    if case.state is not CaseState.CORRECTION_ASKED or case.correction is None:
        return None
    return convert(case.correction, Correction, strict=False).due_on
