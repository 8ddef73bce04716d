"""Hand-over lists at the desk: the department scans and signs, the window counts, shelves and signs."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import FRONT, frame
from server.console.paging import SHOWN, Paged, turns
from server.console.tables import as_csv
from server.features.delivery import service as delivery
from server.kit.texts import text
from server.web import Redirect, Streamed, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_handovers", url_prefix="/console/handovers")
BOTH = access.staff(*FRONT, Role.REVIEWER)
GIVER = access.staff(Role.REVIEWER)
RECEIVER = access.staff(*FRONT)
_COLUMNS = ("number", "department", "hall", "state_text", "lines", "missing", "given_by", "counted_by")

Code = Annotated[str, Meta(min_length=1, max_length=200)]


class ListsQuery(Paged, kw_only=True, forbid_unknown_fields=True):
    """Lists of one state, or all; `q` part of a number, a department or a hall."""

    state: Literal["", "open", "given", "counted"] = ""
    q: Annotated[str, Meta(max_length=60)] = ""
    sort: Literal["number", "-number", "lines", "-lines"] = "-number"


class BeginForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """From which department to which hall, as the desk lists what is made."""

    way: Annotated[str, Meta(pattern=r"^[0-9a-f-]{36}:[0-9a-f-]{36}$")]


class ScanForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """The number on the result, typed or scanned."""

    code: Code


class CountForm(ScanForm, kw_only=True, forbid_unknown_fields=True):
    """And where it is put."""

    shelf: Annotated[str, Meta(max_length=40)] = ""


@page(blueprint, "GET", "", access=BOTH)
async def lists(actor: Staff, query: ListsQuery) -> Shown:
    """Show the lists, and to a department what it has made."""
    found = await delivery.lists(
        actor, query.state, q=query.q, sort=query.sort, cursor=query.cursor, limit=SHOWN
    )  # fmt: skip
    waiting, ways = await delivery.ways(actor)
    return "handovers.html", frame(
        actor,
        "handovers",
        rows=found.items,
        made=await delivery.made(actor),
        waiting=waiting,
        ways=[(f"{department}:{hall}", name) for (department, hall), name in ways.items()],
        query=query,
        pages=turns(query, found.next),
    )


@page(blueprint, "GET", "/export.csv", access=BOTH)
async def export(actor: Staff, query: ListsQuery) -> Streamed:
    """Give the lists as a table to work with; that it was taken is on record."""
    rows = await delivery.export_lists(actor, query.state, q=query.q, sort=query.sort)
    lines = ([getattr(row, name) for name in _COLUMNS] async for row in rows)
    return as_csv("handovers", [text(actor.locale, f"console.handovers.{name}") for name in _COLUMNS], lines)


@page(blueprint, "POST", "", access=GIVER)
async def begin(actor: Staff, form: BeginForm) -> Redirect:
    """Begin a list, or go on with the open one."""
    department, hall = form.way.split(":")
    return _to(await delivery.begin_list(actor, UUID(department), UUID(hall)))


@page(blueprint, "GET", "/<list_id>", access=BOTH)
async def one(actor: Staff, list_id: UUID) -> Shown:
    """Show one list."""
    return "handover.html", frame(actor, "handovers", list=await delivery.list_view(actor, list_id))


@page(blueprint, "POST", "/<list_id>/scan", access=GIVER, limit="scan")
async def scan(actor: Staff, list_id: UUID, form: ScanForm) -> Redirect:
    """Put a result on the list."""
    await delivery.scan_on(actor, list_id, form.code)
    return _to(list_id)


@page(blueprint, "POST", "/<list_id>/lines/<delivery_id>/off", access=GIVER)
async def off(actor: Staff, list_id: UUID, delivery_id: UUID) -> Redirect:
    """Take one off again."""
    await delivery.take_off(actor, list_id, delivery_id)
    return _to(list_id)


@page(blueprint, "POST", "/<list_id>/give", access=GIVER)
async def give(actor: Staff, list_id: UUID) -> Redirect:
    """Sign as the giver."""
    await delivery.give(actor, list_id)
    return _to(list_id)


@page(blueprint, "POST", "/<list_id>/count", access=RECEIVER, limit="scan")
async def count(actor: Staff, list_id: UUID, form: CountForm) -> Redirect:
    """Count one, and put it on a shelf."""
    await delivery.count(actor, list_id, form.code, form.shelf)
    return _to(list_id)


@page(blueprint, "POST", "/<list_id>/receive", access=RECEIVER)
async def receive(actor: Staff, list_id: UUID) -> Redirect:
    """Sign as the receiver."""
    await delivery.receive(actor, list_id)
    return _to(list_id)


def _to(list_id: UUID) -> Redirect:
    return Redirect(f"/console/handovers/{list_id}")
