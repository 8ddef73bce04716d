"""Authorisations at the desk: what halls may accept for which department, entered, agreed to, extended and ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import frame
from server.console.instruments import A_YEAR, ITEMS_SHOWN, InstrumentForm, ListQuery, ReasonForm, columns
from server.console.registers import Column, Register
from server.errors import FieldError, InvalidInput
from server.features.cases.service import AuthorisationIn, AuthorisationOut, authorisations
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.kit import clock
from server.kit.texts import text
from server.web import Redirect, Streamed, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_authorisations", url_prefix="/console/authorisations")
DESK = access.staff(*authorisations.KEEPERS)
HERE = "/console/authorisations"
KNOWN: Register[AuthorisationOut] = Register(
    HERE,
    columns(
        Column(
            "console.authorisations.items",
            lambda row, at: (
                text(at, "console.authorisations.every_item")
                if row.items is None
                else text(at, "common.comma").join(row.items)
            ),
        ),
        Column(
            "console.authorisations.kind.label",
            lambda row, at: text(at, f"console.authorisations.kind.{row.kind}"),
            "kind",
        ),
    ),
    on_record="cases.exported",
)


class NewQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which department's items are offered, and which document is extended."""

    department: UUID | None = None
    extends: UUID | None = None


class NewForm(InstrumentForm, kw_only=True, forbid_unknown_fields=True):
    """What a hall may do. Without a `place` it is for every hall."""

    place: Annotated[str, Meta(max_length=40)] = ""
    kind: Literal["accept", "receive"]


@page(blueprint, "GET", "", access=DESK)
async def listed(actor: Staff, query: ListQuery) -> Shown:
    """List what the actor's halls may do and what their departments have given."""
    rows = await authorisations.listed(actor, over=query.list == "over")
    return "authorisations.html", frame(actor, "authorisations", list=await KNOWN.laid(actor, rows, query), query=query)


@page(blueprint, "GET", "/export", access=DESK)
async def export(actor: Staff, query: ListQuery) -> Streamed:
    """Give the list as a table; that it was taken is on record."""
    return await KNOWN.table(actor, await authorisations.listed(actor, over=query.list == "over"), query)


@page(blueprint, "GET", "/new", access=DESK)
async def new(actor: Staff, query: NewQuery) -> Shown:
    """Offer the form: for the department chosen, or filled in from the one that is extended."""
    old = await authorisations.one(actor, query.extends) if query.extends else None
    departments = await _departments(actor)
    chosen = old.department_id if old else query.department or (departments[0].id if departments else None)
    first = max(clock.today(), old.last_on + timedelta(days=1)) if old else clock.today()
    return "authorisation_new.html", frame(
        actor,
        "authorisations",
        old=old,
        departments=departments,
        chosen=chosen,
        halls=await _halls(actor, old),
        anywhere=actor.has(Role.REVIEWER),
        items=await catalogue.items_of(chosen, ITEMS_SHOWN) if chosen else [],
        first_on=first,
        last_on=first + A_YEAR,
    )


async def _departments(actor: Staff) -> list[catalogue.DepartmentView]:
    """List whose documents the actor may enter: for a hall anybody's, for a department its own."""
    every = await catalogue.departments()
    if actor.has(Role.HALL_MANAGER):
        return every
    within = await catalogue.departments_within(await identity.reach(actor, Role.REVIEWER))
    return [one for one in every if within is None or one.id in within]


async def _halls(actor: Staff, old: AuthorisationOut | None) -> list[catalogue.HallView]:
    every = await catalogue.halls()
    if actor.has(Role.REVIEWER):
        return every
    within = await catalogue.halls_within(await identity.reach(actor, Role.HALL_MANAGER))
    return [one for one in every if within is None or one.id in within or (old and one.id == old.hall_id)]


@page(blueprint, "POST", "/new", access=DESK)
async def make(actor: Staff, form: NewForm) -> Redirect:
    """Enter it; a second person has to agree."""
    wish = AuthorisationIn(
        department_id=form.department,
        hall_id=_place(form.place),
        item_ids=form.chosen,
        kind=form.kind,
        number=form.number,
        signed_by=form.signed_by,
        first_on=form.first_on,
        last_on=form.last_on,
    )
    return Redirect(f"{HERE}/{await authorisations.ask(actor, wish)}")


def _place(written: str) -> UUID | None:
    try:
        return UUID(written) if written else None
    except ValueError:
        raise InvalidInput("invalid_input", fields=(FieldError("place", "bad_format"),)) from None


@page(blueprint, "GET", "/<authorisation_id>", access=DESK)
async def one(actor: Staff, authorisation_id: UUID) -> Shown:
    """Lay one on the desk."""
    return "authorisation.html", frame(actor, "authorisations", row=await authorisations.one(actor, authorisation_id))


@page(blueprint, "POST", "/<authorisation_id>/approve", access=DESK)
async def approve(actor: Staff, authorisation_id: UUID) -> Redirect:
    """Agree as the second person."""
    await authorisations.approve(actor, authorisation_id)
    return Redirect(f"{HERE}/{authorisation_id}")


@page(blueprint, "POST", "/<authorisation_id>/refuse", access=DESK)
async def refuse(actor: Staff, authorisation_id: UUID, form: ReasonForm) -> Redirect:
    """Not agree."""
    await authorisations.refuse(actor, authorisation_id, form.reason)
    return Redirect(f"{HERE}/{authorisation_id}")


@page(blueprint, "POST", "/<authorisation_id>/end", access=DESK)
async def end(actor: Staff, authorisation_id: UUID, form: ReasonForm) -> Redirect:
    """Take it back, at once."""
    await authorisations.end(actor, authorisation_id, form.reason)
    return Redirect(f"{HERE}/{authorisation_id}")
