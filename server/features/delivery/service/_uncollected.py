"""What nobody collects: asked after, then sent back to its department, and the person is told each time."""

from __future__ import annotations

from datetime import timedelta

from server import db
from server.actor import System
from server.features.catalogue import service as catalogue
from server.features.delivery import messages
from server.features.delivery.models import Delivery, DeliveryState
from server.features.delivery.schemas import CollectionPolicy
from server.features.delivery.service import _rows
from server.features.thread import service as thread
from server.kit import clock

BATCH = 200
_REGIONS = """
    SELECT h.region_code, array_agg(DISTINCT h.id) AS halls FROM delivery d JOIN hall h ON h.id = d.hall_id
    WHERE d.state = 'ready_to_collect' AND d.method = 'counter' GROUP BY h.region_code
"""
CLOCK = System(name="delivery.uncollected")


async def rule_for(delivery: Delivery) -> CollectionPolicy:
    """Give the rule of the hall where it lies."""
    return await catalogue.policy(CollectionPolicy, (await catalogue.hall(delivery.hall_id)).region_code)


async def remind_uncollected() -> int:
    """Ask once after what has lain long; say how many were asked."""
    asked = 0
    for rule, row in await _lying("remind_after_days", reminded=False):
        asked += await _remind(row, rule)
    return asked


async def return_uncollected() -> int:
    """Send back what has lain as long as it is kept; say how many went."""
    return sum([await _return(row) for _, row in await _lying("keep_days")])


async def _lying(days: str, *, reminded: bool | None = None) -> list[tuple[CollectionPolicy, Delivery]]:
    """Give what has lain on shelves for a rule's days, by the rule of each region: one of them never hides another."""
    found = []
    for region in await db.fetch(_REGIONS):
        rule = await catalogue.policy(CollectionPolicy, region["region_code"])
        over = clock.now() - timedelta(days=getattr(rule, days))
        rows = Delivery.filter(state=DeliveryState.READY_TO_COLLECT, method="counter", ready_at__lte=over)
        rows = rows if reminded is None else rows.filter(reminded_at__isnull=not reminded)
        found += [
            (rule, row) for row in await rows.filter(hall_id__in=region["halls"]).order_by("ready_at").limit(BATCH)
        ]
    return found


@db.transactional
async def _remind(row: Delivery, rule: CollectionPolicy) -> bool:
    once = Delivery.filter(id=row.id, state=DeliveryState.READY_TO_COLLECT, reminded_at=None)
    if not await once.update(reminded_at=clock.now()) or row.ready_at is None:
        return False
    opened = await thread.get(row.thread_id)
    hall = await catalogue.hall(row.hall_id)
    until = clock.today() + (row.ready_at + timedelta(days=rule.keep_days) - clock.now())
    await _rows.tell(
        row,
        messages.Uncollected(
            thread_id=str(row.thread_id),
            number=opened.number,
            item=opened.title,
            hall=hall.name,
            hours=await _rows.hours_of(hall),
            code=row.pickup_code,
            at=clock.now(),
            keep_until=until,
        ),
        again=_rows.turn_of(row),
    )
    return True


@db.transactional
async def _return(row: Delivery) -> bool:
    back = Delivery.filter(id=row.id, state=DeliveryState.READY_TO_COLLECT)
    if not await back.update(state=DeliveryState.RETURNED, ended_at=clock.now(), shelf=None, made_at="department"):
        return False
    await thread.record(row.thread_id, "delivery.returned", CLOCK, delivery_id=row.id)
    opened = await thread.get(row.thread_id)
    said = messages.Returned(
        thread_id=str(row.thread_id), number=opened.number, item=opened.title, at=clock.now()
    )  # fmt: skip
    await _rows.tell(row, said, again=_rows.turn_of(row))
    await _rows.on_record(CLOCK, "delivery.returned", row)
    return True
