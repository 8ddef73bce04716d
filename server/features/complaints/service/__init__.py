"""The door of complaints: written from any page, routed, answered in time, judged, and put beside the guide."""

from server.features.complaints.models import Kind, Reason
from server.features.complaints.schemas import LONGEST_PUBLIC, LONGEST_WORDS, Call, CallBack, ComplaintPolicy, DeskLine
from server.features.complaints.service import _watched as _watched
from server.features.complaints.service._calls import forget_callers, judge_by_call, take_call
from server.features.complaints.service._deeds import (
    answer,
    caller,
    escalate,
    extend,
    grade,
    hand_over,
    hold_to_account,
    publish,
    route,
    run_out,
    take,
    unpublish,
    urge,
)
from server.features.complaints.service._desk import Which, complaint, complaints, open_complaints
from server.features.complaints.service._pictures import add_picture, own_picture, picture
from server.features.complaints.service._public import public_answers
from server.features.complaints.service._work import LONGEST_REPORT
from server.features.complaints.service._writing import judge, mine, one, withdraw, write

__all__ = [
    "LONGEST_PUBLIC",
    "LONGEST_REPORT",
    "LONGEST_WORDS",
    "Call",
    "CallBack",
    "ComplaintPolicy",
    "DeskLine",
    "Kind",
    "Reason",
    "Which",
    "add_picture",
    "answer",
    "caller",
    "complaint",
    "complaints",
    "escalate",
    "extend",
    "forget_callers",
    "grade",
    "hand_over",
    "hold_to_account",
    "judge",
    "judge_by_call",
    "mine",
    "one",
    "open_complaints",
    "own_picture",
    "picture",
    "public_answers",
    "publish",
    "route",
    "run_out",
    "take",
    "take_call",
    "unpublish",
    "urge",
    "withdraw",
    "write",
]
