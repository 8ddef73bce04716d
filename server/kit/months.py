"""Months on the calendar, as validity is written on papers."""

from __future__ import annotations

import calendar
from datetime import date


def add_months(day: date, count: int) -> date:
    """Move so many months on; a day the month does not have becomes its last one (31 January + 1 is 28 February)."""
    total = day.year * 12 + day.month - 1 + count
    year, month = divmod(total, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))
