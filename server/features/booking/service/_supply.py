"""The usual week at the desk: a line is changed from a day on, looked at before, kept in a history, and undone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from uuid import UUID

from server import db
from server.actor import Staff
from server.errors import Conflict, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.booking.models import SlotRule, WeekPlan
from server.features.booking.service._calendar import FURTHEST, require_manager
from server.features.booking.service._making import Effect, Plan, bring, effect_of, plan_of
from server.features.booking.service._waitlist import serve_lines
from server.features.booking.service._week import Weeks, weeks_of
from server.kit import clock
from server.kit.ids import new_id
from server.kit.spoken import spoken

SHORTEST, DAY_MINUTES = 5, 24 * 60
MOST_PLACES = 1000
HISTORY = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class LineEdit:
    """One line of the week as it should be from `first_on` on. `opens`, `closes`: minutes after midnight.

    `replaces` names the rules it stands for, none for a new line; without `weekdays` (0 is Monday) they are taken out.
    """

    hall_id: UUID
    skill: str
    first_on: date
    reason: str
    replaces: tuple[UUID, ...] = ()
    weekdays: tuple[int, ...] = ()
    opens: int = 0
    closes: int = 0
    minutes: int = 0
    capacity: int = 0


async def line_effect(actor: Staff, edit: LineEdit) -> Effect:
    """Say what an edit would do. Raises NotFound, InvalidInput `booking.line_wrong`, Conflict `booking.line_overlaps`,
    `booking.line_gone`, `booking.later_plan`, `booking.below_taken`.
    """
    await require_manager(actor, edit.hall_id)
    now = await plan_of(edit.hall_id)
    plan, lines = _planned(actor, edit, now.weeks)
    return await effect_of(edit.hall_id, _with(now, now.weeks.plus(plan, lines)), actor.locale)


@db.transactional
async def edit_line(actor: Staff, edit: LineEdit) -> Effect:
    """Make an edit; places follow at once, and those booked are told by `move_closed`. Raises as `line_effect`."""
    await require_manager(actor, edit.hall_id)
    await _one_at_a_time(edit.hall_id)
    now = await plan_of(edit.hall_id)
    plan, lines = _planned(actor, edit, now.weeks)
    done = await effect_of(edit.hall_id, _with(now, now.weeks.plus(plan, lines)), actor.locale)
    await plan.save(force_create=True)
    await SlotRule.bulk_create(lines)
    await audit.record(
        actor, "booking.week_set", "hall", edit.hall_id, skill=edit.skill, first=edit.first_on.isoformat(),
        reason=plan.reason, bookings=done.bookings,
    )  # fmt: skip
    await bring(edit.hall_id)
    await serve_lines(edit.hall_id)
    return done


async def undo_effect(actor: Staff, plan_id: UUID) -> tuple[WeekPlan, Effect]:
    """Say what taking an edit back would do. Raises NotFound, and `booking.below_taken`."""
    plan = await WeekPlan.get_or_none(id=plan_id, undone_at__isnull=True)
    if plan is None:
        raise NotFound
    await require_manager(actor, plan.hall_id)
    now = await plan_of(plan.hall_id)
    return plan, await effect_of(plan.hall_id, _with(now, now.weeks.minus(plan)), actor.locale)


@db.transactional
async def undo_plan(actor: Staff, plan_id: UUID) -> Effect:
    """Take an edit back: what held before it holds again. Raises as `undo_effect`."""
    plan, _ = await undo_effect(actor, plan_id)
    await _one_at_a_time(plan.hall_id)
    _, done = await undo_effect(actor, plan_id)
    await WeekPlan.filter(id=plan_id).update(undone_at=clock.now())
    await audit.record(actor, "booking.week_undone", "hall", plan.hall_id, skill=plan.skill, reason=plan.reason)
    await bring(plan.hall_id)
    await serve_lines(plan.hall_id)
    return done


async def week_of(actor: Staff, hall_id: UUID, on: date | None = None) -> list[SlotRule]:
    """List the week of a hall as it holds on a day, today if none is named."""
    await require_manager(actor, hall_id)
    return (await weeks_of(hall_id)).on(on or clock.today())


async def plans_of(actor: Staff, hall_id: UUID) -> list[WeekPlan]:
    """List the edits of a hall's week, newest first, those undone too."""
    await require_manager(actor, hall_id)
    return await WeekPlan.filter(hall_id=hall_id).order_by("-created_at").limit(HISTORY)


def _planned(actor: Staff, edit: LineEdit, weeks: Weeks) -> tuple[WeekPlan, list[SlotRule]]:
    _check(edit)
    later = [plan for plan in weeks.plans.get(edit.skill, ()) if plan.first_on > edit.first_on]
    if later:
        raise Conflict("booking.later_plan", day=spoken(actor.locale, later[0].first_on))
    held = weeks.of(edit.skill, edit.first_on)
    if not {rule.id for rule in held}.issuperset(edit.replaces):
        raise Conflict("booking.line_gone")
    plan = WeekPlan(
        id=new_id(), hall_id=edit.hall_id, skill=edit.skill, first_on=edit.first_on, reason=edit.reason.strip(),
        staff_id=actor.staff_id,
    )  # fmt: skip
    kept = [(one.weekday, one.opens, one.closes, one.minutes, one.capacity) for one in held]
    kept = [line for one, line in zip(held, kept, strict=True) if one.id not in edit.replaces]
    made = [(weekday, edit.opens, edit.closes, edit.minutes, edit.capacity) for weekday in sorted(set(edit.weekdays))]
    lines = sorted([*kept, *made])
    _apart(lines)
    return plan, [
        SlotRule(
            id=new_id(), hall_id=edit.hall_id, skill=edit.skill, weekday=weekday, opens=opens, closes=closes,
            minutes=minutes, capacity=capacity, plan_id=plan.id,
        )
        for weekday, opens, closes, minutes, capacity in lines
    ]  # fmt: skip


def _check(edit: LineEdit) -> None:
    today = clock.today()
    sound = (
        edit.reason.strip() != ""
        and today <= edit.first_on <= today + FURTHEST
        and (edit.weekdays or edit.replaces)
        and set(edit.weekdays) <= set(range(7))
    )
    if edit.weekdays:
        sound = sound and (
            0 <= edit.opens < edit.closes <= DAY_MINUTES
            and SHORTEST <= edit.minutes <= edit.closes - edit.opens
            and 0 < edit.capacity <= MOST_PLACES
        )
    if not sound:
        raise InvalidInput("booking.line_wrong")


def _apart(lines: Iterable[tuple[int, int, int, int, int]]) -> None:
    """Refuse two lines that would make places over one another."""
    for (weekday, _, closes, *_), (next_day, opens, *_) in pairwise(lines):
        if weekday == next_day and opens < closes:
            raise Conflict("booking.line_overlaps")


def _with(now: Plan, weeks: Weeks) -> Plan:
    return replace(now, weeks=weeks)


async def _one_at_a_time(hall_id: UUID) -> None:
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"supply:{hall_id}")
