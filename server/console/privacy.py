"""Who asked to be forgotten: the administrator carries it out, or says why not."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import frame
from server.features.privacy import service as privacy
from server.web import Redirect, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_privacy", url_prefix="/console/privacy")
OFFICE = access.staff(Role.ADMINISTRATOR)


class AnswerForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Carry it out, or say why not."""

    deed: Literal["erase", "decline"]
    reason: Annotated[str, Meta(max_length=300)] = ""


@page(blueprint, "GET", "", access=OFFICE)
async def waiting(actor: Staff) -> Shown:
    """Show who waits."""
    return "privacy.html", frame(actor, "privacy", rows=await privacy.requests(actor))


@page(blueprint, "POST", "/<erasure_id>", access=OFFICE)
async def answer(actor: Staff, erasure_id: UUID, form: AnswerForm) -> Redirect:
    """Carry it out, or decline."""
    if form.deed == "erase":
        await privacy.erase(actor, await privacy.person_of(erasure_id))
    else:
        await privacy.decline(actor, erasure_id, form.reason)
    return Redirect("/console/privacy")
