"""Months, quarters and years: what figures are told for, and the one before, to compare with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from server.errors import FieldError, InvalidInput

_WRITTEN = re.compile(r"(20\d\d)(?:-(?:(0[1-9]|1[0-2])|Q([1-4])))?")
MONTHS, QUARTERS, YEARS = 13, 5, 3


@dataclass(frozen=True, slots=True)
class Period:
    """So many months from the first day of one."""

    begin: date
    months: int

    @property
    def end(self) -> date:
        """Give the first day after it."""
        return moved(self.begin, self.months)

    def closes(self, today: date) -> date:
        """Give the first day after its last month that has begun: what is still to come has no figures."""
        return min(self.end, max(moved(self.begin, 1), moved(today.replace(day=1), 1)))

    @property
    def before(self) -> Period:
        """Give the one before, as long."""
        return Period(moved(self.begin, -self.months), self.months)

    @property
    def year_ago(self) -> Period:
        """Give the same one of the year before."""
        return Period(moved(self.begin, -12), self.months)

    @property
    def every_month(self) -> list[Period]:
        """List its months."""
        return [Period(moved(self.begin, nth), 1) for nth in range(self.months)]

    @property
    def written(self) -> str:
        """Write it as it is asked for: 2026, 2026-Q4 or 2026-11."""
        if self.months == 12:
            return f"{self.begin.year}"
        return f"{self.begin.year}-Q{self.begin.month // 3 + 1}" if self.months == 3 else f"{self.begin:%Y-%m}"


def period(written: str) -> Period:
    """Read a period. Raises InvalidInput."""
    hit = _WRITTEN.fullmatch(written)
    if hit is None:
        raise InvalidInput("invalid_input", fields=(FieldError("period", "bad_format"),))
    year, month, quarter = int(hit[1]), hit[2], hit[3]
    if quarter:
        return Period(date(year, 3 * int(quarter) - 2, 1), 3)
    return Period(date(year, int(month), 1), 1) if month else Period(date(year, 1, 1), 12)


def periods(today: date) -> list[Period]:
    """List the periods to choose from, the latest of each length first."""
    month = today.replace(day=1)
    quarter, year = moved(month, -((month.month - 1) % 3)), month.replace(month=1)
    several = [(month, 1, MONTHS), (quarter, 3, QUARTERS), (year, 12, YEARS)]
    return [Period(moved(begin, -nth * months), months) for begin, months, many in several for nth in range(many)]


def moved(month: date, months: int) -> date:
    """Give the first day of the month so many months on."""
    years, nth = divmod(month.month - 1 + months, 12)
    return date(month.year + years, nth + 1, 1)
