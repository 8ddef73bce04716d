"""The rules of booking at the desk: changed from a day on, looked at before, kept in a history, and undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from server import db
from server.actor import Staff, System
from server.errors import Conflict, FieldError, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.booking.models import LIVE, Booking, BookingPolicy, BookingState, PolicyEdit
from server.features.booking.service._calendar import FURTHEST, require_manager
from server.features.booking.service._making import Effect, bring, effect_of, plan_of, shorten
from server.features.booking.service._slots import policy_of
from server.features.booking.service._waitlist import serve_lines
from server.kit import clock
from server.kit.ids import new_id

if TYPE_CHECKING:
    from tortoise.queryset import QuerySet

Values = Mapping[str, str | int]
HISTORY = 20
CONFIRMATIONS = ("staff", "auto")
# What each rule may be; the table has the same limits.
RANGES: Mapping[str, tuple[int, int]] = {
    "horizon_days": (1, 90),
    "release_minute": (0, 1439),
    "cancel_minutes": (0, 10_080),
    "per_person": (1, 50),
    "per_person_day": (1, 50),
    "per_person_item": (1, 50),
    "hold_minutes": (1, 60),
    "offer_minutes": (5, 1440),
    "no_show_limit": (1, 100),
    "no_show_days": (1, 730),
    "blocked_days": (1, 365),
}


@dataclass(frozen=True, slots=True)
class RuleEffect:
    """What a change of the rules would do: by name what was and will be, what becomes of places, and of whom it is
    true already: `live` bookings keep what they were made under, `unanswered` still wait for staff.
    """

    changed: Mapping[str, tuple[str | int, str | int]]
    places: Effect
    live: int
    unanswered: int


async def rules_effect(actor: Staff, hall_id: UUID, values: Values) -> RuleEffect:
    """Say what a change would do. Raises NotFound, InvalidInput with the fields, Conflict `booking.nothing_changed`."""
    await require_manager(actor, hall_id)
    _check(values)
    _changed(await policy_of(hall_id), values)
    return await _effect(actor, hall_id, values)


async def _effect(actor: Staff, hall_id: UUID, values: Values) -> RuleEffect:
    now = await plan_of(hall_id)
    after = BookingPolicy(**{**_named(now.policy), **values}, hall_id=hall_id)
    rows = Booking.filter(hall_id=hall_id, state__in=LIVE, day__gte=clock.today())
    return RuleEffect(
        _differing(now.policy, values),
        await effect_of(hall_id, replace(now, policy=after), actor.locale),
        await rows.count(),
        await rows.filter(state=BookingState.REQUESTED).count(),
    )


@db.transactional
async def edit_rules(actor: Staff, hall_id: UUID, values: Values, *, first_on: date, reason: str) -> None:
    """Change rules from a day on. Raises as `rules_effect`, and `booking.change_wrong` for day or reason."""
    await require_manager(actor, hall_id)
    _check(values)
    if not reason.strip() or not clock.today() <= first_on <= clock.today() + FURTHEST:
        raise InvalidInput("booking.change_wrong")
    policy = await policy_of(hall_id)
    changed = _changed(policy, values)
    edit = PolicyEdit(
        id=new_id(), hall_id=hall_id, staff_id=actor.staff_id, first_on=first_on, reason=reason.strip(),
        old={name: old for name, (old, _) in changed.items()}, new={name: new for name, (_, new) in changed.items()},
    )  # fmt: skip
    await edit.save(force_create=True)
    await audit.record(
        actor, "booking.rules_set", "hall", hall_id,
        reason=edit.reason, first=first_on.isoformat(), rules=", ".join(edit.new),
    )  # fmt: skip
    if first_on <= clock.today():
        await _apply(edit)


async def apply_edits() -> int:
    """Bring into force what begins today; gives how many changes that were."""
    due = await PolicyEdit.filter(first_on__lte=clock.today(), applied_at__isnull=True, undone_at__isnull=True)
    for edit in sorted(due, key=lambda one: (one.first_on, one.created_at)):
        async with db.tx():
            await _apply(edit)
            await audit.record(System(name="booking.apply_edits"), "booking.rules_begun", "hall", edit.hall_id)
    return len(due)


async def _apply(edit: PolicyEdit) -> None:
    policy = await policy_of(edit.hall_id)
    old = {name: getattr(policy, name) for name in edit.new}
    if not await PolicyEdit.filter(id=edit.id, applied_at__isnull=True).update(applied_at=clock.now(), old=old):
        return
    await _set(policy, edit.new)


async def _set(policy: BookingPolicy, values: Values) -> None:
    nearer = int(values.get("horizon_days", policy.horizon_days)) < policy.horizon_days
    await policy.update_from_dict(dict(values)).save()
    await bring(policy.hall_id)
    await serve_lines(policy.hall_id)
    if nearer:
        await shorten(policy.hall_id)


async def undo_rules_effect(actor: Staff, edit_id: UUID) -> tuple[PolicyEdit, RuleEffect]:
    """Say what taking a change back would do now; one that has not begun changes nothing. Raises as `undo_rules`."""
    edit, _ = await _undoable(actor, PolicyEdit.filter(id=edit_id))
    return edit, await _effect(actor, edit.hall_id, {} if edit.applied_at is None else edit.old)


@db.transactional
async def undo_rules(actor: Staff, edit_id: UUID) -> None:
    """Take a change back: one that has not begun never does, one in force ends now.

    Raises NotFound, Conflict `booking.edit_overtaken` when a later change has the same rule.
    """
    edit, policy = await _undoable(actor, PolicyEdit.filter(id=edit_id).select_for_update())
    if edit.applied_at is not None:
        await _set(policy, edit.old)
    await PolicyEdit.filter(id=edit_id).update(undone_at=clock.now())
    await audit.record(actor, "booking.rules_undone", "hall", edit.hall_id, reason=edit.reason)


async def _undoable(actor: Staff, row: QuerySet[PolicyEdit]) -> tuple[PolicyEdit, BookingPolicy]:
    edit = await row.filter(undone_at__isnull=True).first()
    if edit is None:
        raise NotFound
    await require_manager(actor, edit.hall_id)
    policy = await policy_of(edit.hall_id)
    if edit.applied_at is not None and any(getattr(policy, name) != value for name, value in edit.new.items()):
        raise Conflict("booking.edit_overtaken")
    return edit, policy


async def edits_of(actor: Staff, hall_id: UUID) -> list[PolicyEdit]:
    """List the changes of a hall's rules, newest first, those undone too."""
    await require_manager(actor, hall_id)
    return await PolicyEdit.filter(hall_id=hall_id).order_by("-created_at").limit(HISTORY)


def _check(values: Values) -> None:
    wrong = [
        FieldError(name, "out_of_range")
        for name, (least, most) in RANGES.items()
        if name in values and not least <= int(values[name]) <= most
    ]
    if values.get("confirmation", "auto") not in CONFIRMATIONS:
        wrong.append(FieldError("confirmation", "out_of_range"))
    if wrong:
        raise InvalidInput("invalid_input", fields=tuple(wrong))


def _named(policy: BookingPolicy) -> dict[str, str | int]:
    return {name: getattr(policy, name) for name in ("confirmation", *RANGES)}


def _changed(policy: BookingPolicy, values: Values) -> dict[str, tuple[str | int, str | int]]:
    changed = _differing(policy, values)
    if not changed:
        raise Conflict("booking.nothing_changed")
    return changed


def _differing(policy: BookingPolicy, values: Values) -> dict[str, tuple[str | int, str | int]]:
    return {name: (getattr(policy, name), new) for name, new in values.items() if getattr(policy, name) != new}
