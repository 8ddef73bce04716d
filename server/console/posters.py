"""Posters to rate by, for halls, windows and counters: ordered, watched while they are drawn, printed."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from msgspec import Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.config import Settings
from server.console.frame import frame
from server.features.ratings import service as ratings
from server.web import Raw, Redirect, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_posters", url_prefix="/console/posters")
MANAGER = access.staff(Role.HALL_MANAGER)
HERE = "/console/posters"


class OrderForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """What to print, and of which hall; of none, of all."""

    sheet: ratings.Sheet
    hall: UUID | None = None


class WithdrawForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Whose posters end."""

    hall: UUID


class PostersQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Whether some have just been ended."""

    withdrawn: Literal["", "1"] = ""


@page(blueprint, "GET", "", access=MANAGER)
async def orders(actor: Staff, query: PostersQuery) -> Shown:
    """Show what was ordered, and order more."""
    return "posters.html", frame(
        actor, "queue", query=query, rows=await ratings.poster_orders(actor), halls=await ratings.poster_halls(actor),
        sheets=[one.value for one in ratings.Sheet],
    )  # fmt: skip


@page(blueprint, "GET", "/now", access=MANAGER, limit=None)
async def now(actor: Staff) -> Shown:
    """Show only how far they are."""
    return "posters_now.html", frame(actor, "queue", rows=await ratings.poster_orders(actor))


@page(blueprint, "POST", "", access=MANAGER)
async def order(actor: Staff, form: OrderForm, settings: Settings) -> Redirect:
    """Order posters; a worker draws them."""
    await ratings.order_posters(actor, form.sheet, form.hall, settings.public_url)
    return Redirect(HERE)


@page(blueprint, "POST", "/withdraw", access=MANAGER)
async def withdraw(actor: Staff, form: WithdrawForm) -> Redirect:
    """End what hangs in a hall: a poster that was taken away, or written over, is no longer good."""
    await ratings.withdraw_posters(actor, form.hall)
    return Redirect(f"{HERE}?withdrawn=1")


@page(blueprint, "GET", "/<order_id>.pdf", access=MANAGER)
async def pdf(actor: Staff, order_id: UUID) -> Raw:
    """Give the PDF to whoever ordered it."""
    name, drawn = await ratings.posters(actor, order_id)
    return Raw(body=drawn, content_type="application/pdf", filename=name)
