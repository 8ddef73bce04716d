"""The days of one rectification: how soon a bad rating is called back about, rectified and judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from server.features.catalogue import service as catalogue
from server.features.ratings.models import Rating, Rectification
from server.features.ratings.schemas import RectificationPolicy
from server.features.ratings.service._about import area_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """The days of one rectification."""

    red_on: date
    due_on: date
    call_back_on: date


async def times(row: Rating | Rectification, today: date) -> Times:
    """Work out the days, today not counted, by what holds in the area."""
    policy = await _of(row)
    return Times(
        red_on=await _after(today, policy.red_days, working=policy.working),
        due_on=await _after(today, policy.within_days, working=policy.working),
        call_back_on=await catalogue.add_working_days(today, policy.call_back_days),
    )


async def judge_until(row: Rectification, today: date) -> date:
    """Give the last day on which whoever rated may say what they think of the answer."""
    return today + timedelta(days=(await _of(row)).judge_days)


async def _of(row: Rating | Rectification) -> RectificationPolicy:
    return await catalogue.policy(RectificationPolicy, await area_of(row))


async def _after(day: date, count: int, *, working: bool) -> date:
    return await catalogue.add_working_days(day, count) if working else day + timedelta(days=count)
