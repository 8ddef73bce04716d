"""The clocks of bad ratings at the desk: how soon they are called back about, rectified and judged, by area."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import frame
from server.features.ratings import service as ratings
from server.features.ratings.service import ClockRule
from server.kit import clock
from server.web import Redirect, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_rating_clocks", url_prefix="/console/rating-clocks")
ADMINISTRATOR = access.staff(Role.ADMINISTRATOR)
Days = Annotated[int, Meta(ge=1, le=400)]


class ClockForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """The clocks of an area: from which day, its days, and why."""

    area: Annotated[str, Meta(pattern=r"^[0-9]{2,12}$")]
    valid_from: date
    call_back_days: Days
    within_days: Days
    counts: Literal["calendar", "working"]
    red_days: Days
    judge_days: Days
    reason: Annotated[str, Meta(min_length=1, max_length=200)]


@page(blueprint, "GET", "", access=ADMINISTRATOR)
async def rules(actor: Staff) -> Shown:
    """Show the clocks by area."""
    return "rating_clocks.html", frame(
        actor, "rating_clocks", rows=await ratings.clock_rules(actor), today=clock.today()
    )


@page(blueprint, "POST", "", access=ADMINISTRATOR)
async def set_rule(actor: Staff, form: ClockForm) -> Redirect:
    """Set the clocks of an area from a day on."""
    await ratings.set_clock_rule(
        actor,
        ClockRule(
            area=form.area,
            valid_from=form.valid_from,
            call_back_days=form.call_back_days,
            within_days=form.within_days,
            working=form.counts == "working",
            red_days=form.red_days,
            judge_days=form.judge_days,
            reason=form.reason,
        ),
    )
    return Redirect("/console/rating-clocks")
