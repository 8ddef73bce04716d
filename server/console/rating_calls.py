"""A rating by telephone is taken down here: found by its number, with who called and for whom."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import FRONT, frame
from server.errors import NotFound
from server.features.ratings import service as ratings
from server.web import Redirect, access
from server.web.html import url
from server.web.pages import Shown, page

blueprint = Blueprint("console_rating_calls", url_prefix="/console/rectifications/calls")
DESK = access.staff(*FRONT, Role.SUPERVISOR)
HERE = "/console/rectifications/calls"


class CallsQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """The number the caller names; `done` once it was taken down."""

    q: Annotated[str, Meta(max_length=40)] = ""
    done: Annotated[str, Meta(max_length=1)] = ""


class TakeDownForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """What was said, by whom, for whom."""

    number: Annotated[str, Meta(max_length=40)]
    token: Annotated[str, Meta(max_length=64)]
    level: ratings.Level
    words: Annotated[str, Meta(max_length=150)] = ""
    name: Annotated[str, Meta(max_length=40)]
    phone: Annotated[str, Meta(max_length=20)] = ""
    behalf: ratings.Behalf


@page(blueprint, "GET", "", access=DESK)
async def calls(actor: Staff, query: CallsQuery) -> Shown:
    """Find what the caller wants to rate."""
    try:
        found = await ratings.waiting_by_number(actor, query.q) if query.q.strip() else []
    except NotFound:
        found = []
    return "rating_calls.html", frame(
        actor, "rectifications", query=query, found=found, levels=[one.value for one in ratings.Level],
        behalves=ratings.BEHALVES,
    )  # fmt: skip


@page(blueprint, "POST", "", access=DESK, limit="rating")
async def take(actor: Staff, form: TakeDownForm) -> Redirect:
    """Take it down."""
    wish = ratings.RateIn(token=form.token, level=form.level, words=form.words)
    caller = ratings.Caller(name=form.name, phone=form.phone, behalf=form.behalf)
    await ratings.rate_by_call(actor, form.number, wish, caller)
    return Redirect(url(HERE, done="1"))
