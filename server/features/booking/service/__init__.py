"""The door of booking. Whoever needs a place, or a desk that gives places, enters here."""

from server.features.booking.messages import BookingConfirmed, BookingTomorrow
from server.features.booking.models import Booking, BookingPolicy, HallChange, PolicyEdit, SlotRule, WeekPlan
from server.features.booking.schemas import BookingOut, BookingsQuery, DeskBooking
from server.features.booking.service import _watched as _watched
from server.features.booking.service._appeal import AppealView, appeal, appeals, decide, open_appeals
from server.features.booking.service._audience import Booked
from server.features.booking.service._availability import availability, availability_body
from server.features.booking.service._book import book
from server.features.booking.service._calendar import change_hall, changes_of, effect, end_change, end_effect
from server.features.booking.service._change import cancel, reschedule, tick
from server.features.booking.service._closing import move_closed
from server.features.booking.service._desk import (
    confirm,
    day,
    decline,
    expected_today,
    miss,
    next_free,
    to_answer,
    unanswered,
)
from server.features.booking.service._hold import release_ended, request
from server.features.booking.service._hours import Standing, reopens, standing, standings
from server.features.booking.service._load import Load, load, missed
from server.features.booking.service._making import Effect, release_slots
from server.features.booking.service._overdue import expire, expire_overdue
from server.features.booking.service._remind import remind, reminders_left
from server.features.booking.service._rules import (
    RANGES,
    RuleEffect,
    apply_edits,
    edit_rules,
    edits_of,
    rules_effect,
    undo_rules,
    undo_rules_effect,
)
from server.features.booking.service._slots import add_rule, policy_of, set_policy
from server.features.booking.service._supply import (
    LineEdit,
    edit_line,
    line_effect,
    plans_of,
    undo_effect,
    undo_plan,
    week_of,
)
from server.features.booking.service._view import coming, get, live_booking, mine
from server.features.booking.service._visit import (
    Visit,
    check_in,
    get_row,
    has_live,
    instead_of,
    live_among,
    of_code,
    of_thread,
    serve,
    threads_missed,
    threads_served,
    todays_confirmed,
    todays_unanswered,
    visit_of,
)
from server.features.booking.service._waitlist import lapse_past, leave, wait, waits

__all__ = [
    "RANGES",
    "AppealView",
    "Booked",
    "Booking",
    "BookingConfirmed",
    "BookingOut",
    "BookingPolicy",
    "BookingTomorrow",
    "BookingsQuery",
    "DeskBooking",
    "Effect",
    "HallChange",
    "LineEdit",
    "Load",
    "PolicyEdit",
    "RuleEffect",
    "SlotRule",
    "Standing",
    "Visit",
    "WeekPlan",
    "add_rule",
    "appeal",
    "appeals",
    "apply_edits",
    "availability",
    "availability_body",
    "book",
    "cancel",
    "change_hall",
    "changes_of",
    "check_in",
    "coming",
    "confirm",
    "day",
    "decide",
    "decline",
    "edit_line",
    "edit_rules",
    "edits_of",
    "effect",
    "end_change",
    "end_effect",
    "expected_today",
    "expire",
    "expire_overdue",
    "get",
    "get_row",
    "has_live",
    "instead_of",
    "lapse_past",
    "leave",
    "line_effect",
    "live_among",
    "live_booking",
    "load",
    "mine",
    "miss",
    "missed",
    "move_closed",
    "next_free",
    "of_code",
    "of_thread",
    "open_appeals",
    "plans_of",
    "policy_of",
    "release_ended",
    "release_slots",
    "remind",
    "reminders_left",
    "reopens",
    "request",
    "reschedule",
    "rules_effect",
    "serve",
    "set_policy",
    "standing",
    "standings",
    "threads_missed",
    "threads_served",
    "tick",
    "to_answer",
    "todays_confirmed",
    "todays_unanswered",
    "unanswered",
    "undo_effect",
    "undo_plan",
    "undo_rules",
    "undo_rules_effect",
    "visit_of",
    "wait",
    "waits",
    "week_of",
]
