"""Walking an item's way oneself (走流程): step by step on one's own phone, a clock beside it, notes become work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server import db
from server.actor import Actor, Staff
from server.errors import Conflict, NotFound
from server.features.audit import service as audit
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.supervision.models import Walk, WalkStep
from server.features.supervision.service._assigning import USUAL_DAYS, assign
from server.features.supervision.service._taking_back import take_back
from server.features.thread import service as thread
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
    number: str
    item: str
    at: datetime
    steps: list[StepView]
    next: str | None
    since: datetime
    ended_at: datetime | None

    @property
    def whole(self) -> bool:
        """Say whether the way was walked to its end."""
        return len(self.steps) == len(STEPS)

    @property
    def seconds(self) -> int:
        """Sum what was walked."""
        return sum(step.seconds for step in self.steps)


@db.transactional
async def begin_walk(actor: Staff, item_id: UUID) -> UUID:
    """Set out. Raises NotFound for an item there is not."""
    item = await catalogue.item(item_id)
    number = await db.fetchval("SELECT nextval('walk_serial')")
    row = Walk(staff_id=actor.staff_id, item_id=item.id, number=number)
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
    row = await locked(actor, walk_id)
    seen = await _view(row)
    if row.ended_at is not None or place != len(seen.steps):
        raise Conflict("supervision.moved_on")
    seconds = int((clock.now() - seen.since).total_seconds())
    step = WalkStep(walk_id=row.id, place=place, seconds=seconds)
    step.note = note or None
    await step.save(force_create=True)
    if place + 1 == len(STEPS):
        await close_walk(actor, row)
    if task and note:
        department = (await catalogue.item(row.item_id)).department_id
        await assign(actor, department, note, days=USUAL_DAYS, walk_id=row.id)


async def locked(actor: Staff, walk_id: UUID) -> Walk:
    """Give one of one's own, held until the transaction ends. Raises NotFound."""
    row = await Walk.of(actor.staff_id).select_for_update().get_or_none(id=walk_id)
    if row is None:
        raise NotFound
    return row


async def close_walk(actor: Actor, row: Walk) -> None:
    """End a walk whose row is held: what its test person has open is taken back, their codes and phones are over."""
    row.ended_at = clock.now()
    await row.save(update_fields=["ended_at"])
    await thread.revoke_codes(thread.CodeKind.WALK, row.id)
    if row.person_id is not None:
        await take_back(row.person_id, number_of(row))
        await identity.end_test_person(row.person_id)
    await audit.record(actor, "supervision.walk_ended", "walk", row.id, person_id=row.person_id)


def number_of(row: Walk) -> str:
    """Write the number of a walk: it is the test person's document, too."""
    return f"WALK-{row.number:05}"


async def _own(actor: Staff, walk_id: UUID) -> Walk:
    row = await Walk.of(actor.staff_id).get_or_none(id=walk_id)
    if row is None:
        raise NotFound
    return row


async def _view(row: Walk) -> WalkView:
    steps = await WalkStep.filter(walk_id=row.id).order_by("place")
    return WalkView(
        id=row.id,
        number=number_of(row),
        item=(await catalogue.item(row.item_id)).name,
        at=row.created_at,
        steps=[StepView(name=STEPS[step.place], seconds=step.seconds, note=step.note) for step in steps],
        next=STEPS[len(steps)] if row.ended_at is None else None,
        since=steps[-1].created_at if steps else row.created_at,
        ended_at=row.ended_at,
    )
