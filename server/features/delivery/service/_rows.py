"""Which deliveries staff reach, and what is said and noted of one."""

from __future__ import annotations

from uuid import UUID

from server.actor import Actor, Role, Staff
from server.features.audit import service as audit
from server.features.catalogue import service as catalogue
from server.features.delivery.models import Delivery
from server.features.identity import service as identity
from server.features.push import service as push

DESK = (Role.CLERK, Role.HALL_MANAGER)


async def halls(actor: Staff) -> tuple[UUID, ...] | None:
    """Name the halls whose results an officer hands out; None is all of them."""
    return await catalogue.halls_within(await identity.reach(actor, *DESK))


async def tell(delivery: Delivery, message: push.Message, *, again: str = "") -> None:
    """Say something to whose result it is, once; with `again`, once for each value of it."""
    await push.send(
        message,
        to=push.To(person_id=delivery.person_id),
        thread_id=delivery.thread_id,
        dedupe=f"{message.kind}:{delivery.id}{again}",
    )


def turn_of(delivery: Delivery) -> str:
    """Tell one turn on the shelf from the next: what went back and is made ready again is said again."""
    return "" if delivery.ready_at is None else f":{delivery.ready_at.isoformat()}"


async def on_record(actor: Actor, action: str, delivery: Delivery, **detail: str) -> None:
    """Write what an officer or the clock did with a result into the audit trail."""
    await audit.record(
        actor, action, "delivery", delivery.id, person_id=delivery.person_id, thread_id=delivery.thread_id, **detail
    )
