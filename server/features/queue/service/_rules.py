"""How a hall runs its line, changed at the desk: from a day on, looked at before, kept in a history, and undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from server import db
from server.actor import Role, Staff, System
from server.errors import Conflict, FieldError, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.queue.models import IN_LINE, LineEdit, QueuePolicy, Ticket
from server.features.queue.service import _live
from server.features.queue.service._policy import policy_of, set_policy
from server.kit import clock
from server.kit.ids import new_id

if TYPE_CHECKING:
    from tortoise.queryset import QuerySet

Values = Mapping[str, int | bool]
DAY = 24 * 60
HISTORY = 20
FURTHEST = timedelta(days=366)
# What each number of a policy may be; the table has the same limits.
RANGES: Mapping[str, tuple[int, int]] = {
    "opens_minutes": (0, DAY),
    "grace_minutes": (0, 480),
    "booked_minutes": (0, 480),
    "green_minutes": (0, 480),
    "green_age": (50, 120),
    "walk_in_from": (0, DAY - 1),
    "walk_in_until": (1, DAY),
    "person_live": (1, 20),
    "person_day": (1, 50),
    "unnamed_live": (1, 5000),
    "kiosk_minute": (1, 120),
}


@dataclass(frozen=True, slots=True)
class LineEffect:
    """What a change would do to the line as it is now: by name what was and will be; how many `waiting` keep the place
    they were given; `gives` whether numbers without a booking are given at this hour, before and after.
    """

    changed: Mapping[str, tuple[int, int]]
    waiting: int
    gives: tuple[bool, bool]


async def line_effect(actor: Staff, hall_id: UUID, values: Values) -> LineEffect:
    """Say what a change would do. Raises NotFound, InvalidInput with the fields, Conflict `booking.nothing_changed`."""
    await _require_manager(actor, hall_id)
    policy = await policy_of(hall_id)
    _check(policy, values)
    _changed(policy, values)
    return await _effect(policy, values)


async def _effect(policy: QueuePolicy, values: Values) -> LineEffect:
    after = QueuePolicy(hall_id=policy.hall_id, **{**{name: getattr(policy, name) for name in _names()}, **values})
    now, working = clock.now(), await catalogue.is_working_day(clock.today())
    waiting = await Ticket.filter(hall_id=policy.hall_id, day=clock.today(), state__in=IN_LINE).count()
    return LineEffect(
        _differing(policy, values),
        waiting,
        (policy.open_at(now, working=working), after.open_at(now, working=working)),
    )


@db.transactional
async def edit_line(actor: Staff, hall_id: UUID, values: Values, *, first_on: date, reason: str) -> None:
    """Change it from a day on. Raises as `line_effect`, and `booking.change_wrong` for day or reason."""
    await _require_manager(actor, hall_id)
    policy = await policy_of(hall_id)
    _check(policy, values)
    if not reason.strip() or not clock.today() <= first_on <= clock.today() + FURTHEST:
        raise InvalidInput("booking.change_wrong")
    changed = _changed(policy, values)
    edit = LineEdit(
        id=new_id(), hall_id=hall_id, staff_id=actor.staff_id, first_on=first_on, reason=reason.strip(),
        old={name: old for name, (old, _) in changed.items()}, new={name: new for name, (_, new) in changed.items()},
    )  # fmt: skip
    await edit.save(force_create=True)
    await audit.record(
        actor, "queue.policy_set", "hall", hall_id, reason=edit.reason, first=first_on.isoformat(),
        changed="; ".join(f"{name}: {old} → {new}" for name, (old, new) in changed.items()),
    )  # fmt: skip
    if first_on <= clock.today():
        await _apply(edit)


async def apply_line_edits() -> int:
    """Bring into force what begins today; gives how many changes that were."""
    due = await LineEdit.filter(first_on__lte=clock.today(), applied_at__isnull=True, undone_at__isnull=True)
    for edit in sorted(due, key=lambda one: (one.first_on, one.created_at)):
        async with db.tx():
            begun = await _apply(edit)
            action = "queue.policy_begun" if begun else "queue.policy_dropped"
            await audit.record(System(name="queue.apply_edits"), action, "hall", edit.hall_id, reason=edit.reason)
    return len(due)


async def undo_line_effect(actor: Staff, edit_id: UUID) -> tuple[LineEdit, LineEffect]:
    """Say what taking a change back would do now; one that has not begun changes nothing. Raises as `undo_line`."""
    edit, policy = await _undoable(actor, LineEdit.filter(id=edit_id))
    return edit, await _effect(policy, {} if edit.applied_at is None else _kinds(edit.old))


@db.transactional
async def undo_line(actor: Staff, edit_id: UUID) -> None:
    """Take a change back: one that has not begun never does, one in force ends now.

    Raises NotFound, Conflict `booking.edit_overtaken` when a later change has the same rule.
    """
    edit, policy = await _undoable(actor, LineEdit.filter(id=edit_id).select_for_update())
    if edit.applied_at is not None:
        await _set(policy, edit.old)
    await LineEdit.filter(id=edit_id).update(undone_at=clock.now())
    await audit.record(actor, "queue.policy_undone", "hall", edit.hall_id, reason=edit.reason)


async def _undoable(actor: Staff, row: QuerySet[LineEdit]) -> tuple[LineEdit, QueuePolicy]:
    edit = await row.filter(undone_at__isnull=True).first()
    if edit is None:
        raise NotFound
    await _require_manager(actor, edit.hall_id)
    policy = await policy_of(edit.hall_id)
    if edit.applied_at is not None:
        if any(getattr(policy, name) != value for name, value in edit.new.items()):
            raise Conflict("booking.edit_overtaken")
        _check(policy, edit.old)
    return edit, policy


async def line_edits(actor: Staff, hall_id: UUID) -> list[LineEdit]:
    """List the changes of how a hall runs its line, newest first, those undone too."""
    await _require_manager(actor, hall_id)
    return await LineEdit.filter(hall_id=hall_id).order_by("-created_at").limit(HISTORY)


async def _apply(edit: LineEdit) -> bool:
    policy = await policy_of(edit.hall_id)
    row = LineEdit.filter(id=edit.id, applied_at__isnull=True)
    if _wrong(policy, edit.new):
        # Since it was made, another change has moved the hours: together they would leave none. What is in force stays.
        await row.update(undone_at=clock.now())
        return False
    if await row.update(applied_at=clock.now(), old={name: int(getattr(policy, name)) for name in edit.new}):
        await _set(policy, edit.new)
    return True


async def _set(policy: QueuePolicy, values: Values) -> None:
    await set_policy(policy.hall_id, **_kinds(values))
    await _live.changed(policy.hall_id)


async def _require_manager(actor: Staff, hall_id: UUID) -> None:
    halls = await catalogue.halls_within(await identity.reach(actor, Role.HALL_MANAGER))
    if halls is not None and hall_id not in halls:
        raise NotFound


def _check(policy: QueuePolicy, values: Values) -> None:
    wrong = _wrong(policy, values)
    if wrong:
        raise InvalidInput("invalid_input", fields=tuple(FieldError(name, "out_of_range") for name in wrong))


def _wrong(policy: QueuePolicy, values: Values) -> list[str]:
    wrong = [name for name, (least, most) in RANGES.items() if not least <= values.get(name, least) <= most]
    if values.get("walk_in_until", policy.walk_in_until) <= values.get("walk_in_from", policy.walk_in_from):
        wrong.append("walk_in_until")
    return wrong


def _kinds(values: Values) -> dict[str, int | bool]:
    return {name: int(value) if name in RANGES else bool(value) for name, value in values.items()}


def _names() -> tuple[str, ...]:
    return (*RANGES, "every_day", "at_door", "taking")


def _changed(policy: QueuePolicy, values: Values) -> dict[str, tuple[int, int]]:
    changed = _differing(policy, values)
    if not changed:
        raise Conflict("booking.nothing_changed")
    return changed


def _differing(policy: QueuePolicy, values: Values) -> dict[str, tuple[int, int]]:
    return {
        name: (int(getattr(policy, name)), int(new)) for name, new in values.items() if getattr(policy, name) != new
    }
