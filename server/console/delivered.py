"""How results ended, for the department that made them: read, noted, taken as a table."""

from __future__ import annotations

import csv
import io
from typing import Annotated, Literal

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import frame
from server.console.paging import SHOWN, Paged, turns
from server.console.reviewing import safe
from server.features.delivery import service as delivery
from server.kit import clock
from server.kit.spoken import spoken
from server.kit.texts import text
from server.web import Instant, Raw, Redirect, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_delivered", url_prefix="/console/delivered")
DEPARTMENT = access.staff(Role.REVIEWER)
_COLUMNS = ("number", "item", "person", "how", "place", "waybill", "at")


class DeliveredQuery(Paged, kw_only=True, forbid_unknown_fields=True):
    """What nobody has noted yet, or all; `q` part of a number or an item."""

    list: Literal["fresh", "all"] = "fresh"
    q: Annotated[str, Meta(max_length=60)] = ""


class NotedForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """When the list was shown: what ended since is news still."""

    until: Instant


@page(blueprint, "GET", "", access=DEPARTMENT)
async def delivered(actor: Staff, query: DeliveredQuery) -> Shown:
    """Show how results ended."""
    now, fresh = clock.now(), query.list == "fresh"
    found = await delivery.delivered(actor, fresh=fresh, q=query.q, cursor=query.cursor, limit=SHOWN)
    return "delivered.html", frame(
        actor,
        "delivered",
        rows=found.items,
        news=await delivery.news(actor),
        now=now.isoformat(),
        query=query,
        pages=turns(query, found.next),
    )


@page(blueprint, "GET", "/export.csv", access=DEPARTMENT)
async def export(actor: Staff, query: DeliveredQuery) -> Raw:
    """Give the list as a table to work with; that it was taken is on record."""
    sink = io.StringIO()
    table = csv.writer(sink)
    table.writerow(text(actor.locale, f"console.delivered.{name}") for name in _COLUMNS)
    for row in await delivery.export_delivered(actor, fresh=query.list == "fresh", q=query.q):
        said = (row.number, row.item, row.person, row.how, row.place, row.waybill, spoken(actor.locale, row.at))
        table.writerow([safe(one or "") for one in said])
    return Raw(
        body=sink.getvalue().encode("utf-8-sig"),
        content_type="text/csv; charset=utf-8",
        filename=f"delivered-{clock.today():%Y%m%d}.csv",
        headers={"cache-control": "private, no-store"},
    )


@page(blueprint, "POST", "/noted", access=DEPARTMENT)
async def noted(actor: Staff, form: NotedForm) -> Redirect:
    """Note what was shown."""
    await delivery.note_delivered(actor, form.until)
    return Redirect("/console/delivered")
