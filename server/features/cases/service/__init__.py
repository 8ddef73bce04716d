"""The door of cases. Whoever applies, accepts or decides enters here."""

from server.features.cases.messages import CaseAccepted, CaseGranted, CorrectionAsked
from server.features.cases.schemas import Authority, CaseOut, CheckIn, CorrectionLine, ReportOut, WindowIn
from server.features.cases.service._apply import save_draft, start, submit, withdraw
from server.features.cases.service._audience import Applicants
from server.features.cases.service._decide import deny, grant
from server.features.cases.service._desk import thread_at_desk, view, waiting_counts, worklist
from server.features.cases.service._dispute import report
from server.features.cases.service._ending import close_idle
from server.features.cases.service._front import accept, decline, propose_refusal, return_refusal
from server.features.cases.service._reports import answer_report, open_reports, reports
from server.features.cases.service._silence import deem_accepted, end_uncorrected, remind_of_corrections
from server.features.cases.service._telling import ask_correction
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

__all__ = [
    "FOR_ENTERPRISE",
    "FOR_PERSON",
    "Applicants",
    "Authority",
    "CaseAccepted",
    "CaseGranted",
    "CaseOut",
    "CheckIn",
    "CorrectionAsked",
    "CorrectionLine",
    "ReportOut",
    "WindowIn",
    "accept",
    "answer_report",
    "ask_correction",
    "check_materials",
    "close_idle",
    "decline",
    "deem_accepted",
    "deny",
    "end_uncorrected",
    "fill_in",
    "get",
    "grant",
    "hand_in_again",
    "handed_in_for_others",
    "live_case",
    "newest_handled",
    "of_thread",
    "open_reports",
    "propose_refusal",
    "receive",
    "remind_of_corrections",
    "report",
    "reports",
    "require_window",
    "return_refusal",
    "save_draft",
    "start",
    "submit",
    "thread_at_desk",
    "view",
    "waiting_counts",
    "wanted_delivery",
    "withdraw",
    "worklist",
]
