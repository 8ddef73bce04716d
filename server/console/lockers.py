"""Lockers at the desk: put in, call back, take out, out of use and mended; and a bank set up."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import FRONT, frame, halls_of
from server.console.tables import as_csv
from server.features.delivery import service as delivery
from server.kit.spoken import spoken
from server.kit.texts import text
from server.ports import Ports
from server.web import Redirect, Streamed, access
from server.web.html import url
from server.web.pages import Shown, page

blueprint = Blueprint("console_lockers", url_prefix="/console/lockers")
DESK = access.staff(*FRONT)
_COLUMNS = ("bank", "cell", "size", "state", "holds", "item", "since")
MANAGER = access.staff(Role.HALL_MANAGER)


class LockersQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """`put` is the cell something has just been given, `shut` says that it did not open by itself."""

    put: Annotated[int, Meta(ge=0, le=9999)] = 0
    shut: Literal["", "1"] = ""


class PlaceForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """How big it is."""

    size: delivery.Size = "S"


class CellShelfForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Where on the counter's shelf it is put."""

    shelf: Annotated[str, Meta(max_length=40)] = ""


class BankForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Cells of one size for a bank, and the hall whose window fills it."""

    bank: UUID
    hall: UUID
    size: delivery.Size
    count: Annotated[int, Meta(ge=1, le=100)]


@page(blueprint, "GET", "", access=DESK)
async def lockers(actor: Staff, query: LockersQuery) -> Shown:
    """Show banks, cells and what waits to be put in."""
    halls = await halls_of(actor) if actor.has(Role.HALL_MANAGER) else []
    return "lockers.html", frame(
        actor, "lockers", view=await delivery.lockers(actor), halls=halls, sizes=("S", "M", "L"), query=query
    )


@page(blueprint, "GET", "/export.csv", access=DESK)
async def export(actor: Staff) -> Streamed:
    """Give the cells as a table to work with; that it was taken is on record."""
    lines = (
        (
            bank.name, f"{cell.number:02}", text(actor.locale, f"delivery.size.{cell.size}"), cell.state_text,
            cell.holds, cell.item, spoken(actor.locale, cell.since),
        )
        for bank in await delivery.export_lockers(actor)
        for cell in bank.cells
    )  # fmt: skip
    return as_csv("lockers", (text(actor.locale, f"console.lockers.{name}") for name in _COLUMNS), lines)


@page(blueprint, "POST", "/results/<delivery_id>/place", access=DESK, limit="scan")
async def place(actor: Staff, ports: Ports, delivery_id: UUID, form: PlaceForm) -> Redirect:
    """Put a result into a cell, which opens."""
    bank, cell = await delivery.place(actor, delivery_id, form.size)
    opened = await delivery.open_door(ports.lockers, bank, cell)
    return Redirect(url("/console/lockers", put=cell, shut="" if opened else "1"))


@page(blueprint, "POST", "/results/<delivery_id>/counter", access=DESK)
async def counter(actor: Staff, delivery_id: UUID, form: CellShelfForm) -> Redirect:
    """Lay on the counter's shelf what fits into no cell."""
    await delivery.to_counter(actor, delivery_id, form.shelf)
    return Redirect("/console/lockers")


@page(blueprint, "POST", "/cells/<cell_id>/recall", access=DESK)
async def recall(actor: Staff, cell_id: UUID) -> Redirect:
    """Call back what lies in a cell."""
    await delivery.call_back(actor, cell_id)
    return Redirect("/console/lockers")


@page(blueprint, "POST", "/cells/<cell_id>/emptied", access=DESK)
async def emptied(actor: Staff, cell_id: UUID, form: CellShelfForm) -> Redirect:
    """What was recalled lies on the shelf now."""
    await delivery.emptied(actor, cell_id, form.shelf)
    return Redirect("/console/lockers")


@page(blueprint, "POST", "/cells/<cell_id>/fault", access=DESK)
async def fault(actor: Staff, cell_id: UUID) -> Redirect:
    """Take a cell out of use."""
    await delivery.fault(actor, cell_id)
    return Redirect("/console/lockers")


@page(blueprint, "POST", "/cells/<cell_id>/mended", access=DESK)
async def mended(actor: Staff, cell_id: UUID) -> Redirect:
    """Use a cell again."""
    await delivery.mend(actor, cell_id)
    return Redirect("/console/lockers")


@page(blueprint, "POST", "/banks", access=MANAGER)
async def set_up(actor: Staff, form: BankForm) -> Redirect:
    """Give a bank cells, and a window that fills it."""
    await delivery.set_up_bank(actor, form.bank, form.hall, form.size, form.count)
    return Redirect("/console/lockers")
