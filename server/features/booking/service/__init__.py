"""The door of booking. Whoever needs a place, or a desk that gives places, enters here."""

from server.features.booking.messages import BookingConfirmed, BookingDeclined
from server.features.booking.models import Booking
from server.features.booking.schemas import BookingOut, BookingsQuery
from server.features.booking.service._availability import availability
from server.features.booking.service._book import book, cancel, reschedule
from server.features.booking.service._desk import confirm, day, decline, miss
from server.features.booking.service._slots import add_rule, release_slots, set_policy
from server.features.booking.service._view import get, live_booking, mine
from server.features.booking.service._visit import check_in, get_row, of_code, of_thread, serve, todays_confirmed

__all__ = [
    "Booking",
    "BookingConfirmed",
    "BookingDeclined",
    "BookingOut",
    "BookingsQuery",
    "add_rule",
    "availability",
    "book",
    "cancel",
    "check_in",
    "confirm",
    "day",
    "decline",
    "get",
    "get_row",
    "live_booking",
    "mine",
    "miss",
    "of_code",
    "of_thread",
    "release_slots",
    "reschedule",
    "serve",
    "set_policy",
    "todays_confirmed",
]
