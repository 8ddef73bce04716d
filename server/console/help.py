"""Help with an application that is being written: the number is read out, the page shows what the other sees."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Staff
from server.console.frame import FRONT, frame
from server.features.cases import service as cases
from server.web import Redirect, access
from server.web.html import url
from server.web.pages import Shown, page

blueprint = Blueprint("console_help", url_prefix="/console/help")
DESK = access.staff(*FRONT)
Number = Annotated[str, Meta(max_length=12)]


class HelpQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which call is looked at."""

    code: Number = ""


class JoinForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """The number as it is read out, blanks or not."""

    code: Number


@page(blueprint, "GET", "", access=DESK)
async def look(actor: Staff, query: HelpQuery) -> Shown:
    """Ask for the number, or show the page."""
    call = await cases.help_page(actor, query.code) if query.code else None
    return "help.html", frame(actor, "help", call=call, code=query.code)


@page(blueprint, "GET", "/now", access=DESK)
async def now(actor: Staff, query: HelpQuery) -> Shown:
    """Show only what changes."""
    return "help_now.html", frame(actor, "help", call=await cases.help_page(actor, query.code), code=query.code)


@page(blueprint, "POST", "", access=DESK, limit="scan")
async def join(actor: Staff, form: JoinForm) -> Redirect:
    """Look along."""
    code = "".join(form.code.split())
    await cases.join_help(actor, code)
    return Redirect(url("/console/help", code=code))
