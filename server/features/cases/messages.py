"""What cases say to people: a number and a status, never what is in the papers."""

from __future__ import annotations

from server.features.push import service as push

PAGE = "/features/thread/pages/detail?id={thread_id}"


class CaseAccepted(push.Message):
    """The application is in order; the clock runs."""

    kind = "cases.accepted"
    template = "case_accepted"
    page = PAGE


class CaseDeclined(push.Message):
    """The application cannot be taken, and why."""

    kind = "cases.declined"
    template = "case_progress"
    page = PAGE


class CorrectionAsked(push.Message):
    """Something must be mended; all of it is told at once."""

    kind = "cases.correction_asked"
    template = "case_correction"
    page = "/features/cases/pages/form?id={case_id}"


class CaseGranted(push.Message):
    """The decision is yes."""

    kind = "cases.granted"
    template = "case_finished"
    page = PAGE


class CaseDenied(push.Message):
    """The decision is no, with reasons and remedies behind login."""

    kind = "cases.denied"
    template = "case_finished"
    page = PAGE
