"""How results ended, for the department that made them: read, noted, taken as a table."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import frame
from server.console.registers import Column, Register, Searched
from server.features.delivery import service as delivery
from server.features.delivery.service import Delivered
from server.kit import clock
from server.web import Instant, Redirect, Streamed, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_delivered", url_prefix="/console/delivered")
DEPARTMENT = access.staff(Role.REVIEWER)
ENDED: Register[Delivered] = Register(
    "/console/delivered",
    (
        Column("console.delivered.number", lambda row, _: row.number, "number"),
        Column("console.delivered.item", lambda row, _: row.item, "item"),
        Column("console.delivered.person", lambda row, _: row.person),
        Column("console.delivered.how", lambda row, _: row.how),
        Column("console.delivered.place", lambda row, _: row.place, "place"),
        Column("console.delivered.waybill", lambda row, _: row.waybill),
        Column("console.delivered.at", lambda row, _: row.at, "at"),
    ),
    on_record="delivery.delivered_exported",
)


class DeliveredQuery(Searched, kw_only=True, forbid_unknown_fields=True):
    """What nobody has noted yet, or all."""

    list: Literal["fresh", "all"] = "fresh"


class NotedForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """When the list was shown: what ended since is news still."""

    until: Instant


@page(blueprint, "GET", "", access=DEPARTMENT)
async def delivered(actor: Staff, query: DeliveredQuery) -> Shown:
    """Show how results ended."""
    now = clock.now()
    rows = await delivery.delivered(actor, fresh=query.list == "fresh")
    return "delivered.html", frame(
        actor,
        "delivered",
        list=await ENDED.laid(actor, rows, query),
        news=await delivery.news(actor),
        now=now.isoformat(),
        query=query,
    )


@page(blueprint, "GET", "/export", access=DEPARTMENT)
async def export(actor: Staff, query: DeliveredQuery) -> Streamed:
    """Give the list as a table to work with; that it was taken is on record."""
    return await ENDED.table(actor, await delivery.delivered(actor, fresh=query.list == "fresh"), query)


@page(blueprint, "POST", "/noted", access=DEPARTMENT)
async def noted(actor: Staff, form: NotedForm) -> Redirect:
    """Note what was shown."""
    await delivery.note_delivered(actor, form.until)
    return Redirect("/console/delivered")
