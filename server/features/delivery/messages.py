"""What delivery says to people."""

from __future__ import annotations

from server.features.push import service as push


class ReadyToCollect(push.Message):
    """The result lies at the counter; the pickup code is behind login."""

    kind = "delivery.ready_to_collect"
    template = "pickup"
    page = "/features/thread/pages/detail?id={thread_id}"


class Collected(push.Message):
    """The result was handed over; whoever did not collect it should know."""

    kind = "delivery.collected"
    template = None
    page = "/features/thread/pages/detail?id={thread_id}"
