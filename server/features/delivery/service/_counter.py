"""The counter: on the shelf, found by its code, handed over."""

from __future__ import annotations

import string
import unicodedata
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from server import db
from server.actor import Staff
from server.errors import Conflict, NotFound
from server.features.cases import service as cases
from server.features.catalogue import service as catalogue
from server.features.delivery.models import Delivery, DeliveryState
from server.features.delivery.schemas import Claim, DeskDelivery
from server.features.delivery.service import _rows, _signing
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import masking
from server.kit.texts import text

SHOWN = 200


async def desk(actor: Staff, hall_id: UUID | None = None) -> list[DeskDelivery]:
    """List what the actor's halls must make ready or hand out, the longest waiting first."""
    # What must be made ready is never hidden behind what lies there.
    rows = await _at_counter(actor, hall_id)
    found = [
        row
        for state in (DeliveryState.PREPARING, DeliveryState.READY_TO_COLLECT)
        for row in await rows.filter(state=state).order_by("created_at").limit(SHOWN)
    ]
    return await _shown(actor, found)


async def _shown(actor: Staff, found: list[Delivery]) -> list[DeskDelivery]:
    people = await identity.people([row.person_id for row in found])
    threads = await thread.many([row.thread_id for row in found])
    return [
        DeskDelivery(
            id=row.id,
            thread_id=row.thread_id,
            number=threads[row.thread_id].number,
            item=threads[row.thread_id].title,
            person=masking.name(people[row.person_id].name),
            state=row.state.value,
            state_text=text(actor.locale, f"delivery.state.{row.state.value}"),
            shelf=row.shelf,
            since=row.ended_at or row.ready_at or row.created_at,
        )
        for row in found
    ]


async def came_back(actor: Staff) -> list[DeskDelivery]:
    """List what came back to the actor's halls or their departments and waits for another way, the newest first."""
    rows = Delivery.in_halls(await _rows.halls(actor)).filter(state=DeliveryState.RETURNED)
    granted = await cases.still_granted([row.case_id for row in await rows.order_by("-ended_at").limit(SHOWN)])
    return await _shown(actor, await rows.filter(case_id__in=granted).order_by("-ended_at"))


async def counts(actor: Staff) -> tuple[int, int]:
    """Count what must be made ready and what waits to be collected in the actor's halls."""
    rows = await _at_counter(actor)
    ready_now = rows.filter(state=DeliveryState.READY_TO_COLLECT)
    return await rows.filter(state=DeliveryState.PREPARING).count(), await ready_now.count()


async def _at_counter(actor: Staff, hall_id: UUID | None = None) -> QuerySet[Delivery]:
    """Reach what the window makes itself, and what lies there."""
    rows = Delivery.in_halls(await _rows.halls(actor))
    own = Q(state=DeliveryState.PREPARING, made_at="window", method="counter")
    rows = rows.filter(own | Q(state=DeliveryState.READY_TO_COLLECT, method="counter"))
    return rows if hall_id is None else rows.filter(hall_id=hall_id)


async def find(actor: Staff, pickup_code: str) -> Claim:
    """Show whose result a code is for, in clear, so that their document can be looked at. The look is on record.

    Refuses `delivery.code_unknown`, `.at_other_hall`, `.not_ready`, `.collected`, and keeps that it was refused.
    """
    async with _signing.on_record_if_refused(actor), db.tx():
        delivery = await collectable(actor, pickup_code)
        case, _ = await cases.wanted_delivery(delivery.thread_id)
        opened = await thread.get(delivery.thread_id)
        await _rows.on_record(actor, "delivery.found", delivery)
        return Claim(
            item=opened.title,
            number=opened.number,
            takers=await _signing.takers(delivery),
            enterprise=(await identity.enterprise(case.enterprise_id)).name if case.enterprise_id else None,
            shelf=delivery.shelf or "",
        )


async def collectable(actor: Staff, pickup_code: str, *, lock: bool = False) -> Delivery:
    """Find what a code stands for, where it may be handed out. Refuses what `find` refuses."""
    plain = unicodedata.normalize("NFKC", pickup_code)
    digits = "".join(letter for letter in plain if letter in string.digits)
    rows = Delivery.filter(pickup_index=db.blind_index("delivery.pickup_code", digits))
    delivery = await (rows.select_for_update() if lock else rows).order_by("-created_at").first()
    if delivery is None or not actor.has(*_rows.DESK):
        raise NotFound("delivery.code_unknown")
    within = await _rows.halls(actor)
    if within is not None and delivery.hall_id not in within:
        raise NotFound("delivery.at_other_hall", hall=(await catalogue.hall(delivery.hall_id)).name)
    if delivery.method == "locker" and delivery.state is DeliveryState.READY_TO_COLLECT:
        raise Conflict("delivery.in_locker")
    if delivery.state is DeliveryState.COLLECTED:
        raise Conflict("delivery.collected")
    if delivery.state is not DeliveryState.READY_TO_COLLECT:
        raise Conflict("delivery.not_ready")
    return delivery
