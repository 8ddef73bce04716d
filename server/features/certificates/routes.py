"""Certificates over HTTP."""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import UUID

from sanic import Blueprint

from server.actor import Actor, Citizen
from server.config import Settings
from server.features.certificates import service as certificates
from server.features.certificates.schemas import CertificateCard, CertificateOut, CheckIn, CheckOut, PresentationOut
from server.ports import Ports
from server.web import access, route

blueprint = Blueprint("certificates", url_prefix="/api/v1")


@route(blueprint, "GET", "/certificates", access=access.citizen)
async def wallet(actor: Citizen) -> list[CertificateCard]:
    """Show my wallet."""
    return await certificates.wallet(actor)


@route(blueprint, "GET", "/certificates/<certificate_id:uuid>", access=access.citizen)
async def get(actor: Citizen, certificate_id: UUID) -> CertificateOut:
    """Show one certificate of mine."""
    return await certificates.get(actor, certificate_id)


@route(blueprint, "POST", "/certificates/<certificate_id:uuid>/presentations", access=access.citizen, status=201)
async def present(actor: Citizen, certificate_id: UUID, settings: Settings) -> PresentationOut:
    """Make the QR to show; a second one does no harm, so it needs no key."""
    return await certificates.present(actor, certificate_id, settings.public_url)


@route(blueprint, "POST", "/certificates/checks", access=access.anyone, limit="scan")
async def check(actor: Actor, body: CheckIn, ports: Ports, settings: Settings) -> CheckOut:
    """Check a scanned certificate, logged in or not."""
    return await certificates.check(actor, ports.signer, body.token, urlsplit(settings.public_url).netloc)
