"""Texts too long for a template field: what happens to them is said per field, and what was cut shows that it was."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

# refuse: it may not be shortened, the message is for somebody to mend · end: the end goes · middle: the middle goes,
# for names whose end tells them apart · brackets: what stands in brackets goes first, then the end · hours: round hours
# lose their minutes, then the end goes
Rule = Literal["refuse", "end", "middle", "brackets", "hours"]

ELLIPSIS = "\u2026"
_ROUND = re.compile(r"(\d):00|(?<=[^\dA-Za-z]) +| +(?=[^\dA-Za-z])")
_BRACKETED = re.compile(r"[(\uff08\u3010\[][^()\uff08\uff09\u3010\u3011\[\]]*[)\uff09\u3011\]]")


def length(text: str) -> int:
    """Count as WeChat does: a rare character beyond the basic plane is two, as in UTF-16."""
    return len(text.encode("utf-16-le")) // 2


def shorten(text: str, rule: Rule, limit: int) -> str | None:
    """Bring a text to `limit`; None where it may not be shortened."""
    return text if length(text) <= limit else _RULES[rule](text, limit)


def _end(text: str, limit: int) -> str:
    return _first(text, limit - 1).rstrip() + ELLIPSIS


def _middle(text: str, limit: int) -> str:
    ending = (limit - 1) // 2
    last = _first(text[::-1], ending)[::-1].lstrip()
    return _first(text, limit - 1 - ending).rstrip() + ELLIPSIS + last


def _brackets(text: str, limit: int) -> str:
    while _BRACKETED.search(text):
        text = _BRACKETED.sub("", text)
    # What is gone was an aside, but that something is gone still shows.
    return text + ELLIPSIS if length(text) < limit else _end(text, limit)


def _hours(text: str, limit: int) -> str:
    plain = _ROUND.sub(r"\1", text)
    return plain if length(plain) <= limit else _end(plain, limit)


def _first(text: str, most: int) -> str:
    kept = text[:most]
    while length(kept) > most:
        kept = kept[:-1]
    return kept


_RULES: dict[Rule, Callable[[str, int], str | None]] = {
    "refuse": lambda _text, _limit: None,
    "end": _end,
    "middle": _middle,
    "brackets": _brackets,
    "hours": _hours,
}
