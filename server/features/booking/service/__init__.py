"""The door of booking. Whoever needs a place, or a desk that gives places, enters here."""

from server.features.booking.messages import BookingConfirmed, BookingDeclined
from server.features.booking.models import Booking
from server.features.booking.schemas import BookingOut, BookingsQuery
from server.features.booking.service._availability import availability, availability_body
from server.features.booking.service._book import book
from server.features.booking.service._change import cancel, expire, expire_overdue, reschedule
from server.features.booking.service._desk import confirm, day, decline, miss
from server.features.booking.service._slots import add_rule, release_slots, set_policy
from server.features.booking.service._view import coming, get, live_booking, mine
from server.features.booking.service._visit import (
    Visit,
    check_in,
    get_row,
    has_live,
    of_code,
    of_thread,
    serve,
    threads_missed,
    threads_served,
    todays_confirmed,
    visit_of,
)

__all__ = [
    "Booking",
    "BookingConfirmed",
    "BookingDeclined",
    "BookingOut",
    "BookingsQuery",
    "Visit",
    "add_rule",
    "availability",
    "availability_body",
    "book",
    "cancel",
    "check_in",
    "coming",
    "confirm",
    "day",
    "decline",
    "expire",
    "expire_overdue",
    "get",
    "get_row",
    "has_live",
    "live_booking",
    "mine",
    "miss",
    "of_code",
    "of_thread",
    "release_slots",
    "reschedule",
    "serve",
    "set_policy",
    "threads_missed",
    "threads_served",
    "todays_confirmed",
    "visit_of",
]
