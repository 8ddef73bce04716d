"""The door of the queue. Whoever arrives, and whoever calls, enters here."""

from server.features.queue.schemas import TicketOut
from server.features.queue.service._arrive import check_in_at_desk, check_in_by_hall, hall_token
from server.features.queue.service._call import bring_back, call_next, finish, skip, start, waiting
from server.features.queue.service._close import close_day
from server.features.queue.service._view import of_thread, watch

__all__ = [
    "TicketOut",
    "bring_back",
    "call_next",
    "check_in_at_desk",
    "check_in_by_hall",
    "close_day",
    "finish",
    "hall_token",
    "of_thread",
    "skip",
    "start",
    "waiting",
    "watch",
]
