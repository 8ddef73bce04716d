"""Rules by area, from a day on: which of them is in force somewhere, and what a new one must be like."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TypeVar

from tortoise.expressions import Q

from server.actor import Role, Staff
from server.errors import FieldError, Forbidden, NotFound
from server.features.cases.models import CorrectionPolicy, PledgePolicy
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.kit import clock

LONGEST_WAIT = timedelta(days=366)
Policy = TypeVar("Policy", PledgePolicy, CorrectionPolicy)


async def in_force(rules: type[Policy], region_code: str) -> Policy | None:
    """Give the rule in force today: of the smallest area around a place that has one, and of those the newest."""
    today = clock.today()
    standing = await rules.filter(first_on__lte=today).filter(Q(last_on__gte=today) | Q(last_on__isnull=True))
    # The code of an area begins with the code of the one around it.
    around = [row for row in standing if region_code.startswith(row.region_code)]
    return max(around, key=lambda row: (len(row.region_code), row.first_on), default=None)


async def faults_of(region_code: str, first_on: date, last_on: date | None, reason: str) -> list[FieldError]:
    """Say what is wrong with where and when a rule is to be in force, and with its reason."""
    today = clock.today()
    wrong = []
    try:
        await catalogue.region(region_code)
    except NotFound:
        wrong.append(FieldError("region_code", "not_known"))
    if not today <= first_on <= today + LONGEST_WAIT:
        wrong.append(FieldError("first_on", "out_of_range"))
    if last_on is not None and last_on < first_on:
        wrong.append(FieldError("last_on", "out_of_range"))
    if not reason.strip():
        wrong.append(FieldError("reason", "required"))
    return wrong


async def require_county(actor: Staff) -> None:
    """Let whoever looks after the county make its rules. Raises Forbidden."""
    if (await identity.reach(actor, Role.ADMINISTRATOR)).hall_ids is not None:
        raise Forbidden("forbidden")
