"""What an area sets for itself: the smallest area first, from a day on, by the county's administrator, once a day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from server import db
from server.console.policies import KINDS
from server.errors import Conflict, Forbidden, InvalidInput
from server.features.cases.service import CorrectionPolicy
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import Policy, PolicySpan
from server.kit.clock import today
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.identity import staff

TOWN, ELSEWHERE = f"{make.COUNTY}100", "340100"


async def setting(terms: Policy, **changes: Any) -> None:
    span = PolicySpan(region_code=make.COUNTY, first_on=today(), reason="县里规定")
    await catalogue.set_policy((await staff("administrator")).actor, msgspec.structs.replace(span, **changes), terms)


async def usual(place: str) -> int:
    return (await catalogue.policy(CorrectionPolicy, place)).usual_days


async def test_the_smallest_area_and_the_newest_day_in_force_go_first(database: None, clock: Clock) -> None:
    await make.county()
    assert await usual(TOWN) == CorrectionPolicy().usual_days
    await setting(CorrectionPolicy(usual_days=20), region_code=make.COUNTY[:4])
    await setting(CorrectionPolicy(usual_days=10), last_on=today() + timedelta(days=20))
    await setting(CorrectionPolicy(usual_days=12), first_on=today() + timedelta(days=3))
    assert [await usual(TOWN), await usual(make.COUNTY[:4]), await usual(ELSEWHERE)] == [10, 20, 15]
    clock.advance(days=3)
    assert await usual(TOWN) == 12
    await setting(CorrectionPolicy(usual_days=8), region_code=TOWN, last_on=today())
    assert [await usual(TOWN), await usual(make.COUNTY)] == [8, 12]
    clock.advance(days=1)
    assert await usual(TOWN) == 12, "the town's has ended"


async def test_what_does_not_fit_is_said_at_its_field_and_nothing_is_set(database: None) -> None:
    await make.county()
    yesterday = today() - timedelta(days=1)
    for terms, changes, paths in (
        (CorrectionPolicy(least_days=4), {}, ["least_days"]),
        (CorrectionPolicy(most_days=300), {}, ["most_days"]),
        (CorrectionPolicy(usual_days=70), {}, ["usual_days"]),
        (
            CorrectionPolicy(),
            {"region_code": "999999", "first_on": yesterday, "last_on": date(2020, 1, 1), "reason": " "},
            ["region_code", "first_on", "last_on", "reason"],
        ),
        (CorrectionPolicy(), {"first_on": today() + timedelta(days=400)}, ["first_on"]),
    ):
        with pytest.raises(InvalidInput) as refused:
            await setting(terms, **changes)
        assert [one.path for one in refused.value.fields] == paths
    assert await db.fetchval("SELECT count(*) FROM area_policy") == 0


async def test_one_a_day_and_only_by_whoever_looks_after_the_county(database: None) -> None:
    hall = await make.county()
    await setting(CorrectionPolicy())
    with pytest.raises(Conflict) as twice:
        await setting(CorrectionPolicy(usual_days=9))
    assert twice.value.code == "catalogue.policy_that_day"
    local = (await staff("administrator", hall=hall.id)).actor
    with pytest.raises(Forbidden):
        await catalogue.set_policy(
            local, PolicySpan(region_code=TOWN, first_on=today(), reason="镇里规定"), CorrectionPolicy()
        )
    with pytest.raises(Forbidden):
        await catalogue.set_policies(local, CorrectionPolicy)
    rows = await catalogue.set_policies((await staff("administrator")).actor, CorrectionPolicy)
    assert [(row.span.region_code, row.span.reason, row.terms) for row in rows] == [
        (make.COUNTY, "县里规定", CorrectionPolicy())
    ]


def test_every_kind_can_be_set_at_the_desk_and_its_usual_values_fit() -> None:
    assert set(Policy.__subclasses__()) == set(KINDS.values()), "a kind of rule that nobody can set"
    for kind in KINDS.values():
        assert kind().unfit() is None
        for term in catalogue.terms_of(kind):
            assert term.least is None or term.most is None or term.least <= term.usual <= term.most, term
