"""The five working days in which an office says whether it takes an application, or all that is missing from it."""

from __future__ import annotations

from server.features.cases.models import Case, MaterialCheck
from server.features.thread import service as thread

# 行政许可法 32: told within five working days, or accepted from the day of receipt.
DAYS = 5


async def start_receiving(case: Case) -> None:
    """Start the clock with the day of receipt, which does not count. What was found wrong before is looked at anew.

    The caller moves the case next, which writes the days down.
    """
    await MaterialCheck.filter(case_id=case.id).exclude(verdict="received").delete()
    case.follow(await thread.start_clock(case.thread_id, thread.ClockKind.RECEIVE, promise_days=DAYS, law_days=DAYS))


async def stop_receiving(case: Case) -> None:
    """The office has answered."""
    await thread.stop_clock(case.thread_id, thread.ClockKind.RECEIVE)
