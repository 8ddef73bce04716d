"""What booking says to people."""

from __future__ import annotations

from server.features.push import service as push


class BookingRequested(push.Message):
    """The wish has arrived; the hall will answer."""

    kind = "booking.requested"
    template = "booking_result"
    page = "/features/booking/pages/detail?id={booking_id}"


class BookingConfirmed(push.Message):
    """The hall expects the person."""

    kind = "booking.confirmed"
    template = "booking_result"
    page = "/features/booking/pages/detail?id={booking_id}"


class BookingDeclined(push.Message):
    """The hall cannot take the person then, and says why."""

    kind = "booking.declined"
    template = "booking_result"
    page = "/features/booking/pages/detail?id={booking_id}"


class BookingCancelled(push.Message):
    """The place has been given back."""

    kind = "booking.cancelled"
    template = None
    page = "/features/booking/pages/detail?id={booking_id}"


class BookingMissed(push.Message):
    """The person did not come; they can book again."""

    kind = "booking.no_show"
    template = None
    page = "/features/booking/pages/detail?id={booking_id}"
