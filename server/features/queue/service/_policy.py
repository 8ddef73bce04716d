"""How a hall runs its line, and whether it gives numbers now."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from server import db
from server.actor import Role, Staff
from server.errors import Conflict, NotFound
from server.features.audit import service as audit
from server.features.booking import service as booking
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import WindowView
from server.features.identity import service as identity
from server.features.queue.models import QueuePolicy
from server.kit import clock

DESK = (Role.CLERK, Role.HALL_MANAGER)


async def policy_of(hall_id: UUID) -> QueuePolicy:
    """Look up how a hall runs its line; a hall without a policy has the defaults."""
    return await QueuePolicy.get_or_none(hall_id=hall_id) or QueuePolicy(hall_id=hall_id)


async def set_policy(hall_id: UUID, **changes: object) -> None:
    """Say how a hall runs its line; what is not named stays."""
    # Two who decide at once for a hall that has no row yet both find one.
    await QueuePolicy.bulk_create([QueuePolicy(hall_id=hall_id)], ignore_conflicts=True)
    await QueuePolicy.filter(hall_id=hall_id).update(**changes)


@db.transactional
async def take_numbers(actor: Staff, hall_id: UUID, *, taking: bool) -> None:
    """Stop or go on giving numbers to those who have not booked; whoever has booked is always let in."""
    await check_hall(actor, hall_id)
    await set_policy(hall_id, taking=taking)
    await audit.record(actor, "queue.taking_set", "hall", hall_id, taking=taking)


async def offered(hall: catalogue.HallView, policy: QueuePolicy) -> dict[str, list[WindowView]]:
    """List the kinds of business for which numbers are given now, by the hours and by the hall's calendar.

    Refuses: `queue.closed_today` when the calendar shuts the hall, `queue.closed` outside the hours, `queue.not_taking`
    when the desk says so.
    """
    now = clock.now()
    standing = await booking.standing(hall.id, now)
    if standing.shut is not None:
        raise Conflict("queue.closed_today", hall=hall.name, reason=standing.shut)
    usual = policy.open_at(now, working=await catalogue.is_working_day(clock.today()))
    kinds = await kinds_of(hall.id)
    if not usual and not standing.opened & kinds.keys():
        raise Conflict("queue.closed", hall=hall.name, hours=hall.hours_text)
    if not policy.taking:
        raise Conflict("queue.not_taking", hall=hall.name)
    return {
        skill: windows
        for skill, windows in kinds.items()
        if (usual or skill in standing.opened) and skill not in standing.skills_shut
    }


async def kinds_of(hall_id: UUID) -> dict[str, list[WindowView]]:
    """List the kinds of business of a hall, each with the windows that do it."""
    found: dict[str, list[WindowView]] = {}
    for window in await catalogue.windows(hall_id):
        for skill in window.skills if window.open else ():
            found.setdefault(skill, []).append(window)
    return found


async def halls_open(hall_ids: Collection[UUID]) -> set[UUID]:
    """Pick the halls that serve people now, by their hours and their calendar: what a phone far away is told."""
    now = clock.now()
    policies = {policy.hall_id: policy for policy in await QueuePolicy.filter(hall_id__in=hall_ids)}
    working = await catalogue.is_working_day(clock.today())
    return {
        hall_id
        for hall_id, standing in (await booking.standings(hall_ids, now)).items()
        if standing.shut is None
        and (standing.opened or policies.get(hall_id, QueuePolicy(hall_id=hall_id)).open_at(now, working=working))
    }


def require_open(window: WindowView) -> None:
    """Refuse to serve at a window that is closed: `queue.window_closed`."""
    if not window.open:
        raise Conflict("queue.window_closed", window=window.name)


async def halls_of(actor: Staff) -> tuple[UUID, ...] | None:
    """Name the halls whose desk the actor belongs to; None is all of them."""
    return await catalogue.halls_within(await identity.reach(actor, *DESK))


async def check_hall(actor: Staff, hall_id: UUID) -> None:
    """Refuse a hall that is not the actor's, as if it were not there."""
    halls = await halls_of(actor)
    if halls is not None and hall_id not in halls:
        raise NotFound
