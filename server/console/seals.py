"""用章登记 at the desk: every use of an approval seal, searched, and given as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from typing import Annotated, Literal, TypeVar
from uuid import UUID

from msgspec import Meta
from sanic import Blueprint

from server.actor import Staff
from server.console.frame import frame
from server.console.paging import Paged, turns
from server.console.reviewing import safe
from server.errors import FieldError, InvalidInput
from server.features.catalogue import service as catalogue
from server.features.documents import service as documents
from server.features.documents.service import SealWanted
from server.features.identity import service as identity
from server.kit import clock
from server.kit.spoken import spoken
from server.kit.texts import text
from server.web import Raw, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_seals", url_prefix="/console/seals")
READERS = access.staff(*documents.SEAL_READERS)
T = TypeVar("T")
COLUMNS = ("at", "department", "paper", "number", "matter", "who", "for_whom", "power.label", "under")


class RegisterQuery(Paged, kw_only=True, forbid_unknown_fields=True):
    """Which uses; `q` is part of a paper's number or a whole case number. Empty fields of the form ask for nothing."""

    q: Annotated[str, Meta(max_length=60)] = ""
    power: Literal["", "own", "hall", "delegation", "rules", "itself"] = ""
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

    @property
    def kept(self) -> dict[str, str]:
        """Give what a link to the next page, or to the table, carries on."""
        asked = {"q": self.q, "power": self.power, "department": self.department}
        return {**asked, "first_on": self.first_on, "last_on": self.last_on}


def _read(name: str, written: str, kind: Callable[[str], T]) -> T | None:
    """Read a field of the form that may be left empty."""
    try:
        return kind(written) if written else None
    except ValueError:
        raise InvalidInput("invalid_input", fields=(FieldError(name, "bad_format"),)) from None


@page(blueprint, "GET", "", access=READERS)
async def listed(actor: Staff, query: RegisterQuery) -> Shown:
    """List the uses of the seals of the actor's departments, the newest first."""
    found = await documents.seal_uses(actor, query.wanted, cursor=query.cursor)
    within = await catalogue.departments_within(await identity.reach(actor, *documents.SEAL_READERS))
    return "seals.html", frame(
        actor,
        "seals",
        rows=found.items,
        query=query,
        pages=turns(query, found.next),
        powers=documents.SEAL_POWERS,
        departments=[one for one in await catalogue.departments() if within is None or one.id in within],
    )


@page(blueprint, "GET", "/export", access=READERS)
async def export(actor: Staff, query: RegisterQuery) -> Raw:
    """Give the register as a table that a spreadsheet opens and never runs; that it was taken is on record."""
    sink = io.StringIO()
    table = csv.writer(sink)
    table.writerow([text(actor.locale, f"console.seals.{name}") for name in COLUMNS])
    for row in await documents.export_seals(actor, query.wanted):
        power = text(actor.locale, f"console.seals.power.{row.power}")
        said = (row.department, row.paper, row.number, row.matter, row.who, row.for_whom, power, row.under)
        table.writerow([safe(one or "") for one in (spoken(actor.locale, row.at), *said)])
    return Raw(
        body=sink.getvalue().encode("utf-8-sig"),
        content_type="text/csv; charset=utf-8",
        filename=f"seals-{clock.today():%Y%m%d}.csv",
        headers={"cache-control": "private, no-store"},
    )
