"""The list of fees at the desk: what is not on it nobody may ask for."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import frame
from server.console.registers import Column, Register, Searched
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import FeeEdit, FeeItem
from server.kit.texts import text
from server.web import Redirect, Streamed, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_guide_fees", url_prefix="/console/guides/fees")
ADMINISTRATOR = access.staff(Role.ADMINISTRATOR)


FEES: Register[FeeItem] = Register(
    "/console/guides/fees",
    (
        Column("console.guides.field.name", lambda row, _: row.name, "name"),
        Column("console.fees.most", lambda row, _: Decimal(row.most_fen) / 100, "most"),
        Column("console.guides.field.unit", lambda row, _: row.unit),
        Column("console.guides.field.basis", lambda row, _: row.basis),
        Column(
            "console.authorisations.state.label",
            lambda row, locale: text(locale, f"console.fees.{'active' if row.active else 'ended'}"),
        ),
    ),
)


class FeesQuery(Searched, kw_only=True, forbid_unknown_fields=True):
    """`state` is which of them; `done`: one was kept just now."""

    state: Literal["", "active", "ended"] = ""
    done: Literal["", "kept"] = ""


class FeeForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """One fee. `most` is in yuan."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    basis: Annotated[str, Meta(min_length=1, max_length=500)]
    unit: Annotated[str, Meta(min_length=1, max_length=100)]
    most: Annotated[str, Meta(pattern=r"^[0-9]{1,6}([.][0-9]{1,2})?$")]
    active: bool = False
    reason: Annotated[str, Meta(min_length=1, max_length=200)]


@page(blueprint, "GET", "", access=ADMINISTRATOR)
async def listed(actor: Staff, query: FeesQuery) -> Shown:
    """Show the list."""
    return "guide_fees.html", frame(
        actor,
        "guides",
        list=await FEES.laid(actor, await _wanted(query), query),
        query=query,
        yuan=lambda fen: f"{Decimal(fen) / 100:f}",
    )


@page(blueprint, "GET", "/export", access=ADMINISTRATOR)
async def export(actor: Staff, query: FeesQuery) -> Streamed:
    """Give the list as a table."""
    return await FEES.table(actor, await _wanted(query), query)


async def _wanted(query: FeesQuery) -> list[FeeItem]:
    return [one for one in await catalogue.fee_items() if not query.state or one.active == (query.state == "active")]


@page(blueprint, "POST", "", access=ADMINISTRATOR)
async def keep(actor: Staff, form: FeeForm) -> Redirect:
    """Put a fee on the list, correct or end it."""
    most = int(Decimal(form.most) * 100)
    edit = FeeEdit(
        name=form.name, basis=form.basis, unit=form.unit, most_fen=most, active=form.active, reason=form.reason
    )
    await catalogue.set_fee_item(actor, edit)
    return Redirect("/console/guides/fees?done=kept")
