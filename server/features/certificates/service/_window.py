"""Somebody without a phone stands at the window: the certificates of the document they show, and a code to carry."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from server import db
from server.actor import Staff
from server.errors import InvalidInput, NotFound
from server.features.certificates.models import Certificate, CertificateState
from server.features.certificates.schemas import WindowRow
from server.features.certificates.service._picture import as_label, drawable, on_paper
from server.features.certificates.service._showing import end_code, new_code, printed_until
from server.features.certificates.service._telling import on_record
from server.features.certificates.service._wallet import cards
from server.features.identity import service as identity
from server.kit import clock
from server.ports import Signer


async def at_window(actor: Staff, number: str) -> list[WindowRow]:
    """List the valid certificates of whoever's document number it is; they read that staff found them."""
    rows = [row for row in await _held(actor, number) if row.standing is CertificateState.VALID]
    return [
        WindowRow(card=card, printed_until=await printed_until(row.id))
        for row, card in zip(rows, await cards(rows, actor), strict=True)
    ]


async def print_at_window(
    actor: Staff,
    signer: Signer,
    certificate_id: UUID,
    *,
    number: str,
    identity_checked: bool,
    size: Literal["a4", "label"],
    public_url: str,
) -> tuple[str, bytes]:
    """Print a code for the holder, whose document was looked at; the one before ends. Gives the PDF and its name.

    Refuses `certificates.identity_unchecked`, `.not_valid`, `.unprintable`; raises NotFound for another's.
    """
    if not identity_checked:
        raise InvalidInput("certificates.identity_unchecked")
    certificate = await _one(actor, number, certificate_id)
    kind, _ = await drawable(certificate, signer)
    async with db.tx():
        made = await new_code(certificate.id, public_url)
        # The paper says everything in clear: a look, which its holder reads of.
        await on_record(actor, "viewed", certificate)
        await on_record(actor, "printed", certificate)
    until = made.expires_at.astimezone(clock.SHANGHAI).date().isoformat()
    if size == "label":
        return f"{kind.name}.pdf", await as_label(certificate, kind, made.url, until)
    return f"{kind.name}.pdf", await on_paper(certificate, kind, made.url)


async def end_at_window(actor: Staff, certificate_id: UUID, *, number: str) -> None:
    """End a code on paper that was lost; whose document it is says whose certificate it may be. Raises NotFound."""
    certificate = await _one(actor, number, certificate_id)
    async with db.tx():
        await end_code(certificate.id)
        await on_record(actor, "print_ended", certificate)


async def _held(actor: Staff, number: str) -> list[Certificate]:
    people = await identity.find_person(actor, number=number, reason="certificate")
    return await Certificate.of_parties(tuple(one.id for one in people), ()).order_by("-created_at").limit(200)


async def _one(actor: Staff, number: str, certificate_id: UUID) -> Certificate:
    found = next((row for row in await _held(actor, number) if row.id == certificate_id), None)
    if found is None:
        raise NotFound
    return found
