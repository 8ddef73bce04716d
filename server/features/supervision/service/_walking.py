"""Walking an item's way oneself (走流程): step by step on one's own phone, a clock beside it, notes become work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server import db
from server.actor import Staff
from server.errors import Conflict, NotFound
from server.features.audit import service as audit
from server.features.catalogue import service as catalogue
from server.features.supervision.models import Walk, WalkStep
from server.features.supervision.service._assigning import USUAL_DAYS, assign
from server.kit import clock

# The whole way, from registering on: notices ask that it be walked from the first screen (咸宁, row 149).
STEPS = ("register", "find", "guide", "form", "papers", "submit", "follow", "collect", "rate")
_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """One step that is behind."""

    name: str
    seconds: int
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkView:
    """One walk; `next` is the step under way since `since`, None where the walk has ended."""

    id: UUID
    item: str
    at: datetime
    steps: list[StepView]
    next: str | None
    since: datetime

    @property
    def seconds(self) -> int:
        """Sum what was walked."""
        return sum(step.seconds for step in self.steps)


@db.transactional
async def begin_walk(actor: Staff, item_id: UUID) -> UUID:
    """Set out. Raises NotFound for an item there is not."""
    item = await catalogue.item(item_id)
    row = Walk(staff_id=actor.staff_id, item_id=item.id)
    await row.save(force_create=True)
    await audit.record(actor, "supervision.walked", "walk", row.id)
    return row.id


async def walks(actor: Staff) -> list[WalkView]:
    """List one's own walks, the newest first."""
    return [await _view(row) for row in await Walk.of(actor.staff_id).order_by("-created_at").limit(_SHOWN)]


async def walk(actor: Staff, walk_id: UUID) -> WalkView:
    """Give one of one's own. Raises NotFound."""
    return await _view(await _own(actor, walk_id))


@db.transactional
async def next_step(actor: Staff, walk_id: UUID, place: int, *, note: str, task: bool) -> None:
    """The step at `place` is behind: its time is taken, and what was noted becomes work if asked.

    Raises NotFound, Conflict `supervision.moved_on` for a step that is not the one under way.
    """
    row = await Walk.of(actor.staff_id).select_for_update().get_or_none(id=walk_id)
    if row is None:
        raise NotFound
    seen = await _view(row)
    if seen.next is None or place != len(seen.steps):
        raise Conflict("supervision.moved_on")
    seconds = int((clock.now() - seen.since).total_seconds())
    step = WalkStep(walk_id=row.id, place=place, seconds=seconds)
    step.note = note or None
    await step.save(force_create=True)
    if place + 1 == len(STEPS):
        row.ended_at = clock.now()
        await row.save(update_fields=["ended_at"])
    if task and note:
        department = (await catalogue.item(row.item_id)).department_id
        await assign(actor, department, note, days=USUAL_DAYS, walk_id=row.id)


async def _own(actor: Staff, walk_id: UUID) -> Walk:
    row = await Walk.of(actor.staff_id).get_or_none(id=walk_id)
    if row is None:
        raise NotFound
    return row


async def _view(row: Walk) -> WalkView:
    steps = await WalkStep.filter(walk_id=row.id).order_by("place")
    return WalkView(
        id=row.id,
        item=(await catalogue.item(row.item_id)).name,
        at=row.created_at,
        steps=[StepView(name=STEPS[step.place], seconds=step.seconds, note=step.note) for step in steps],
        next=STEPS[len(steps)] if len(steps) < len(STEPS) else None,
        since=steps[-1].created_at if steps else row.created_at,
    )
