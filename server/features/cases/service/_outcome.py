"""How a case ended, as it is shown."""

from __future__ import annotations

from server.features.cases.models import Case, CaseState
from server.features.cases.schemas import Decision
from server.kit.texts import text


def decision_of(case: Case, locale: str) -> Decision | None:
    """Give the decision of a case, with the remedies where it was no; None while there is none."""
    ended = {CaseState.GRANTED: True, CaseState.DENIED: False, CaseState.DECLINED: False}
    if case.state not in ended or case.decided_at is None:
        return None
    granted = ended[case.state]
    return Decision(
        granted=granted,
        reason=case.opinion,
        remedies=None if granted else text(locale, "cases.remedies"),
        decided_at=case.decided_at,
    )
