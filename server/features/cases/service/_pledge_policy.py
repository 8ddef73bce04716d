"""Within how many days a pledge is checked, and how long an untrue one bars: rules by area, from a day on."""

from __future__ import annotations

from tortoise.exceptions import IntegrityError

from server import db
from server.actor import Staff
from server.errors import Conflict, InvalidInput
from server.features.audit import service as audit
from server.features.cases.models import PledgePolicy
from server.features.cases.schemas import PledgeRule
from server.features.cases.service._by_area import faults_of, in_force, require_county
from server.kit import clock

# Where no area has a rule: thirty working days to look, a year without pledges.
USUAL = PledgeRule(region_code="", check_days=30, barred_days=365)


async def rule_for(region_code: str) -> PledgeRule:
    """Give the rule in force today: of the smallest area around a place that has one, and of those the newest."""
    found = await in_force(PledgePolicy, region_code)
    return USUAL if found is None else _shown(found)


async def pledge_rules(actor: Staff) -> list[PledgeRule]:
    """List the rules there are, the newest first. Refuses `forbidden` to whoever does not look after the county."""
    await require_county(actor)
    return [_shown(row) for row in await PledgePolicy.all().order_by("-first_on", "region_code").limit(100)]


@db.transactional
async def set_pledge_rule(actor: Staff, wish: PledgeRule) -> None:
    """Make a rule from a day on; what was to be checked before keeps its day.

    Refuses `cases.rule_that_day`, `invalid_input` by field, `forbidden` to whoever does not look after the county.
    """
    await require_county(actor)
    first_on = wish.first_on or clock.today()
    wrong = await faults_of(wish.region_code, first_on, wish.last_on, wish.reason)
    if wrong:
        raise InvalidInput("invalid_input", fields=tuple(wrong))
    row = PledgePolicy(
        region_code=wish.region_code,
        first_on=first_on,
        last_on=wish.last_on,
        check_days=wish.check_days,
        barred_days=wish.barred_days,
        reason=wish.reason.strip(),
        staff_id=actor.staff_id,
    )
    try:
        async with db.savepoint():
            await row.save(force_create=True)
    except IntegrityError:
        raise Conflict("cases.rule_that_day") from None
    await audit.record(
        actor, "cases.pledge_rule", "pledge_policy", row.id, region=row.region_code,
        first_on=first_on.isoformat(), check_days=row.check_days, barred_days=row.barred_days, reason=row.reason,
    )  # fmt: skip


def _shown(row: PledgePolicy) -> PledgeRule:
    return PledgeRule(
        region_code=row.region_code,
        first_on=row.first_on,
        last_on=row.last_on,
        check_days=row.check_days,
        barred_days=row.barred_days,
        reason=row.reason,
    )
