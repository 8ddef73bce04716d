"""How many working days there are to mend what was told: rules by area and day, never fewer than an office has."""

from __future__ import annotations

from tortoise.exceptions import IntegrityError

from server import db
from server.actor import Staff
from server.errors import Conflict, FieldError, InvalidInput
from server.features.audit import service as audit
from server.features.cases.models import CorrectionPolicy
from server.features.cases.schemas import CorrectionRule
from server.features.cases.service._by_area import faults_of, in_force, require_county
from server.kit import clock

# Where no area has a rule. Fewer than the office itself has would not be fair.
USUAL = CorrectionRule(region_code="", least_days=5, usual_days=15, most_days=60)
FAIR, LONGEST = 5, 120


async def rule_for(region_code: str) -> CorrectionRule:
    """Give the rule in force today around a place."""
    found = await in_force(CorrectionPolicy, region_code)
    return USUAL if found is None else _shown(found)


async def correction_rules(actor: Staff) -> list[CorrectionRule]:
    """List the rules there are, the newest first. Refuses `forbidden` to whoever does not look after the county."""
    await require_county(actor)
    return [_shown(row) for row in await CorrectionPolicy.all().order_by("-first_on", "region_code").limit(100)]


@db.transactional
async def set_correction_rule(actor: Staff, wish: CorrectionRule) -> None:
    """Make a rule from a day on; what was told before keeps its day.

    Refuses `cases.rule_that_day`, `invalid_input` by field, `forbidden` to whoever does not look after the county.
    """
    await require_county(actor)
    first_on = wish.first_on or clock.today()
    wrong = await faults_of(wish.region_code, first_on, wish.last_on, wish.reason)
    if wish.least_days < FAIR:
        wrong.append(FieldError("least_days", "out_of_range"))
    if not wish.least_days <= wish.usual_days <= wish.most_days:
        wrong.append(FieldError("usual_days", "out_of_range"))
    if wish.most_days > LONGEST:
        wrong.append(FieldError("most_days", "out_of_range"))
    if wrong:
        raise InvalidInput("invalid_input", fields=tuple(wrong))
    row = CorrectionPolicy(
        region_code=wish.region_code,
        first_on=first_on,
        last_on=wish.last_on,
        least_days=wish.least_days,
        usual_days=wish.usual_days,
        most_days=wish.most_days,
        reason=wish.reason.strip(),
        staff_id=actor.staff_id,
    )
    try:
        async with db.savepoint():
            await row.save(force_create=True)
    except IntegrityError:
        raise Conflict("cases.rule_that_day") from None
    await audit.record(
        actor, "cases.correction_rule", "correction_policy", row.id, region=row.region_code,
        first_on=first_on.isoformat(), least=row.least_days, usual=row.usual_days, most=row.most_days,
        reason=row.reason,
    )  # fmt: skip


def _shown(row: CorrectionPolicy) -> CorrectionRule:
    return CorrectionRule(
        region_code=row.region_code,
        first_on=row.first_on,
        last_on=row.last_on,
        least_days=row.least_days,
        usual_days=row.usual_days,
        most_days=row.most_days,
        reason=row.reason,
    )
