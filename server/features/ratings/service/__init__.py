"""The door of ratings: given by whoever holds the QR; a bad one is worked off by the office and answered."""

from server.features.ratings.messages import Invited
from server.features.ratings.models import Sheet
from server.features.ratings.schemas import CallBack, RatingRef, RectificationPolicy
from server.features.ratings.service._desk import open_counts, open_rectifications, rectification
from server.features.ratings.service._exclusion import KINDS, ask_exclusion, decide_exclusion, excluded_counts
from server.features.ratings.service._giving import change, form, of_thread, rate, token_of
from server.features.ratings.service._judging import escalate, judge, run_out
from server.features.ratings.service._place import place
from server.features.ratings.service._posters import (
    WAKE,
    OrderView,
    draw_posters,
    forget_posters,
    order_posters,
    poster_halls,
    poster_orders,
    posters,
)
from server.features.ratings.service._rectify import (
    LONGEST_REPORT,
    answer,
    call_back,
    caller,
    rectify,
    urge,
    verify,
)
from server.features.ratings.service._watched import reason

__all__ = [
    "KINDS",
    "LONGEST_REPORT",
    "WAKE",
    "CallBack",
    "Invited",
    "OrderView",
    "RatingRef",
    "RectificationPolicy",
    "Sheet",
    "answer",
    "ask_exclusion",
    "call_back",
    "caller",
    "change",
    "decide_exclusion",
    "draw_posters",
    "escalate",
    "excluded_counts",
    "forget_posters",
    "form",
    "judge",
    "of_thread",
    "open_counts",
    "open_rectifications",
    "order_posters",
    "place",
    "poster_halls",
    "poster_orders",
    "posters",
    "rate",
    "reason",
    "rectification",
    "rectify",
    "run_out",
    "token_of",
    "urge",
    "verify",
]
