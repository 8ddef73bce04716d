"""The door of ratings: given by whoever holds the QR; a bad one is worked off by the office and answered."""

from server.features.ratings.messages import Invited
from server.features.ratings.models import Channel, Level, Sheet, Standard
from server.features.ratings.schemas import (
    BEHALVES,
    Behalf,
    CallBack,
    Caller,
    DeskRectification,
    RateIn,
    RatingRef,
    Via,
)
from server.features.ratings.service import _watched as _watched
from server.features.ratings.service._calls import forget_callers, rate_by_call, waiting_by_number
from server.features.ratings.service._clocks import RectificationPolicy
from server.features.ratings.service._desk import Time, open_counts, rectification, rectifications
from server.features.ratings.service._exclusion import KINDS, ask_exclusion, decide_exclusion, excluded_counts
from server.features.ratings.service._figures import PublicPolicy, figures
from server.features.ratings.service._giving import (
    LONGEST_WORDS,
    change,
    fitting,
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
from server.features.ratings.service._pictures import offer_picture, picture
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
    withdraw_posters,
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
from server.features.ratings.service._texting import may_text, text_link
from server.features.ratings.service._texts import TEXT_WAKE, send_texts
from server.features.ratings.service._theirs import Rater, rater_of
from server.features.ratings.service._watched import reason
from server.features.ratings.service._yearly import (
    FEWEST,
    LONGEST_REASON,
    Year,
    own_year,
    review_everybody,
    review_year,
    reviewed_staff,
)

__all__ = [
    "BEHALVES",
    "FEWEST",
    "KINDS",
    "LONGEST_REASON",
    "LONGEST_REPORT",
    "LONGEST_WORDS",
    "TEXT_WAKE",
    "WAKE",
    "Behalf",
    "CallBack",
    "Caller",
    "Channel",
    "DeskRectification",
    "Invited",
    "Level",
    "OrderView",
    "PublicPolicy",
    "RateIn",
    "Rater",
    "RatingRef",
    "RectificationPolicy",
    "Sheet",
    "Standard",
    "Time",
    "Via",
    "Year",
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
    "fitting",
    "forget_callers",
    "forget_posters",
    "forget_sources",
    "form",
    "judge",
    "may_text",
    "of_thread",
    "offer_picture",
    "open_counts",
    "order_posters",
    "own_year",
    "picture",
    "place",
    "poster_halls",
    "poster_orders",
    "posters",
    "rate",
    "rate_at_machine",
    "rate_by_call",
    "rater_of",
    "reason",
    "rectification",
    "rectifications",
    "rectify",
    "review_everybody",
    "review_year",
    "reviewed_staff",
    "run_out",
    "send_texts",
    "text_link",
    "to_look_at",
    "token_of",
    "token_of_visit",
    "urge",
    "verify",
    "waiting_by_number",
    "withdraw_posters",
]
