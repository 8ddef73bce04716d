"""Approvals by their number at the desk: written down at a window, looked up by whoever has the case."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import FRONT
from server.features.cases import service as cases
from server.features.cases.service import ReferenceIn
from server.web import Redirect, access
from server.web.pages import page

blueprint = Blueprint("console_references", url_prefix="/console/cases")
WINDOWS = access.staff(*FRONT)
DESK = access.staff(*FRONT, Role.REVIEWER)
Said = Annotated[str, Meta(max_length=100)]
Key = Annotated[str, Meta(max_length=40)]


class ReferenceForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which line of the guide, and the approval's name and number."""

    key: Key
    name: Said = ""
    number: Said = ""


class LookForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Whether it was found; if not, what was looked through."""

    key: Key
    verdict: Literal["found", "not_found"]
    words: Annotated[str, Meta(max_length=500)] = ""


@page(blueprint, "POST", "/<case_id>/reference", access=WINDOWS)
async def note(actor: Staff, case_id: UUID, form: ReferenceForm) -> Redirect:
    """Write down what the applicant says."""
    await cases.note_reference(actor, case_id, ReferenceIn(key=form.key, name=form.name, number=form.number))
    return Redirect(f"/console/cases/{case_id}")


@page(blueprint, "POST", "/<case_id>/look-up", access=DESK)
async def look_up(actor: Staff, case_id: UUID, form: LookForm) -> Redirect:
    """Write down what came of looking."""
    await cases.look_up(actor, case_id, form.key, found=form.verdict == "found", words=form.words)
    return Redirect(f"/console/cases/{case_id}")
