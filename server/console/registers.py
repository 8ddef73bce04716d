"""The lists of the desk, each declared once: its columns, what it is sorted by, and how its table goes on record.

    CHECKS: Register[SpotCheck] = Register("/console/pledges", (Column("console.cases.number", …), …), "cases.exported")

    @page(blueprint, "GET", "", access=REVIEWERS)
    async def checks(actor: Staff, query: ChecksQuery) -> Shown:
        return "pledges.html", frame(actor, "pledges", list=await CHECKS.laid(actor, await _found(actor, query), query))

    @page(blueprint, "GET", "/export", access=REVIEWERS)
    async def export(actor: Staff, query: ChecksQuery) -> Streamed:
        return await CHECKS.table(actor, await _found(actor, query), query)

`_found` gives what the actor may see: rows that are at hand whole, or a `Found` whose orders are the columns' `by`. The
template takes `filters`, `columns` (or `orders`) and `ways` from `table.html`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Generic, Protocol, TypeVar

from msgspec import Meta, structs

from server.actor import Staff
from server.console.paging import SHOWN, Paged, Turns, part, turns
from server.console.tables import as_csv
from server.db import Found, Sought
from server.features.audit import service as audit
from server.kit.paging import Page
from server.kit.spoken import spoken
from server.kit.texts import text
from server.web import Streamed

Row = TypeVar("Row")
LINES = 500  # of a table, at a time
# What is said once stays out of the links.
_SAID_ONCE = ("cursor", "trail", "sort", "done", "ticket", "confirmed", "declined")


class Searched(Paged, kw_only=True, forbid_unknown_fields=True):
    """What a register is narrowed to, and the column it goes by; with `-` turned round."""

    q: Annotated[str, Meta(max_length=60)] = ""
    sort: Annotated[str, Meta(max_length=24, pattern=r"^-?[a-z_]*$")] = ""


class Source(Protocol[Row]):
    """Where the rows of a register come from."""

    async def page(self, sought: Sought) -> Page[Row]:
        """Give one page. Raises BadCursor."""
        ...

    async def count(self, q: str) -> int:
        """Count all that is asked for."""
        ...


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """`heading` is the key of its words; `cell` is what a row has there, read in a language; `by` names the order."""

    heading: str
    cell: Callable[[Row, str], Any]
    by: str = ""


@dataclass(frozen=True, slots=True)
class Laid(Generic[Row]):
    """One page of a register, with what its template needs to lead on."""

    path: str
    rows: list[Row]
    heads: list[tuple[str, str]]
    pages: Turns
    kept: dict[str, object]
    sort: str
    q: str


@dataclass(frozen=True, slots=True)
class Register(Generic[Row]):
    """A list of the desk. `on_record` is the deed under which the taking of its table is written down."""

    path: str
    columns: tuple[Column[Row], ...]
    on_record: str = ""

    async def laid(self, actor: Staff, rows: Sequence[Row] | Found[Row], query: Searched) -> Laid[Row]:
        """Narrow, sort and cut out the page that is asked for. Raises BadCursor."""
        found = await self._source(actor, rows).page(Sought(query.q, query.sort, query.cursor, SHOWN))
        return Laid(
            path=self.path,
            rows=found.items,
            heads=[(text(actor.locale, one.heading), one.by) for one in self.columns],
            pages=turns(query, found.next),
            kept={name: value for name, value in structs.asdict(query).items() if name not in _SAID_ONCE},
            sort=query.sort,
            q=query.q,
        )

    async def table(self, actor: Staff, rows: Sequence[Row] | Found[Row], query: Searched) -> Streamed:
        """Give every page of what is wanted as a table; where people stand in it, that it is taken is on record."""
        source = self._source(actor, rows)
        name = self.path.rpartition("/")[2]
        if self.on_record:
            # Before the first line goes: whoever breaks off has read what came until then.
            await audit.taken(actor, self.on_record, name, lines=await source.count(query.q))
        heads = [text(actor.locale, one.heading) for one in self.columns]
        return as_csv(name, heads, self._lines(actor.locale, source, Sought(query.q, query.sort, limit=LINES)))

    async def _lines(self, locale: str, source: Source[Row], sought: Sought) -> AsyncIterator[list[str]]:
        while True:
            page = await source.page(sought)
            for row in page.items:
                yield [spoken(locale, one.cell(row, locale)) for one in self.columns]
            if page.next is None:
                return
            sought = replace(sought, cursor=page.next)

    def _source(self, actor: Staff, rows: Sequence[Row] | Found[Row]) -> Source[Row]:
        return rows if isinstance(rows, Found) else _AtHand(self.columns, actor.locale, rows)


@dataclass(frozen=True, slots=True)
class _AtHand(Generic[Row]):
    """Rows that are at hand whole: searched by what stands in their cells; a cursor is how many rows came before."""

    columns: tuple[Column[Row], ...]
    locale: str
    rows: Sequence[Row]

    async def page(self, sought: Sought) -> Page[Row]:
        found = self._sorted(self._searched(sought.q), sought.sort)
        here, following = part(found, Paged(cursor=sought.cursor), sought.limit)
        return Page(items=here, next=following)

    async def count(self, q: str) -> int:
        return len(self._searched(q))

    def _searched(self, q: str) -> list[Row]:
        words = q.strip().casefold()
        return [
            row
            for row in self.rows
            if not words
            or any(words in spoken(self.locale, one.cell(row, self.locale)).casefold() for one in self.columns)
        ]

    def _sorted(self, found: list[Row], sort: str) -> list[Row]:
        by = next((one for one in self.columns if one.by and one.by == sort.removeprefix("-")), None)
        if by is None:
            return found
        # What has nothing there comes last, whichever way round.
        empty = [row for row in found if by.cell(row, self.locale) is None]
        there = [row for row in found if by.cell(row, self.locale) is not None]
        there.sort(key=lambda row: by.cell(row, self.locale))
        return (there[::-1] if sort.startswith("-") else there) + empty
