"""Lists by opaque cursor. A cursor is the sort key of the last row; nobody needs to know more, so it says no more."""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Generic, TypeVar

import msgspec

T = TypeVar("T")
MOST = 100
DEFAULT = 20

# For query structs: `class BookingsQuery(PageQuery): state: str | None = None`.
Limit = Annotated[int, msgspec.Meta(ge=1, le=MOST)]
Cursor = Annotated[str, msgspec.Meta(max_length=400)]


class BadCursor(ValueError):
    """A cursor we did not make; the web skin answers 422 with the field `cursor`."""


class PageQuery(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The query of every list."""

    cursor: Cursor | None = None
    limit: Limit = DEFAULT


class Page(msgspec.Struct, Generic[T], kw_only=True):
    """One page of a list; `next` is the cursor of the following page, or null at the end."""

    items: list[T]
    next: str | None = None


async def each(ask: Callable[[str | None], Awaitable[Page[T]]]) -> AsyncIterator[T]:
    """Go through all the pages of a list, however many there are, with one in memory at a time."""
    cursor: str | None = None
    while True:
        page = await ask(cursor)
        for row in page.items:
            yield row
        if page.next is None:
            return
        cursor = page.next


def after(cursor: str | None, kind: type[T]) -> T | None:
    """Read a cursor back into the sort key it was made of. Raises BadCursor for one we did not make."""
    if cursor is None:
        return None
    try:
        packed = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        return msgspec.msgpack.decode(packed, type=kind)
    except (binascii.Error, UnicodeError, msgspec.DecodeError, ValueError):
        raise BadCursor from None


def cursor_of(*key: object) -> str:
    """Make the cursor of a sort key: `cursor_of(row.created_at, row.id)`.

    `after(cursor, tuple[datetime, UUID])` reads it back.
    """
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(key)).rstrip(b"=").decode()
