"""An officer on leave and whoever acts for them: what is taken up goes on, on record, and nobody is two officers."""

from __future__ import annotations

import asyncio
import json
from datetime import date, timedelta
from typing import Any

import pytest

from server import db
from server.errors import Conflict, InvalidInput, NotFound
from server.features.cases import service as cases
from server.features.cases.service import SubstitutionIn, Wanted
from server.ports import Ports
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.cases import Applicant, Office, office, submitted
from tests.factories.identity import SomeStaff, staff
from tests.fixtures_web import Client
from tests.server.console.desk import at_desk, goes_to
from tests.server.console.test_pledges import whole

HERE = "/console/substitutions"
WHY = "年休假"


def code(raised: pytest.ExceptionInfo[Any]) -> str:
    return str(raised.value.code)


def leave(who: SomeStaff, first_on: date, days: int = 5) -> SubstitutionIn:
    return SubstitutionIn(
        substitute_id=who.actor.staff_id, first_on=first_on, last_on=first_on + timedelta(days=days - 1), reason=WHY
    )


async def colleague(at: Office) -> SomeStaff:
    return await staff("reviewer", department=at.guide.department.id)


async def taken_up(client: Client, ports: Ports, at: Office) -> Applicant:
    who = await submitted(client, ports, at)
    await cases.accept(at.clerk.actor, who.id)
    await cases.claim(at.reviewer.actor, who.id)
    return who


async def test_what_is_taken_up_goes_on_and_is_on_record(client: Client, ports: Ports, clock: Clock) -> None:
    at = await office()
    away, other = at.reviewer, await colleague(at)
    who = await taken_up(client, ports, at)
    with pytest.raises(Conflict) as before:
        await cases.grant(other.actor, ports.signer, who.id, None)
    assert code(before) == "cases.claimed"
    await cases.name_substitute(away.actor, leave(other, clock.today()))
    mine = Wanted(tab="decide", whose="mine")
    assert [row.id for row in (await cases.worklist(other.actor, mine)).items] == [who.id]
    seen = await cases.view(other.actor, who.id)
    assert seen.review.stands_in
    assert {"grant", "deny", "pause", "release", "claim"} <= set(seen.can)
    await cases.grant(other.actor, ports.signer, who.id, None)
    row = await db.fetchrow("SELECT decided_by, decided_for FROM case_record WHERE id = $1", who.id)
    assert row is not None
    assert (row["decided_by"], row["decided_for"]) == (other.actor.staff_id, away.actor.staff_id)
    detail = json.loads(await db.fetchval("SELECT detail FROM audit_entry WHERE action = 'cases.granted'"))
    assert detail["for_staff"] == str(away.actor.staff_id)
    shown = await cases.view(other.actor, who.id)
    assert (shown.review.decided_by, shown.review.decided_for) != (None, None)


async def test_claimed_over_without_a_reason_only_by_the_substitute(client: Client, ports: Ports, clock: Clock) -> None:
    at = await office()
    other, third = await colleague(at), await colleague(at)
    who = await taken_up(client, ports, at)
    await cases.name_substitute(at.reviewer.actor, leave(other, clock.today()))
    with pytest.raises(Conflict):
        await cases.claim(third.actor, who.id)
    await cases.claim(other.actor, who.id)
    newest = "SELECT detail FROM audit_entry WHERE action = 'cases.claimed' ORDER BY created_at DESC LIMIT 1"
    detail = json.loads(await db.fetchval(newest))
    assert detail["taken_from"] == detail["for_staff"] == str(at.reviewer.actor.staff_id)


async def test_only_within_its_days(client: Client, ports: Ports, clock: Clock) -> None:
    at = await office()
    other = await colleague(at)
    who = await taken_up(client, ports, at)
    await cases.name_substitute(at.reviewer.actor, leave(other, clock.today() + timedelta(days=1), 2))
    for day in range(4):
        if day in (1, 2):
            assert (await cases.view(other.actor, who.id)).review.stands_in, day
        else:
            with pytest.raises(Conflict) as early:
                await cases.pause(other.actor, who.id, cases.PauseIn(kind="testing", basis="法律", days=1))
            assert code(early) == "cases.claimed", day
        clock.advance(days=1)


async def test_who_accepted_is_not_made_another_by_a_substitute(client: Client, ports: Ports, clock: Clock) -> None:
    at = await office()
    away, other = at.reviewer, await colleague(at)
    accepted = await submitted(client, ports, at)
    await cases.accept(away.actor, accepted.id)
    await cases.claim(away.actor, accepted.id)
    await cases.name_substitute(away.actor, leave(other, clock.today()))
    for deed in (
        cases.grant(other.actor, ports.signer, accepted.id, None),
        cases.deny(other.actor, accepted.id, "不符合条件"),
    ):
        with pytest.raises(Conflict) as same:
            await deed
        assert code(same) == "cases.same_officer"


async def test_whoever_accepted_does_not_decide_for_another_either(client: Client, ports: Ports, clock: Clock) -> None:
    at = await office()
    away, other = at.reviewer, await colleague(at)
    who = await submitted(client, ports, at)
    await cases.accept(other.actor, who.id)
    await cases.claim(away.actor, who.id)
    await cases.name_substitute(away.actor, leave(other, clock.today()))
    with pytest.raises(Conflict) as same:
        await cases.grant(other.actor, ports.signer, who.id, None)
    assert code(same) == "cases.same_officer"


async def test_an_extension_asked_for_somebody_is_not_theirs_to_approve(
    client: Client, ports: Ports, clock: Clock
) -> None:
    at = await office()
    away, other = at.reviewer, await colleague(at)
    who = await taken_up(client, ports, at)
    await cases.name_substitute(away.actor, leave(other, clock.today()))
    await cases.ask_extension(other.actor, who.id, 3, "需要专家论证")
    for officer in (away, other):
        assert "answer_extension" not in (await cases.view(officer.actor, who.id)).can
        with pytest.raises(Conflict) as own:
            await cases.approve_extension(officer.actor, who.id)
        assert code(own) == "cases.own_extension"
    await cases.approve_extension((await colleague(at)).actor, who.id)


async def test_who_may_be_named_and_when(client: Client, clock: Clock) -> None:
    at = await office()
    away, other, third = at.reviewer, await colleague(at), await colleague(at)
    stranger = await staff("reviewer", department=(await make.department("fire")).id)
    today = clock.today()
    assert {one.id for one in await cases.colleagues(away.actor)} == {other.actor.staff_id, third.actor.staff_id}
    for wrong in (leave(stranger, today), leave(away, today), leave(other, today - timedelta(days=1)),
                  leave(other, today, 0), leave(other, today, 400)):  # fmt: skip
        with pytest.raises(InvalidInput):
            await cases.name_substitute(away.actor, wrong)
    made = await cases.name_substitute(away.actor, leave(other, today))
    with pytest.raises(Conflict) as twice:
        await cases.name_substitute(away.actor, leave(third, today + timedelta(days=4)))
    assert code(twice) == "cases.substitute_twice"
    with pytest.raises(Conflict) as gone:
        await cases.name_substitute(third.actor, leave(away, today + timedelta(days=2)))
    assert code(gone) == "cases.substitute_away"
    with pytest.raises(NotFound):
        await cases.end_substitution(third.actor, made)
    await cases.end_substitution(other.actor, made)
    with pytest.raises(Conflict) as over:
        await cases.end_substitution(away.actor, made)
    assert code(over) == "cases.substitution_over"
    await cases.name_substitute(away.actor, leave(third, today))
    assert client is not None


async def test_two_officers_are_not_away_for_each_other(client: Client, clock: Clock) -> None:
    at = await office()
    one, other, third = at.reviewer, await colleague(at), await colleague(at)
    today = clock.today()
    await cases.name_substitute(one.actor, leave(other, today))
    for somebody, days in ((one, 5), (third, 1)):
        with pytest.raises(Conflict) as refused:
            await cases.name_substitute(other.actor, leave(somebody, today + timedelta(days=4), days))
        assert code(refused) == ("cases.substitute_away" if somebody is one else "cases.substitute_needed")
    await cases.name_substitute(other.actor, leave(one, today + timedelta(days=5)))


async def test_two_taps_and_one_substitute(client: Client, clock: Clock) -> None:
    at = await office()
    several = [await colleague(at) for _ in range(4)]
    came = await asyncio.gather(
        *(cases.name_substitute(at.reviewer.actor, leave(one, clock.today())) for one in several),
        return_exceptions=True,
    )
    assert sum(not isinstance(one, BaseException) for one in came) == 1
    assert await db.fetchval("SELECT count(*) FROM substitution") == 1
    assert client is not None


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_named_shown_and_ended_on_the_page(client: Client, ports: Ports, clock: Clock, language: str) -> None:
    at = await office()
    other = await colleague(at)
    who = await taken_up(client, ports, at)
    desk = at_desk(client.with_(accept_language=language), at.reviewer)
    assert whole(await desk.sees(HERE))
    form = {
        "substitute": str(other.actor.staff_id), "first_on": clock.today().isoformat(),
        "last_on": (clock.today() + timedelta(days=3)).isoformat(), "reason": WHY,
    }  # fmt: skip
    for wrong in ({"reason": ""}, {"last_on": "2020-01-01"}, {"substitute": str(at.reviewer.actor.staff_id)}):
        assert (await desk.refused(HERE, form | wrong, on=HERE)).status == 422
    goes_to(await desk.does(HERE, form, on=HERE))
    assert (await desk.refused(HERE, form, on=HERE)).status == 409
    second = at_desk(client.with_(accept_language=language), other)
    shown = await second.sees(HERE)
    assert whole(shown)
    page = await second.sees(f"/console/cases/{who.id}")
    assert whole(page)
    assert "/grant" in page
    goes_to(await second.does(f"/console/cases/{who.id}/grant", {}))
    decided = await second.sees(f"/console/cases/{who.id}")
    assert whole(decided)
    made = str(await db.fetchval("SELECT id FROM substitution"))
    goes_to(await second.does(f"{HERE}/end", {"ends": made}, on=HERE))
    assert (await desk.refused(f"{HERE}/end", {"ends": made}, on=HERE)).status == 409
