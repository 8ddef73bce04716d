"""The door of ratings: given by whoever holds the QR; a bad one is worked off by the office and answered."""

from server.features.ratings.messages import Invited
from server.features.ratings.models import Channel, Level, Sheet, Standard
from server.features.ratings.schemas import BEHALVES, Behalf, CallBack, Caller, RateIn, RatingRef, RectificationPolicy
from server.features.ratings.service import _watched as _watched
from server.features.ratings.service._calls import rate_by_call, waiting_by_number
from server.features.ratings.service._desk import open_counts, open_rectifications, rectification
from server.features.ratings.service._exclusion import KINDS, ask_exclusion, decide_exclusion, excluded_counts
from server.features.ratings.service._figures import figures
from server.features.ratings.service._giving import (
    change,
    form,
    of_thread,
    rate,
    rate_at_machine,
    token_of,
    token_of_visit,
)
from server.features.ratings.service._guard import forget_sources
from server.features.ratings.service._judging import escalate, judge, run_out
from server.features.ratings.service._looking import decide_burst, decide_words, to_look_at
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
    "BEHALVES",
    "KINDS",
    "LONGEST_REPORT",
    "WAKE",
    "Behalf",
    "CallBack",
    "Caller",
    "Channel",
    "Invited",
    "Level",
    "OrderView",
    "RateIn",
    "RatingRef",
    "RectificationPolicy",
    "Sheet",
    "Standard",
    "answer",
    "ask_exclusion",
    "call_back",
    "caller",
    "change",
    "decide_burst",
    "decide_exclusion",
    "decide_words",
    "draw_posters",
    "escalate",
    "excluded_counts",
    "figures",
    "forget_posters",
    "forget_sources",
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
    "rate_at_machine",
    "rate_by_call",
    "reason",
    "rectification",
    "rectify",
    "run_out",
    "to_look_at",
    "token_of",
    "token_of_visit",
    "urge",
    "verify",
    "waiting_by_number",
]
