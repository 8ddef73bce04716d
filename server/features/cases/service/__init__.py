"""The door of cases. Whoever applies, accepts or decides enters here."""

from server.features.cases.messages import CaseAccepted, CaseGranted, CorrectionAsked
from server.features.cases.models import PAUSES
from server.features.cases.schemas import (
    Authority,
    CaseOut,
    CheckIn,
    CorrectionLine,
    OpinionIn,
    PauseIn,
    ReportOut,
    WindowIn,
)
from server.features.cases.service._apply import save_draft, start, submit, withdraw
from server.features.cases.service._audience import Applicants
from server.features.cases.service._claims import claim, release
from server.features.cases.service._decide import deny, grant
from server.features.cases.service._desk import thread_at_desk
from server.features.cases.service._dispute import report
from server.features.cases.service._ending import close_idle
from server.features.cases.service._extending import approve_extension, ask_extension, return_extension
from server.features.cases.service._front import accept, decline, propose_refusal, return_refusal
from server.features.cases.service._help import call_help, end_help, help_page, join_help
from server.features.cases.service._kinds import Sheet, in_words, sheet
from server.features.cases.service._leaving import take_back, terminate
from server.features.cases.service._looking import view
from server.features.cases.service._opinions import answer_opinion, ask_opinion, recall_opinion, tasks_for
from server.features.cases.service._pauses import pause, resume, resume_ended
from server.features.cases.service._reports import answer_report, open_reports, reports
from server.features.cases.service._silence import deem_accepted, end_uncorrected, remind_of_corrections
from server.features.cases.service._telling import ask_correction
from server.features.cases.service._tolerance import (
    accept_with_deficiency,
    end_unsupplemented,
    remind_of_supplements,
    supplement,
)
from server.features.cases.service._view import (
    get,
    handed_in_for_others,
    live_case,
    newest_handled,
    of_thread,
    wanted_delivery,
)
from server.features.cases.service._window import (
    FOR_ENTERPRISE,
    FOR_PERSON,
    check_materials,
    fill_in,
    hand_in_again,
    receive,
    require_window,
)
from server.features.cases.service._worklist import (
    LIGHTS,
    MOST_COUNTED,
    Light,
    Sort,
    Tab,
    Wanted,
    Whose,
    export,
    light_counts,
    waiting_counts,
    worklist,
)

__all__ = [
    "FOR_ENTERPRISE",
    "FOR_PERSON",
    "LIGHTS",
    "MOST_COUNTED",
    "PAUSES",
    "Applicants",
    "Authority",
    "CaseAccepted",
    "CaseGranted",
    "CaseOut",
    "CheckIn",
    "CorrectionAsked",
    "CorrectionLine",
    "Light",
    "OpinionIn",
    "PauseIn",
    "ReportOut",
    "Sheet",
    "Sort",
    "Tab",
    "Wanted",
    "Whose",
    "WindowIn",
    "accept",
    "accept_with_deficiency",
    "answer_opinion",
    "answer_report",
    "approve_extension",
    "ask_correction",
    "ask_extension",
    "ask_opinion",
    "call_help",
    "check_materials",
    "claim",
    "close_idle",
    "decline",
    "deem_accepted",
    "deny",
    "end_help",
    "end_uncorrected",
    "end_unsupplemented",
    "export",
    "fill_in",
    "get",
    "grant",
    "hand_in_again",
    "handed_in_for_others",
    "help_page",
    "in_words",
    "join_help",
    "light_counts",
    "live_case",
    "newest_handled",
    "of_thread",
    "open_reports",
    "pause",
    "propose_refusal",
    "recall_opinion",
    "receive",
    "release",
    "remind_of_corrections",
    "remind_of_supplements",
    "report",
    "reports",
    "require_window",
    "resume",
    "resume_ended",
    "return_extension",
    "return_refusal",
    "save_draft",
    "sheet",
    "start",
    "submit",
    "supplement",
    "take_back",
    "tasks_for",
    "terminate",
    "thread_at_desk",
    "view",
    "waiting_counts",
    "wanted_delivery",
    "withdraw",
    "worklist",
]
