"""The result of a matter as its holder sees it."""

from __future__ import annotations

from uuid import UUID

from msgspec import convert

from server.actor import Actor, Citizen
from server.features.catalogue import service as catalogue
from server.features.delivery.models import CHANGEABLE, Delivery, DeliveryState
from server.features.delivery.schemas import DeliveryOut, HallRef
from server.features.delivery.service import _ledger, _signing
from server.features.identity import service as identity
from server.kit.texts import text


async def of_thread(actor: Actor, thread_id: UUID) -> DeliveryOut | None:
    """Show the delivery of a thread; the caller has already checked who may see the thread."""
    delivery = await Delivery.filter(thread_id=thread_id).order_by("-created_at").first()
    if delivery is None:
        return None
    hall = await catalogue.hall(delivery.bank_id or delivery.hall_id)
    own = isinstance(actor, Citizen)
    carrier, waybill, track = await _ledger.track(delivery.id, actor.locale)
    collectable = delivery.state is DeliveryState.READY_TO_COLLECT and own
    return DeliveryOut(
        id=delivery.id,
        method=delivery.method,
        state=delivery.state.value,
        state_text=text(actor.locale, f"delivery.state.{delivery.state.value}"),
        hall=HallRef(id=hall.id, name=hall.name, address=hall.address, phone=hall.phone, hours_text=hall.hours_text),
        pickup_code=delivery.pickup_code if collectable else None,
        shelf=delivery.shelf,
        ready_at=delivery.ready_at,
        collected_at=delivery.collected_at,
        address=convert(delivery.address, identity.Postal) if own and delivery.address else None,
        changeable=delivery.state in CHANGEABLE,
        carrier=carrier,
        waybill=waybill,
        track=track,
        to_sign=isinstance(actor, Citizen) and await _signing.asks_to_sign(actor, delivery),
    )
