"""The clocks of areas for bad ratings, set by whoever looks after the county, from a day on."""

from __future__ import annotations

from datetime import timedelta

from server import db
from server.actor import Role, Staff
from server.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.ratings.schemas import ClockRule
from server.kit import clock
from server.kit.ids import new_id

_LONGEST_WAIT = timedelta(days=366)
_LONGEST_CALL, _LONGEST = 30, 90

_ALL = """
SELECT area, valid_from, call_back_days, within_days, working, red_days, judge_days, reason FROM rectification_clock
ORDER BY valid_from DESC, area LIMIT 100
"""
_NEW = """
INSERT INTO rectification_clock
    (id, created_at, area, valid_from, call_back_days, within_days, working, red_days, judge_days, reason, staff_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (area, valid_from) DO NOTHING RETURNING id
"""


async def clock_rules(actor: Staff) -> list[ClockRule]:
    """List the clocks there are, the newest first. Refuses `forbidden` to whoever does not look after the county."""
    await _require_county(actor)
    return [ClockRule(**dict(row)) for row in await db.fetch(_ALL)]


@db.transactional
async def set_clock_rule(actor: Staff, wish: ClockRule) -> None:
    """Set the clocks of an area from a day on; what has begun keeps its days.

    Refuses `ratings.clock_that_day`, `invalid_input` by field, `forbidden` to whoever does not look after the county.
    """
    await _require_county(actor)
    if wrong := await _faults(wish):
        raise InvalidInput("invalid_input", fields=tuple(wrong))
    rule_id = await db.fetchval(
        _NEW, new_id(), clock.now(), wish.area, wish.valid_from, wish.call_back_days, wish.within_days, wish.working,
        wish.red_days, wish.judge_days, wish.reason.strip(), actor.staff_id,
    )  # fmt: skip
    if rule_id is None:
        raise Conflict("ratings.clock_that_day")
    await audit.record(
        actor, "ratings.clock_set", "rectification_clock", rule_id, region=wish.area,
        first_on=wish.valid_from.isoformat(), within=wish.within_days, reason=wish.reason.strip(),
    )  # fmt: skip


async def _faults(wish: ClockRule) -> list[FieldError]:
    today, wrong = clock.today(), []
    try:
        await catalogue.region(wish.area)
    except NotFound:
        wrong.append(FieldError("area", "not_known"))
    ranges = (
        ("valid_from", today <= wish.valid_from <= today + _LONGEST_WAIT),
        ("call_back_days", 1 <= wish.call_back_days <= _LONGEST_CALL),
        ("within_days", 1 <= wish.within_days <= _LONGEST),
        ("red_days", 1 <= wish.red_days <= wish.within_days),
        ("judge_days", 1 <= wish.judge_days <= _LONGEST),
    )
    wrong += [FieldError(name, "out_of_range") for name, fits in ranges if not fits]
    if not wish.reason.strip():
        wrong.append(FieldError("reason", "required"))
    return wrong


async def _require_county(actor: Staff) -> None:
    if (await identity.reach(actor, Role.ADMINISTRATOR)).hall_ids is not None:
        raise Forbidden("forbidden")
