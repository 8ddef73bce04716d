"""Locker banks as the desk sees them."""

from __future__ import annotations

from uuid import UUID

from server import db
from server.actor import Staff
from server.features.audit import service as audit
from server.features.catalogue import service as catalogue
from server.features.delivery.models import Delivery, DeliveryState, LockerCell
from server.features.delivery.schemas import CellOut, LockerBank, LockersView, ToPlace
from server.features.delivery.service import _posting, _rows
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import masking
from server.kit.texts import text

SHOWN = 200


async def lockers(actor: Staff) -> LockersView:
    """Show the banks that the actor's halls fill, cell by cell, and what waits to be put into them."""
    within = await _rows.halls(actor)
    banks = await catalogue.locker_banks(within)
    cells = await LockerCell.filter(bank_id__in=[bank.id for bank in banks]).order_by("number")
    inside = await Delivery.filter(id__in=[cell.delivery_id for cell in cells if cell.delivery_id])
    rows = Delivery.in_halls(within).filter(method="locker", state__in=(DeliveryState.HANDED_TO_WINDOW, "preparing"))
    waiting = [row for row in await rows.order_by("created_at").limit(SHOWN) if _posting.is_here(row)]
    threads = await thread.many([row.thread_id for row in (*inside, *waiting)])
    people = await identity.people([row.person_id for row in waiting])
    held = {row.id: row for row in inside}
    names = {bank.id: bank.name for bank in banks}
    return LockersView(
        banks=[
            LockerBank(
                id=bank.id,
                key=bank.key,
                name=bank.name,
                address=bank.address,
                free=sum(cell.bank_id == bank.id and cell.state == "free" for cell in cells),
                cells=[_cell(actor, cell, held, threads) for cell in cells if cell.bank_id == bank.id],
            )
            for bank in banks
        ],
        waiting=[
            ToPlace(
                id=row.id,
                number=threads[row.thread_id].number,
                item=threads[row.thread_id].title,
                person=masking.name(people[row.person_id].name),
                bank=names.get(row.bank_id, "") if row.bank_id else "",
                shelf=row.shelf,
                since=row.created_at,
            )
            for row in waiting
        ],
        unserved=await catalogue.unserved_banks(),
    )


async def export_lockers(actor: Staff) -> list[LockerBank]:
    """Give the banks cell by cell for a table to work with; it is on record."""
    banks = (await lockers(actor)).banks
    async with db.tx():
        await audit.record(actor, "delivery.lockers_exported", "hall", None, lines=sum(len(one.cells) for one in banks))
    return banks


async def to_place(actor: Staff) -> int:
    """Count what waits to be put into a locker, or to be taken out of one."""
    within = await _rows.halls(actor)
    rows = Delivery.in_halls(within).filter(method="locker")
    fresh = await rows.filter(state=DeliveryState.HANDED_TO_WINDOW).count()
    fresh += await rows.filter(state=DeliveryState.PREPARING, made_at="window").count()
    banks = [bank.id for bank in await catalogue.locker_banks(within)]
    back = LockerCell.filter(bank_id__in=banks, state__in=("recalled", "faulty"), delivery_id__isnull=False)
    return fresh + await back.count()


def _cell(
    actor: Staff, cell: LockerCell, held: dict[UUID, Delivery], threads: dict[UUID, thread.ThreadView]
) -> CellOut:
    content = held.get(cell.delivery_id) if cell.delivery_id else None
    matter = threads[content.thread_id] if content else None
    return CellOut(
        id=cell.id,
        number=cell.number,
        size=cell.size,
        state=cell.state,
        state_text=text(actor.locale, f"delivery.cell.{cell.state}"),
        holds=matter.number if matter else None,
        item=matter.title if matter else None,
        since=content.ready_at if content else None,
    )
