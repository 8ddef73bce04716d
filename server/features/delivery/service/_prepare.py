"""What is granted begins its way to the person, and what is taken back is kept."""

from __future__ import annotations

import secrets
import string
from uuid import UUID

from msgspec import to_builtins
from tortoise.exceptions import IntegrityError

from server import db
from server.errors import Conflict
from server.features.cases import service as cases
from server.features.catalogue import service as catalogue
from server.features.delivery.models import MOVES, Delivery, DeliveryState, LockerCell
from server.features.delivery.service import _ordering
from server.features.thread import service as thread
from server.kit.ids import is_walked

CODE_DIGITS = 8
TRIES = 5


@thread.on("cases.granted")
async def prepare(happening: thread.Recorded) -> None:
    """Open the delivery of a granted case in the transaction of the decision; nothing to hand over ends the matter."""
    case, wish = await cases.wanted_delivery(happening.thread.id)
    if wish.method == "none" or case.hall_id is None or is_walked(case.thread_id):
        # Every case that was handed in has a hall; one without could only wait for ever. What a test person was granted
        # is a specimen: it takes no shelf, no locker and no post.
        await thread.close(case.thread_id, happening.actor)
        return
    delivery = Delivery(
        thread_id=case.thread_id,
        case_id=case.id,
        person_id=case.person_id,
        hall_id=case.hall_id,
        department_id=case.department_id,
        made_at="window" if await _on_the_spot(case.guide_id) else "department",
    )
    await aim(delivery, wish)
    await with_code(delivery)
    await thread.record(case.thread_id, "delivery.preparing", happening.actor, delivery_id=delivery.id, case_id=case.id)


@thread.on("cases.revoked")
async def withhold(happening: thread.Recorded) -> None:
    """Keep back at the desk what was granted and is taken back before it was collected."""
    waiting = Delivery.filter(thread_id=happening.thread.id, state__in=MOVES["withhold"][0])
    # The cell before what is in it, as everybody does.
    kept = [one.id for one in await waiting]
    await LockerCell.filter(delivery_id__in=kept, state="taken").update(state="recalled")
    for delivery in await Delivery.filter(id__in=kept, state__in=MOVES["withhold"][0]).select_for_update():
        await _ordering.drop(delivery.id)
        await delivery.move("withhold")


async def aim(delivery: Delivery, wish: cases.DeliveryWish) -> None:
    """Set on a row where it is to go; by post it is sent from the hall it has, a locker is filled by its own.

    Refuses `delivery.lies_elsewhere`: what one window has already does not travel to another.
    """
    hall_id = wish.hall_id or delivery.hall_id
    if wish.method == "locker" and wish.hall_id is not None:
        hall_id = await catalogue.hall_serving(wish.hall_id)
    if delivery.made_at == "window" and hall_id != delivery.hall_id and delivery._saved_in_db:  # noqa: SLF001 - as below
        raise Conflict("delivery.lies_elsewhere", hall=(await catalogue.hall(delivery.hall_id)).name)
    delivery.method, delivery.hall_id = wish.method, hall_id
    delivery.bank_id = wish.hall_id if wish.method == "locker" else None
    delivery.address = None if wish.address is None else to_builtins(wish.address)


async def anew(delivery: Delivery) -> None:
    """Begin a delivery that came back again, with another code: the old one may lie about."""
    gone = dict.fromkeys(("shelf", "ready_at", "reminded_at", "ended_at", "noted_at", "noted_by"))
    delivery.update_from_dict({"state": DeliveryState.PREPARING, **gone})
    await with_code(delivery)


async def _on_the_spot(guide_id: UUID) -> bool:
    """Tell whether the window makes the result itself: what is decided on the spot is handed out there."""
    return (await catalogue.guide(guide_id)).content.handling == "instant"


async def with_code(delivery: Delivery) -> None:
    """Give a delivery, new or not, a pickup code of its own and write it."""
    # Eight digits of which at most some thousand are live: a clash is rare, and the unique index finds it.
    for _ in range(TRIES):
        delivery.pickup_code = "".join(secrets.choice(string.digits) for _ in range(CODE_DIGITS))
        delivery.pickup_index = db.blind_index("delivery.pickup_code", delivery.pickup_code)
        try:
            async with db.savepoint():
                await delivery.save(force_create=not delivery._saved_in_db)  # noqa: SLF001 - Tortoise has no other way to ask
        except IntegrityError:
            continue
        return
    raise Conflict("delivery.no_code")
