"""The indicators the notices name: each with what it means, the period before, its months, and every place it is of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated

from msgspec import Meta
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.board import CASES, LOOKERS, READERS, SHOWN, WORKED_ON, BoardQuery
from server.console.frame import frame
from server.console.paging import skipped, turns
from server.features.ratings import service as ratings
from server.features.supervision import service as supervision
from server.features.supervision.service import Figure, Figures, Period, Share, Which
from server.features.thread import service as thread
from server.kit import clock
from server.web.html import url
from server.web.pages import Shown, page
from server.web.replies import Raw

blueprint = Blueprint("console_indicators", url_prefix="/console/indicators")
# Where the rows of a table are worked on, and whose page that is.
_OPENS: dict[str, tuple[str, tuple[Role, ...]]] = {
    "case_record": CASES, "complaint": WORKED_ON["complaints"], "rectification": WORKED_ON["rectifications"],
}  # fmt: skip


class IndicatorsQuery(BoardQuery, kw_only=True, forbid_unknown_fields=True):
    """Of what period and of what part of one's reach."""

    period: Annotated[str, Meta(max_length=7)] = ""

    @property
    def chosen_period(self) -> Period:
        """Give the period; this month, if none is named."""
        return supervision.period(self.period) if self.period else supervision.periods(clock.today())[0]


class RowsQuery(BoardQuery, kw_only=True, forbid_unknown_fields=True):
    """Of what month, and which of them: those that count for the figure, or the rest."""

    month: Annotated[str, Meta(max_length=7)]
    which: Which = ""
    period: Annotated[str, Meta(max_length=7)] = ""


@page(blueprint, "GET", "", access=LOOKERS)
async def indicators(actor: Staff, query: IndicatorsQuery) -> Shown:
    """Show all of them."""
    found = await supervision.figures(actor, query.chosen, query.chosen_period)
    return "indicators.html", frame(actor, "indicators", **_context(actor, query, found))


@page(blueprint, "GET", "/export", access=LOOKERS)
async def export(actor: Staff, query: IndicatorsQuery) -> Raw:
    """Give the figures as a table that a spreadsheet opens and never runs; that they were taken is on record."""
    table = await supervision.figures_csv(actor, query.chosen, query.chosen_period)
    # Without the mark at its head, a spreadsheet guesses the encoding, and guesses wrong.
    return Raw(
        body=table.encode("utf-8-sig"), content_type="text/csv; charset=utf-8",
        filename=f"figures-{query.chosen_period.written}.csv", headers={"cache-control": "private, no-store"},
    )  # fmt: skip


@page(blueprint, "GET", "/<indicator>", access=LOOKERS)
async def indicator(actor: Staff, indicator: str, query: IndicatorsQuery) -> Shown:
    """Show one with its departments and halls."""
    found, by_place = await supervision.figure(actor, indicator, query.chosen, query.chosen_period)
    split = await supervision.reasons(actor, query.chosen, query.chosen_period) if indicator == "bad_reasons" else []
    return "indicator.html", frame(
        actor, "indicators", **_context(actor, query, found), one=found.figures[indicator], by_place=by_place,
        here=f"/console/indicators/{indicator}", depth=_depth, today=clock.today(), split=split,
        rows=_rows_of(indicator, query) if actor.has(*supervision.READERS) else None,
    )  # fmt: skip


@page(blueprint, "GET", "/<indicator>/rows", access=READERS)
async def rows(actor: Staff, indicator: str, query: RowsQuery) -> Shown:
    """Show what stands behind one in a month, each row with the way to its matter, for whom that is open."""
    month = supervision.period(query.month)
    skip = skipped(query)
    view, found = await supervision.behind(
        actor, indicator, query.chosen, month, which=query.which, limit=SHOWN + 1, skip=skip
    )
    kind = thread.measured()[indicator]
    path, roles = _OPENS.get(kind.fields[0].partition(".")[0], ("", ()))
    following = str(skip + SHOWN) if len(found) > SHOWN else None
    return "indicator_rows.html", frame(
        actor, "indicators", kind=kind, view=view, query=query, month=month, rows=found[:SHOWN], reason=ratings.reason,
        here=url(f"/console/indicators/{indicator}/rows"), pages=turns(query, following),
        kept=query.kept | {"month": query.month, "period": query.period},
        opens=path.format if path and actor.has(*roles) else None,
    )  # fmt: skip


def _context(actor: Staff, query: IndicatorsQuery, found: Figures) -> dict[str, object]:
    return {
        "found": found,
        "view": found.view,
        "query": query,
        "kept": query.kept | {"period": query.period},
        "periods": supervision.periods(clock.today()),
        "said": lambda figure, share: supervision.share_said(actor.locale, figure, share),
        "changed": lambda figure, since: supervision.change_said(actor.locale, figure, since),
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


def _rows_of(indicator: str, query: IndicatorsQuery) -> Callable[[date], str]:
    """Give the way to the rows behind a month."""
    there = f"/console/indicators/{indicator}/rows"
    return lambda month: url(there, month=f"{month:%Y-%m}", period=query.period, **query.kept)


def _depth(figure: Figure, share: Share | None, rows: dict[object, Figure]) -> str:
    """Say how deep the colour of a cell is: by the share itself, or beside the highest there is."""
    value = None if share is None else figure.value(share)
    if value is None:
        return "heat-none"
    if figure.kind.unit == "share":
        return f"heat-{min(5, int(value // 20))}"
    known = [one.value(each) or 0 for one in rows.values() for each in one.months.values()]
    return f"heat-{min(5, int(value / max(known, default=1) * 5))}"
