"""The register of seals at the desk: every use of an approval seal, searched, and given as a table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Literal, TypeVar
from uuid import UUID

from msgspec import Meta
from sanic import Blueprint

from server.actor import Staff
from server.console.frame import frame
from server.console.registers import Column, Register, Searched
from server.errors import FieldError, InvalidInput
from server.features.catalogue import service as catalogue
from server.features.documents import service as documents
from server.features.documents.service import SealUseOut, SealWanted
from server.features.identity import service as identity
from server.kit.texts import text
from server.web import Streamed, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_seals", url_prefix="/console/seals")
READERS = access.staff(*documents.SEAL_READERS)
T = TypeVar("T")
USES: Register[SealUseOut] = Register(
    "/console/seals",
    (
        Column("console.seals.at", lambda row, _: row.at, "at"),
        Column("console.seals.paper", lambda row, _: row.paper),
        Column("console.seals.number", lambda row, _: row.number, "number"),
        Column("console.seals.matter", lambda row, _: row.matter),
        Column("console.seals.department", lambda row, _: row.department, "department"),
        Column("console.seals.who", lambda row, _: row.who),
        Column("console.seals.for_whom", lambda row, _: row.for_whom),
        Column("console.seals.power.label", lambda row, at: text(at, f"console.seals.power.{row.power}"), "power"),
        Column("console.seals.under", lambda row, _: row.under),
    ),
    on_record="documents.seals_exported",
)


class RegisterQuery(Searched, kw_only=True, forbid_unknown_fields=True):
    """Which uses; `q` is a paper's number, its serial, or a case number. Empty fields of the form ask for nothing.

    The number of a certificate is a paper's as well, and longer than what is typed elsewhere.
    """

    q: Annotated[str, Meta(max_length=120)] = ""
    power: Literal["", "own", "hall", "delegation", "kind", "rules", "itself"] = ""
    department: Annotated[str, Meta(max_length=40)] = ""
    first_on: Annotated[str, Meta(max_length=10)] = ""
    last_on: Annotated[str, Meta(max_length=10)] = ""

    @property
    def wanted(self) -> SealWanted:
        """Say what to look for."""
        return SealWanted(
            q=self.q,
            power=self.power,
            department_id=_read("department", self.department, UUID),
            first_on=_read("first_on", self.first_on, date.fromisoformat),
            last_on=_read("last_on", self.last_on, date.fromisoformat),
        )


def _read(name: str, written: str, kind: Callable[[str], T]) -> T | None:
    """Read a field of the form that may be left empty."""
    try:
        return kind(written) if written else None
    except ValueError:
        raise InvalidInput("invalid_input", fields=(FieldError(name, "bad_format"),)) from None


@page(blueprint, "GET", "", access=READERS)
async def listed(actor: Staff, query: RegisterQuery) -> Shown:
    """List the uses of the seals of the actor's departments, the newest first."""
    within = await catalogue.departments_within(await identity.reach(actor, *documents.SEAL_READERS))
    return "seals.html", frame(
        actor,
        "seals",
        list=await USES.laid(actor, await documents.seal_uses(actor, query.wanted), query),
        query=query,
        powers=documents.SEAL_POWERS,
        departments=[one for one in await catalogue.departments() if within is None or one.id in within],
    )


@page(blueprint, "GET", "/export", access=READERS)
async def export(actor: Staff, query: RegisterQuery) -> Streamed:
    """Give the register as a table that a spreadsheet opens and never runs; that it was taken is on record."""
    return await USES.table(actor, await documents.seal_uses(actor, query.wanted), query)
