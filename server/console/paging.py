"""Turning the pages of a list: on by the cursor of what follows, back by the cursors of the pages one came by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar

from msgspec import Meta, Struct

from server.kit.paging import BadCursor, Cursor, PageQuery

T = TypeVar("T")
SHOWN = 50
MOST_STEPS = 30
_FIRST = "-"

Trail = Annotated[str, Meta(max_length=12_100, pattern=r"^[A-Za-z0-9._-]*$")]


class Paged(Struct, kw_only=True, forbid_unknown_fields=True):
    """Where a list stands. `trail` is the cursors of the pages before, with dots between; of many only the last."""

    cursor: Cursor | None = None
    trail: Trail = ""

    @property
    def asked(self) -> PageQuery:
        """Give what a service wants to know."""
        return PageQuery(cursor=self.cursor)


@dataclass(frozen=True, slots=True)
class Turns:
    """What the links to the neighbouring pages carry; None where there is no such page."""

    on: dict[str, str] | None
    back: dict[str, str] | None


def turns(query: Paged, following: str | None) -> Turns:
    """Say how to go on and back from a page. `following` is the cursor of the next one."""
    steps = query.trail.split(".") if query.trail else []
    on = back = None
    if following is not None:
        on = {"cursor": following, "trail": ".".join([*steps, query.cursor or _FIRST][-MOST_STEPS:])}
    if query.cursor is not None:
        # Of a page whose way was cut or never known one goes back to the first.
        last = steps[-1] if steps else _FIRST
        back = {} if last == _FIRST else {"cursor": last, "trail": ".".join(steps[:-1])}
    return Turns(on, back)


def part(rows: Sequence[T], query: Paged, most: int = SHOWN) -> tuple[list[T], str | None]:
    """Cut one page out of a list that is at hand; its cursor is how many came before. Raises BadCursor."""
    before = skipped(query)
    end = before + most
    return list(rows[before:end]), str(end) if end < len(rows) else None


def skipped(query: Paged) -> int:
    """Read a cursor that is how many rows came before. Raises BadCursor."""
    before = query.cursor or "0"
    if not (before.isascii() and before.isdigit() and len(before) <= 6):
        raise BadCursor
    return int(before)
