"""The request log: what the product asked of WeChat and the twins, found by rid."""

import secrets
from collections import deque
from typing import Any

import msgspec

__all__ = ["Entry", "Journal", "new_rid"]

KEPT = 5_000
HIDDEN = frozenset({"secret", "appsecret", "access_token", "session_key"})


def new_rid(now: float) -> str:
    """Three groups of eight hex digits, the first being the Unix second, as WeChat writes them."""
    return f"{int(now):08x}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"


class Entry(msgspec.Struct, kw_only=True):
    rid: str
    at: float
    method: str
    path: str
    query: dict[str, str]
    body: Any = None
    status: int = 200
    errcode: int | str | None = None
    errmsg: str | None = None
    reply: Any = None
    fault: str | None = None
    took_ms: float = 0


class Journal:
    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)

    def add(self, entry: Entry) -> None:
        entry.query = {name: "***" if name in HIDDEN else value for name, value in entry.query.items()}
        entry.body = _without_secrets(entry.body)
        entry.reply = _without_secrets(entry.reply)
        self._entries.append(entry)

    def entries(self, *, path: str | None = None, limit: int = 100) -> list[Entry]:
        """Newest first."""
        chosen = [entry for entry in reversed(self._entries) if path is None or entry.path == path]
        return chosen[:limit]

    def find(self, rid: str) -> Entry | None:
        return next((entry for entry in self._entries if entry.rid == rid), None)

    def clear(self) -> None:
        self._entries.clear()


def _without_secrets(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return {key: "***" if key in HIDDEN else held for key, held in value.items()}
