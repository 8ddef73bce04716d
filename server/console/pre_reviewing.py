"""The pre-review at the desk: let through, then the originals seen and the case accepted in one deed."""

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

blueprint = Blueprint("console_pre_reviewing", url_prefix="/console/cases")
ACCEPTORS = access.staff(*FRONT, Role.REVIEWER)


class PassForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Within how many working days the originals are shown."""

    days: Annotated[int, Meta(ge=1, le=400)]


class OriginalsForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """The lines whose originals were seen."""

    keys: Annotated[list[str], Meta(max_length=100)] = []


@page(blueprint, "POST", "/<case_id>/pre-review", access=ACCEPTORS)
async def let_through(actor: Staff, case_id: UUID, form: PassForm) -> Redirect:
    """What was sent online is in order."""
    await cases.pre_review(actor, case_id, days=form.days)
    return Redirect(f"/console/cases/{case_id}")


@page(blueprint, "POST", "/<case_id>/originals", access=ACCEPTORS)
async def see(actor: Staff, case_id: UUID, form: OriginalsForm) -> Redirect:
    """The originals were seen: accept."""
    await cases.see_originals(actor, case_id, form.keys)
    return Redirect(f"/console/cases/{case_id}")
