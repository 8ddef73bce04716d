"""One's own data, on the phone."""

from __future__ import annotations

from sanic import Blueprint

from server.actor import Citizen
from server.features.privacy import service as privacy
from server.features.privacy.schemas import MyDataOut
from server.ports import Ports
from server.web import Raw, access, route

blueprint = Blueprint("privacy", url_prefix="/api/v1")


@route(blueprint, "GET", "/me/data", access=access.verified)
async def mine(actor: Citizen) -> MyDataOut:
    return await privacy.mine(actor)


# Given out once and kept nowhere, so there is no reply to store: whoever lost the answer asks again.
@route(blueprint, "POST", "/me/data/export", access=access.verified_in_earnest, limit="login")
async def export(actor: Citizen, ports: Ports) -> Raw:
    content = await privacy.export(actor, ports.files)
    headers = {"cache-control": "private, no-store"}
    return Raw(body=content, content_type="application/zip", filename="my-data.zip", headers=headers)


@route(blueprint, "POST", "/me/data/erasure", access=access.verified_in_earnest, idempotent=True)
async def ask_erasure(actor: Citizen) -> MyDataOut:
    return await privacy.ask_erasure(actor)


@route(blueprint, "DELETE", "/me/data/erasure", access=access.verified_in_earnest, idempotent=True)
async def withdraw_erasure(actor: Citizen) -> MyDataOut:
    return await privacy.withdraw_erasure(actor)
