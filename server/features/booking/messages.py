"""What booking says to people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from server.features.push import service as push

PAGE = "/features/booking/pages/detail?id={booking_id}"
RESULT: Mapping[str, str] = {"item": "item", "time": "starts_at", "place": "hall"}


class BookingRequested(push.Message):
    """The wish has arrived; the hall will answer."""

    kind = "booking.requested"
    page = PAGE
    sms = False
    booking_id: str
    item: str
    hall: str
    starts_at: datetime


class BookingConfirmed(push.Message):
    """The hall expects the person."""

    kind = "booking.confirmed"
    template = "booking_result"
    fields: ClassVar[Mapping[str, str]] = RESULT
    page = PAGE
    priority = 2
    deadline = "starts_at"
    booking_id: str
    item: str
    hall: str
    starts_at: datetime


class BookingDeclined(push.Message):
    """The hall cannot take the person then; the reason is behind login."""

    kind = "booking.declined"
    template = "booking_result"
    fields: ClassVar[Mapping[str, str]] = RESULT
    page = PAGE
    priority = 2
    deadline = "starts_at"
    booking_id: str
    item: str
    hall: str
    starts_at: datetime


class BookingCancelled(push.Message):
    """The place has been given back."""

    kind = "booking.cancelled"
    page = PAGE
    sms = False
    booking_id: str
    item: str
    hall: str
    starts_at: datetime


class BookingMissed(push.Message):
    """The person did not come; they can book again."""

    kind = "booking.no_show"
    page = PAGE
    sms = False
    deadline = timedelta(days=1)
    booking_id: str
    item: str
    hall: str
    starts_at: datetime


class BookingExpired(push.Message):
    """The hall has not answered in time; that is not the person's fault."""

    kind = "booking.expired"
    page = PAGE
    sms = False
    booking_id: str
    item: str
    hall: str
    starts_at: datetime
