"""Cases over HTTP, as the phone sees them."""

from __future__ import annotations

from uuid import UUID

from sanic import Blueprint

from server.actor import Citizen
from server.features.cases import service as cases
from server.features.cases.schemas import CaseOut, DraftIn, HelpIn, HelpOut, ReportIn, StartIn, SubmitIn
from server.web import access, route

blueprint = Blueprint("cases", url_prefix="/api/v1")


@route(blueprint, "POST", "/cases", access=access.verified, status=201, idempotent=True)
async def start(actor: Citizen, body: StartIn) -> CaseOut:
    """Begin an application, or go on with the draft there is."""
    return await cases.start(actor, body)


@route(blueprint, "GET", "/cases/<case_id:uuid>", access=access.citizen)
async def get(actor: Citizen, case_id: UUID) -> CaseOut:
    """Show one case."""
    return await cases.get(actor, case_id)


@route(blueprint, "PUT", "/cases/<case_id:uuid>/draft", access=access.verified, idempotent=True)
async def save_draft(actor: Citizen, case_id: UUID, body: DraftIn) -> CaseOut:
    """Keep what has been typed so far."""
    return await cases.save_draft(actor, case_id, body)


@route(blueprint, "POST", "/cases/<case_id:uuid>/submit", access=access.verified, idempotent=True)
async def submit(actor: Citizen, case_id: UUID, body: SubmitIn) -> CaseOut:
    """Hand the application in."""
    return await cases.submit(actor, case_id, body)


@route(blueprint, "POST", "/cases/<case_id:uuid>/report", access=access.verified, idempotent=True)
async def report(actor: Citizen, case_id: UUID, body: ReportIn) -> CaseOut:
    """Say that something filled in is wrong, and what is right."""
    return await cases.report(actor, case_id, body)


@route(blueprint, "POST", "/cases/<case_id:uuid>/help", access=access.verified, idempotent=True)
async def call_help(actor: Citizen, case_id: UUID, body: HelpIn) -> HelpOut:
    """Ask for help with the page one is on, or say that one is on another by now."""
    return await cases.call_help(actor, case_id, body)


@route(blueprint, "DELETE", "/cases/<case_id:uuid>/help", access=access.verified, status=204, idempotent=True)
async def end_help(actor: Citizen, case_id: UUID) -> None:
    """End the call for help."""
    await cases.end_help(actor, case_id)


@route(blueprint, "POST", "/cases/<case_id:uuid>/withdraw", access=access.citizen, idempotent=True)
async def withdraw(actor: Citizen, case_id: UUID) -> CaseOut:
    """Take the application back."""
    return await cases.withdraw(actor, case_id)
