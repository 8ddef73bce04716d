"""How the result should come: looked at, and changed until the department has handed it over."""

from __future__ import annotations

from uuid import UUID

from server import db
from server.actor import Citizen
from server.errors import Conflict
from server.features.cases import service as cases
from server.features.catalogue import service as catalogue
from server.features.delivery.models import (
    CHANGEABLE,
    LIVE,
    CourierOrder,
    Delivery,
    DeliveryState,
    HandoverLine,
    Sending,
)
from server.features.delivery.schemas import ChoiceOut
from server.features.delivery.service._prepare import aim, anew
from server.features.identity import service as identity
from server.features.thread import service as thread


async def choice(actor: Citizen, thread_id: UUID) -> ChoiceOut:
    """Show how the result of a matter of mine is to come, and what else can be chosen. Raises NotFound."""
    seen = await cases.wish_of(actor, thread_id)
    opened = await thread.get(thread_id)
    book = await identity.addresses(actor)
    return ChoiceOut(
        title=opened.title,
        number=opened.number,
        wish=seen.wish,
        methods=[one for one in seen.methods if one != "none"] if await _is_made(thread_id) else seen.methods,
        halls=seen.halls,
        banks=seen.banks,
        addresses=book.items,
        several=seen.several,
        changeable=seen.changeable and await _is_here(thread_id),
    )


@db.transactional
async def choose(actor: Citizen, thread_id: UUID, given: cases.DeliveryIn) -> ChoiceOut:
    """Have the result come another way. Refuses `delivery.handed_on`, `.being_made`, `cases.wrong_state`."""
    for case_id, wish in await cases.change_wish(actor, thread_id, given):
        await _turn(thread_id, case_id, wish)
    at_place = given.method in ("counter", "locker") and given.hall_id
    where = await catalogue.hall(given.hall_id) if at_place and given.hall_id else None
    step = f"delivery.wish_{given.method}"
    await thread.record(thread_id, f"{step}_at" if where else step, actor, **({"hall": where.name} if where else {}))
    return await choice(actor, thread_id)


async def _turn(thread_id: UUID, case_id: UUID, wish: cases.DeliveryWish) -> None:
    """Send what is being made the new way; of a theme's items only what is still with the department."""
    sent = await Delivery.filter(case_id=case_id).select_for_update().first()
    if sent is None:
        return
    if sent.state not in CHANGEABLE or await _is_given(sent):
        if sent.thread_id == thread_id:
            raise Conflict("delivery.handed_on")
        return
    if wish.method == "none":
        raise Conflict("delivery.being_made")
    # What came back begins again, with another code: the old one may lie about. From the post it is at the window.
    if sent.state is DeliveryState.RETURNED and await Sending.exists(delivery_id=sent.id, state="returned"):
        sent.made_at = "window"
    await aim(sent, wish)
    if sent.state is DeliveryState.RETURNED:
        await anew(sent)
    else:
        await sent.save(update_fields=["method", "hall_id", "bank_id", "address_sealed"])


async def _is_made(thread_id: UUID) -> bool:
    return await Delivery.filter(thread_id=thread_id).exists()


async def _is_here(thread_id: UUID) -> bool:
    sent = await Delivery.filter(thread_id=thread_id).first()
    if sent is None:
        return True
    return sent.state in CHANGEABLE and not await _is_given(sent)


async def _is_given(sent: Delivery) -> bool:
    """Say whether it is about to leave: on a list of its department, or to be fetched by the courier."""
    listed = await HandoverLine.exists(delivery_id=sent.id, state="listed")
    return listed or await CourierOrder.exists(delivery_id=sent.id, state__in=LIVE)
