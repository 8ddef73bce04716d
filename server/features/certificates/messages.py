"""What certificates say to people: which kind and what became of it; the rest is behind login."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import ClassVar

from server.features.push import service as push


class CertificateNews(push.Message, family=True):
    """What is said when something becomes of a certificate."""

    template = "service_notice"
    fields: ClassVar[Mapping[str, str]] = {"place": "issuer", "day": "at"}
    page = "/features/certificates/pages/show?id={certificate_id}"
    priority = 2
    certificate_id: str
    type: str
    issuer: str
    on: date
    at: datetime


class Suspended(CertificateNews):
    """It does not count for now."""

    kind = "certificates.suspended"


class Resumed(CertificateNews):
    """It counts again."""

    kind = "certificates.resumed"


class Revoked(CertificateNews):
    """It does not count any longer."""

    kind = "certificates.revoked"


class Superseded(CertificateNews):
    """A newer version takes its place."""

    kind = "certificates.superseded"


class OfItsDays(CertificateNews, family=True):
    """What is said of a certificate's last day."""

    template = "certificate_expiry"
    fields: ClassVar[Mapping[str, str]] = {"certificate": "type", "due": "on"}


class Ending(OfItsDays):
    """Its last day is near: time to renew it."""

    kind = "certificates.ending"
    priority = 1


class Ended(OfItsDays):
    """Its last day is over."""

    kind = "certificates.expired"
    priority = 1


class ConsentAsked(push.Message):
    """An enterprise asks to read a certificate; its holder says yes or no."""

    kind = "certificates.consent_asked"
    template = "service_notice"
    fields: ClassVar[Mapping[str, str]] = {"place": "enterprise", "day": "at"}
    page = "/features/certificates/pages/consent?id={consent_id}"
    priority = 3
    sms = False
    consent_id: str
    enterprise: str
    type: str
    purpose: str
    at: datetime


OF_STATE: Mapping[str, type[CertificateNews]] = {
    kind.kind: kind for kind in (Suspended, Resumed, Revoked, Superseded, Ended)
}
