"""What ratings say to people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from server.features.push import service as push


class Invited(push.Message):
    """How was it? One tap opens the page; nobody is urged twice, and no SMS is spent on it."""

    kind = "ratings.invited"
    template = "rating_invite"
    fields: ClassVar[Mapping[str, str]] = {
        "number": "number",
        "item": "item",
        "department": "department",
        "time": "at",
    }
    page = "/features/ratings/pages/rate?token={token}"
    priority = 7
    sms = False
    token: str
    number: str
    item: str
    department: str
    at: datetime


class Reply(push.Message, family=True):
    """What became of a bad rating is behind the code of whoever gave it; no SMS is spent on it."""

    template = "rectification_reply"
    fields = Invited.fields
    page = Invited.page
    sms = False
    token: str
    number: str
    item: str
    department: str
    at: datetime


class Answered(Reply):
    """A bad rating has an answer."""

    kind = "ratings.answered"
    priority = 4


class Excluded(Reply):
    """A rating was left out of the count; why is there to be read."""

    kind = "ratings.excluded"
    priority = 5


class Taken(Reply):
    """A rating was taken down from a call: whoever the matter belongs to knows of it."""

    kind = "ratings.taken"
    priority = 5
