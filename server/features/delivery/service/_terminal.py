"""What a locker's terminal tells: a code was typed, a cell was emptied, or does not open. Each counts once."""

from __future__ import annotations

import logging
from datetime import timedelta

from server import db
from server.actor import System
from server.errors import AppError, Conflict, NotFound
from server.features.audit import service as audit
from server.features.cases import service as cases
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import HallView
from server.features.delivery import messages
from server.features.delivery.models import Delivery, DeliveryState, LockerCell, LockerSaid
from server.features.delivery.service import _attempts, _cells, _rows
from server.features.thread import service as thread
from server.kit import clock
from server.kit.ids import new_id
from server.ports import LockerCall

TERMINAL = System(name="delivery.locker")
# Eight digits guessed at one keypad: after so many wrong ones it rests.
WRONG_MOST = 5
RESTS = timedelta(minutes=10)
KEPT = timedelta(days=30)
_NONCE = """
    INSERT INTO locker_call (id, created_at, nonce, bank_id, event) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (nonce) DO NOTHING RETURNING id
"""
_WRONG = "SELECT count(*) FROM locker_call WHERE bank_id = $1 AND refused = 'delivery.code_unknown' AND created_at > $2"
_FORGET = "DELETE FROM locker_call WHERE id IN (SELECT id FROM locker_call WHERE created_at < $1 LIMIT 5000)"

_log = logging.getLogger(__name__)


async def told_by_locker(call: LockerCall) -> int:
    """Take one call that was proven; give the cell it is about.

    Refuses `delivery.call_replayed`, `.bank_unknown`, `.cell_unknown`, `.keypad_rests`, `.code_unknown`, `.cell_shut`;
    that it was refused is kept, and changes nothing else.
    """
    async with _attempts.kept_if_refused("locker"):
        bank = next((one for one in await catalogue.locker_banks() if one.key == call.bank), None)
        if bank is None:
            raise NotFound("delivery.bank_unknown")
    done = await _take(bank, call)
    if isinstance(done, AppError):
        _log.warning("locker %s: %s refused: %s", bank.key, call.event, done.code)
        raise done
    return done


@db.transactional
async def _take(bank: HallView, call: LockerCall) -> int | AppError:
    # One keypad: whoever guesses with many calls at once waits until the one before is counted.
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"locker:{bank.id}")
    kept = await db.fetchval(_NONCE, new_id(), clock.now(), call.nonce, bank.id, call.event)
    if kept is None:
        return await _refused(bank, Conflict("delivery.call_replayed"))
    try:
        async with db.savepoint():
            return await _do(bank, call)
    except AppError as refusal:
        await LockerSaid.filter(id=kept).update(refused=refusal.code)
        await audit.record(TERMINAL, "delivery.refused", "hall", bank.id, reason=refusal.code)
        return await _refused(bank, refusal)


async def _refused(bank: HallView, refusal: AppError) -> AppError:
    """Keep why nothing opened."""
    await _attempts.keep("locker", refusal, hall_id=bank.id)
    return refusal


async def _do(bank: HallView, call: LockerCall) -> int:
    if call.event == "code":
        return await _open(bank, call.code)
    known = await LockerCell.get_or_none(bank_id=bank.id, number=call.cell)
    cell, delivery = await _cells.held(known.id) if known else (None, None)
    if cell is None:
        raise NotFound("delivery.cell_unknown")
    await (_cells.out_of_use(TERMINAL, cell, delivery) if call.event == "fault" else _taken(cell, delivery))
    return cell.number


async def _open(bank: HallView, code: str) -> int:
    """Open the cell a code is for. Wrong, of another bank, or used: they look the same.

    Refuses `cases.tolerance_open` where a paper is awaited: nothing is handed out then.
    """
    if await db.fetchval(_WRONG, bank.id, clock.now() - RESTS) >= WRONG_MOST:
        raise Conflict("delivery.keypad_rests")
    digits = "".join(letter for letter in code if letter.isascii() and letter.isdigit())
    index = db.blind_index("delivery.pickup_code", digits)
    found = await Delivery.filter(pickup_index=index, bank_id=bank.id, state=DeliveryState.READY_TO_COLLECT).first()
    known = await LockerCell.filter(delivery_id=found.id).first() if found else None
    cell, delivery = await _cells.held(known.id) if known else (None, None)
    if cell is None or cell.state != "taken" or delivery is None or delivery.pickup_code != digits:
        raise NotFound("delivery.code_unknown")
    await cases.require_complete(delivery.case_id)
    await LockerCell.filter(id=cell.id).update(opened_at=clock.now())
    await _rows.on_record(TERMINAL, "delivery.cell_opened", delivery)
    return cell.number


async def _taken(cell: LockerCell, delivery: Delivery | None) -> None:
    """What was opened is empty: the result is the person's, and the cell is free."""
    if delivery is None or cell.state != "taken" or cell.opened_at is None:
        raise Conflict("delivery.cell_shut")
    await LockerCell.filter(id=cell.id).update(state="free", delivery_id=None, opened_at=None, placed_by=None)
    await delivery.move("collect", collected_at=clock.now(), handed_over_by=cell.placed_by)
    await thread.record(delivery.thread_id, "delivery.collected_from_locker", TERMINAL, delivery_id=delivery.id)
    bank = await catalogue.hall(cell.bank_id)
    opened = await thread.get(delivery.thread_id)
    said = messages.Collected(
        thread_id=str(delivery.thread_id), number=opened.number, item=opened.title, hall=bank.name
    )  # fmt: skip
    await _rows.tell(delivery, said)
    await _rows.on_record(TERMINAL, "delivery.handed_over", delivery, on="locker")
    await thread.close(delivery.thread_id, TERMINAL)


async def forget_locker_calls() -> int:
    """Remove what was told long ago."""
    return int((await db.execute(_FORGET, clock.now() - KEPT)).removeprefix("DELETE "))
