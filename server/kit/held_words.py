"""Words of people that somebody looks at before others read them. `held_words.json` is for a place to replace."""

from __future__ import annotations

import functools
import unicodedata
from pathlib import Path

import msgspec

WORDS = Path(__file__).resolve().parent / "held_words.json"


@functools.cache
def _words() -> tuple[str, ...]:
    return msgspec.json.decode(WORDS.read_bytes(), type=tuple[str, ...])


def to_hold(words: str) -> bool:
    """Say whether words are looked at first. Neither case, width, spaces nor signs between letters hide one."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKC", words).casefold() if sign.isalnum())
    return any(word in plain for word in _words())
