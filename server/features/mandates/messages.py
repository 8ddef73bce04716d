"""What is said about acting for others. No names: a phone lies on tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from server.features.push import service as push


class MandateNews(push.Message, family=True):
    """What is said when something becomes of a mandate; the rest is behind login."""

    template = "mandate_news"
    fields: ClassVar[Mapping[str, str]] = {"time": "at"}
    page = "/features/identity/pages/mandates"
    sms = False
    own = True
    at: datetime


class MandateAsked(MandateNews):
    """Somebody wants to act for you; you say yes or no."""

    kind = "mandates.asked"


class MandateBegun(MandateNews):
    """Somebody acts for you from now on."""

    kind = "mandates.begun"


class MandateGranted(MandateNews):
    """You may act from now on."""

    kind = "mandates.granted"


class MandateDeclined(MandateNews):
    """You may not; why is behind login."""

    kind = "mandates.declined"


class AnotherGuardian(MandateNews):
    """Somebody else wants to act, or acts, for a child of yours; you may object."""

    kind = "mandates.another"
    priority = 3


class MandateSuspended(MandateNews):
    """Another guardian objects; the window decides."""

    kind = "mandates.suspended"


class ObjectionSettled(MandateNews):
    """The window has decided about your objection."""

    kind = "mandates.settled"


class MandateEnded(MandateNews):
    """It is over: taken back, given up, or run out."""

    kind = "mandates.ended"
