"""What is said about one's own data."""

from __future__ import annotations

from server.features.push import service as push


class ErasureDeclined(push.Message):
    """You cannot be forgotten now; why is behind login."""

    kind = "privacy.declined"
    page = "/features/identity/pages/data"
    sms = False
