"""Ratings of the visits one served, in sum: one's own, and for the yearly review, with a reason on record."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import FRONT, frame
from server.console.tables import as_csv
from server.features.ratings import service as ratings
from server.kit import clock
from server.kit.texts import text
from server.web import Streamed, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_yearly", url_prefix="/console/own-ratings")
DESK = access.staff(*FRONT)
REVIEWER = access.staff(Role.HALL_MANAGER)
Number = Annotated[int, Meta(ge=2020, le=2200)]


class YearQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which year; the one under way without."""

    year: Number | None = None


class ReviewForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which year, and why somebody looks."""

    year: Number
    reason: Annotated[str, Meta(min_length=1, max_length=ratings.LONGEST_REASON)]


@page(blueprint, "GET", "", access=DESK)
async def own(actor: Staff, query: YearQuery) -> Shown:
    """Show one's own, and whom one reviews."""
    found = await ratings.own_year(actor, query.year or clock.today().year)
    return await _shown(actor, found)


@page(blueprint, "POST", "/export", access=REVIEWER, limit="rating")
async def export(actor: Staff, form: ReviewForm) -> Streamed:
    """Give the table of everybody one reviews, by name; each look is on record."""
    lines = []
    levels = [text(actor.locale, f"ratings.level.{level.value}") for level in ratings.Level]
    names = ("name", "username", "year", "number", "excluded", "looked_into", "reasons")
    heads = [text(actor.locale, f"console.yearly.column.{name}") for name in names]
    for one, year in await ratings.review_everybody(actor, form.year, form.reason):
        few = ["" for _ in levels]
        counts = few if year.levels is None else [year.levels[level] for level in ratings.Level]
        number = f"<{ratings.FEWEST}" if year.number is None else year.number
        reasons = "; ".join(f"{name} {many}" for name, many in year.tags)
        lines.append((one.name, one.username, year.year, number, *counts, year.excluded, year.looked_into, reasons))
    return as_csv(f"ratings-{form.year}", [*heads[:4], *levels, *heads[4:]], lines)


@page(blueprint, "POST", "/<staff_id>", access=REVIEWER)
async def review(actor: Staff, staff_id: UUID, form: ReviewForm) -> Shown:
    """Show somebody's whom one reviews; the look is on record."""
    one, found = await ratings.review_year(actor, staff_id, form.year, form.reason)
    return await _shown(actor, found, of=one.name)


async def _shown(actor: Staff, year: ratings.Year, *, of: str = "") -> Shown:
    reviews = actor.has(Role.HALL_MANAGER)
    this = clock.today().year
    return "yearly.html", frame(
        actor, "own_ratings", year=year, of=of, years=range(this, this - 3, -1), fewest=ratings.FEWEST,
        staff=await ratings.reviewed_staff(actor) if reviews else [], reviews=reviews, most=ratings.LONGEST_REASON,
    )  # fmt: skip
