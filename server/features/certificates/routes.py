"""Certificates over HTTP."""

from __future__ import annotations

from datetime import UTC
from email.utils import format_datetime
from urllib.parse import urlsplit
from uuid import UUID

from sanic import Blueprint

from server.actor import Actor, Citizen
from server.config import Settings
from server.errors import NotFound
from server.features.certificates import service as certificates
from server.features.certificates.schemas import (
    CertificateCard,
    CertificateOut,
    CheckIn,
    CheckOut,
    ConsentAnswerIn,
    ConsentAskIn,
    ConsentFields,
    ConsentView,
    KeysOut,
    PresentationOut,
    PrintedOut,
)
from server.ports import Ports
from server.web import Raw, Reply, access, route

blueprint = Blueprint("certificates", url_prefix="/api/v1")
# What its holder alone may see, a cache on the way may not keep.
PRIVATE = {"cache-control": "private, no-store"}
# Anybody may keep what is signed: its own dates say how old it is.
SHARED = {"cache-control": "public, max-age=30", "access-control-allow-origin": "*"}


@route(blueprint, "GET", "/certificates", access=access.citizen)
async def wallet(actor: Citizen) -> list[CertificateCard]:
    """Show my wallet."""
    return await certificates.wallet(actor)


@route(blueprint, "GET", "/certificates/<certificate_id:uuid>", access=access.citizen)
async def get(actor: Citizen, certificate_id: UUID) -> CertificateOut:
    """Show one certificate of mine."""
    return await certificates.get(actor, certificate_id)


@route(blueprint, "GET", "/certificates/<certificate_id:uuid>/picture", access=access.citizen)
async def picture(actor: Citizen, certificate_id: UUID, ports: Ports) -> Raw:
    """Show one of mine as a picture (PNG)."""
    drawn = await certificates.picture(actor, ports.signer, certificate_id)
    return Raw(body=drawn, content_type="image/png", headers=PRIVATE)


@route(blueprint, "GET", "/certificates/<certificate_id:uuid>.pdf", access=access.citizen)
async def sheet(actor: Citizen, certificate_id: UUID, ports: Ports, settings: Settings) -> Raw:
    """Show one of mine as PDF, with its code on paper where it has one."""
    name, drawn = await certificates.sheet(actor, ports.signer, certificate_id, settings.public_url)
    return Raw(body=drawn, content_type="application/pdf", filename=name, headers=PRIVATE)


@route(blueprint, "POST", "/certificates/<certificate_id:uuid>/presentations", access=access.citizen, status=201)
async def present(actor: Citizen, certificate_id: UUID, settings: Settings) -> PresentationOut:
    """Make the QR to show; a second one does no harm, so it needs no key."""
    return await certificates.present(actor, certificate_id, settings.public_url)


@route(
    blueprint, "POST", "/certificates/<certificate_id:uuid>/printed-code",
    access=access.citizen, status=201, idempotent=True,
)  # fmt: skip
async def print_code(actor: Citizen, certificate_id: UUID, settings: Settings) -> PrintedOut:
    """Make a code for paper, good for half a year; the one before ends."""
    return await certificates.print_code(actor, certificate_id, settings.public_url)


@route(blueprint, "DELETE", "/certificates/<certificate_id:uuid>/printed-code", access=access.citizen)
async def end_printed(actor: Citizen, certificate_id: UUID) -> None:
    """End the code on paper."""
    await certificates.end_printed(actor, certificate_id)


@route(blueprint, "POST", "/certificates/checks", access=access.anyone, limit="scan")
async def check(actor: Actor, body: CheckIn, ports: Ports, settings: Settings) -> CheckOut:
    """Check a scanned certificate, logged in or not."""
    return await certificates.check(actor, ports.signer, body.token, urlsplit(settings.public_url).netloc)


@route(blueprint, "POST", "/certificates/consents", access=access.citizen, status=201, idempotent=True, limit="scan")
async def ask_consent(actor: Citizen, body: ConsentAskIn) -> ConsentView:
    """Ask the holder of a certificate just checked to let an enterprise of mine read all of it, once."""
    return await certificates.ask_consent(actor, body)


@route(blueprint, "GET", "/certificates/consents/<consent_id:uuid>", access=access.citizen)
async def consent(actor: Citizen, consent_id: UUID) -> ConsentView:
    """Show what was asked, to who asked and to who decides."""
    return await certificates.consent(actor, consent_id)


@route(
    blueprint, "POST", "/certificates/consents/<consent_id:uuid>/answer", access=access.citizen, idempotent=True
)  # fmt: skip
async def answer_consent(actor: Citizen, consent_id: UUID, body: ConsentAnswerIn) -> ConsentView:
    """Say yes or no."""
    return await certificates.answer_consent(actor, consent_id, agree=body.agree)


@route(
    blueprint, "POST", "/certificates/consents/<consent_id:uuid>/take-back", access=access.citizen, idempotent=True
)  # fmt: skip
async def take_consent_back(actor: Citizen, consent_id: UUID) -> ConsentView:
    """Take a yes back that nobody has used yet."""
    return await certificates.take_consent_back(actor, consent_id)


@route(
    blueprint, "POST", "/certificates/consents/<consent_id:uuid>/read", access=access.citizen, idempotent=True
)  # fmt: skip
async def read_by_consent(actor: Citizen, consent_id: UUID, ports: Ports) -> ConsentFields:
    """Read all that the certificate says, once."""
    return await certificates.read_by_consent(actor, ports.signer, consent_id)


@route(blueprint, "GET", "/certificates/keys", access=access.public)
async def keys(ports: Ports, settings: Settings) -> Reply[KeysOut]:
    """Give every public key, to check certificates without us."""
    issuer = urlsplit(settings.public_url).netloc
    return Reply(value=KeysOut(issuer=issuer, keys=certificates.keys(ports.signer)), headers=SHARED)


@route(blueprint, "GET", "/certificates/status-list", access=access.public)
async def status_list() -> Raw:
    """Give the signed list of what no longer holds: a COSE_Sign1 message, new every half hour and after each change."""
    found = await certificates.status_list()
    if found is None:
        raise NotFound
    headers = SHARED | {
        "last-modified": format_datetime(found.created_at.astimezone(UTC), usegmt=True),
        "etag": f'"{found.id}"',
    }
    return Raw(body=found.body, content_type="application/cose", headers=headers)
