"""The one clock. Everything asks here, so a test can move time and a sandbox can jump a week."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

_shift = timedelta(0)


def now() -> datetime:
    """Tell the time, aware, in UTC."""
    return datetime.now(UTC) + _shift


def today() -> date:
    """Tell the date in Shanghai, which is the date on every notice and every clock."""
    return now().astimezone(SHANGHAI).date()


def advance(by: timedelta) -> None:
    """Move this process's time; only tests do it."""
    global _shift  # noqa: PLW0603 - one clock per process is the point of this module
    _shift += by


def reset() -> None:
    """Go back to real time."""
    global _shift  # noqa: PLW0603 - as above
    _shift = timedelta(0)
