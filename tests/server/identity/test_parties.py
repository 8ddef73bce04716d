"""What other features ask: for whom is a deed done, and how far does a member of staff see."""

from __future__ import annotations

from typing import Any

import pytest

from server.actor import Grant, Role, ScopeKind, Staff
from server.errors import NotFound
from server.features.identity import service as identity
from server.features.identity.service import Reach
from server.kit import ids
from tests.factories.identity import AsCitizen, AsStaff, child_of, enterprise_of


async def test_a_deed_is_done_for_whom_one_may_act(as_citizen: AsCitizen) -> None:
    owner, stranger = await as_citizen(name="何立新"), await as_citizen(name="张三")
    child, enterprise = await child_of(owner), await enterprise_of(owner)
    assert (await identity.party(owner.actor)).person_id == owner.person_id
    assert (await identity.party(owner.actor, person_id=child)).person_id == child
    assert (await identity.party(owner.actor, enterprise_id=enterprise)).enterprise_id == enterprise
    everybody: list[Any] = [{"person_id": child}, {"enterprise_id": enterprise}, {"person_id": owner.person_id}]
    for theirs in everybody:
        with pytest.raises(NotFound):
            await identity.party(stranger.actor, **theirs)


async def test_whoever_is_not_named_acts_for_nobody(as_citizen: AsCitizen) -> None:
    nobody = await as_citizen(verified=False)
    assert await identity.parties(nobody.actor) == identity.Parties()
    with pytest.raises(NotFound):
        await identity.party(nobody.actor)


async def test_reach_follows_the_grants(as_staff: AsStaff) -> None:
    hall, department = ids.new_id(), ids.new_id()
    window = await as_staff("clerk", hall=hall)
    reviewer = await as_staff("reviewer", department=department)
    county = await as_staff("supervisor", region="341226000000")
    town = await as_staff("hall_manager", region="341226100000")
    city = await as_staff("administrator", region="341200")
    assert await identity.reach(window.actor) == Reach((hall,), (), ())
    assert await identity.reach(window.actor, Role.REVIEWER) == Reach((), (), ())
    assert await identity.reach(reviewer.actor) == Reach((), (department,), ())
    for whole in (county, city):
        assert (await identity.reach(whole.actor)).hall_ids is None
    within = await identity.reach(town.actor)
    assert within == Reach((), (), ("341226100",))
    assert within.covers_hall(hall, "341226100003")
    assert not within.covers_hall(hall, "341226101000")
    assert not within.covers_hall(hall)
    assert (await identity.reach(county.actor)).covers_hall(hall)


async def test_no_grant_no_reach() -> None:
    nobody = Staff(staff_id=ids.new_id(), session_id=ids.new_id())
    assert await identity.reach(nobody) == Reach((), (), ())
    assert not Reach().covers_region("341226")
    other = Staff(
        staff_id=ids.new_id(), session_id=ids.new_id(), grants=(Grant(Role.CLERK, ScopeKind.REGION, "431302"),)
    )
    assert (await identity.reach(other)).hall_ids == ()
