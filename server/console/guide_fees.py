"""The list of fees at the desk: what is not on it nobody may ask for."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import frame
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import FeeEdit
from server.web import Redirect, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_guide_fees", url_prefix="/console/guides/fees")
ADMINISTRATOR = access.staff(Role.ADMINISTRATOR)


class FeesQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """`done`: one was kept just now."""

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
    fees = await catalogue.fee_items()
    return "guide_fees.html", frame(
        actor, "guides", fees=fees, done=query.done, yuan=lambda fen: f"{Decimal(fen) / 100:f}"
    )


@page(blueprint, "POST", "", access=ADMINISTRATOR)
async def keep(actor: Staff, form: FeeForm) -> Redirect:
    """Put a fee on the list, correct or end it."""
    most = int(Decimal(form.most) * 100)
    edit = FeeEdit(
        name=form.name, basis=form.basis, unit=form.unit, most_fen=most, active=form.active, reason=form.reason
    )
    await catalogue.set_fee_item(actor, edit)
    return Redirect("/console/guides/fees?done=kept")
