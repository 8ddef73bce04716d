"""Logging in, and one's own page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sanic import Blueprint, Request, Sanic

from server.actor import Actor, Citizen
from server.features.identity import service
from server.features.identity.schemas import (
    AddressesOut,
    AddressIn,
    ClerkIn,
    ClerkOut,
    ClerksOut,
    ConsentIn,
    EnterpriseIn,
    EnterpriseOut,
    LoginOut,
    MeOut,
    PhoneIn,
    PhoneLoginIn,
    PhoneProofIn,
    PreferencesIn,
    RealNameIn,
    SendCodeIn,
    WeChatLoginIn,
)
from server.ports import Ports
from server.web import Claim, access, asking, route
from server.web.outside import asked_first

blueprint = Blueprint("identity", url_prefix="/api/v1")


async def on_start(app: Sanic[Any, Any]) -> None:
    """Learn which county or city this is."""
    service.serve(app.ctx.settings.region)


@route(blueprint, "POST", "/login/wechat", access=access.public, limit="login")
async def login_wechat(actor: Actor, body: WeChatLoginIn, ports: Ports, request: Request) -> LoginOut:
    return await service.login_wechat(actor, body.code, ports.wechat, asking.device(request))


@route(blueprint, "POST", "/login/code", access=access.public, limit="sms")
async def send_login_code(actor: Actor, body: SendCodeIn, ports: Ports) -> None:
    await service.send_code(actor, body.phone, ports.sms)


@route(blueprint, "POST", "/login/phone", access=access.public, limit="login")
async def login_phone(actor: Actor, body: PhoneLoginIn, request: Request) -> LoginOut:
    return await service.login_phone(actor, body.phone, body.code, asking.device(request), body.consent)


@route(blueprint, "POST", "/logout", access=access.citizen)
async def logout(actor: Citizen) -> None:
    await service.logout(actor)


@route(blueprint, "GET", "/me", access=access.citizen)
async def me(actor: Citizen) -> MeOut:
    return await service.me(actor)


@route(blueprint, "POST", "/me/consent", access=access.citizen, idempotent=True)
async def give_consent(actor: Citizen, body: ConsentIn) -> MeOut:
    return await service.consent(actor, body.version)


@route(blueprint, "DELETE", "/me/consent", access=access.citizen, idempotent=True)
async def withdraw_consent(actor: Citizen) -> MeOut:
    return await service.withdraw_consent(actor)


@route(blueprint, "POST", "/me/phone", access=access.citizen_in_earnest, idempotent=True, limit="login")
async def give_phone(actor: Citizen, body: PhoneIn, ports: Ports, claim: Claim) -> MeOut:
    return await asked_first(
        claim,
        lambda: service.ask_phone(actor, body.code, ports.wechat),
        lambda number: service.take_phone(actor, number),
    )


@route(blueprint, "POST", "/me/phone/proof", access=access.citizen_in_earnest, idempotent=True, limit="login")
async def prove_phone(actor: Citizen, body: PhoneProofIn) -> MeOut:
    return await service.prove_phone(actor, body.phone, body.code)


@route(blueprint, "DELETE", "/me/phone", access=access.citizen_in_earnest, idempotent=True)
async def give_back_phone(actor: Citizen) -> MeOut:
    return await service.give_back_phone(actor)


@route(blueprint, "POST", "/me/real-name", access=access.citizen_in_earnest, idempotent=True, limit="login")
async def give_real_name(actor: Citizen, body: RealNameIn, ports: Ports, claim: Claim) -> MeOut:
    return await asked_first(
        claim,
        lambda: service.check_real_name(actor, body, ports.identity_check),
        lambda name: service.take_real_name(actor, name),
    )


@route(blueprint, "POST", "/enterprises", access=access.verified_in_earnest, status=201, idempotent=True, limit="login")
async def bind_enterprise(actor: Citizen, body: EnterpriseIn, ports: Ports, claim: Claim) -> EnterpriseOut:
    return await asked_first(
        claim,
        lambda: service.check_enterprise(actor, body, ports.identity_check),
        lambda enterprise: service.bind_enterprise(actor, enterprise),
        status=201,
    )


@route(blueprint, "GET", "/me/addresses", access=access.verified)
async def addresses(actor: Citizen) -> AddressesOut:
    return await service.addresses(actor)


@route(blueprint, "POST", "/me/addresses", access=access.verified_in_earnest, status=201, idempotent=True)
async def add_address(actor: Citizen, body: AddressIn) -> AddressesOut:
    return await service.add_address(actor, body)


@route(blueprint, "PUT", "/me/addresses/<address_id>", access=access.verified_in_earnest, idempotent=True)
async def edit_address(actor: Citizen, address_id: UUID, body: AddressIn) -> AddressesOut:
    return await service.edit_address(actor, address_id, body)


@route(blueprint, "DELETE", "/me/addresses/<address_id>", access=access.verified, idempotent=True)
async def drop_address(actor: Citizen, address_id: UUID) -> AddressesOut:
    return await service.drop_address(actor, address_id)


@route(blueprint, "PUT", "/me/preferences", access=access.citizen, idempotent=True)
async def prefer(actor: Citizen, body: PreferencesIn) -> MeOut:
    return await service.prefer(actor, body)


@route(blueprint, "DELETE", "/me/sessions", access=access.citizen, idempotent=True)
async def end_others(actor: Citizen) -> MeOut:
    await service.end_others(actor)
    return await service.me(actor)


@route(blueprint, "DELETE", "/me/sessions/<session_id>", access=access.citizen, idempotent=True)
async def end_session(actor: Citizen, session_id: UUID) -> None:
    await service.end_session(actor, session_id)


@route(blueprint, "GET", "/enterprises/<enterprise_id>/clerks", access=access.verified)
async def clerks(actor: Citizen, enterprise_id: UUID) -> ClerksOut:
    return await service.clerks(actor, enterprise_id)


@route(blueprint, "POST", "/enterprises/<enterprise_id>/clerks", access=access.verified, status=201, idempotent=True)
async def authorise_clerk(actor: Citizen, enterprise_id: UUID, body: ClerkIn) -> ClerkOut:
    return await service.authorise_clerk(actor, enterprise_id, body.phone)


@route(blueprint, "DELETE", "/enterprises/<enterprise_id>/clerks/<clerk_id>", access=access.verified, idempotent=True)
async def dismiss_clerk(actor: Citizen, enterprise_id: UUID, clerk_id: UUID) -> None:
    await service.dismiss_clerk(actor, enterprise_id, clerk_id)
