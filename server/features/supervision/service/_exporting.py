"""Figures to take away (第三方评价): by month, department and hall, without anything that leads to somebody."""

from __future__ import annotations

import csv
import io

from server import db
from server.actor import Staff
from server.features.audit import service as audit
from server.features.supervision.service._figures import Figure, Share, of_months
from server.features.supervision.service._periods import Period
from server.features.supervision.service._printing import safe
from server.features.supervision.service._reach import Chosen, view_of
from server.features.thread import service as thread
from server.kit.texts import text

_COLUMNS = ("key", "name", "month", "department", "hall", "value", "part", "whole")


async def figures_csv(actor: Staff, chosen: Chosen, period: Period) -> str:
    """Give a table of every figure within reach; it is on record.

    What too few stand behind is left empty, the rest is told in threes.
    """
    view = await view_of(actor, chosen)
    kinds = thread.measured()
    sink = io.StringIO()
    table = csv.writer(sink)
    table.writerow([text(actor.locale, f"console.indicators.column.{name}") for name in _COLUMNS])
    rows = [row for row in await of_months(view, period) if row["key"] in kinds]
    for row in rows:
        kind, share = kinds[row["key"]], Share(row["part"], row["whole"])
        figure = Figure(kind=kind)
        figure.told_outside(share)
        value = figure.value(share)
        told = ("", "", "") if value is None else (f"{value:.2f}", share.part, share.whole)
        department, hall = view.departments.get(row["department_id"]), view.halls.get(row["hall_id"])
        places = ("" if one is None else one.name for one in (department, hall))
        name = text(actor.locale, f"console.indicators.of.{row['key']}.name")
        table.writerow([safe(cell) for cell in (row["key"], name, row["month"].strftime("%Y-%m"), *places, *told)])
    async with db.tx():
        await audit.record(
            actor, "supervision.figures_exported", "figure", None, period=period.written, lines=len(rows)
        )
    return sink.getvalue()
