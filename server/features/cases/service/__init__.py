"""The door of cases. Whoever applies, accepts or decides enters here."""

from server.features.cases.messages import CaseAccepted, CaseGranted, CorrectionAsked
from server.features.cases.schemas import CaseOut, CorrectionLine
from server.features.cases.service._apply import save_draft, start, submit, withdraw
from server.features.cases.service._decide import deny, grant
from server.features.cases.service._desk import thread_at_desk, view, worklist
from server.features.cases.service._ending import close_idle
from server.features.cases.service._front import accept, ask_correction, decline
from server.features.cases.service._view import get, live_case, newest_handled, of_thread, wanted_delivery

__all__ = [
    "CaseAccepted",
    "CaseGranted",
    "CaseOut",
    "CorrectionAsked",
    "CorrectionLine",
    "accept",
    "ask_correction",
    "close_idle",
    "decline",
    "deny",
    "get",
    "grant",
    "live_case",
    "newest_handled",
    "of_thread",
    "save_draft",
    "start",
    "submit",
    "thread_at_desk",
    "view",
    "wanted_delivery",
    "withdraw",
    "worklist",
]
