"""Who may act for whom: what waits for papers or a decision, and what is settled at the window with no telephone."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Staff
from server.console.frame import FRONT, frame
from server.console.registers import Column, Register, Searched
from server.db import Found
from server.errors import FieldError, InvalidInput
from server.features.identity import service as identity
from server.features.identity.service import PersonView, Scope
from server.features.mandates import service as mandates
from server.features.mandates.service import DeskRow
from server.kit.texts import text
from server.ports import Ports
from server.web import Redirect, Streamed, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_mandates", url_prefix="/console/mandates")
DESK = access.staff(*FRONT)
HERE = "/console/mandates"

Kind = Literal["resident_id", "passport", "hk_macau_permit", "taiwan_permit"]
Paper = Literal["household_register", "birth_certificate", "ruling", "signed_authority"]
Line = Annotated[str, Meta(min_length=1, max_length=60)]
KINDS = ("resident_id", "passport", "hk_macau_permit", "taiwan_permit")
RELATIONS = ("guardian", "relative", "agent")
PAPERS = ("household_register", "birth_certificate", "ruling", "signed_authority")


WAITING: Register[DeskRow] = Register(
    HERE,
    (
        Column("console.mandates.agent", lambda row, _: row.agent),
        Column("console.mandates.person", lambda row, _: row.person),
        Column("console.mandates.relation", lambda row, at: text(at, f"identity.relation.{row.relation}"), "relation"),
        Column("console.mandates.state", lambda row, at: text(at, f"mandates.state.{row.state}"), "state"),
        Column("console.mandates.since", lambda row, _: row.since, "since"),
    ),
    on_record="mandates.exported",
)


class ListQuery(Searched, kw_only=True, forbid_unknown_fields=True):
    """Of which kind those are that wait."""

    relation: Literal["", "guardian", "relative", "agent"] = ""


class FindForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """A number read off either person's document."""

    number: Line


class DecisionForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """What was shown, and why."""

    deed: Literal["approve", "decline", "take_back"]
    shown: list[Paper] = []
    reason: Annotated[str, Meta(max_length=300)] = ""


class NewForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Two people at the window, or one with the other's signature."""

    agent_kind: Kind
    agent_name: Line
    agent_number: Line
    person_kind: Kind
    person_name: Line
    person_number: Line
    relation: Literal["guardian", "relative", "agent"]
    scope: Literal["visits", "everything"]
    last_day: str = ""
    shown: list[Paper] = []


@page(blueprint, "GET", "", access=DESK)
async def waiting(actor: Staff, query: ListQuery) -> Shown:
    """Show what waits, the oldest first."""
    return await _list(actor, mandates.waiting(query.relation), query)


@page(blueprint, "GET", "/export", access=DESK)
async def export(actor: Staff, query: ListQuery) -> Streamed:
    """Give the list as a table; that it was taken is on record."""
    return await WAITING.table(actor, mandates.waiting(query.relation), query)


@page(blueprint, "POST", "/find", access=DESK, limit="scan")
async def find(actor: Staff, form: FindForm) -> Shown:
    """Show all that is open for the holder of a document; the number stays out of the address."""
    return await _list(actor, await mandates.open_for(actor, form.number), ListQuery(), number=form.number)


@page(blueprint, "GET", "/new", access=DESK)
async def new(actor: Staff) -> Shown:
    """Offer the form for those who come without having asked on a phone."""
    return "mandate_new.html", frame(actor, "mandates", kinds=KINDS, relations=RELATIONS, papers=PAPERS)


@page(blueprint, "POST", "/new", access=DESK)
async def make(actor: Staff, form: NewForm, ports: Ports) -> Redirect:
    """Write it down."""
    last_day = _day(form.last_day)
    agent = await _known(actor, ports, form.agent_kind, form.agent_name, form.agent_number)
    person = await _known(actor, ports, form.person_kind, form.person_name, form.person_number)
    at = mandates.At(
        agent_id=agent.id,
        person_id=person.id,
        relation=mandates.Relation(form.relation),
        scope=Scope(form.scope),
        last_day=last_day,
    )
    return Redirect(f"{HERE}/{await mandates.make_at_desk(actor, at, shown=form.shown)}")


@page(blueprint, "GET", "/<mandate_id>", access=DESK)
async def one(actor: Staff, mandate_id: UUID) -> Shown:
    """Lay one on the desk."""
    return "mandate.html", frame(actor, "mandates", row=await mandates.look(actor, mandate_id))


@page(blueprint, "POST", "/<mandate_id>/decision", access=DESK)
async def decide(actor: Staff, mandate_id: UUID, form: DecisionForm) -> Redirect:
    """The papers prove it, or they do not, or it is taken back here."""
    if form.deed == "approve":
        await mandates.approve(actor, mandate_id, shown=form.shown, reason=form.reason)
    elif form.deed == "take_back":
        await mandates.take_back(actor, mandate_id, reason=form.reason)
    else:
        await mandates.decline(actor, mandate_id, shown=form.shown, reason=form.reason)
    return Redirect(f"{HERE}/{mandate_id}")


async def _list(actor: Staff, rows: list[DeskRow] | Found[DeskRow], query: ListQuery, *, number: str = "") -> Shown:
    return "mandates.html", frame(
        actor, "mandates", list=await WAITING.laid(actor, rows, query), query=query, relations=RELATIONS, number=number
    )


async def _known(actor: Staff, ports: Ports, kind: str, name: str, number: str) -> PersonView:
    return await identity.register_person(actor, kind=kind, name=name, number=number, checker=ports.identity_check)


def _day(typed: str) -> date | None:
    """An empty date field of a form means: as long as it may be."""
    if not typed:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise InvalidInput("invalid_input", fields=(FieldError("last_day", "bad_format"),)) from None
