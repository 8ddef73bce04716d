"""Cases over HTTP, as the phone sees them."""

from __future__ import annotations

from uuid import UUID

from sanic import Blueprint

from server.actor import Citizen
from server.features.cases import service as cases
from server.features.cases.schemas import (
    CaseOut,
    CommitIn,
    DraftIn,
    HelpIn,
    HelpOut,
    RefuseIn,
    ReportIn,
    SendIn,
    StartIn,
    SubmitIn,
    UnsentIn,
)
from server.web import Claim, Encoded, access, idempotency, route

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
async def submit(actor: Citizen, case_id: UUID, body: SubmitIn, claim: Claim) -> Encoded[CaseOut]:
    """Hand the application in."""
    stored = await cases.hand_in(actor, case_id, body, claim)
    if stored is None:
        stored = await idempotency.kept(claim, lambda: cases.submit(actor, case_id, body))
    return Encoded(stored.body, replayed=stored.replayed)


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


@route(blueprint, "POST", "/cases/<case_id:uuid>/commitment", access=access.verified, idempotent=True)
async def commit(actor: Citizen, case_id: UUID, body: CommitIn) -> CaseOut:
    """Sign the commitment: the case is accepted, and what is lacking follows."""
    return await cases.commit(actor, case_id, body)


@route(blueprint, "POST", "/cases/<case_id:uuid>/commitment/refusal", access=access.verified, idempotent=True)
async def refuse_commitment(actor: Citizen, case_id: UUID, body: RefuseIn) -> CaseOut:
    """Not sign the commitment."""
    return await cases.refuse_commitment(actor, case_id, body.commitment_id)


@route(blueprint, "PUT", "/cases/<case_id:uuid>/supplement", access=access.verified, idempotent=True)
async def keep_unsent(actor: Citizen, case_id: UUID, body: UnsentIn) -> CaseOut:
    """Keep papers that were to follow, chosen and not sent yet."""
    return await cases.keep_unsent(actor, case_id, body)


@route(blueprint, "POST", "/cases/<case_id:uuid>/supplement", access=access.verified, idempotent=True)
async def send(actor: Citizen, case_id: UUID, body: SendIn) -> CaseOut:
    """Send papers that were to follow."""
    return await cases.send(actor, case_id, body)


@route(blueprint, "POST", "/cases/<case_id:uuid>/withdraw", access=access.citizen, idempotent=True)
async def withdraw(actor: Citizen, case_id: UUID) -> CaseOut:
    """Take the application back."""
    return await cases.withdraw(actor, case_id)
