"""The days of one rectification: how soon a bad rating is called back about, rectified and judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, ClassVar

from msgspec import Meta

from server.features.catalogue import service as catalogue
from server.features.ratings.models import Rating, Rectification
from server.features.ratings.service._about import area_of
from server.kit import clock


class RectificationPolicy(catalogue.Policy, frozen=True, kw_only=True):
    """The clock of a bad rating. `within_days` and `red_days` are calendar days, or working days if so said.

    `call_back_days` are working days, the others calendar days. An answer to somebody who left a number needs a call
    that reached them, or `call_tries` that did not (0: none). What is late is escalated again after `escalate_days`.
    `rate_days` is how long a service may be rated, `caller_days` how long a caller's number stays when it is over. What
    usually holds is what Yingshang has announced.
    """

    kind: ClassVar[str] = "rectifications"
    within_days: Annotated[int, Meta(ge=1, le=90)] = 7
    working: bool = False
    red_days: Annotated[int, Meta(ge=1, le=90)] = 5
    call_back_days: Annotated[int, Meta(ge=1, le=30)] = 1
    call_tries: Annotated[int, Meta(ge=0, le=10)] = 2
    judge_days: Annotated[int, Meta(ge=1, le=90)] = 7
    escalate_days: Annotated[int, Meta(ge=1, le=30)] = 3
    rate_days: Annotated[int, Meta(ge=1, le=365)] = 180
    caller_days: Annotated[int, Meta(ge=1, le=365)] = 30

    def unfit(self) -> str | None:
        """Name a field that does not go with the others, if there is one."""
        return None if self.red_days <= self.within_days else "red_days"


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """The days of one rectification."""

    red_on: date
    due_on: date
    call_back_on: date


async def times(row: Rating | Rectification, today: date) -> Times:
    """Work out the days, today not counted, by what holds in the area."""
    policy = await policy_of(row)
    return Times(
        red_on=await _after(today, policy.red_days, working=policy.working),
        due_on=await _after(today, policy.within_days, working=policy.working),
        call_back_on=await catalogue.add_working_days(today, policy.call_back_days),
    )


async def judge_until(row: Rectification, today: date) -> date:
    """Give the last day on which whoever rated may say what they think of the answer."""
    return today + timedelta(days=(await policy_of(row)).judge_days)


async def in_time(rating: Rating) -> bool:
    """Say whether a service is of so short ago that it may still be rated."""
    return clock.now() < rating.created_at + timedelta(days=(await policy_of(rating)).rate_days)


async def policy_of(row: Rating | Rectification) -> RectificationPolicy:
    """Give what holds where it happened."""
    return await catalogue.policy(RectificationPolicy, await area_of(row))


async def _after(day: date, count: int, *, working: bool) -> date:
    return await catalogue.add_working_days(day, count) if working else day + timedelta(days=count)
