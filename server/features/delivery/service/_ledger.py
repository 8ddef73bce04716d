"""The post ledger: what is to be sent, what is on its way, and how it ended."""

from __future__ import annotations

from uuid import UUID

from tortoise.expressions import Q

from server.actor import Staff
from server.features.catalogue import service as catalogue
from server.features.delivery.models import Delivery, DeliveryState, Sending, SendingEvent
from server.features.delivery.schemas import ParcelStep, PostRow
from server.features.delivery.service import _lists, _posting, _rows
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import masking
from server.kit.texts import text

SHOWN = 500
_S = DeliveryState
STATES = ("to_send", "posted", "in_transit", "signed", "returned", "lost")


async def ledger(actor: Staff, state: str = "") -> list[PostRow]:
    """List what the actor's halls send, and what their departments have made, the newest first; one state, if named."""
    halls, departments = await _rows.halls(actor), await _lists.departments(actor)
    rows = Delivery.filter(method="post").filter(~Q(state=_S.PREPARING) | Q(made_at="window"))
    if halls is not None and departments is not None:
        rows = rows.filter(Q(hall_id__in=halls) | Q(department_id__in=departments))
    found = await rows.order_by("-created_at", "id").limit(SHOWN)
    parcels = {
        one.delivery_id: one
        for one in await Sending.filter(delivery_id__in=[row.id for row in found]).order_by("created_at")
    }
    people = await identity.people([row.person_id for row in found])
    threads = await thread.many([row.thread_id for row in found])
    names = {one.id: one.name for one in await catalogue.halls()}
    shown = []
    for row in found:
        parcel = parcels.get(row.id)
        here = _posting.is_here(row)
        stands = "to_send" if here or parcel is None else parcel.state
        shown.append(
            PostRow(
                id=row.id,
                number=threads[row.thread_id].number,
                item=threads[row.thread_id].title,
                person=masking.name(people[row.person_id].name),
                hall=names[row.hall_id],
                state=stands,
                state_text=text(actor.locale, f"delivery.parcel.{stands}"),
                waybill=None if here or parcel is None else parcel.waybill,
                since=row.created_at if parcel is None or here else parcel.moved_at,
                can=(halls is None or row.hall_id in halls) and actor.has(*_rows.DESK),
            )
        )
    return [row for row in shown if state in ("", row.state)]


async def track(delivery_id: UUID, locale: str) -> tuple[str | None, list[ParcelStep]]:
    """Give the waybill of the newest parcel and what was heard of it, the newest first."""
    parcel = await Sending.filter(delivery_id=delivery_id).order_by("-created_at").first()
    if parcel is None:
        return None, []
    heard = await SendingEvent.filter(sending_id=parcel.id).order_by("-created_at", "-id")
    return parcel.waybill, [
        ParcelStep(at=one.created_at, text=text(locale, f"delivery.parcel.{one.state}")) for one in heard
    ]
