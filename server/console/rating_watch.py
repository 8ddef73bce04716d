"""What a supervisor looks at before it counts or is read: bursts of ratings, held words, browsers that staff use."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import frame
from server.features.ratings import service as ratings
from server.web import Redirect, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_rating_watch", url_prefix="/console/rectifications/watch")
SUPERVISOR = access.staff(Role.SUPERVISOR)
HERE = "/console/rectifications/watch"


class BurstForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Whether they count, and why."""

    verdict: Literal["count", "leave"]
    words: Annotated[str, Meta(min_length=1, max_length=ratings.LONGEST_REPORT)]


class HeldForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Whether the office reads them."""

    verdict: Literal["show", "hide"]


@page(blueprint, "GET", "", access=SUPERVISOR)
async def watch(actor: Staff) -> Shown:
    """Show what waits for a look."""
    return "rating_watch.html", frame(
        actor, "rectifications", watch=await ratings.to_look_at(actor), most=ratings.LONGEST_REPORT
    )


@page(blueprint, "POST", "/bursts/<burst_id>", access=SUPERVISOR)
async def decide(actor: Staff, burst_id: UUID, form: BurstForm) -> Redirect:
    """Say whether a burst counts."""
    await ratings.decide_burst(actor, burst_id, counted=form.verdict == "count", words=form.words)
    return Redirect(HERE)


@page(blueprint, "POST", "/words/<rating_id>", access=SUPERVISOR)
async def read(actor: Staff, rating_id: UUID, form: HeldForm) -> Redirect:
    """Say whether the office reads held words."""
    await ratings.decide_words(actor, rating_id, shown=form.verdict == "show")
    return Redirect(HERE)
