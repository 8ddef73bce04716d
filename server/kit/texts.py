"""Every text a person reads, by key and language. `locales/zh-CN.json` is the source; others follow it."""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from pathlib import Path

SOURCE = "zh-CN"
LOCALES = Path(__file__).resolve().parents[2] / "locales"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def text(locale: str, key: str, /, **params: object) -> str:
    """Give the text of a dotted key, placeholders filled. An unknown key gives the key: visible, never a crash."""
    found = find(locale, key)
    if found is None:
        return key
    return _PLACEHOLDER.sub(lambda hit: str(params.get(hit[1], hit[0])), found) if params else found


def find(locale: str, key: str) -> str | None:
    """Give the raw text of a key in a language, or in the source language, or None."""
    return _table(locale).get(key) or _table(SOURCE).get(key)


def below(prefix: str) -> list[str]:
    """List the keys below a key, in the order they are kept."""
    return [key for key in _table(SOURCE) if key.startswith(f"{prefix}.")]


@cache
def available() -> tuple[str, ...]:
    """List the languages there are, source first."""
    others = sorted(path.stem for path in LOCALES.glob("*.json") if path.stem != SOURCE)
    return (SOURCE, *others)


@lru_cache(maxsize=512)
def best(accept_language: str) -> str:
    """Choose the language for an Accept-Language header; the source language when none fits."""
    wishes: list[tuple[float, str]] = []
    for part in accept_language.split(","):
        tag, _, rest = part.strip().partition(";")
        wishes.append((_quality(rest), tag.strip().lower()))
    for quality, tag in sorted(wishes, key=lambda wish: -wish[0]):
        if quality > 0 and (found := _matching(tag)):
            return found
    return SOURCE


def _quality(rest: str) -> float:
    name, _, number = rest.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return float(number)
    except ValueError:
        return 0.0


def _matching(tag: str) -> str | None:
    language = tag.split("-", maxsplit=1)[0]
    for known in available():
        if known.lower() == tag:
            return known
    return next((known for known in available() if known.lower().split("-")[0] == language), None)


@cache
def _table(locale: str) -> dict[str, str]:
    if locale not in available():
        return {}
    return _flat(json.loads((LOCALES / f"{locale}.json").read_text("utf-8")))


def _flat(tree: dict[str, object], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in tree.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = str(value)
    return flat
