"""What somebody says on the telephone is taken down here, and goes the way of what is written on a phone."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import FRONT, frame
from server.features.catalogue import service as catalogue
from server.features.complaints import service as complaints
from server.web import Redirect, access
from server.web.html import url
from server.web.pages import Shown, page

blueprint = Blueprint("console_complaint_calls", url_prefix="/console/complaints/calls")
DESK = access.staff(*FRONT, Role.REVIEWER, Role.SUPERVISOR)
READERS = (Role.REVIEWER, Role.HALL_MANAGER, Role.SUPERVISOR)
HERE = "/console/complaints/calls"


class ComplaintCallsQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """The number of the one just taken down."""

    done: Annotated[str, Meta(max_length=20, pattern="^[0-9]*$")] = ""


class ComplaintCallForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """What was said, by whom, and whether they may be called back."""

    kind: complaints.Kind
    words: Annotated[str, Meta(min_length=1, max_length=complaints.LONGEST_WORDS)]
    reason: complaints.Reason | None = None
    number: Annotated[str, Meta(max_length=40)] = ""
    to_department: UUID | None = None
    to_hall: UUID | None = None
    order_number: Annotated[str, Meta(max_length=50)] = ""
    consent: Literal["", "yes"] = ""
    name: Annotated[str, Meta(max_length=40)] = ""
    phone: Annotated[str, Meta(max_length=24)] = ""
    again: Literal["", "yes"] = ""


@page(blueprint, "GET", "", access=DESK)
async def calls(actor: Staff, query: ComplaintCallsQuery) -> Shown:
    """Show the form."""
    return "complaint_calls.html", frame(
        actor, "complaints", query=query, most=complaints.LONGEST_WORDS, reads=actor.has(*READERS),
        kinds=[one.value for one in complaints.Kind], reasons=[one.value for one in complaints.Reason],
        departments=await catalogue.departments(), halls=await catalogue.halls(),
    )  # fmt: skip


@page(blueprint, "POST", "", access=DESK, limit="rating")
async def take(actor: Staff, form: ComplaintCallForm) -> Redirect:
    """Take it down."""
    call = complaints.Call(
        kind=form.kind, words=form.words, reason=form.reason if form.kind is complaints.Kind.STUCK else None,
        number=form.number, department_id=form.to_department, hall_id=form.to_hall, order_number=form.order_number,
        consent=form.consent == "yes", name=form.name, phone=form.phone,
        again=form.again == "yes",
    )  # fmt: skip
    _, number = await complaints.take_call(actor, call)
    return Redirect(url(HERE, done=number))
