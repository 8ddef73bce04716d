"""What ratings say to people."""

from __future__ import annotations

from server.features.push import service as push


class Invited(push.Message):
    """How was it? One tap opens the page; nobody is urged twice."""

    kind = "ratings.invited"
    template = "rating_invite"
    page = "/features/ratings/pages/rate?token={token}"
