"""Locker cells and the window: put in, recalled, taken out again, faulty and mended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from server import db
from server.actor import Actor, Staff, System
from server.errors import Conflict, NotFound
from server.features.audit import service as audit
from server.features.catalogue import service as catalogue
from server.features.delivery import messages
from server.features.delivery.models import SIZES, Delivery, DeliveryState, LockerCell, Size
from server.features.delivery.schemas import CollectionPolicy
from server.features.delivery.service import _attempts, _posting, _prepare, _rows, _shelving
from server.features.thread import service as thread
from server.kit import clock
from server.kit.ids import new_id
from server.ports import Lockers, OutsideError

CLOCK = System(name="delivery.lockers")
MOST_CELLS = 200
_BATCH = 200
# The smallest free one that is big enough; two officers never get the same, whoever is faster.
_TAKE = """
    UPDATE locker_cell SET state = 'taken', delivery_id = $3, placed_by = $4, opened_at = NULL WHERE id = (
        SELECT id FROM locker_cell WHERE bank_id = $1 AND state = 'free' AND delivery_id IS NULL AND size = ANY($2)
        ORDER BY array_position($2, size), number LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, number
"""
_EXPIRED = """
    SELECT c.id FROM locker_cell c JOIN delivery d ON d.id = c.delivery_id JOIN hall h ON h.id = d.hall_id
    WHERE c.state = 'taken' AND d.state = 'ready_to_collect' AND d.ready_at <= $1 AND h.region_code = $2
    ORDER BY d.ready_at LIMIT $3
"""
_REGIONS = """
    SELECT DISTINCT h.region_code FROM locker_cell c
    JOIN delivery d ON d.id = c.delivery_id JOIN hall h ON h.id = d.hall_id WHERE c.state = 'taken'
"""


@db.transactional
async def set_up_bank(actor: Staff, bank_id: UUID, hall_id: UUID, size: Size, count: int) -> None:
    """Add cells of one size to a bank that the actor's hall fills. Raises NotFound."""
    within = await _rows.halls(actor)
    if not actor.has(*_rows.DESK) or (within is not None and hall_id not in within):
        raise NotFound
    await catalogue.serve_bank(actor, bank_id, hall_id)
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"bank:{bank_id}")
    last = await LockerCell.filter(bank_id=bank_id).order_by("-number").first()
    begin = last.number if last else 0
    if begin + count > MOST_CELLS:
        raise Conflict("delivery.bank_full")
    for number in range(begin + 1, begin + count + 1):
        await LockerCell(bank_id=bank_id, number=number, size=size).save(force_create=True)
    await audit.record(actor, "delivery.cells_added", "hall", bank_id, count=count)


async def place(actor: Staff, delivery_id: UUID, size: Size) -> tuple[str, int]:
    """Put a result into a free cell that is big enough; the person is told. Gives the bank's key and the cell.

    Refuses `delivery.not_to_locker`, `.no_free_cell`, `cases.tolerance_open`; raises NotFound.
    """
    async with _attempts.kept_if_refused("desk", actor=actor), db.tx():
        return await _place(actor, delivery_id, size)


async def _place(actor: Staff, delivery_id: UUID, size: Size) -> tuple[str, int]:
    delivery = await Delivery.in_halls(await _rows.halls(actor)).select_for_update().get_or_none(id=delivery_id)
    if delivery is None or not actor.has(*_rows.DESK):
        raise NotFound
    if delivery.bank_id is None or not _posting.is_here(delivery):
        raise Conflict("delivery.not_to_locker")
    cell = await db.fetchrow(_TAKE, delivery.bank_id, list(SIZES[size]), delivery.id, actor.staff_id)
    if cell is None:
        raise Conflict("delivery.no_free_cell")
    await _shelving.lay_out(actor, delivery, f"{cell['number']:02}")
    return (await catalogue.hall(delivery.bank_id)).key, cell["number"]


async def open_door(lockers: Lockers, bank: str, cell: int) -> bool:
    """Open a cell for the officer, outside any transaction; say whether it did: else they have their key."""
    try:
        await lockers.open(bank, cell)
    except OutsideError:
        return False
    return True


@db.transactional
async def to_counter(actor: Staff, delivery_id: UUID, shelf: str) -> None:
    """Lay on the counter's shelf what fits into no cell; the person is told where it is."""
    delivery = await Delivery.in_halls(await _rows.halls(actor)).select_for_update().get_or_none(id=delivery_id)
    if delivery is None or not actor.has(*_rows.DESK):
        raise NotFound
    if delivery.bank_id is None or not _posting.is_here(delivery):
        raise Conflict("delivery.not_to_locker")
    place_ = _shelving.shelf_of(shelf)
    await _by_counter(delivery)
    await _shelving.lay_out(actor, delivery, place_)


async def recall_expired() -> int:
    """Call back what has lain in a locker as long as the rule allows; say how much."""
    gone = 0
    for row in await db.fetch(_REGIONS):
        rule = await catalogue.policy(CollectionPolicy, row["region_code"])
        over = clock.now() - timedelta(days=rule.locker_days)
        for found in await db.fetch(_EXPIRED, over, row["region_code"], _BATCH):
            gone += await _expire(found["id"])
    return gone


@db.transactional
async def _expire(cell_id: UUID) -> bool:
    cell, delivery = await held(cell_id)
    # Fetched meanwhile, or being fetched at this moment.
    if cell is None or cell.state != "taken" or delivery is None or _is_open(cell):
        return False
    await LockerCell.filter(id=cell.id).update(state="recalled")
    await recall(CLOCK, delivery)
    return True


@db.transactional
async def fault(actor: Staff, cell_id: UUID) -> None:
    """Take a cell out of use; the window takes out what is inside. Refuses `delivery.cell_open`; raises NotFound."""
    cell, delivery = await _reached(actor, cell_id)
    _require_shut(cell, delivery)
    await out_of_use(actor, cell, delivery)


async def out_of_use(actor: Actor, cell: LockerCell, delivery: Delivery | None) -> None:
    """Do so in the caller's transaction, who holds both."""
    await LockerCell.filter(id=cell.id).update(state="faulty")
    if delivery is not None and delivery.state is DeliveryState.READY_TO_COLLECT:
        await recall(actor, delivery)
    await audit.record(actor, "delivery.cell_faulty", "locker_cell", cell.id)


@db.transactional
async def call_back(actor: Staff, cell_id: UUID) -> None:
    """Call back what lies in a cell. Refuses `delivery.cell_empty`, `.cell_open`; raises NotFound."""
    cell, delivery = await _reached(actor, cell_id)
    if delivery is None or cell.state != "taken":
        raise Conflict("delivery.cell_empty")
    _require_shut(cell, delivery)
    await LockerCell.filter(id=cell.id).update(state="recalled")
    await recall(actor, delivery)


async def recall(actor: Actor, delivery: Delivery) -> None:
    """End its time in the locker, in the caller's transaction: the code opens nothing more, and the person is told."""
    await _by_counter(delivery)
    await delivery.move("recall", shelf=None, ready_at=None, reminded_at=None)
    await _prepare.with_code(delivery)
    hall = await catalogue.hall(delivery.hall_id)
    opened = await thread.get(delivery.thread_id)
    await thread.record(delivery.thread_id, "delivery.recalled", actor, delivery_id=delivery.id, hall=hall.name)
    said = messages.Recalled(
        thread_id=str(delivery.thread_id), number=opened.number, item=opened.title, hall=hall.name, at=clock.now()
    )
    await _rows.tell(delivery, said, again=f":{new_id()}")
    await _rows.on_record(actor, "delivery.recalled", delivery)


@db.transactional
async def emptied(actor: Staff, cell_id: UUID, shelf: str) -> None:
    """Say that what was recalled lies on the counter's shelf now. Refuses `delivery.cell_empty`; raises NotFound."""
    cell, delivery = await _reached(actor, cell_id)
    place_ = _shelving.shelf_of(shelf)
    if delivery is None or cell.state not in ("recalled", "faulty"):
        raise Conflict("delivery.cell_empty")
    kept = "free" if cell.state == "recalled" else "faulty"
    await LockerCell.filter(id=cell.id).update(state=kept, delivery_id=None, placed_by=None, opened_at=None)
    # Taken back by its department meanwhile: it is handed out nowhere.
    if delivery.state is DeliveryState.HANDED_TO_WINDOW:
        await _shelving.lay_out(actor, delivery, place_)


async def mend(actor: Staff, cell_id: UUID) -> None:
    """Use an empty cell again. Refuses `delivery.cell_not_empty`; raises NotFound."""
    async with _attempts.kept_if_refused("desk", actor=actor), db.tx():
        cell, delivery = await _reached(actor, cell_id)
        if delivery is not None or cell.state != "faulty":
            raise Conflict("delivery.cell_not_empty")
        await LockerCell.filter(id=cell.id).update(state="free")
        await audit.record(actor, "delivery.cell_mended", "locker_cell", cell.id)


async def _by_counter(delivery: Delivery) -> None:
    delivery.method, delivery.bank_id = "counter", None
    await delivery.save(update_fields=["method", "bank_id"])


def _is_open(cell: LockerCell) -> bool:
    return cell.opened_at is not None and clock.now() - cell.opened_at < timedelta(minutes=10)


def _require_shut(cell: LockerCell, delivery: Delivery | None) -> None:
    """Refuse while somebody stands before the open door and takes it out."""
    if delivery is not None and cell.state == "taken" and _is_open(cell):
        raise Conflict("delivery.cell_open")


async def held(cell_id: UUID) -> tuple[LockerCell | None, Delivery | None]:
    """Hold a cell and what is in it, the cell first: everybody who waits for both does so in this order."""
    cell = await LockerCell.filter(id=cell_id).select_for_update().first()
    if cell is None or cell.delivery_id is None:
        return cell, None
    return cell, await Delivery.filter(id=cell.delivery_id).select_for_update().get()


async def _reached(actor: Staff, cell_id: UUID) -> tuple[LockerCell, Delivery | None]:
    cell, delivery = await held(cell_id)
    if cell is None or not actor.has(*_rows.DESK) or cell.bank_id not in await banks_of(actor):
        raise NotFound
    return cell, delivery


async def banks_of(actor: Staff) -> Sequence[UUID]:
    """Name the banks that the actor's halls fill."""
    return [bank.id for bank in await catalogue.locker_banks(await _rows.halls(actor))]
