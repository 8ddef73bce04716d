"""What the queue says to people."""

from __future__ import annotations

from server.features.push import service as push


class Called(push.Message):
    """The number is up; the person goes to the window."""

    kind = "queue.called"
    template = "queue_call"
    page = "/features/queue/pages/ticket?id={ticket_id}"
