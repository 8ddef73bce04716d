"""The five working days in which an office says whether it takes an application, or all that is missing from it."""

from __future__ import annotations

from datetime import date

from server.features.cases.models import Case, MaterialCheck
from server.features.cases.service._following import close_commitment
from server.features.cases.service._powers import power_of
from server.features.thread import service as thread
from server.kit import clock

# 行政许可法 32: told within five working days, or accepted from the day of receipt.
DAYS = 5


async def start_receiving(case: Case, *, on: date | None = None) -> None:
    """Start the clock with the day of receipt (`on`, else today), which does not count.

    What was found wrong before is looked at anew.

    Where the hall may only receive, it lies with the department from now on.

    The caller moves the case next, which writes the days down.
    """
    authorised = case.hall_id and await power_of(case.hall_id, case.item_id, case.department_id) == "accept"
    case.routed_at = None if authorised else case.routed_at or clock.now()
    await MaterialCheck.filter(case_id=case.id).exclude(verdict="received").delete()
    days = await thread.start_clock(
        case.thread_id, thread.ClockKind.RECEIVE, promise_days=DAYS, law_days=DAYS, started_on=on
    )
    case.follow(days)


async def stop_receiving(case: Case) -> None:
    """The office has answered; what it had offered to be signed is over."""
    await close_commitment(case)
    await thread.stop_clock(case.thread_id, thread.ClockKind.RECEIVE)
