"""Notices as they will be, before acceptance, correction or refusal is pressed: the same forms, only looked at."""

from __future__ import annotations

from uuid import UUID

from sanic import Blueprint

from server.actor import Staff
from server.console.cases import ACCEPTORS, SUPERIORS, CorrectionForm, ReasonForm
from server.console.following import TolerateForm
from server.console.papers import PRIVATE
from server.console.pre_reviewing import PassForm
from server.features.cases import service as cases
from server.web import Raw
from server.web.pages import page

blueprint = Blueprint("console_previewing", url_prefix="/console/cases")


@page(blueprint, "POST", "/<case_id>/preview/accept", access=ACCEPTORS)
async def accept(actor: Staff, case_id: UUID) -> Raw:
    """Show the notice of acceptance."""
    return _shown(await cases.preview(actor, case_id, lambda: cases.accept(actor, case_id)))


@page(blueprint, "POST", "/<case_id>/preview/tolerate", access=ACCEPTORS)
async def tolerate(actor: Staff, case_id: UUID, form: TolerateForm) -> Raw:
    """Show the notice of acceptance with papers to follow, which is read before it is signed."""
    return _shown(
        await cases.preview(
            actor,
            case_id,
            lambda: cases.accept_with_deficiency(actor, case_id, days=form.days, signed=True),
        )
    )


@page(blueprint, "POST", "/<case_id>/preview/pre-review", access=ACCEPTORS)
async def pre_review(actor: Staff, case_id: UUID, form: PassForm) -> Raw:
    """Show the notice of which originals to bring."""
    return _shown(await cases.preview(actor, case_id, lambda: cases.pre_review(actor, case_id, days=form.days)))


@page(blueprint, "POST", "/<case_id>/preview/ask-correction", access=ACCEPTORS)
async def ask_correction(actor: Staff, case_id: UUID, form: CorrectionForm) -> Raw:
    """Show the notice of what is to be mended."""
    lines = form.lines
    return _shown(
        await cases.preview(
            actor, case_id, lambda: cases.ask_correction(actor, case_id, lines, days=form.days, why=form.why)
        )
    )


@page(blueprint, "POST", "/<case_id>/preview/decline", access=SUPERIORS)
async def decline(actor: Staff, case_id: UUID, form: ReasonForm) -> Raw:
    """Show the notice of refusal."""
    return _shown(await cases.preview(actor, case_id, lambda: cases.decline(actor, case_id, form.reason)))


def _shown(content: bytes) -> Raw:
    return Raw(body=content, content_type="application/pdf", headers=PRIVATE)
