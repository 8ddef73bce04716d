"""The days of one rectification: how soon a bad rating is called back about, rectified and judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from server.features.catalogue import service as catalogue
from server.features.ratings.schemas import RectificationPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """The days of one rectification."""

    red_on: date
    due_on: date
    call_back_on: date


async def times(department_id: UUID, today: date) -> Times:
    """Work out the days, today not counted, by what holds in the department's area."""
    policy = await _of(department_id)
    return Times(
        red_on=await _after(today, policy.red_days, working=policy.working),
        due_on=await _after(today, policy.within_days, working=policy.working),
        call_back_on=await catalogue.add_working_days(today, policy.call_back_days),
    )


async def judge_until(department_id: UUID, today: date) -> date:
    """Give the last day on which whoever rated may say what they think of the answer."""
    return today + timedelta(days=(await _of(department_id)).judge_days)


async def _of(department_id: UUID) -> RectificationPolicy:
    return await catalogue.policy(RectificationPolicy, (await catalogue.department(department_id)).region_code)


async def _after(day: date, count: int, *, working: bool) -> date:
    return await catalogue.add_working_days(day, count) if working else day + timedelta(days=count)
