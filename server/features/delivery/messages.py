"""What delivery says to people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import ClassVar

from server.features.push import service as push

PAGE = "/features/thread/pages/detail?id={thread_id}"
PICKUP = "/features/delivery/pages/pickup?thread={thread_id}"


class ReadyToCollect(push.Message):
    """The result lies at the counter. `code` is the pickup code, which finds it there and opens nothing: whoever takes
    it shows a document, so a locked screen may show the code.
    """

    kind = "delivery.ready_to_collect"
    template = "ready_to_collect"
    fields: ClassVar[Mapping[str, str]] = {
        "number": "number",
        "code": "code",
        "thing": "item",
        "item": "item",
        "place": "hall",
        "hours": "hours",
        "due": "keep_until",
        "time": "at",
    }
    page = PAGE
    priority = 2
    thread_id: str
    number: str
    item: str
    hall: str
    hours: str
    code: str
    at: datetime
    keep_until: date


class InLocker(ReadyToCollect):
    """It lies in a locker. There the code alone opens the door: it is behind login, and `code` is the door's number."""

    kind = "delivery.in_locker"


class Recalled(push.Message):
    """It lies in the locker no more; what follows is said once it is on a shelf."""

    kind = "delivery.recalled"
    template = "case_progress"
    fields: ClassVar[Mapping[str, str]] = {"number": "number", "item": "item", "time": "at"}
    page = PICKUP
    priority = 2
    thread_id: str
    number: str
    item: str
    hall: str
    at: datetime


class Collected(push.Message):
    """The result was handed over; whoever did not collect it should know."""

    kind = "delivery.collected"
    page = PAGE
    sms = False
    thread_id: str
    number: str
    item: str
    hall: str


class Uncollected(ReadyToCollect):
    """It has lain a while, and is kept only so long."""

    kind = "delivery.uncollected"


class Returned(push.Message):
    """Nobody collected it; it is back with its department, and the way can be chosen again."""

    kind = "delivery.returned"
    template = "case_progress"
    fields: ClassVar[Mapping[str, str]] = {"number": "number", "item": "item", "time": "at"}
    page = "/features/delivery/pages/choose?thread={thread_id}"
    priority = 2
    thread_id: str
    number: str
    item: str
    at: datetime


class Posted(push.Message):
    """It is in the post, under this waybill."""

    kind = "delivery.posted"
    template = "posted"
    fields: ClassVar[Mapping[str, str]] = {
        "number": "number",
        "thing": "item",
        "item": "item",
        "carrier": "carrier",
        "parcel": "waybill",
        "time": "at",
    }
    page = PICKUP
    priority = 2
    thread_id: str
    number: str
    item: str
    carrier: str
    waybill: str
    at: datetime


class ParcelEnded(push.Message, family=True):
    """How a parcel ended."""

    page = "/features/delivery/pages/choose?thread={thread_id}"
    priority = 2
    thread_id: str
    number: str
    item: str
    at: datetime


class PostSigned(ParcelEnded):
    """Somebody has signed for it; whoever did not should know."""

    kind = "delivery.post_signed"
    page = PAGE
    sms = False


class PostReturned(ParcelEnded):
    """It could not be delivered; the way can be chosen again."""

    kind = "delivery.post_returned"
    template = "case_progress"
    fields: ClassVar[Mapping[str, str]] = {"number": "number", "item": "item", "time": "at"}


class PostLost(PostReturned):
    """It was lost and is made again; the way can be chosen again."""

    kind = "delivery.post_lost"


PARCEL_NEWS: Mapping[str, type[ParcelEnded]] = {"signed": PostSigned, "returned": PostReturned, "lost": PostLost}
