"""Where a case stands, and every deed that may be done with it: the one declaration."""

from __future__ import annotations

import enum
from typing import NamedTuple

from server.actor import Role


class CaseState(enum.StrEnum):
    """Where a case stands; see `MOVES` for the ways between."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    PRE_REVIEW = "pre_review"
    CORRECTION_ASKED = "correction_asked"
    ACCEPTED = "accepted"
    ACCEPTED_WITH_DEFICIENCY = "accepted_with_deficiency"
    DECLINED = "declined"
    IN_REVIEW = "in_review"
    GRANTED = "granted"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    TERMINATED = "terminated"
    CLOSED = "closed"


_S = CaseState
EDITABLE = (_S.DRAFT, _S.CORRECTION_ASKED)
# Handed in and refused, or granted: a rating is asked for these; a withdrawal is nobody's service.
HANDLED = (_S.GRANTED, _S.DENIED, _S.DECLINED)
TO_ACCEPT = (_S.SUBMITTED,)
TO_DECIDE = (_S.ACCEPTED, _S.ACCEPTED_WITH_DEFICIENCY, _S.IN_REVIEW)

# Handed in and not accepted; of what came through the pre-review (网上预审) only the originals are still to be seen.
BEFORE_ACCEPTED = (*TO_ACCEPT, _S.PRE_REVIEW)

# Handed in and neither decided nor over.
OPEN = (*BEFORE_ACCEPTED, _S.CORRECTION_ASKED, *TO_DECIDE)

FRONT = (Role.CLERK, Role.HALL_MANAGER)
BACK = (Role.REVIEWER,)
# Who accepts: a window the department has authorised, or the department itself.
ACCEPTORS = (*FRONT, *BACK)
# Who may refuse to take an application: not the window alone.
SUPERIORS = (Role.HALL_MANAGER, Role.REVIEWER)
# The other two who move a case: whoever applied, and the law's days running out.
APPLICANT, TIME = "applicant", "time"
# And what becomes of its items moves a theme.
PARTS = "parts"
# The rules a guide publishes take on and grant what they all hold for.
RULES = "rules"


class Move(NamedTuple):
    """One deed: where it may begin, where it leads (None: the case stays where it is), and whose it is."""

    sources: tuple[CaseState, ...]
    target: CaseState | None
    by: tuple[Role | str, ...]

    @property
    def roles(self) -> tuple[Role, ...]:
        """Give the staff roles among those who may."""
        return tuple(one for one in self.by if isinstance(one, Role))


# Every deed on a case. What is not here is refused; the tests walk it deed by deed, role by role, state by state.
MOVES: dict[str, Move] = {
    "submit": Move(EDITABLE, _S.SUBMITTED, (APPLICANT,)),
    "receive": Move((_S.DRAFT,), _S.SUBMITTED, FRONT),
    "hand_in": Move((_S.CORRECTION_ASKED,), _S.SUBMITTED, FRONT),
    "fill_in": Move((*TO_ACCEPT, _S.CORRECTION_ASKED), None, FRONT),
    "check": Move((*TO_ACCEPT, _S.CORRECTION_ASKED), None, FRONT),
    "scan": Move((*BEFORE_ACCEPTED, _S.CORRECTION_ASKED, _S.ACCEPTED_WITH_DEFICIENCY), None, FRONT),
    "ask_correction": Move(BEFORE_ACCEPTED, _S.CORRECTION_ASKED, ACCEPTORS),
    "accept": Move(TO_ACCEPT, _S.ACCEPTED, (*ACCEPTORS, RULES)),
    "pre_review": Move(TO_ACCEPT, _S.PRE_REVIEW, ACCEPTORS),
    "see_originals": Move((_S.PRE_REVIEW,), _S.ACCEPTED, ACCEPTORS),
    "leave_unseen": Move((_S.PRE_REVIEW,), _S.TERMINATED, (TIME,)),
    "tolerate": Move(TO_ACCEPT, _S.ACCEPTED_WITH_DEFICIENCY, ACCEPTORS),
    "offer": Move(TO_ACCEPT, None, ACCEPTORS),
    "recall_offer": Move(TO_ACCEPT, None, ACCEPTORS),
    "commit": Move(TO_ACCEPT, _S.ACCEPTED_WITH_DEFICIENCY, (APPLICANT,)),
    "refuse_offer": Move(TO_ACCEPT, None, (APPLICANT,)),
    "leave_unsigned": Move(TO_ACCEPT, _S.CORRECTION_ASKED, (TIME,)),
    "send": Move((_S.ACCEPTED_WITH_DEFICIENCY,), None, (APPLICANT,)),
    "send_back": Move((_S.ACCEPTED_WITH_DEFICIENCY,), None, FRONT),
    "supplement": Move((_S.ACCEPTED_WITH_DEFICIENCY,), None, FRONT),
    "complete": Move((_S.ACCEPTED_WITH_DEFICIENCY,), _S.ACCEPTED, FRONT),
    "run_out": Move((_S.ACCEPTED_WITH_DEFICIENCY,), _S.TERMINATED, (TIME,)),
    "route": Move(TO_ACCEPT, None, FRONT),
    "deem": Move(TO_ACCEPT, _S.ACCEPTED, (TIME,)),
    "propose": Move(BEFORE_ACCEPTED, None, FRONT),
    "return_refusal": Move(BEFORE_ACCEPTED, None, SUPERIORS),
    "decline": Move(BEFORE_ACCEPTED, _S.DECLINED, SUPERIORS),
    "lapse": Move((_S.CORRECTION_ASKED,), _S.TERMINATED, (TIME,)),
    "grant": Move(TO_DECIDE, _S.GRANTED, (*BACK, RULES)),
    "deny": Move(TO_DECIDE, _S.DENIED, BACK),
    "begin": Move((_S.ACCEPTED,), _S.IN_REVIEW, BACK),
    "claim": Move(TO_DECIDE, None, BACK),
    "release": Move(TO_DECIDE, None, BACK),
    "pause": Move(TO_DECIDE, None, BACK),
    "resume": Move(TO_DECIDE, None, (*BACK, TIME)),
    "extend": Move(TO_DECIDE, None, BACK),
    "answer_extension": Move(TO_DECIDE, None, BACK),
    "ask_opinion": Move(TO_DECIDE, None, BACK),
    "answer_opinion": Move(TO_DECIDE, None, BACK),
    "recall_opinion": Move((*BEFORE_ACCEPTED, _S.CORRECTION_ASKED, *TO_DECIDE), None, BACK),
    # Before it is accepted: a technical review that goes ahead of the decision and leaves no clock running.
    "ask_early": Move((*BEFORE_ACCEPTED, _S.CORRECTION_ASKED), None, BACK),
    "answer_early": Move((*BEFORE_ACCEPTED, _S.CORRECTION_ASKED), None, BACK),
    "propose_visit": Move(TO_DECIDE, None, BACK),
    "agree_visit": Move(TO_DECIDE, None, BACK),
    "note_visit": Move(TO_DECIDE, None, BACK),
    "end_visit": Move(TO_DECIDE, None, BACK),
    "drop_visit": Move(TO_DECIDE, None, BACK),
    "terminate": Move(TO_DECIDE, _S.TERMINATED, BACK),
    "look_up": Move((*TO_ACCEPT, *TO_DECIDE), None, (*FRONT, *BACK)),
    "verify": Move((_S.GRANTED,), None, BACK),
    "look_after": Move((_S.GRANTED,), None, BACK),
    "revoke": Move((_S.GRANTED,), _S.TERMINATED, BACK),
    "gather": Move(TO_ACCEPT, _S.ACCEPTED, (PARTS,)),
    "finish": Move((*TO_ACCEPT, _S.ACCEPTED), _S.CLOSED, (PARTS,)),
    "take_back": Move(OPEN, _S.WITHDRAWN, FRONT),
    "withdraw": Move((*EDITABLE, *BEFORE_ACCEPTED, *TO_DECIDE), _S.WITHDRAWN, (APPLICANT,)),
}

# Done for a department that was asked, not for the one that leads.
ASKED = frozenset({"answer_opinion", "answer_early", "agree_visit", "note_visit"})
# What a window does in the department's name: it derives from what the department has authorised the hall to.
POWERS = frozenset(
    {
        "ask_correction",
        "accept",
        "pre_review",
        "see_originals",
        "tolerate",
        "offer",
        "recall_offer",
        "return_refusal",
        "decline",
    }
)
