"""The clocks of an area: how soon a bad rating is called back about, rectified and judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from server import db
from server.features.catalogue import service as catalogue

# The row of the longest area that holds the department, the newest of those in force.
_OF_AREA = """
SELECT call_back_days, within_days, working, red_days, judge_days FROM rectification_clock
WHERE left($1, length(area)) = area AND valid_from <= $2 ORDER BY length(area) DESC, valid_from DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """The days of one rectification."""

    red_on: date
    due_on: date
    call_back_on: date


async def times(department_id: UUID, today: date) -> Times:
    """Work out the days, today not counted. A working day's clock of the area, or calendar days."""
    row = await _of(department_id, today)
    return Times(
        red_on=await _after(today, row["red_days"], working=row["working"]),
        due_on=await _after(today, row["within_days"], working=row["working"]),
        call_back_on=await catalogue.add_working_days(today, row["call_back_days"]),
    )


async def judge_until(department_id: UUID, today: date) -> date:
    """Give the last day on which whoever rated may say what they think of the answer."""
    return today + timedelta(days=(await _of(department_id, today))["judge_days"])


async def _of(department_id: UUID, today: date) -> db.Record:
    area = (await catalogue.department(department_id)).region_code
    row = await db.fetchrow(_OF_AREA, area, today)
    if row is None:
        msg = "no clock holds everywhere: migration `rectifying` puts one there"
        raise RuntimeError(msg)
    return row


async def _after(day: date, count: int, *, working: bool) -> date:
    return await catalogue.add_working_days(day, count) if working else day + timedelta(days=count)
