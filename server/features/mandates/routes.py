"""Acting for others, on the phone."""

from __future__ import annotations

from uuid import UUID

from sanic import Blueprint

from server.actor import Citizen
from server.features.mandates import service as mandates
from server.features.mandates.schemas import MandateIn, MandateOut, MandatesOut, ObjectionIn
from server.ports import Ports
from server.web import Claim, access, route
from server.web.outside import asked_first

blueprint = Blueprint("mandates", url_prefix="/api/v1")


@route(blueprint, "GET", "/mandates", access=access.verified)
async def mine(actor: Citizen) -> MandatesOut:
    return await mandates.mine(actor)


@route(blueprint, "POST", "/mandates", access=access.verified_in_earnest, status=201, idempotent=True, limit="login")
async def ask(actor: Citizen, body: MandateIn, ports: Ports, claim: Claim) -> MandateOut:
    return await asked_first(
        claim,
        lambda: mandates.check(actor, body, ports.identity_check),
        lambda wish: mandates.ask(actor, wish),
        status=201,
    )


@route(blueprint, "POST", "/mandates/<mandate_id>/consent", access=access.verified_in_earnest, idempotent=True)
async def consent(actor: Citizen, mandate_id: UUID) -> MandatesOut:
    return await mandates.consent(actor, mandate_id)


@route(blueprint, "POST", "/mandates/<mandate_id>/refusal", access=access.verified_in_earnest, idempotent=True)
async def refuse(actor: Citizen, mandate_id: UUID) -> MandatesOut:
    return await mandates.refuse(actor, mandate_id)


@route(blueprint, "POST", "/mandates/<mandate_id>/objection", access=access.verified_in_earnest, idempotent=True)
async def object_to(actor: Citizen, mandate_id: UUID, body: ObjectionIn) -> MandatesOut:
    return await mandates.object_to(actor, mandate_id, body.reason)


@route(blueprint, "DELETE", "/mandates/<mandate_id>", access=access.verified, idempotent=True)
async def end(actor: Citizen, mandate_id: UUID) -> MandatesOut:
    return await mandates.end(actor, mandate_id)
