"""The counter: on the shelf, found by its code, handed over."""

from __future__ import annotations

import string
import unicodedata
from datetime import datetime
from uuid import UUID

from server import db
from server.actor import Staff
from server.errors import Conflict, NotFound
from server.features.cases import service as cases
from server.features.catalogue import service as catalogue
from server.features.delivery.models import Delivery, DeliveryState
from server.features.delivery.schemas import Claim, DeskDelivery
from server.features.delivery.service import _attempts, _rows, _signing
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import masking
from server.kit.texts import text

SHOWN = 200
_AT_COUNTER = thread.listing(
    "delivery d JOIN thread t ON t.id = d.thread_id",
    "d.id",
    words="concat_ws(' ', t.number, t.title, d.shelf)",
    since=db.By("coalesce(d.ended_at, d.ready_at, d.created_at)", datetime),
    shelf=db.By("coalesce(d.shelf, '')", str),
)


async def to_make_ready(actor: Staff, *, q: str = "") -> list[DeskDelivery]:
    """List what the actor's halls make themselves and must make ready, the longest waiting first."""
    making = (await _at_counter(actor, DeliveryState.PREPARING)).where("d.made_at = 'window'")
    return (await making.page(db.Sought(q=q, limit=SHOWN))).items


async def on_shelf(actor: Staff) -> db.Found[DeskDelivery]:
    """List what waits to be collected in the actor's halls, the longest waiting first."""
    return await _at_counter(actor, DeliveryState.READY_TO_COLLECT)


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
    rows = Delivery.in_halls(await _rows.halls(actor)).filter(state=DeliveryState.RETURNED).order_by("-ended_at", "-id")
    found: list[Delivery] = []
    seen = 0
    # What was taken back lies among them, however much of it, and hides none.
    while len(found) < SHOWN and (part := await rows.offset(seen).limit(SHOWN)):
        granted = set(await cases.still_granted([row.case_id for row in part]))
        found += [row for row in part if row.case_id in granted]
        seen += len(part)
    return await _shown(actor, found[:SHOWN])


async def counts(actor: Staff) -> tuple[int, int]:
    """Count what must be made ready and what waits to be collected in the actor's halls."""
    making = (await _at_counter(actor, DeliveryState.PREPARING)).where("d.made_at = 'window'")
    return await making.count(), await (await on_shelf(actor)).count()


async def _at_counter(actor: Staff, state: DeliveryState) -> db.Found[DeskDelivery]:
    async def shown(ids: list[UUID]) -> list[DeskDelivery]:
        return await _shown(actor, await db.in_order(Delivery, ids))

    found = _AT_COUNTER.found(shown, usual="since").where("d.method = 'counter' AND d.state = {}", state.value)
    return found.within("d.hall_id", await _rows.halls(actor))


async def find(actor: Staff, pickup_code: str) -> Claim:
    """Show whose result a code is for, in clear, so that their document can be looked at. The look is on record.

    Refuses `delivery.code_unknown`, `.at_other_hall`, `.not_ready`, `.collected`, and keeps that it was refused.
    """
    async with _attempts.kept_if_refused("counter", actor=actor), db.tx():
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
