"""Lists of the desk in SQL: narrowed, searched, sorted, and turned by cursors that stand while rows come and go.

    CHECKS = Listing("pledge p JOIN case_record c ON c.id = p.case_id", "p.id", searched="c.title",
                     orders={"due": By("p.due_on", date)})
    found = CHECKS.found(shown, usual="due").where("p.state = {}", "to_check").within("p.department_id", departments)
    page = await found.page(Sought(q="permit", sort="-due"))

What stands in a listing is our own SQL; what people ask for reaches the database as parameters only.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from tortoise.models import Model

from server.db.transaction import fetch, fetchval
from server.kit.paging import Page, after, cursor_of

M = TypeVar("M", bound=Model)
T = TypeVar("T")
S = TypeVar("S")
Shown = Callable[[list[UUID]], Awaitable[list[T]]]
# What a list can be sorted by, and what a cursor is then made of.
_CURSORS: Mapping[type, type[tuple[Any, UUID]]] = {
    str: tuple[str, UUID],
    int: tuple[int, UUID],
    float: tuple[float, UUID],
    date: tuple[date, UUID],
    datetime: tuple[datetime, UUID],
    UUID: tuple[UUID, UUID],
}


@dataclass(frozen=True, slots=True)
class By:
    """What a list is sorted by: SQL that is never null, and the kind of its values in Python, one of `_CURSORS`."""

    sql: str
    kind: type


@dataclass(frozen=True, slots=True)
class Sought:
    """What is asked of a list. `q` is part of what it is searched by; `sort` one of its orders, with `-` turned round.

    Without `sort`, or with one the list does not have, it comes in its usual order.
    """

    q: str = ""
    sort: str = ""
    cursor: str | None = None
    limit: int = 50


_FIRST = Sought()


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list is read from. `id` is a uuid, one a row; `searched` is text, in which case plays no part;
    empty where the service that narrows the list looks for the words itself, along an index of theirs.

    `whole`, where a list has numbers that are scanned or pasted whole: their column and their length. Such a number is
    found by its index, where its parts are looked for by reading.
    """

    source: str
    id: str
    orders: Mapping[str, By]
    searched: str = ""
    whole: tuple[str, int] = ("", 0)

    def by(self, **orders: By) -> Listing:
        """Give it with other orders as well: what a column goes by may be another thing of another part of a list."""
        return replace(self, orders={**self.orders, **orders})

    def found(self, shown: Shown[T], usual: str) -> Found[T]:
        """Begin with everything, in the order `usual`. `shown` makes rows of ids, in their order."""
        return Found(self, shown, usual)


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """What somebody may see of a list."""

    listing: Listing
    shown: Shown[T]
    usual: str
    conditions: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()

    def where(self, condition: str, *values: object) -> Found[T]:
        """Ask for one thing more; `{}` stands for each value, `{0}` for the first wherever it is wanted."""
        names = [f"${len(self.values) + place}" for place in range(1, 1 + len(values))]
        said = (*self.conditions, condition.format(*names))
        return replace(self, conditions=said, values=(*self.values, *values))

    def within(self, column: str, places: Collection[UUID] | None) -> Found[T]:
        """Keep to some places; `None` is all of them. Of one place alone an index gives the rows in their order."""
        if places is None:
            return self
        if len(places) == 1:
            return self.where(f"{column} = {{}}", next(iter(places)))
        return self.where(f"{column} = ANY({{}}::uuid[])", list(places))

    def then(self, dress: Callable[[list[T]], Awaitable[list[S]]]) -> Found[S]:
        """Make something else of each page of rows."""

        async def dressed(ids: list[UUID]) -> list[S]:
            return await dress(await self.shown(ids))

        return Found(self.listing, dressed, self.usual, self.conditions, self.values)

    async def page(self, sought: Sought = _FIRST) -> Page[T]:
        """Give one page, the first if no other is asked for. Raises BadCursor."""
        by, down = self._order(sought.sort)
        key = after(sought.cursor, _CURSORS[by.kind])
        asked = self._sought(sought.q)
        if key is not None:
            asked = asked.where(f"({by.sql}, {self.listing.id}) {'<' if down else '>'} ({{}}, {{}})", *key)
        way = "DESC" if down else "ASC"
        rows = await fetch(
            f"SELECT {self.listing.id} AS id, {by.sql} AS key {asked.sql}"
            f" ORDER BY {by.sql} {way}, {self.listing.id} {way} LIMIT ${len(asked.values) + 1}",
            *asked.values,
            sought.limit + 1,
        )
        here = rows[: sought.limit]
        return Page(
            items=await self.shown([row["id"] for row in here]),
            next=cursor_of(here[-1]["key"], here[-1]["id"]) if len(rows) > len(here) else None,
        )

    async def count(self, q: str = "") -> int:
        """Count all of what is asked for."""
        asked = self._sought(q)
        found: int = await fetchval(f"SELECT count(*) {asked.sql}", *asked.values)
        return found

    @property
    def sql(self) -> str:
        """Give what stands after the columns."""
        said = " AND ".join(f"({one})" for one in self.conditions) or "true"
        return f"FROM {self.listing.source} WHERE {said}"

    def _order(self, sort: str) -> tuple[By, bool]:
        name = sort if sort.removeprefix("-") in self.listing.orders else self.usual
        return self.listing.orders[name.removeprefix("-")], name.startswith("-")

    def _sought(self, q: str) -> Found[T]:
        words = plain(q)
        if not words or not self.listing.searched:
            return self
        column, length = self.listing.whole
        if column and len(words) == length and words.isdigit():
            return self.where(f"{column} = {{}}", words)
        return self.where(stands_in(self.listing.searched), words)


def plain(words: str) -> str:
    """Give words as they are looked for: blanks are typed where none stand, and stand where none are typed."""
    return "".join(unicodedata.normalize("NFKC", words).split())


def stands_in(searched: str) -> str:
    """Give the condition that `plain` words, `{}`, stand in a text; for a service that looks for more than the text."""
    return f"strpos(upper(translate({searched}, ' ', '')), upper({{}})) > 0"


async def in_order(kind: type[M], ids: Sequence[UUID]) -> list[M]:
    """Read the rows of a page, in its order; one that has gone meanwhile is left out."""
    rows = {row.pk: row for row in await kind.filter(pk__in=list(ids))}
    return [rows[one] for one in ids if one in rows]
