"""A certificate as a picture and as PDF, the same on every phone, for its holder alone.

Neither proves anything by itself, so neither carries a code, unless its holder has one on paper: then the PDF is that
paper. What is drawn has been verified first; what no longer holds is not drawn.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from server import db
from server.actor import Citizen
from server.errors import Conflict
from server.features.certificates.models import Certificate, CertificateType
from server.features.certificates.service import _rendering
from server.features.certificates.service._check import judged
from server.features.certificates.service._layout import Said, look_of
from server.features.certificates.service._telling import on_record
from server.features.certificates.service._wallet import mine
from server.features.thread import service as thread
from server.kit import fonts, masking
from server.kit.texts import text
from server.ports import Signer

# Papers are in the language of the procedure, whatever language the phone shows.
LOCALE = "zh-CN"
# Pictures of this process, in memory only: they say everything in clear.
MOST_KEPT = 64
SIGNS_NAMED = 5

T = TypeVar("T")
_kept: OrderedDict[tuple[object, ...], bytes] = OrderedDict()


async def picture(actor: Citizen, signer: Signer, certificate_id: UUID) -> bytes:
    """Draw one of mine as PNG. Refuses `certificates.not_valid`, `.unprintable`."""
    certificate = await mine(actor, certificate_id)
    kind, digest = await drawable(certificate, signer)
    key = (certificate.id, digest, kind.form, kind.colour)
    found = _kept.get(key)
    if found is None:
        found = _kept[key] = await _drawn(lambda: _rendering.png(look_of(_said(certificate, kind))))
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    _kept.move_to_end(key)
    await _on_record(actor, certificate)
    return found


async def sheet(actor: Citizen, signer: Signer, certificate_id: UUID, public_url: str) -> tuple[str, bytes]:
    """Draw one of mine as PDF, on A4; gives its name, too. Refuses as `picture`."""
    certificate = await mine(actor, certificate_id)
    kind, _ = await drawable(certificate, signer)
    code = await thread.last_code("certificate", certificate.id)
    drawn = await on_paper(certificate, kind, f"{public_url}/q/{code.token}#{certificate.payload}" if code else None)
    await _on_record(actor, certificate)
    return f"{kind.name}.pdf", drawn


async def drawable(certificate: Certificate, signer: Signer) -> tuple[CertificateType, bytes]:
    """See that a certificate holds and can be drawn; gives its kind and the hash of what it says. Refuses as above."""
    result, payload = judged(certificate, signer)
    if result != "valid" or payload is None:
        raise Conflict("certificates.not_valid")
    said = certificate.content
    words = [said["issuer"], said["holder"], *(row[name] for row in said["fields"] for name in ("label", "value"))]
    if foreign := await asyncio.to_thread(fonts.unprintable, "".join(words)):
        raise _unprintable(foreign)
    return await CertificateType.get(id=certificate.type_id), payload.digest


async def on_paper(certificate: Certificate, kind: CertificateType, url: str | None) -> bytes:
    """Draw a drawable one on A4, with its code where there is one."""
    lines = [text(LOCALE, f"certificates.drawn.{'scan' if url else 'no_code'}")]
    return await _drawn(lambda: _rendering.pdf(look_of(_said(certificate, kind)), kind.name, url, lines))


async def as_label(certificate: Certificate, kind: CertificateType, url: str, until: str) -> bytes:
    """Draw only the code, as a label to carry: the kind, the name in part, until when."""
    holder = masking.name(certificate.content["holder"])
    lines = [kind.name, holder, text(LOCALE, "certificates.drawn.until", day=until)]
    lines += [text(LOCALE, "certificates.drawn.sample")] if certificate.sample else []
    return await _drawn(lambda: _rendering.label(url, lines))


async def _drawn(draw: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(draw)
    except fonts.GlyphMissingError as missing:
        raise _unprintable("") from missing


def _unprintable(signs: str) -> Conflict:
    return Conflict("certificates.unprintable", signs=" ".join(f"U+{ord(one):04X}" for one in signs[:SIGNS_NAMED]))


def _said(certificate: Certificate, kind: CertificateType) -> Said:
    said = certificate.content
    until = {rule["label"] for rule in kind.layout if rule["source"] == "valid_until"}
    rows = [(row["label"], row["value"]) for row in said["fields"] if row["label"] not in until]
    ends = said["valid_until"] or text(LOCALE, "certificates.for_ever")
    return Said(
        form=kind.form,
        title=said["type"],
        issuer=said["issuer"],
        colour=kind.colour,
        rows=tuple(rows),
        foot=(
            text(LOCALE, "certificates.drawn.valid", begins=said["valid_from"], ends=ends),
            text(LOCALE, "certificates.drawn.number", number=said["number"]),
        ),
        note=text(LOCALE, "certificates.drawn.note"),
        watermark=text(LOCALE, "certificates.drawn.sample") if said["sample"] else None,
    )


async def _on_record(actor: Citizen, certificate: Certificate) -> None:
    async with db.tx():
        await on_record(actor, "drawn", certificate)
