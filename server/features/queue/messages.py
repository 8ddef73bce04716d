"""What the queue says to people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

from server.features.push import service as push


class Called(push.Message):
    """The number is up; the person goes to the window."""

    kind = "queue.called"
    template = "queue_call"
    fields: ClassVar[Mapping[str, str]] = {"number": "ticket", "ahead": "ahead", "window": "window"}
    page = "/features/queue/pages/ticket?id={ticket_id}"
    priority = 1
    deadline = timedelta(minutes=15)
    ticket_id: str
    ticket: str
    window: str
    hall: str
    ahead: int = 0
