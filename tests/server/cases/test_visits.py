"""One visit of a site by all who must see it (联合踏勘), and technical reviews ahead of acceptance (提前技术审查)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import pytest

from server import db
from server.errors import AppError, NotFound
from server.features.cases import service as cases
from server.features.cases.service import OpinionIn, PauseIn, VisitIn, visits
from server.ports import Ports
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.cases import Applicant, office, submitted
from tests.factories.identity import SomeStaff, staff
from tests.fixtures_web import Client
from tests.server.console.desk import at_desk, goes_to

PLACE = "颍上县城关镇解放路 8 号"


@dataclass(frozen=True, slots=True)
class Asked:
    """An accepted case, and the two departments that must see its site."""

    who: Applicant
    fire: SomeStaff
    water: SomeStaff
    fire_id: UUID
    water_id: UUID

    @property
    def lead(self) -> SomeStaff:
        return self.who.office.reviewer

    @property
    def lead_id(self) -> UUID:
        return self.who.office.guide.department.id

    def wish(self, *days: date) -> VisitIn:
        return VisitIn(department_ids=[self.fire_id, self.water_id], days=list(days), place=PLACE)


async def asked(client: Client, ports: Ports) -> Asked:
    who = await submitted(client, ports, await office())
    await cases.accept(who.office.clerk.actor, who.id)
    (fire, fire_id), (water, water_id) = [await _asked(who, key) for key in ("fire", "water")]
    return Asked(who, fire, water, fire_id, water_id)


async def _asked(who: Applicant, key: str) -> tuple[SomeStaff, UUID]:
    department_id = (await make.department(key)).id
    wish = OpinionIn(department_id=department_id, question="现场是否符合要求？", days=3, needed=False)
    await cases.ask_opinion(who.office.reviewer.actor, who.id, wish)
    officer = await staff("reviewer", department=department_id)
    await cases.answer_opinion(officer.actor, who.id, agrees=True, answer="同意，须现场核实。")
    return officer, department_id


async def refusal(deed: Awaitable[object]) -> str:
    with pytest.raises(AppError) as raised:
        await deed
    return raised.value.code


async def steps(who: Applicant) -> list[str]:
    return [step["text"] for step in (await who.screen())["steps"]]


async def agreed(at: Asked, clock: Clock) -> date:
    """A visit on the day after tomorrow, and that day has come."""
    days = [clock.today() + timedelta(days=n) for n in (1, 2)]
    await visits.propose(at.lead.actor, at.who.id, at.wish(*days))
    await visits.agree(at.fire.actor, at.who.id, at.fire_id, days)
    await visits.agree(at.water.actor, at.who.id, at.water_id, days[1:])
    clock.advance(days=2)
    return days[1]


async def test_one_day_for_all_is_told_and_passed(client: Client, ports: Ports, clock: Clock) -> None:
    at = await asked(client, ports)
    case_id = at.who.id
    days = [clock.today() + timedelta(days=n) for n in (1, 2, 3)]
    await visits.propose(at.lead.actor, case_id, at.wish(*days))
    assert "agree_visit" in (await cases.view(at.fire.actor, case_id)).can
    assert [(one.case_id, one.what) for one in await visits.tasks_of_visits(at.fire.actor)] == [(case_id, "agree")]
    assert await visits.tasks_of_visits(at.lead.actor) == []
    await visits.agree(at.fire.actor, case_id, at.fire_id, days[1:])
    assert await refusal(visits.agree(at.fire.actor, case_id, at.fire_id, days)) == "cases.visit_agreed"
    assert await db.fetchval("SELECT count(*) FROM inbox WHERE kind = 'cases.visit_fixed'") == 0
    await visits.agree(at.water.actor, case_id, at.water_id, days[:2])
    assert (await db.fetchval("SELECT day FROM site_visit")) == days[1], "the first that suits all"
    assert await db.fetchval("SELECT count(*) FROM inbox WHERE kind = 'cases.visit_fixed'") == 1
    assert any("联合踏勘" in one for one in await steps(at.who))
    assert await refusal(cases.grant(at.lead.actor, ports.signer, case_id, None)) == "cases.visit_open"
    early = visits.note(at.fire.actor, case_id, at.fire_id, passed=True, words="通道畅通。")
    assert await refusal(early) == "cases.no_visit"
    assert await visits.tasks_of_visits(at.fire.actor) == []
    clock.advance(days=2)
    assert [one.day for one in await visits.tasks_of_visits(at.fire.actor)] == [days[1]]
    await visits.note(at.fire.actor, case_id, at.fire_id, passed=True, words="通道畅通。")
    await visits.note(at.water.actor, case_id, at.water_id, passed=True, words="排水正常。")
    assert await refusal(visits.end(at.lead.actor, case_id, mend_days=5)) == "cases.visit_unnoted"
    await visits.note(at.lead.actor, case_id, at.lead_id, passed=True, words="与申请一致。")
    assert [one.what for one in await visits.tasks_of_visits(at.lead.actor)] == ["tell"]
    await visits.end(at.lead.actor, case_id, mend_days=5)
    assert await visits.tasks_of_visits(at.lead.actor) == []
    assert await db.fetchval("SELECT count(*) FROM inbox WHERE kind = 'cases.visit_passed'") == 1
    await cases.grant(at.lead.actor, ports.signer, case_id, None)


async def test_what_is_to_be_put_right_is_told_all_at_once(client: Client, ports: Ports, clock: Clock) -> None:
    at = await asked(client, ports)
    case_id = at.who.id
    await agreed(at, clock)
    await visits.note(at.fire.actor, case_id, at.fire_id, passed=False, words="疏散标志缺 2 处。")
    await visits.note(at.water.actor, case_id, at.water_id, passed=False, words="隔油池未安装。")
    await visits.note(at.lead.actor, case_id, at.lead_id, passed=True, words="与申请一致。")
    assert await db.fetchval("SELECT count(*) FROM notice WHERE kind = 'site_visit'") == 0
    clock.advance(seconds=1)
    await visits.end(at.lead.actor, case_id, mend_days=5)
    assert await db.fetchval("SELECT count(*) FROM notice WHERE kind = 'site_visit'") == 1
    assert any("2 项整改" in one for one in await steps(at.who))
    assert "end_visit" not in (await cases.view(at.lead.actor, case_id)).can
    assert await refusal(visits.end(at.lead.actor, case_id, mend_days=5)) == "cases.visit_unnoted", (
        "nobody looked since"
    )
    assert await db.fetchval("SELECT count(*) FROM notice WHERE kind = 'site_visit'") == 1
    assert await refusal(cases.grant(at.lead.actor, ports.signer, case_id, None)) == "cases.visit_to_mend"
    again = visits.note(at.lead.actor, case_id, at.lead_id, passed=False, words="改口")
    assert await refusal(again) == "cases.visit_noted", "what passed stands"
    await visits.note(at.fire.actor, case_id, at.fire_id, passed=True, words="已补齐。")
    await visits.note(at.water.actor, case_id, at.water_id, passed=True, words="已安装。")
    await visits.end(at.lead.actor, case_id, mend_days=5)
    await cases.grant(at.lead.actor, ports.signer, case_id, None)


async def test_no_day_for_all_and_another_proposal(client: Client, ports: Ports, clock: Clock) -> None:
    at = await asked(client, ports)
    days = [clock.today() + timedelta(days=n) for n in (1, 2)]
    await visits.propose(at.lead.actor, at.who.id, at.wish(*days))
    assert await refusal(visits.propose(at.lead.actor, at.who.id, at.wish(*days))) == "cases.visit_open"
    await visits.agree(at.fire.actor, at.who.id, at.fire_id, days[:1])
    await visits.agree(at.water.actor, at.who.id, at.water_id, [])
    view = await cases.view(at.lead.actor, at.who.id)
    assert view.visit is not None
    assert (view.visit.stuck, view.visit.day) == (True, None)
    assert [one.what for one in await visits.tasks_of_visits(at.lead.actor)] == ["propose"]
    later = clock.today() + timedelta(days=9)
    await visits.propose(at.lead.actor, at.who.id, at.wish(later))
    await visits.agree(at.fire.actor, at.who.id, at.fire_id, [later])
    await visits.agree(at.water.actor, at.who.id, at.water_id, [later])
    await visits.drop(at.lead.actor, at.who.id)
    assert await db.fetchval("SELECT count(*) FROM inbox WHERE kind = 'cases.visit_dropped'") == 1
    await cases.grant(at.lead.actor, ports.signer, at.who.id, None)


async def test_the_last_two_to_agree_fix_one_day_and_tell_it_once(client: Client, ports: Ports, clock: Clock) -> None:
    at = await asked(client, ports)
    day = clock.today() + timedelta(days=1)
    await visits.propose(at.lead.actor, at.who.id, at.wish(day))
    came = await asyncio.gather(
        *(visits.agree(at.fire.actor, at.who.id, at.fire_id, [day]) for _ in range(3)),
        *(visits.agree(at.water.actor, at.who.id, at.water_id, [day]) for _ in range(3)),
        return_exceptions=True,
    )
    assert sum(one is None for one in came) == 2
    assert await db.fetchval("SELECT count(*) FROM inbox WHERE kind = 'cases.visit_fixed'") == 1


async def test_a_stop_of_the_clock_ends_with_the_visit(client: Client, ports: Ports, clock: Clock) -> None:
    at = await asked(client, ports)
    stop = PauseIn(kind="inspection", basis="《行政许可法》第四十五条", days=5, law_days=5)
    await cases.pause(at.lead.actor, at.who.id, stop)
    await agreed(at, clock)
    for who, department in ((at.fire, at.fire_id), (at.water, at.water_id), (at.lead, at.lead_id)):
        await visits.note(who.actor, at.who.id, department, passed=True, words="符合。")
    await visits.end(at.lead.actor, at.who.id, mend_days=5)
    row = await db.fetchrow("SELECT until_on, ended_by FROM pause")
    assert row is not None
    assert row["ended_by"] == at.lead.actor.staff_id
    await cases.grant(at.lead.actor, ports.signer, at.who.id, None)


async def test_only_who_is_asked_comes_along(client: Client, ports: Ports, clock: Clock) -> None:
    at = await asked(client, ports)
    day = clock.today() + timedelta(days=1)
    stranger_id = (await make.department("forest")).id
    stranger = await staff("reviewer", department=stranger_id)
    for wish in (
        VisitIn(department_ids=[stranger_id], days=[day], place=PLACE),
        VisitIn(department_ids=[], days=[day], place=PLACE),
        at.wish(clock.today()),
        at.wish(),
    ):
        assert await refusal(visits.propose(at.lead.actor, at.who.id, wish)) == "invalid_input"
    await visits.propose(at.lead.actor, at.who.id, at.wish(day))
    for deed in (
        visits.agree(stranger.actor, at.who.id, stranger_id, [day]),
        visits.agree(stranger.actor, at.who.id, at.fire_id, [day]),
        visits.propose(at.fire.actor, at.who.id, at.wish(day)),
        visits.drop(at.fire.actor, at.who.id),
    ):
        with pytest.raises(NotFound):
            await deed
    assert await refusal(visits.agree(at.fire.actor, at.who.id, at.water_id, [day])) == "cases.no_visit"


async def test_a_technical_review_goes_ahead_and_counts_for_the_decision(
    client: Client, ports: Ports, clock: Clock
) -> None:
    who = await submitted(client, ports, await office())
    lead, fire_id = who.office.reviewer, (await make.department("fire")).id
    fire, expert = (
        await staff("reviewer", department=fire_id),
        await staff("reviewer", department=who.office.guide.department.id),
    )
    for department_id, needed in ((fire_id, True), (who.office.guide.department.id, False)):
        wish = OpinionIn(department_id=department_id, question="图纸是否符合规范？", days=3, needed=needed)
        await cases.ask_early(lead.actor, who.id, wish)
    assert await db.fetchval("SELECT count(*) FROM clock WHERE kind = 'decide'") == 0, "no clock runs for it"
    await cases.answer_opinion(expert.actor, who.id, agrees=True, answer="符合规范。")
    assert any("提前技术审查" in one for one in await steps(who))
    await cases.accept(who.office.clerk.actor, who.id)
    assert await refusal(cases.grant(lead.actor, ports.signer, who.id, None)) == "cases.opinions_open"
    await cases.answer_opinion(fire.actor, who.id, agrees=False, answer="间距不足。")
    assert await refusal(cases.grant(lead.actor, ports.signer, who.id, None)) == "cases.opinion_against"
    assert await refusal(cases.ask_early(lead.actor, who.id, wish)) == "cases.moved_on"


async def test_all_of_it_on_the_pages(client: Client, ports: Ports, clock: Clock) -> None:
    at = await asked(client, ports)
    here, day = f"/console/cases/{at.who.id}", clock.today() + timedelta(days=1)
    lead, fire, water = (at_desk(client, one) for one in (at.lead, at.fire, at.water))
    assert f"{here}/visit" in await lead.sees(here)
    both = [str(at.fire_id), str(at.water_id)]
    goes_to(await lead.does(f"{here}/visit", {"departments": both, "days": [day.isoformat(), ""], "place": PLACE}))
    for desk, department in ((fire, at.fire_id), (water, at.water_id)):
        assert f'{here}"' in await desk.sees("/console/cases")
        assert PLACE in await desk.sees(here)
        said = {"department": str(department), "days": [day.isoformat()]}
        goes_to(await desk.does(f"{here}/visit/agree", said))
    # Not by the clock: a night ends every session of a desk.
    await db.execute("UPDATE site_visit SET days = ARRAY[$1::date], day = $1", clock.today())
    for desk, department in ((fire, at.fire_id), (water, at.water_id), (lead, at.lead_id)):
        found = {"department": str(department), "passed": "false", "words": "需要整改。"}
        goes_to(await desk.does(f"{here}/visit/note", found))
    goes_to(await lead.does(f"{here}/visit/end", {"days": "5"}))
    assert "联合踏勘整改告知书" in await lead.sees(here)
    who = await submitted(client, ports, at.who.office)
    there = f"/console/cases/{who.id}"
    asked_for = {"department": str(at.fire_id), "question": "图纸？", "days": "3", "needed": "true"}
    goes_to(await lead.does(f"{there}/ask-early", asked_for))
    goes_to(await fire.does(f"{there}/answer-opinion", {"agrees": "true", "answer": "符合。"}))


async def test_a_visit_ends_with_its_case(client: Client, ports: Ports, clock: Clock) -> None:
    at = await asked(client, ports)
    await visits.propose(at.lead.actor, at.who.id, at.wish(clock.today() + timedelta(days=3)))
    await at.who.post("withdraw")
    row = await db.fetchrow("SELECT state, ended_at IS NOT NULL AS ended FROM site_visit")
    assert row is not None
    assert tuple(row) == ("dropped", True)
