"""The door of certificates: issue, show, check."""

from server.features.certificates.schemas import CertificateCard, DeskRow, WindowRow
from server.features.certificates.service._changes import (
    OFFICERS,
    agree_to_change,
    ask_change,
    refuse_change,
    resume,
    revoke_of_thread,
    sign_one_again,
    supersede,
)
from server.features.certificates.service._check import check, judged
from server.features.certificates.service._consents import (
    answer_consent,
    ask_consent,
    consent,
    read_by_consent,
    take_consent_back,
)
from server.features.certificates.service._correcting import correct
from server.features.certificates.service._desk import desk, desk_certificate
from server.features.certificates.service._ending import end_expired, remind_of_endings
from server.features.certificates.service._issue import announce, define_standard_types, define_type, issue
from server.features.certificates.service._keys import keys, sign_again
from server.features.certificates.service._opened import get
from server.features.certificates.service._picture import picture, sheet
from server.features.certificates.service._showing import (
    end_printed,
    forget_showings,
    is_shown_code,
    present,
    print_code,
)
from server.features.certificates.service._status_list import publish_status_list, status_list, status_list_standing
from server.features.certificates.service._types import LONGEST_MONTHS, export_types, set_type, types
from server.features.certificates.service._wallet import Fact, Held, cards_of_thread, facts, held, wallet
from server.features.certificates.service._window import at_window, end_at_window, print_at_window

__all__ = [
    "LONGEST_MONTHS",
    "OFFICERS",
    "CertificateCard",
    "DeskRow",
    "Fact",
    "Held",
    "WindowRow",
    "agree_to_change",
    "announce",
    "answer_consent",
    "ask_change",
    "ask_consent",
    "at_window",
    "cards_of_thread",
    "check",
    "consent",
    "correct",
    "define_standard_types",
    "define_type",
    "desk",
    "desk_certificate",
    "end_at_window",
    "end_expired",
    "end_printed",
    "export_types",
    "facts",
    "forget_showings",
    "get",
    "held",
    "is_shown_code",
    "issue",
    "judged",
    "keys",
    "picture",
    "present",
    "print_at_window",
    "print_code",
    "publish_status_list",
    "read_by_consent",
    "refuse_change",
    "remind_of_endings",
    "resume",
    "revoke_of_thread",
    "set_type",
    "sheet",
    "sign_again",
    "sign_one_again",
    "status_list",
    "status_list_standing",
    "supersede",
    "take_consent_back",
    "types",
    "wallet",
]
