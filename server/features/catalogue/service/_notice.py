"""Reads a State Council notice as it is published; the sentences it is made of are in `data/notice.json`.

Only what is certain is read: a sentence that fits no pattern, or a count that does not come out, refuses the whole.
"""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import msgspec

from server.errors import InvalidInput

PATTERNS = Path(__file__).resolve().parent.parent / "data" / "notice.json"
_SPACE = re.compile(r"\s+")
_LONGEST = 15


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(json.loads(PATTERNS.read_text("utf-8"))[name])


def read_notice(text: str) -> bytes:
    """Turn the text of a notice into its list of days (JSON). Raises InvalidInput `catalogue.notice_unclear`."""
    plain = _SPACE.sub("", _pattern("brackets").sub("", text))
    stated = _pattern("year").search(plain)
    heads = list(_pattern("head").finditer(plain))
    if stated is None or not heads:
        raise InvalidInput("catalogue.notice_unclear", part=plain[:20])
    year = int(stated[1])
    days: dict[str, dict[str, object]] = {}
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        body = plain[head.end() : following.start() if following else len(plain)]
        for day, off in _holiday(year, head["name"], body):
            days[day.isoformat()] = {"name": head["name"], "date": day.isoformat(), "isOffDay": off}
    return msgspec.json.encode({"year": year, "days": [days[day] for day in sorted(days)]})


def _holiday(year: int, name: str, body: str) -> list[tuple[date, bool]]:
    off = _pattern("off").search(body)
    if off is None:
        raise InvalidInput("catalogue.notice_unclear", part=name)
    first = _date(year, off["ay"], off["am"], off["ad"], name)
    last = _date(year, off["by"] or off["ay"], off["bm"] or off["am"], off["bd"], name) if off["bd"] else first
    length = (last - first).days + 1
    if not 1 <= length <= _LONGEST or (off["n"] and int(off["n"]) != length):
        raise InvalidInput("catalogue.notice_unclear", part=name)
    days = [(first + timedelta(days=step), True) for step in range(length)]
    worked = _pattern("worked").match(body[off.end() :])
    if worked is None:
        return days
    month = None
    for one in _pattern("one").finditer(worked["days"]):
        month = one["xm"] or month
        days.append((_date(year, one["xy"], month, one["xd"], name), False))
    return days


def _date(year: int, given: str | None, month: str | None, day: str, name: str) -> date:
    try:
        return date(int(given or year), int(month or 0), int(day))
    except ValueError:
        raise InvalidInput("catalogue.notice_unclear", part=name) from None
