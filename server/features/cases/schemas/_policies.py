"""What an area may set for itself about cases."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from server.features.catalogue.service import Policy

# An applicant has at least the days that an office has; half a year is no deadline any more.
DaysToMend = Annotated[int, Meta(ge=5, le=120)]


class CorrectionPolicy(Policy, frozen=True, kw_only=True):
    """The working days there are to mend an application: at least, usually and at most."""

    kind: ClassVar[str] = "corrections"
    least_days: DaysToMend = 5
    usual_days: DaysToMend = 15
    most_days: DaysToMend = 60

    def unfit(self) -> str | None:
        """Name a field that does not go with the others, if there is one."""
        return None if self.least_days <= self.usual_days <= self.most_days else "usual_days"


class PledgePolicy(Policy, frozen=True, kw_only=True):
    """Of a hundred grants on a pledge so many are drawn and checked, within so many working days; an untrue pledge bars
    for so many calendar days.
    """

    kind: ClassVar[str] = "pledges"
    check_percent: Annotated[int, Meta(ge=1, le=100)] = 100
    check_days: Annotated[int, Meta(ge=1, le=250)] = 30
    barred_days: Annotated[int, Meta(ge=1, le=1100)] = 365
