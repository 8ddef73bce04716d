"""What cases say to people: a number and a status, never what is in the papers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import ClassVar

from server.features.push import service as push

PROGRESS: Mapping[str, str] = {"number": "number", "item": "item", "time": "at"}
FINISHED: Mapping[str, str] = {**PROGRESS, "department": "department"}


class CaseNews(push.Message, family=True):
    """What is said of one case."""

    template = "case_progress"
    fields: ClassVar[Mapping[str, str]] = PROGRESS
    page = "/features/thread/pages/detail?id={thread_id}"
    priority = 2
    number: str
    item: str
    at: datetime


class CaseDecided(CaseNews, family=True):
    """What its department has decided."""

    template = "case_finished"
    fields: ClassVar[Mapping[str, str]] = FINISHED
    thread_id: str
    department: str


class CaseAccepted(CaseDecided):
    """The application is in order; the clock runs."""

    kind = "cases.accepted"
    template = "case_accepted"
    fields: ClassVar[Mapping[str, str]] = {**FINISHED, "due": "promise_on"}
    priority = 3
    promise_on: date


class ReceivedByPost(CaseNews):
    """An application has come by post: its number, by which it can be followed."""

    kind = "cases.received_by_post"
    thread_id: str


class CaseRouted(CaseNews):
    """A window has taken it in, or had it, and its department is to accept it: one word for both."""

    kind = "cases.routed"
    thread_id: str
    department: str


class CaseInReview(CaseRouted):
    """Somebody of the department has taken it up."""

    kind = "cases.in_review"


class CaseDeclined(CaseNews):
    """The application cannot be taken; why is behind login."""

    kind = "cases.declined"
    thread_id: str


class CorrectionAsked(CaseNews):
    """Something must be mended; all of it is told at once."""

    kind = "cases.correction_asked"
    page = "/features/cases/pages/form?id={case_id}"
    case_id: str


class CorrectionDue(CorrectionAsked):
    """What was to be mended is due in a few days."""

    kind = "cases.correction_due"
    due_on: date


class PreReviewed(CaseNews):
    """What was sent is in order: the originals are to be shown at a window; which ones stands behind login."""

    kind = "cases.pre_reviewed"
    priority = 3
    thread_id: str
    show_by: date


class OriginalsDue(PreReviewed):
    """The originals are to be shown within a few days, and no time is booked."""

    kind = "cases.originals_due"


class CommitmentOffered(CaseNews):
    """A commitment is to be read and signed: with it the case is accepted, and papers may follow."""

    kind = "cases.commitment_offered"
    page = "/features/cases/pages/following?id={case_id}"
    priority = 3
    case_id: str
    sign_by: date


class SupplementDue(CaseNews):
    """What was committed to when the case was accepted is due in a few days; which it is stands behind login."""

    kind = "cases.supplement_due"
    page = "/features/cases/pages/following?id={case_id}"
    case_id: str
    due_on: date


class SupplementReturned(SupplementDue):
    """A paper that was sent does not do; why stands behind login."""

    kind = "cases.supplement_returned"


class Supplemented(CaseNews):
    """Papers that were to follow are there and in order; others are still to come until their day."""

    kind = "cases.supplemented"
    page = "/features/cases/pages/following?id={case_id}"
    case_id: str
    due_on: date


class SupplementsWhole(CaseNews):
    """The last of the papers that were to follow is there and in order."""

    kind = "cases.supplements_whole"
    thread_id: str


class CaseLapsed(CaseNews):
    """Nothing was mended in time: the application has ended, and may be made anew."""

    kind = "cases.lapsed"
    thread_id: str


class CasePaused(CaseNews):
    """The clock lawfully stands still; why and how long is in the notice."""

    kind = "cases.paused"
    thread_id: str


class CaseResumed(CaseNews):
    """The clock goes on, to a later day."""

    kind = "cases.resumed"
    thread_id: str


class VisitFixed(CaseNews):
    """The day on which all who have to see the site come together."""

    kind = "cases.visit_fixed"
    priority = 3
    thread_id: str
    day: date


class VisitPassed(CaseNews):
    """The site was seen and is in order."""

    kind = "cases.visit_passed"
    thread_id: str
    day: date


class VisitToMend(CaseNews):
    """The site was seen, and something is to be put right by a day; all of it stands in the notice."""

    kind = "cases.visit_to_mend"
    priority = 3
    thread_id: str
    day: date


class VisitDropped(CaseNews):
    """The visit that was to be on a day is called off."""

    kind = "cases.visit_dropped"
    priority = 3
    thread_id: str
    day: date


class CaseExtended(CaseNews):
    """The one extension; why and until when is in the notice."""

    kind = "cases.extended"
    thread_id: str


class CaseTerminated(CaseNews):
    """The handling has ended without a decision; why is in the notice."""

    kind = "cases.terminated"
    thread_id: str


class CaseTakenBack(CaseNews):
    """A window has taken it back at the applicant's wish: told, so that nobody does it behind their back."""

    kind = "cases.taken_back"
    thread_id: str


class CaseGranted(CaseDecided):
    """The decision is yes."""

    kind = "cases.granted"
    priority = 3


class ThemeFinished(CaseDecided):
    """Every item of a theme has been decided; how is behind login."""

    kind = "cases.theme_finished"
    priority = 3


class CaseDenied(CaseDecided):
    """The decision is no, with reasons and remedies behind login."""

    kind = "cases.denied"


class PledgeSigned(CaseNews):
    """A pledge in place of a proof was signed: told, so that nobody signs it behind their back."""

    kind = "cases.pledge_signed"
    thread_id: str


class PledgeToCheck(CaseNews):
    """Granted on a pledge: whether it was true is looked at in the weeks to come."""

    kind = "cases.pledge_to_check"
    thread_id: str


class PledgeTrue(CaseNews):
    """What was pledged to was true."""

    kind = "cases.pledge_true"
    thread_id: str


class PledgeUntrue(CaseNews):
    """What was pledged to was not true; what follows from it stands in the notice."""

    kind = "cases.pledge_untrue"
    thread_id: str


class CaseRevoked(CaseNews):
    """The decision was taken back; why, and what can be done against it, stands in the notice."""

    kind = "cases.revoked"
    thread_id: str


class ReportAnswered(CaseNews):
    """Somebody has looked up what was filled in wrong; what came of it is behind login. `item` is the question."""

    kind = "cases.report_answered"
    thread_id: str


# Said once of a theme, not of each of its items.
OF_THE_WHOLE = (CaseAccepted, CaseGranted, CaseRouted, CaseInReview)
# What follows an application handed in, the soonest first: what its tap asks leave for.
NEXT = (CaseAccepted, CorrectionAsked, CaseGranted, "delivery.ready_to_collect")


@push.broadcastable(item="item", day="day")
class StillWaiting(push.Message):
    """Cases of one item wait for their applicants; what for is behind login."""

    kind = "cases.still_waiting"
    template = "service_notice"
    fields: ClassVar[Mapping[str, str]] = {"place": "item", "day": "day"}
    page = "/features/thread/pages/list"
    priority = 9
    item: str
    day: date
