"""Handing out in three steps: found by its code, the taker looked at, signed; refusals are kept and change nothing."""

from __future__ import annotations

from uuid import UUID

from server import db
from server.actor import Citizen, Staff
from server.errors import Conflict, InvalidInput, NotFound
from server.features.cases import service as cases
from server.features.catalogue import service as catalogue
from server.features.delivery import messages
from server.features.delivery.models import PATIENCE, Delivery, DeliveryState, Receipt, read_signature
from server.features.delivery.schemas import HandedOver, Taker
from server.features.delivery.service import _attempts, _counter, _rows
from server.features.delivery.service._attempts import kept_if_refused
from server.features.identity import service as identity
from server.features.mandates import service as mandates
from server.features.thread import service as thread
from server.kit import clock, masking

# Whoever acts for an enterprise collects what is its own.
AS_AGENT = frozenset(relation.value for relation in mandates.Relation)


async def check(actor: Staff, pickup_code: str, *, taker_id: UUID | None = None) -> UUID:
    """Say that the document of whoever takes it was looked at; they may sign now, on their phone or on the pad.

    `taker_id` is somebody who may act for the holder; without one it is the holder. Gives the receipt. Refuses what
    `find` refuses, `delivery.not_for_them`, `cases.tolerance_open`.
    """
    async with kept_if_refused("counter", actor=actor), db.tx():
        delivery = await _counter.collectable(actor, pickup_code, lock=True)
        await cases.require_complete(delivery.case_id)
        taker = next((one for one in await takers(delivery) if one.id == (taker_id or delivery.person_id)), None)
        if taker is None:
            raise Conflict("delivery.not_for_them")
        receipt = await Receipt.get_or_none(delivery_id=delivery.id) or Receipt(delivery_id=delivery.id)
        receipt.receiver_id, receipt.as_agent = taker.id, taker.relation in AS_AGENT
        receipt.staff_id, receipt.asked_at = actor.staff_id, clock.now()
        await receipt.save()
        await _rows.on_record(actor, "delivery.checked", delivery)
        return receipt.id


async def takers(delivery: Delivery) -> list[Taker]:
    """List who may take it: the holder, whom they have let act for them, and who has applied for them at a window.

    What an enterprise has applied for is taken by those who act for it today, not by whoever did once.
    """
    case, _ = await cases.wanted_delivery(delivery.thread_id)
    able: dict[UUID, str | None] = {}
    if case.enterprise_id is None:
        able = {delivery.person_id: None}
        able |= {one.agent_id: one.relation.value for one in await mandates.agents_of(delivery.person_id)}
    else:
        known = await identity.members(case.enterprise_id)
        # Who came to the window for it, with its papers, is no member.
        able = {delivery.person_id: known.get(delivery.person_id)}
        able |= known
        able = {one: role for one, role in able.items() if role is not None or one not in known}
    if case.agent_id is not None:
        able.setdefault(case.agent_id, "agent")
    people = await identity.people(list(able))
    return [
        Taker(
            id=one,
            name=people[one].name,
            document_kind=people[one].document_kind,
            document=people[one].number,
            relation=relation,
        )
        for one, relation in able.items()
    ]


async def sign_on_pad(actor: Staff, receipt_id: UUID, drawn: str) -> HandedOver:
    """Take the signature drawn on the pad: the result is handed over.

    Refuses `delivery.check_over`, `.signature_missing`, `cases.tolerance_open`.
    """
    async with kept_if_refused("counter", actor=actor), db.tx():
        known = await Receipt.get_or_none(id=receipt_id)
        rows = Delivery.in_halls(await _rows.halls(actor)).select_for_update()
        delivery = await rows.get_or_none(id=known.delivery_id) if known else None
        if delivery is None:
            raise NotFound("delivery.check_over")
        receipt = await _waiting(receipt_id)
        return await _hand_over(actor, delivery, receipt, read_signature(drawn), "pad")


@db.transactional
async def sign_on_phone(actor: Citizen, thread_id: UUID, drawn: str) -> None:
    """Sign on one's own phone while one stands at the counter. Refuses as `sign_on_pad`."""
    own = await identity.require_person(actor)
    delivery = await Delivery.filter(thread_id=thread_id).select_for_update().first()
    found = await Receipt.filter(delivery_id=delivery.id, receiver_id=own.id).first() if delivery else None
    if delivery is None or found is None:
        raise NotFound("delivery.check_over")
    await _hand_over(actor, delivery, await _waiting(found.id), read_signature(drawn), "phone")


async def signed(actor: Staff, receipt_id: UUID) -> UUID | None:
    """Give the thread of a receipt of the actor's halls once it is signed. Raises NotFound when it is no more."""
    receipt = await Receipt.get_or_none(id=receipt_id)
    delivery = None
    if receipt is not None:
        delivery = await Delivery.in_halls(await _rows.halls(actor)).get_or_none(id=receipt.delivery_id)
    if receipt is None or delivery is None:
        raise NotFound
    return delivery.thread_id if receipt.signed_at else None


async def asks_to_sign(actor: Citizen, delivery: Delivery) -> bool:
    """Say whether the counter waits for this person's signature."""
    if delivery.state is not DeliveryState.READY_TO_COLLECT:
        return False
    receipt = await Receipt.filter(delivery_id=delivery.id, receiver_id=actor.person_id).first()
    return receipt is not None and receipt.waits


@db.transactional
async def wrong_person(actor: Staff, pickup_code: str) -> None:
    """Keep that somebody came with the code and was not who may take it; nothing is handed out."""
    delivery = await _counter.collectable(actor, pickup_code, lock=True)
    await Receipt.filter(delivery_id=delivery.id).update(asked_at=clock.now() - PATIENCE)
    await _rows.on_record(actor, "delivery.wrong_person", delivery)
    await _attempts.keep("counter", Conflict("delivery.wrong_person"), actor=actor, hall_id=delivery.hall_id)


async def _waiting(receipt_id: UUID) -> Receipt:
    """Hold a receipt that may be signed; the caller holds its delivery, which everybody takes first."""
    receipt = await Receipt.filter(id=receipt_id).select_for_update().get_or_none()
    if receipt is None or not receipt.waits:
        raise Conflict("delivery.check_over")
    return receipt


async def _hand_over(actor: Staff | Citizen, delivery: Delivery, receipt: Receipt, drawn: str, on: str) -> HandedOver:
    # A paper may have been asked for since the document was looked at.
    await cases.require_complete(delivery.case_id)
    await delivery.move("collect", collected_at=clock.now(), handed_over_by=receipt.staff_id)
    receipt.signed_at, receipt.signed_on, receipt.signature = clock.now(), on, drawn
    await receipt.save(update_fields=["signed_at", "signed_on", "signature_sealed"])
    step = "delivery.collected_by_agent" if receipt.as_agent else "delivery.collected"
    await thread.record(delivery.thread_id, step, actor, delivery_id=delivery.id, case_id=delivery.case_id)
    hall = await catalogue.hall(delivery.hall_id)
    opened = await thread.get(delivery.thread_id)
    await _rows.tell(
        delivery,
        messages.Collected(thread_id=str(delivery.thread_id), number=opened.number, item=opened.title, hall=hall.name),
    )
    await _rows.on_record(actor, "delivery.handed_over", delivery, on=on)
    await thread.close(delivery.thread_id, actor)
    person = await identity.person(receipt.receiver_id)
    return HandedOver(
        thread_id=delivery.thread_id, number=opened.number, item=opened.title, person=masking.name(person.name)
    )


async def hand_over(actor: Staff, pickup_code: str, *, identity_checked: bool, signature: str) -> HandedOver:
    """Hand out to the holder in one go, where look and signature come together: a kiosk's counter, the sample."""
    if not identity_checked:
        async with kept_if_refused("counter", actor=actor):
            raise InvalidInput("delivery.identity_unchecked")
    return await sign_on_pad(actor, await check(actor, pickup_code), signature)
