"""What came back, at the desk: begun again for whoever has no phone to choose on."""

from __future__ import annotations

from uuid import UUID

from server import db
from server.actor import Staff
from server.errors import Conflict, NotFound
from server.features.cases import service as cases
from server.features.delivery.models import Delivery, DeliveryState, Sending
from server.features.delivery.service import _prepare, _rows
from server.features.thread import service as thread


@db.transactional
async def begin_again(actor: Staff, delivery_id: UUID) -> None:
    """Have a result that came back collected at the counter of the actor's hall; the person asked for it there.

    From the post it lies at the window already, else its department hands it over by list once more.
    Refuses `delivery.wrong_state`, `cases.wrong_state` for what was taken back; raises NotFound.
    """
    delivery = await Delivery.in_halls(await _rows.halls(actor)).select_for_update().get_or_none(id=delivery_id)
    if delivery is None or not actor.has(*_rows.DESK):
        raise NotFound
    if delivery.state is not DeliveryState.RETURNED:
        raise Conflict("delivery.wrong_state")
    wish = await cases.wish_for_counter(delivery.case_id, delivery.hall_id)
    if await Sending.exists(delivery_id=delivery.id, state="returned"):
        delivery.made_at = "window"
    await _prepare.aim(delivery, wish)
    await _prepare.anew(delivery)
    await thread.record(delivery.thread_id, "delivery.begun_again", actor, delivery_id=delivery.id)
    await _rows.on_record(actor, "delivery.begun_again", delivery)
