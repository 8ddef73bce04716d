"""What the queue says to people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

from server.features.push import service as push


class TicketUp(push.Message, family=True):
    """What is said of a number while its holder waits: of use for minutes."""

    template = "queue_call"
    page = "/features/queue/pages/ticket?id={ticket_id}"
    priority = 1
    deadline = timedelta(minutes=15)
    ticket_id: str
    ticket: str
    hall: str


class Called(TicketUp):
    """The number is up; the person goes to the window."""

    kind = "queue.called"
    fields: ClassVar[Mapping[str, str]] = {"number": "ticket", "ahead": "ahead", "window": "window"}
    window: str
    ahead: int = 0


class Soon(TicketUp):
    """Three are ahead: whoever went for a walk comes back now."""

    kind = "queue.soon"
    fields: ClassVar[Mapping[str, str]] = {"number": "ticket", "ahead": "ahead", "window": "hall"}
    sms = False
    ahead: int


# What follows a number taken: what its tap asks leave for.
NEXT = (Called, "ratings.invited", "delivery.ready_to_collect")
