"""The door of cases. Whoever applies, accepts or decides enters here.

What is wanted in one place only stands in rooms behind it: `authorisations`, `batching`, `delegations`,
`posting`, `visits`.
"""

from server.features.cases.messages import CaseAccepted, CaseGranted, CorrectionAsked
from server.features.cases.models import COURIERS, PAUSES, RETURNS
from server.features.cases.schemas import (
    AuthorisationIn,
    AuthorisationOut,
    Authority,
    CaseOut,
    CheckIn,
    CorrectionLine,
    CorrectionPolicy,
    DelegationIn,
    DelegationOut,
    DeliveryIn,
    DeliveryWish,
    InstrumentOut,
    OpinionIn,
    ParcelIn,
    PauseIn,
    PledgePolicy,
    ReferenceIn,
    ReportOut,
    ReturnIn,
    RulingRow,
    SpotCheck,
    SubstitutionIn,
    SubstitutionOut,
    VisitIn,
    WindowIn,
)
from server.features.cases.service import authorisations, batching, delegations, posting, visits
from server.features.cases.service._apply import save_draft, start, submit, withdraw
from server.features.cases.service._audience import Applicants
from server.features.cases.service._claims import claim, release
from server.features.cases.service._commitment import (
    commit,
    end_unsigned,
    offer_commitment,
    recall_commitment,
    refuse_commitment,
)
from server.features.cases.service._decide import deny, grant
from server.features.cases.service._desk import thread_at_desk
from server.features.cases.service._dispute import report
from server.features.cases.service._drafts import under_way
from server.features.cases.service._drawing import Drawn, drawn_by
from server.features.cases.service._ending import close_idle
from server.features.cases.service._extending import approve_extension, ask_extension, return_extension
from server.features.cases.service._family import handed_out_together, paper_at_desk
from server.features.cases.service._front import decline, propose_refusal, return_refusal
from server.features.cases.service._handing import hand_in
from server.features.cases.service._help import call_help, end_help, help_page, join_help
from server.features.cases.service._kinds import in_words, sheet
from server.features.cases.service._leaving import take_back, terminate
from server.features.cases.service._looking import view
from server.features.cases.service._opinions import (
    answer_opinion,
    ask_early,
    ask_opinion,
    asked_counts,
    recall_opinion,
    tasks_for,
)
from server.features.cases.service._paper import as_taken
from server.features.cases.service._pauses import pause, resume, resume_ended
from server.features.cases.service._powers import power_of
from server.features.cases.service._pre_review import end_unseen, pre_review, remind_of_originals, see_originals
from server.features.cases.service._previews import preview
from server.features.cases.service._references import look_up, note_reference
from server.features.cases.service._reports import answer_report, open_reports, reports
from server.features.cases.service._routing import route, route_stranded
from server.features.cases.service._ruling_desk import (
    READERS,
    Which,
    look_after,
    ruled_items,
    ruling,
    ruling_counts,
    rulings,
    switch_rules,
)
from server.features.cases.service._rulings import WAKE, rule_next, rules_run
from server.features.cases.service._scanning import add_scan, scannable
from server.features.cases.service._silence import deem_accepted, end_uncorrected, remind_of_corrections
from server.features.cases.service._spot_checks import answer_check, revoke, spot_check_counts, spot_checks
from server.features.cases.service._substitutes import colleagues, end_substitution, name_substitute, substitutions
from server.features.cases.service._supplement import (
    end_unsupplemented,
    keep_unsent,
    remind_of_supplements,
    send,
    send_back,
    supplement,
)
from server.features.cases.service._telling import ask_correction
from server.features.cases.service._tolerance import accept_with_deficiency, awaits_papers, require_complete
from server.features.cases.service._view import get, handed_in_for_others, live_case, newest_handled, of_thread
from server.features.cases.service._whole import accept, nudge
from server.features.cases.service._window import (
    FOR_ENTERPRISE,
    FOR_PERSON,
    check_materials,
    fill_in,
    hand_in_again,
    receive,
    require_window,
)
from server.features.cases.service._wish import change_wish, still_granted, wanted_delivery, wish_for_counter, wish_of
from server.features.cases.service._worklist import (
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
    "COURIERS",
    "FOR_ENTERPRISE",
    "FOR_PERSON",
    "MOST_COUNTED",
    "PAUSES",
    "READERS",
    "RETURNS",
    "WAKE",
    "Applicants",
    "AuthorisationIn",
    "AuthorisationOut",
    "Authority",
    "CaseAccepted",
    "CaseGranted",
    "CaseOut",
    "CheckIn",
    "CorrectionAsked",
    "CorrectionLine",
    "CorrectionPolicy",
    "DelegationIn",
    "DelegationOut",
    "DeliveryIn",
    "DeliveryWish",
    "Drawn",
    "InstrumentOut",
    "Light",
    "OpinionIn",
    "ParcelIn",
    "PauseIn",
    "PledgePolicy",
    "ReferenceIn",
    "ReportOut",
    "ReturnIn",
    "RulingRow",
    "Sort",
    "SpotCheck",
    "SubstitutionIn",
    "SubstitutionOut",
    "Tab",
    "VisitIn",
    "Wanted",
    "Which",
    "Whose",
    "WindowIn",
    "accept",
    "accept_with_deficiency",
    "add_scan",
    "answer_check",
    "answer_opinion",
    "answer_report",
    "approve_extension",
    "as_taken",
    "ask_correction",
    "ask_early",
    "ask_extension",
    "ask_opinion",
    "asked_counts",
    "authorisations",
    "awaits_papers",
    "batching",
    "call_help",
    "change_wish",
    "check_materials",
    "claim",
    "close_idle",
    "colleagues",
    "commit",
    "decline",
    "deem_accepted",
    "delegations",
    "deny",
    "drawn_by",
    "end_help",
    "end_substitution",
    "end_uncorrected",
    "end_unseen",
    "end_unsigned",
    "end_unsupplemented",
    "export",
    "fill_in",
    "get",
    "grant",
    "hand_in",
    "hand_in_again",
    "handed_in_for_others",
    "handed_out_together",
    "help_page",
    "in_words",
    "join_help",
    "keep_unsent",
    "light_counts",
    "live_case",
    "look_after",
    "look_up",
    "name_substitute",
    "newest_handled",
    "note_reference",
    "nudge",
    "of_thread",
    "offer_commitment",
    "open_reports",
    "paper_at_desk",
    "pause",
    "posting",
    "power_of",
    "pre_review",
    "preview",
    "propose_refusal",
    "recall_commitment",
    "recall_opinion",
    "receive",
    "refuse_commitment",
    "release",
    "remind_of_corrections",
    "remind_of_originals",
    "remind_of_supplements",
    "report",
    "reports",
    "require_complete",
    "require_window",
    "resume",
    "resume_ended",
    "return_extension",
    "return_refusal",
    "revoke",
    "route",
    "route_stranded",
    "rule_next",
    "ruled_items",
    "rules_run",
    "ruling",
    "ruling_counts",
    "rulings",
    "save_draft",
    "scannable",
    "see_originals",
    "send",
    "send_back",
    "sheet",
    "spot_check_counts",
    "spot_checks",
    "start",
    "still_granted",
    "submit",
    "substitutions",
    "supplement",
    "switch_rules",
    "take_back",
    "tasks_for",
    "terminate",
    "thread_at_desk",
    "under_way",
    "view",
    "visits",
    "waiting_counts",
    "wanted_delivery",
    "wish_for_counter",
    "wish_of",
    "withdraw",
    "worklist",
]
