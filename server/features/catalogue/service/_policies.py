"""Rules that areas set for themselves from a day on: which of them is in force somewhere, and setting a new one."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar

import msgspec
from msgspec.inspect import BoolType, IntType, type_info

from server import db
from server.actor import Role, Staff
from server.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.catalogue.schemas import Policy, PolicySpan, PolicyTerm, SetPolicy
from server.features.catalogue.service._places import region
from server.features.identity import service as identity
from server.kit import clock
from server.kit.ids import new_id

P = TypeVar("P", bound=Policy)

LONGEST_WAIT = timedelta(days=366)
_SHOWN = 100

# The code of an area begins with that of the one around it; the smallest that has a rule goes first, then the newest.
_IN_FORCE = """
SELECT terms::text FROM area_policy
WHERE kind = $1 AND starts_with($2, region_code) AND first_on <= $3 AND (last_on IS NULL OR last_on >= $3)
ORDER BY length(region_code) DESC, first_on DESC LIMIT 1
"""
_ALL = """
SELECT p.region_code, coalesce(r.name, p.region_code) AS region, p.first_on, p.last_on, p.reason, p.terms::text AS terms
FROM area_policy p LEFT JOIN region r ON r.code = p.region_code
WHERE p.kind = $1 ORDER BY p.first_on DESC, p.region_code LIMIT $2
"""
_NEW = """
INSERT INTO area_policy (id, created_at, kind, region_code, first_on, last_on, terms, reason, staff_id)
VALUES ($1, $2, $3, $4, $5, $6, $7::text::jsonb, $8, $9)
ON CONFLICT (kind, region_code, first_on) DO NOTHING RETURNING id
"""


async def policy(kind: type[P], region_code: str) -> P:
    """Give the rule in force today around a place; where no area has set one, what usually holds."""
    terms = await db.fetchval(_IN_FORCE, kind.kind, region_code, clock.today())
    return kind() if terms is None else msgspec.json.decode(terms, type=kind)


async def set_policies(actor: Staff, kind: type[P]) -> list[SetPolicy[P]]:
    """List the rules of a kind, the newest first. Refuses `forbidden` to whoever does not look after the county."""
    await _require_county(actor)
    return [
        SetPolicy(
            span=PolicySpan(**{name: row[name] for name in PolicySpan.__struct_fields__}),
            region=row["region"],
            terms=msgspec.json.decode(row["terms"], type=kind),
        )
        for row in await db.fetch(_ALL, kind.kind, _SHOWN)
    ]


@db.transactional
async def set_policy(actor: Staff, span: PolicySpan, terms: Policy) -> None:
    """Set a rule for an area from a day on; what has begun under another keeps its days.

    Refuses `catalogue.policy_that_day`, `invalid_input` by field, `forbidden` to all but the county's administrators.
    """
    await _require_county(actor)
    if wrong := [*await _faults_of(span), *_unfit(terms)]:
        raise InvalidInput("invalid_input", fields=tuple(wrong))
    policy_id = await db.fetchval(
        _NEW, new_id(), clock.now(), terms.kind, span.region_code, span.first_on, span.last_on,
        msgspec.json.encode(terms).decode(), span.reason.strip(), actor.staff_id,
    )  # fmt: skip
    if policy_id is None:
        raise Conflict("catalogue.policy_that_day")
    await audit.record(
        actor, "catalogue.policy_set", "area_policy", policy_id, kind=terms.kind, region=span.region_code,
        first_on=span.first_on.isoformat(), reason=span.reason.strip(), **msgspec.structs.asdict(terms),
    )  # fmt: skip


def terms_of(kind: type[Policy]) -> list[PolicyTerm]:
    """List the fields of a kind, in the order in which it declares them. Raises TypeError for what is no number."""
    usual = msgspec.structs.asdict(kind())
    found = []
    for field in msgspec.structs.fields(kind):
        match type_info(field.type):
            case BoolType():
                found.append(PolicyTerm(name=field.name, usual=usual[field.name]))
            case IntType(ge=int(least), le=int(most)):
                found.append(PolicyTerm(name=field.name, usual=usual[field.name], least=least, most=most))
            case _:
                msg = f"{kind.__name__}.{field.name}: neither a number between two others nor a choice of two"
                raise TypeError(msg)
    return found


def _unfit(terms: Policy) -> list[FieldError]:
    wrong = [
        FieldError(term.name, "out_of_range")
        for term in terms_of(type(terms))
        if term.least is not None and term.most is not None and not term.least <= getattr(terms, term.name) <= term.most
    ]
    if not wrong and (name := terms.unfit()) is not None:
        wrong.append(FieldError(name, "out_of_range"))
    return wrong


async def _faults_of(span: PolicySpan) -> list[FieldError]:
    today = clock.today()
    wrong = []
    try:
        await region(span.region_code)
    except NotFound:
        wrong.append(FieldError("region_code", "not_known"))
    if not today <= span.first_on <= today + LONGEST_WAIT:
        wrong.append(FieldError("first_on", "out_of_range"))
    if span.last_on is not None and span.last_on < span.first_on:
        wrong.append(FieldError("last_on", "out_of_range"))
    if not span.reason.strip():
        wrong.append(FieldError("reason", "required"))
    return wrong


async def _require_county(actor: Staff) -> None:
    if (await identity.reach(actor, Role.ADMINISTRATOR)).hall_ids is not None:
        raise Forbidden("forbidden")
