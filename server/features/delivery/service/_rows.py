"""Which deliveries staff reach, and what is said and noted of one."""

from __future__ import annotations

from uuid import UUID

from server.actor import Actor, Role, Staff
from server.features.audit import service as audit
from server.features.booking import service as booking
from server.features.cases import service as cases
from server.features.catalogue import service as catalogue
from server.features.delivery.models import Delivery
from server.features.identity import service as identity
from server.features.push import service as push
from server.kit import clock
from server.kit.spoken import told
from server.kit.texts import SOURCE

DESK = (Role.CLERK, Role.HALL_MANAGER)


async def halls(actor: Staff) -> tuple[UUID, ...] | None:
    """Name the halls whose results an officer hands out; None is all of them."""
    return await catalogue.halls_within(await identity.reach(actor, *DESK))


async def tell(delivery: Delivery, message: push.Message, *, again: str = "") -> None:
    """Say something to whose result it is, once; with `again`, once for each value of it.

    Who has left the enterprise they applied for hears no more of it: those do who act for it today.
    """
    case, _ = await cases.wanted_delivery(delivery.thread_id)
    known = await identity.members(case.enterprise_id) if case.enterprise_id else {}
    left = known.get(delivery.person_id, "") is None
    await push.send_to_party(
        message,
        person_id=delivery.person_id,
        enterprise_id=case.enterprise_id if left else None,
        thread_id=delivery.thread_id,
        dedupe=f"{message.kind}:{delivery.id}{again}",
    )


async def hours_of(hall: catalogue.HallView) -> str:
    """Say when a hall is open to whoever is told to come: what its door says, and from which day if it is shut now."""
    day = await booking.reopens(hall.id, clock.today())
    if day is None:
        return hall.hours_text
    return told(SOURCE, "delivery.hours_from", {"day": day, "hours": hall.hours_text})


def turn_of(delivery: Delivery) -> str:
    """Tell one turn on the shelf from the next: what went back and is made ready again is said again."""
    return "" if delivery.ready_at is None else f":{delivery.ready_at.isoformat()}"


async def on_record(actor: Actor, action: str, delivery: Delivery, **detail: str) -> None:
    """Write what an officer or the clock did with a result into the audit trail."""
    await audit.record(
        actor, action, "delivery", delivery.id, person_id=delivery.person_id, thread_id=delivery.thread_id, **detail
    )
