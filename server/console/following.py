"""Papers that follow, at the desk: accepting on a commitment signed here or on the phone, and looking at what comes."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import FRONT
from server.features.cases import service as cases
from server.web import Redirect, access
from server.web.pages import page

blueprint = Blueprint("console_following", url_prefix="/console/cases")
WINDOW = access.staff(*FRONT)
ACCEPTORS = access.staff(*FRONT, Role.REVIEWER)


class TolerateForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Within how many working days the rest comes, and whether the applicant has signed the commitment."""

    days: Annotated[int, Meta(ge=1, le=400)]
    signed: bool = False


class SupplementForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """The lines that have come."""

    keys: Annotated[list[str], Meta(max_length=100)] = []


class OfferForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Within how many working days the rest comes, on words that are signed on the phone."""

    days: Annotated[int, Meta(ge=1, le=400)]


class SendBackForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which paper does not do, and why; the applicant reads it."""

    key: Annotated[str, Meta(max_length=40)]
    reason: Annotated[str, Meta(min_length=1, max_length=500)]


@page(blueprint, "POST", "/<case_id>/tolerate", access=ACCEPTORS)
async def tolerate(actor: Staff, case_id: UUID, form: TolerateForm) -> Redirect:
    """Accept on a commitment to bring what may follow."""
    await cases.accept_with_deficiency(actor, case_id, days=form.days, signed=form.signed)
    return _back(case_id)


@page(blueprint, "POST", "/<case_id>/supplement", access=WINDOW)
async def supplement(actor: Staff, case_id: UUID, form: SupplementForm) -> Redirect:
    """What was to follow has come."""
    await cases.supplement(actor, case_id, form.keys)
    return _back(case_id)


@page(blueprint, "POST", "/<case_id>/offer", access=ACCEPTORS)
async def offer(actor: Staff, case_id: UUID, form: OfferForm) -> Redirect:
    """Send the commitment to the applicant's phone."""
    await cases.offer_commitment(actor, case_id, days=form.days)
    return _back(case_id)


@page(blueprint, "POST", "/<case_id>/recall-offer", access=ACCEPTORS)
async def recall_offer(actor: Staff, case_id: UUID) -> Redirect:
    """Take the commitment back before it is signed."""
    await cases.recall_commitment(actor, case_id)
    return _back(case_id)


@page(blueprint, "POST", "/<case_id>/send-back", access=WINDOW)
async def send_back(actor: Staff, case_id: UUID, form: SendBackForm) -> Redirect:
    """A paper that was sent does not do."""
    await cases.send_back(actor, case_id, form.key, form.reason)
    return _back(case_id)


def _back(case_id: UUID) -> Redirect:
    return Redirect(f"/console/cases/{case_id}")
