"""What differs from the usual week at a hall: closures, special openings and seasons, each with its reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from server import db
from server.actor import Role, Staff
from server.errors import InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.booking.models import HallChange
from server.features.booking.service._making import CLOSED, Effect, bring, effect_of, plan_of
from server.features.booking.service._waitlist import serve_lines
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.kit import clock

# Whoever means longer than that shuts the hall in the catalogue.
FURTHEST = timedelta(days=1100)


async def effect(actor: Staff, change: HallChange) -> Effect:
    """Say what a change would do, before it is made. Raises NotFound for a hall out of reach, InvalidInput."""
    await require_manager(actor, change.hall_id)
    _check(change)
    return await _effect(actor, change)


async def _effect(actor: Staff, change: HallChange) -> Effect:
    now = await plan_of(change.hall_id)
    return await effect_of(change.hall_id, replace(now, changes=[*now.changes, change]), actor.locale)


async def change_hall(actor: Staff, change: HallChange) -> Effect:
    """Make a change; places follow at once, and those booked are told by `move_closed`. Raises as `effect`."""
    await require_manager(actor, change.hall_id)
    _check(change)
    done = await _effect(actor, change)
    async with db.tx():
        await change.save(force_create=True)
        await audit.record(
            actor, f"booking.hall_{change.kind}", "hall", change.hall_id,
            first=change.first_on.isoformat(), last=change.last_on.isoformat(), bookings=done.bookings,
        )  # fmt: skip
        await bring(change.hall_id)
        await serve_lines(change.hall_id)
    return done


async def end_effect(actor: Staff, change_id: UUID) -> tuple[HallChange, Effect]:
    """Say what taking a change back would do. Raises NotFound, Conflict `booking.below_taken`."""
    found = await HallChange.get_or_none(id=change_id, ended_at__isnull=True)
    if found is None:
        raise NotFound
    await require_manager(actor, found.hall_id)
    now = await plan_of(found.hall_id)
    after = replace(now, changes=[one for one in now.changes if one.id != change_id])
    return found, await effect_of(found.hall_id, after, actor.locale)


@db.transactional
async def end_change(actor: Staff, change_id: UUID) -> Effect:
    """Take a change back: the base week holds again; those booked are told by `move_closed`. Raises as `end_effect`."""
    found, done = await end_effect(actor, change_id)
    await HallChange.filter(id=change_id).update(ended_at=clock.now())
    await audit.record(actor, "booking.change_ended", "hall", found.hall_id, kind=found.kind, bookings=done.bookings)
    await bring(found.hall_id)
    await serve_lines(found.hall_id)
    return done


async def changes_of(actor: Staff, hall_id: UUID) -> list[HallChange]:
    """List the changes of a hall that are in force or to come."""
    await require_manager(actor, hall_id)
    rows = HallChange.filter(hall_id=hall_id, ended_at__isnull=True, last_on__gte=clock.today())
    return await rows.order_by("first_on", "created_at")


async def require_manager(actor: Staff, hall_id: UUID) -> None:
    """Refuse a hall that the actor does not answer for, as if it were not there."""
    halls = await catalogue.halls_within(await identity.reach(actor, Role.HALL_MANAGER))
    if halls is not None and hall_id not in halls:
        raise NotFound


def _check(change: HallChange) -> None:
    today = clock.today()
    if not today <= change.last_on <= today + FURTHEST or not today - FURTHEST <= change.first_on <= change.last_on:
        raise InvalidInput("booking.change_wrong")
    if not change.reason.strip():
        raise InvalidInput("booking.change_wrong")
    hours = (change.opens, change.closes)
    if change.kind != CLOSED and None in (*hours, change.skill, change.minutes, change.capacity):
        raise InvalidInput("booking.change_wrong")
    if change.opens is not None and (change.closes is None or change.closes <= change.opens):
        raise InvalidInput("booking.change_wrong")
