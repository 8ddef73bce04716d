"""The indicators the notices name: each with what it means, the period before, its months, and every place it is of."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta
from sanic import Blueprint

from server.actor import Staff
from server.console.board import LOOKERS, BoardQuery
from server.console.frame import frame
from server.features.ratings import service as ratings
from server.features.supervision import service as supervision
from server.features.supervision.service import Figure, Figures, Period, Share
from server.kit import clock
from server.web.pages import Shown, page
from server.web.replies import Raw

blueprint = Blueprint("console_indicators", url_prefix="/console/indicators")


class IndicatorsQuery(BoardQuery, kw_only=True, forbid_unknown_fields=True):
    """Of what period and of what part of one's reach."""

    period: Annotated[str, Meta(max_length=7)] = ""

    @property
    def asked(self) -> Period:
        """Give the period; this month, if none is named."""
        return supervision.period(self.period) if self.period else supervision.periods(clock.today())[0]


@page(blueprint, "GET", "", access=LOOKERS)
async def indicators(actor: Staff, query: IndicatorsQuery) -> Shown:
    """Show all of them."""
    found = await supervision.figures(actor, query.chosen, query.asked)
    return "indicators.html", frame(actor, "indicators", **_context(actor, query, found))


@page(blueprint, "GET", "/export", access=LOOKERS)
async def export(actor: Staff, query: IndicatorsQuery) -> Raw:
    """Give the figures as a table that a spreadsheet opens and never runs; that they were taken is on record."""
    table = await supervision.figures_csv(actor, query.chosen, query.asked)
    # Without the mark at its head, a spreadsheet guesses the encoding, and guesses wrong.
    return Raw(
        body=table.encode("utf-8-sig"), content_type="text/csv; charset=utf-8",
        filename=f"figures-{query.asked.written}.csv", headers={"cache-control": "private, no-store"},
    )  # fmt: skip


@page(blueprint, "GET", "/<indicator>", access=LOOKERS)
async def indicator(actor: Staff, indicator: str, query: IndicatorsQuery) -> Shown:
    """Show one with its departments and halls."""
    found, by_place = await supervision.figure(actor, indicator, query.chosen, query.asked)
    return "indicator.html", frame(
        actor, "indicators", **_context(actor, query, found), one=found.figures[indicator], by_place=by_place,
        here=f"/console/indicators/{indicator}",
    )  # fmt: skip


def _context(actor: Staff, query: IndicatorsQuery, found: Figures) -> dict[str, object]:
    return {
        "found": found,
        "view": found.view,
        "query": query,
        "kept": query.kept | {"period": query.period},
        "periods": supervision.periods(clock.today()),
        "said": lambda figure, share: supervision.value_said(actor.locale, figure, figure.value(share)),
        "changed": lambda figure: supervision.value_said(actor.locale, figure, abs(figure.change or 0)),
        "bars": _bars,
        "reason": ratings.reason,
    }


def _bars(figure: Figure) -> list[tuple[object, Share, int | None]]:
    """Give each month with the height of its bar in percent of the highest; None where nothing was counted."""
    values = {month: figure.value(share) for month, share in figure.months.items()}
    most = 100.0 if figure.kind.unit == "share" else max((value for value in values.values() if value), default=1.0)
    return [
        (month, figure.months[month], None if value is None else max(2, min(100, round(value / most * 100))))
        for month, value in values.items()
    ]
