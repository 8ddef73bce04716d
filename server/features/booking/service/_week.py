"""Which week holds on which day: the latest plan of a kind of business that has begun, else the week it began with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from server.features.booking.models import SlotRule, WeekPlan


@dataclass(frozen=True, slots=True)
class Weeks:
    """Every week a hall has, by plan; `plans` are those that hold, by kind of business, the earliest first."""

    rules: Mapping[tuple[str, UUID | None], list[SlotRule]]
    plans: Mapping[str, list[WeekPlan]]

    @property
    def skills(self) -> list[str]:
        """Name the kinds of business with a week of their own."""
        return sorted({skill for skill, _ in self.rules} | self.plans.keys())

    def on(self, day: date) -> list[SlotRule]:
        """List the lines of every kind of business that hold on a day, whatever weekday they are for."""
        return [rule for skill in self.skills for rule in self.of(skill, day)]

    def of(self, skill: str, day: date) -> list[SlotRule]:
        """List the lines of one kind of business that hold on a day."""
        begun = [plan.id for plan in self.plans.get(skill, ()) if plan.first_on <= day]
        return self.rules.get((skill, begun[-1] if begun else None), [])

    def plus(self, plan: WeekPlan, lines: list[SlotRule]) -> Weeks:
        """Give the weeks as they would be with one more plan."""
        several = sorted([*self.plans.get(plan.skill, ()), plan], key=_order)
        return Weeks({**self.rules, (plan.skill, plan.id): lines}, {**self.plans, plan.skill: several})

    def minus(self, plan: WeekPlan) -> Weeks:
        """Give the weeks as they would be without a plan."""
        left = [one for one in self.plans.get(plan.skill, ()) if one.id != plan.id]
        return Weeks(self.rules, {**self.plans, plan.skill: left})


async def weeks_of(hall_id: UUID) -> Weeks:
    """Read the weeks of a hall."""
    rules: dict[tuple[str, UUID | None], list[SlotRule]] = defaultdict(list)
    for rule in await SlotRule.filter(hall_id=hall_id).order_by("skill", "weekday", "opens"):
        rules[rule.skill, rule.plan_id].append(rule)
    return Weeks(dict(rules), _by_skill(await WeekPlan.filter(hall_id=hall_id, undone_at__isnull=True)))


def _by_skill(plans: Iterable[WeekPlan]) -> dict[str, list[WeekPlan]]:
    found: dict[str, list[WeekPlan]] = defaultdict(list)
    for plan in sorted(plans, key=_order):
        found[plan.skill].append(plan)
    return dict(found)


def _order(plan: WeekPlan) -> tuple[object, ...]:
    return plan.first_on, plan.created_at, plan.id
