"""The result desk: put on the shelf, hand over against the code, and offer the rating."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Staff
from server.console.frame import FRONT, frame
from server.console.paging import Paged, part, turns
from server.features.delivery import service as delivery
from server.features.delivery.service import DeskDelivery
from server.features.ratings import service as ratings
from server.features.thread import service as thread
from server.web import Redirect, access
from server.web.html import url
from server.web.pages import Shown, page

blueprint = Blueprint("console_results", url_prefix="/console/results")
DESK = access.staff(*FRONT)
_SORTS: dict[str, Callable[[DeskDelivery], Any]] = {
    "since": lambda row: row.since,
    "shelf": lambda row: row.shelf or "",
}


class DeskQuery(Paged, kw_only=True, forbid_unknown_fields=True):
    """`done` is the thread just handed over, whose rating QR is shown; `q` part of a number, an item or a shelf."""

    done: UUID | None = None
    q: Annotated[str, Meta(max_length=60)] = ""
    sort: Literal["since", "-since", "shelf", "-shelf"] = "since"


class ShelfForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Where it lies."""

    shelf: Annotated[str, Meta(max_length=40)] = ""


class CodeForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """The person's code."""

    code: Annotated[str, Meta(min_length=1, max_length=40)]


class HandOverForm(CodeForm, kw_only=True, forbid_unknown_fields=True):
    """The person's code, and that their document was looked at."""

    identity_checked: bool = False


async def _desk(actor: Staff, query: DeskQuery | None = None, **more: object) -> Shown:
    query = query or DeskQuery()
    words = query.q.strip()
    rows = [row for row in await delivery.desk(actor) if words in f"{row.number} {row.item} {row.shelf or ''}"]
    ready_rows = [row for row in rows if row.state == "ready_to_collect"]
    ready_rows.sort(key=_SORTS[query.sort.removeprefix("-")], reverse=query.sort.startswith("-"))
    shown, following = part(ready_rows, query)
    context: dict[str, object] = {"claim": None, "code": "", "done": None, "rating_token": None}
    return "results.html", frame(
        actor,
        "results",
        preparing=[row for row in rows if row.state != "ready_to_collect"],
        ready=shown,
        waiting=len(ready_rows),
        query=query,
        pages=turns(query, following),
        **context | more,
    )


@page(blueprint, "GET", "", access=DESK)
async def desk(actor: Staff, query: DeskQuery) -> Shown:
    """Show what must be made ready and what waits to be collected."""
    if query.done is None:
        return await _desk(actor, query)
    done = await thread.view(actor, query.done)
    return await _desk(actor, done=done, rating_token=await ratings.token_of(actor, query.done))


@page(blueprint, "POST", "/<delivery_id>/ready", access=DESK)
async def ready(actor: Staff, delivery_id: UUID, form: ShelfForm) -> Redirect:
    """It lies on the shelf; the person is told."""
    await delivery.ready(actor, delivery_id, form.shelf)
    return Redirect("/console/results")


@page(blueprint, "POST", "/find", access=DESK, limit="scan")
async def find(actor: Staff, form: CodeForm) -> Shown:
    """Show whose it is, to compare with face and document; the code stays out of the address."""
    return await _desk(actor, claim=await delivery.find(actor, form.code), code=form.code)


@page(blueprint, "POST", "/hand-over", access=DESK, limit="scan")
async def hand_over(actor: Staff, form: HandOverForm) -> Redirect:
    """Hand it over."""
    handed = await delivery.hand_over(actor, form.code, identity_checked=form.identity_checked)
    return Redirect(url("/console/results", done=handed.thread_id))
