"""Values inside a text, as a reader of that language writes them: moments and dates in Shanghai, the rest as it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from server.kit import clock
from server.kit.texts import text


def spoken(locale: str, value: object) -> str:
    """Write one value: a moment with its time, a date without, None as nothing."""
    if isinstance(value, datetime):
        local = value.astimezone(clock.SHANGHAI)
        parts = _day(locale, local) | {"hour": f"{local.hour:02}", "minute": f"{local.minute:02}"}
        return text(locale, "common.format.moment", **parts)
    if isinstance(value, date):
        return text(locale, "common.format.day", **_day(locale, value))
    return "" if value is None else str(value)


def told(locale: str, key: str, params: Mapping[str, object]) -> str:
    """Give a text with its values written as that reader writes them."""
    return text(locale, key, **{name: spoken(locale, value) for name, value in params.items()})


def _day(locale: str, day: date) -> dict[str, str]:
    return {"year": str(day.year), "month": text(locale, f"common.month.{day.month}"), "day": str(day.day)}
