"""Bulletins: ordered for a period and a part of one's reach, drawn in the background, fetched as PDF or workbook."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Staff
from server.console.board import LOOKERS
from server.console.frame import frame
from server.errors import NotFound
from server.features.supervision import service as supervision
from server.features.supervision.service import Chosen
from server.kit import clock
from server.web import Redirect
from server.web.pages import Shown, page
from server.web.replies import Raw

blueprint = Blueprint("console_bulletins", url_prefix="/console/bulletins")
HERE = "/console/bulletins"
_TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class BulletinForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Of what period and of what part of one's reach."""

    period: Annotated[str, Meta(max_length=7)]
    region: Annotated[str, Meta(max_length=12)] = ""


@page(blueprint, "GET", "", access=LOOKERS)
async def bulletins(actor: Staff) -> Shown:
    """Show what was ordered, and order more."""
    view = await supervision.view_of(actor, Chosen())
    every = supervision.periods(clock.today())
    return "bulletins.html", frame(
        actor, "bulletins", rows=await supervision.bulletins(actor), regions=view.regions,
        periods=sorted(every, key=lambda one: one.months != 3),
    )  # fmt: skip


@page(blueprint, "GET", "/now", access=LOOKERS, limit=None)
async def now(actor: Staff) -> Shown:
    """Show only how far they are."""
    return "bulletins_now.html", frame(actor, "bulletins", rows=await supervision.bulletins(actor))


@page(blueprint, "POST", "", access=LOOKERS)
async def order(actor: Staff, form: BulletinForm) -> Redirect:
    """Order one; a worker draws it."""
    await supervision.order_bulletin(actor, Chosen(region=form.region), supervision.period(form.period))
    return Redirect(HERE)


@page(blueprint, "GET", "/<bulletin_id>/<file>", access=LOOKERS)
async def fetch(actor: Staff, bulletin_id: UUID, file: str) -> Raw:
    """Give one of its files to whoever ordered it."""
    if file not in _TYPES:
        raise NotFound
    name, drawn = await supervision.bulletin_file(actor, bulletin_id, "pdf" if file == "pdf" else "xlsx")
    return Raw(body=drawn, content_type=_TYPES[file], filename=name, headers={"cache-control": "private, no-store"})
