"""What the pages of written instruments have in common, whatever is given: `authorisations`, `delegations`."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal, TypeVar
from uuid import UUID

from msgspec import Meta, Struct

from server.console.registers import Column, Searched
from server.features.cases.service import InstrumentOut
from server.kit.texts import text

ITEMS_SHOWN = 200
A_YEAR = timedelta(days=364)

Line = Annotated[str, Meta(min_length=1, max_length=60)]
Out = TypeVar("Out", bound=InstrumentOut)


class ListQuery(Searched, kw_only=True, forbid_unknown_fields=True):
    """What is in force and to come, or what is over."""

    list: Literal["live", "over"] = "live"


class InstrumentForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """One as it is signed. Without `some` it is for every item."""

    department: UUID
    some: bool = False
    items: Annotated[list[UUID], Meta(max_length=ITEMS_SHOWN)] = []
    number: Line
    signed_by: Line
    first_on: date
    last_on: date

    @property
    def chosen(self) -> list[UUID] | None:
        """Give the items that were ticked; None: every one."""
        return self.items if self.some else None


class ReasonForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Why not, or not any longer."""

    reason: Annotated[str, Meta(min_length=1, max_length=300)]


def columns(*own: Column[Out], to: tuple[Column[Out], ...] = ()) -> tuple[Column[Out], ...]:
    """Give the columns of a register: those of every kind around its `own`; `to` is whom it names."""
    return (
        Column("console.authorisations.number", lambda row, _: row.number, "number"),
        *to,
        Column("console.authorisations.department", lambda row, _: row.department, "department"),
        Column(
            "console.authorisations.hall",
            lambda row, at: row.hall or text(at, "console.authorisations.every_hall"),
            "hall",
        ),
        *own,
        Column("console.authorisations.until", lambda row, _: row.last_on, "last_on"),
        Column(
            "console.authorisations.state.label",
            lambda row, at: text(at, f"console.authorisations.state.{row.state}"),
            "state",
        ),
    )
