"""Delegations at the desk: what departments have given their representatives, entered, agreed to and taken back."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct, field
from sanic import Blueprint

from server import db
from server.actor import Role, Staff
from server.console.frame import frame
from server.console.instruments import A_YEAR, ITEMS_SHOWN, InstrumentForm, ListQuery, ReasonForm, columns
from server.console.registers import Column, Register
from server.errors import NotFound
from server.features.cases.service import DelegationIn, DelegationOut, delegations
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.kit import clock
from server.kit.texts import text
from server.web import Redirect, Streamed, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_delegations", url_prefix="/console/delegations")
READERS = access.staff(Role.HALL_MANAGER, Role.REVIEWER)
GIVERS = access.staff(Role.REVIEWER)
HERE = "/console/delegations"
KNOWN: Register[DelegationOut] = Register(
    HERE,
    columns(
        Column(
            "console.delegations.deeds",
            lambda row, at: text(at, "common.comma").join(
                text(at, f"console.delegations.gift.{one}") for one in row.deeds
            ),
        ),
        to=(Column("console.delegations.representative", lambda row, _: row.representative),),
    ),
    on_record="cases.exported",
)


class PlacesQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Of which department, in which hall."""

    department: UUID | None = None
    seat: UUID | None = None


class DelegateForm(InstrumentForm, kw_only=True, forbid_unknown_fields=True):
    """What a representative may do, and where they sit."""

    seat: UUID
    representative: UUID
    deeds: Annotated[list[Annotated[str, Meta(max_length=20)]], Meta(max_length=10)] = field(default_factory=list)


@page(blueprint, "GET", "", access=READERS)
async def listed(actor: Staff, query: ListQuery) -> Shown:
    """List what the actor's departments have given, what counts in their halls and what they were given."""
    return "delegations.html", frame(
        actor,
        "delegations",
        list=await KNOWN.laid(actor, await _wanted(actor, query), query),
        query=query,
        gives=actor.has(Role.REVIEWER),
    )


@page(blueprint, "GET", "/export", access=READERS)
async def export(actor: Staff, query: ListQuery) -> Streamed:
    """Give the list as a table; that it was taken is on record."""
    return await KNOWN.table(actor, await _wanted(actor, query), query)


async def _wanted(actor: Staff, query: ListQuery) -> db.Found[DelegationOut]:
    return await delegations.listed(actor, over=query.list == "over", q=query.q)


@page(blueprint, "GET", "/new", access=GIVERS)
async def new(actor: Staff, query: PlacesQuery) -> Shown:
    """Offer the form for a department and a hall: who sits there, and which items there are."""
    within = await catalogue.departments_within(await identity.reach(actor, Role.REVIEWER))
    departments = [one for one in await catalogue.departments() if within is None or one.id in within]
    if query.department not in (None, *(one.id for one in departments)):
        raise NotFound
    halls = await catalogue.halls()
    department = query.department or (departments[0].id if departments else None)
    hall = query.seat or halls[0].id
    return "delegation_new.html", frame(
        actor,
        "delegations",
        departments=departments,
        department=department,
        halls=halls,
        hall=hall,
        people=await delegations.representatives(actor, department, hall) if department else [],
        items=await catalogue.items_of(department, ITEMS_SHOWN) if department else [],
        gifts=delegations.GIFTS,
        first_on=clock.today(),
        last_on=clock.today() + A_YEAR,
    )


@page(blueprint, "POST", "/new", access=GIVERS)
async def make(actor: Staff, form: DelegateForm) -> Redirect:
    """Enter it; a second person has to agree."""
    wish = DelegationIn(
        department_id=form.department,
        hall_id=form.seat,
        representative_id=form.representative,
        deeds=form.deeds,
        item_ids=form.chosen,
        number=form.number,
        signed_by=form.signed_by,
        first_on=form.first_on,
        last_on=form.last_on,
    )
    return Redirect(f"{HERE}/{await delegations.ask(actor, wish)}")


@page(blueprint, "GET", "/<delegation_id>", access=READERS)
async def one(actor: Staff, delegation_id: UUID) -> Shown:
    """Lay one on the desk."""
    return "delegation.html", frame(actor, "delegations", row=await delegations.one(actor, delegation_id))


@page(blueprint, "POST", "/<delegation_id>/approve", access=READERS)
async def approve(actor: Staff, delegation_id: UUID) -> Redirect:
    """Agree as the second person."""
    await delegations.approve(actor, delegation_id)
    return Redirect(f"{HERE}/{delegation_id}")


@page(blueprint, "POST", "/<delegation_id>/refuse", access=READERS)
async def refuse(actor: Staff, delegation_id: UUID, form: ReasonForm) -> Redirect:
    """Not agree."""
    await delegations.refuse(actor, delegation_id, form.reason)
    return Redirect(f"{HERE}/{delegation_id}")


@page(blueprint, "POST", "/<delegation_id>/end", access=READERS)
async def end(actor: Staff, delegation_id: UUID, form: ReasonForm) -> Redirect:
    """Take it back, at once."""
    await delegations.end(actor, delegation_id, form.reason)
    return Redirect(f"{HERE}/{delegation_id}")
