"""A written pledge in place of a proof: who may sign what, what is looked at afterwards, and what follows."""

from __future__ import annotations

import asyncio
import contextvars
import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from server import db
from server.errors import Conflict, InvalidInput
from server.features.cases import service as cases
from server.features.cases.schemas import CheckIn, CorrectionLine
from server.features.cases.service import PledgePolicy, _spot_checks
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import PolicySpan
from server.features.catalogue.service._linter import faults
from server.kit import clock as clocks
from server.ports import Ports
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.cases import Applicant, Office, begun, office
from tests.factories.identity import login, staff
from tests.fixtures_web import Client
from tests.server.cases.test_window import CARD, ID, code, received, seen
from tests.server.console.desk import at_desk

WORDS = "本人承诺该场所为合法建筑，不属于违法建设。"
PROOF = {
    "key": "premises", "name": "场所证明", "kind": "other", "source": "applicant", "need": "required",
    "medium": "either", "originals": 1, "standards": ["与申请地址一致。"], "pledge": WORDS,
}  # fmt: skip


async def promising() -> Office:
    return await office(materials=[CARD, PROOF])


async def signed(client: Client, ports: Ports, at: Office, who: Applicant | None = None) -> Applicant:
    """An application with the card as a picture and a pledge in place of the other proof."""
    who = who or await begun(client, ports, at)
    answer = await who.post("submit", await who.application(pledges=["premises"]))
    assert answer.status == 200, answer.text
    return who


async def granted(client: Client, ports: Ports, at: Office, who: Applicant | None = None) -> Applicant:
    who = await signed(client, ports, at, who)
    await cases.accept(at.clerk.actor, who.id)
    await cases.grant(at.reviewer.actor, ports.signer, who.id, None)
    return who


async def pledge(case_id: UUID) -> dict[str, Any]:
    (row,) = await db.fetch("SELECT * FROM pledge WHERE case_id = $1 AND state <> 'void'", case_id)
    return dict(row)


async def told(who: Applicant) -> list[str]:
    rows = await db.fetch("SELECT kind FROM inbox WHERE thread_id = $1 ORDER BY created_at", who.thread_id)
    return [row["kind"] for row in rows]


async def notices(who: Applicant) -> list[str]:
    rows = await db.fetch("SELECT kind FROM notice WHERE thread_id = $1 ORDER BY created_at", who.thread_id)
    return [row["kind"] for row in rows]


async def test_signed_on_the_phone_and_nobody_asks_for_the_proof(client: Client, ports: Ports) -> None:
    at = await promising()
    who = await begun(client, ports, at)
    draft = {key: value for key, value in (await who.application()).items() if key != "delivery"}
    kept = await who.post("draft", draft | {"pledges": ["premises"]})
    assert [one["source"] for one in kept.json["materials"]] == ["upload", "pledge"]
    assert await db.fetchval("SELECT count(*) FROM pledge") == 0, "a draft promises nothing"
    await signed(client, ports, at, who)
    row = await pledge(who.id)
    assert (row["state"], row["account_id"], row["guide_id"]) == ("signed", who.someone.account_id, at.guide.id)
    assert who.case["pledges"][0]["words"] == WORDS
    assert await notices(who) == ["pledge"]
    assert "cases.pledge_signed" in await told(who)
    assert await db.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'cases.pledged'") == 1
    for verdict in ("missing", "wrong"):
        with pytest.raises(InvalidInput) as asked:
            await cases.check_materials(
                at.clerk.actor, who.id, [CheckIn(key="premises", verdict=verdict, reason="没有证明")]
            )
        assert asked.value.fields[0].code == "pledged"
    with pytest.raises(InvalidInput) as line:
        await cases.ask_correction(at.clerk.actor, who.id, [CorrectionLine(key="premises", reason="请交证明")])
    assert line.value.fields[0].code == "pledged"
    await cases.accept(at.clerk.actor, who.id)


async def test_only_what_the_guide_allows_and_the_proof_goes_first(client: Client, ports: Ports) -> None:
    at = await promising()
    who = await begun(client, ports, at)
    card = await who.post("submit", await who.application(materials=[], pledges=["id_card", "nothing"]))
    assert card.status == 422
    named = {one["path"]: one["code"] for one in card.json["fields"]}
    assert named == {"materials.id_card": "not_pledgeable", "materials.nothing": "unknown_field"}
    both = (await who.application())["materials"]
    both = [*both, {"key": "premises", "file_id": str((await who.picture("#112233")).id)}]
    done = await who.post("submit", await who.application(materials=both, pledges=["premises"]))
    assert done.status == 200
    assert await db.fetchval("SELECT count(*) FROM pledge") == 0, "the proof itself was handed in"


async def test_at_the_window_on_paper_that_was_seen(client: Client, ports: Ports) -> None:
    at = await promising()
    case_id = await received(at)
    clerk = at.clerk.actor
    with pytest.raises(InvalidInput) as card:
        await cases.check_materials(clerk, case_id, [CheckIn(key="id_card", verdict="pledged")])
    assert card.value.fields[0].code == "not_pledgeable"
    await cases.check_materials(clerk, case_id, [ID, CheckIn(key="premises", verdict="pledged")])
    row = await pledge(case_id)
    assert (row["staff_id"], row["account_id"]) == (clerk.staff_id, None)
    await cases.check_materials(clerk, case_id, [ID, CheckIn(key="premises", verdict="received")])
    assert await db.fetchval("SELECT state FROM pledge") == "void", "the proof itself was brought"
    await cases.check_materials(clerk, case_id, [ID, CheckIn(key="premises", verdict="pledged")])
    view = await seen(clerk, case_id)
    assert [one.source for one in view.case.materials] == ["window", "pledge"]
    assert [(one.at_window, one.state) for one in view.case.pledges] == [(True, "signed")]


async def test_true_and_that_is_the_end_of_it(client: Client, ports: Ports) -> None:
    at = await promising()
    who = await granted(client, ports, at)
    row = await pledge(who.id)
    assert (row["state"], row["due_on"]) == ("to_check", await _working_days_on(30))
    reviewer = at.reviewer.actor
    assert await cases.spot_check_counts(reviewer) == (1, 0)
    (line,) = (await (await cases.spot_checks(reviewer, done=False)).page()).items
    assert (line.paper, line.late, line.applicant) == ("场所证明", False, "张*兰")
    for key in ("id_card", "nothing"):
        with pytest.raises(Conflict) as other:
            await cases.answer_check(reviewer, who.id, key, is_true=True, found="查过")
        assert code(other) == "cases.nothing_to_check"
    await cases.answer_check(reviewer, who.id, "premises", is_true=True, found="现场查看，与承诺一致。")
    with pytest.raises(Conflict) as again:
        await cases.answer_check(reviewer, who.id, "premises", is_true=False, found="又查")
    assert code(again) == "cases.already_checked"
    assert "revoke" not in (await seen(reviewer, who.id)).can
    with pytest.raises(Conflict) as ground:
        await cases.revoke(reviewer, who.id, "没有理由")
    assert code(ground) == "cases.no_ground_to_revoke"
    assert [kind for kind in await told(who) if "pledge" in kind] == [
        "cases.pledge_signed", "cases.pledge_to_check", "cases.pledge_true",
    ]  # fmt: skip
    assert await cases.spot_check_counts(reviewer) == (0, 0)


async def _working_days_on(days: int) -> date:
    from server.features.catalogue import service as catalogue  # noqa: PLC0415 - one line of this test only

    return await catalogue.add_working_days(clocks.today(), days)


async def test_untrue_bars_and_a_second_officer_takes_the_grant_back(
    client: Client, ports: Ports, clock: Clock
) -> None:
    at = await promising()
    who = await granted(client, ports, at)
    await cases.answer_check(at.reviewer.actor, who.id, "premises", is_true=False, found="现场为违法建设。")
    assert await notices(who) == ["pledge", "acceptance", "decision_granted", "pledge_untrue"]
    with pytest.raises(Conflict) as own:
        await cases.revoke(at.reviewer.actor, who.id, "承诺不属实。")
    assert code(own) == "cases.own_finding"
    second = await staff("reviewer", department=at.guide.department.id)
    await cases.revoke(second.actor, who.id, "承诺不属实，依法撤销。")
    assert await db.fetchval("SELECT state FROM case_record WHERE id = $1", who.id) == "terminated"
    assert await db.fetchval("SELECT state FROM certificate WHERE thread_id = $1", who.thread_id) == "revoked"
    assert await db.fetchval("SELECT state FROM delivery WHERE thread_id = $1", who.thread_id) == "returned"
    assert await db.fetchval("SELECT state FROM thread WHERE id = $1", who.thread_id) == "closed"
    assert {"cases.pledge_untrue", "cases.revoked"} <= set(await told(who))
    next_one = await begun(client, ports, at, who.someone)
    assert next_one.case["barred_until"] == (clocks.today() + timedelta(days=365)).isoformat()
    refused = await next_one.post("submit", await next_one.application(pledges=["premises"]))
    assert (refused.status, refused.json["code"]) == (422, "cases.barred_from_pledges")
    assert [one["path"] for one in refused.json["fields"]] == ["materials.premises"]
    assert await db.fetchval("SELECT state FROM case_record WHERE id = $1", next_one.id) == "draft"
    clock.advance(days=366)
    # Nobody's login lasts a year: the old one would do only for the half second in which it is remembered.
    later = client.as_(await login(who.someone.openid))
    await signed(client, ports, at, replace(next_one, phone=later))


async def test_whose_word_was_untrue_is_accepted_with_nothing_to_follow(client: Client, ports: Ports) -> None:
    who = await granted(client, ports, await promising())
    await cases.answer_check(who.office.reviewer.actor, who.id, "premises", is_true=False, found="现场为违法建设。")
    plan = PROOF | {"key": "plan", "name": "平面图", "need": "deficiency", "pledge": None}
    next_one = await begun(client, ports, await office(materials=[CARD, plan]), who.someone)
    assert (await next_one.post("submit", await next_one.application())).status == 200
    clerk = next_one.office.clerk
    assert (await seen(clerk.actor, next_one.id)).tolerance.refused == "dishonest"
    for deed in (
        cases.accept_with_deficiency(clerk.actor, next_one.id, days=1, signed=True),
        cases.offer_commitment(clerk.actor, next_one.id, days=1),
    ):
        with pytest.raises(Conflict) as barred:
            await deed
        assert code(barred) == "cases.not_tolerable_dishonest"
    assert "此前的承诺经核查不属实" in await at_desk(client, clerk).sees(f"/console/cases/{next_one.id}")
    await db.execute("UPDATE pledge_bar SET until_on = $1", clocks.today() - timedelta(days=1))
    await cases.accept_with_deficiency(clerk.actor, next_one.id, days=1, signed=True)


async def test_a_stranger_is_not_barred_with_them(client: Client, ports: Ports) -> None:
    at = await promising()
    who = await granted(client, ports, at)
    await cases.answer_check(at.reviewer.actor, who.id, "premises", is_true=False, found="不实。")
    other = await begun(client, ports, at)
    assert other.case["barred_until"] is None
    await signed(client, ports, at, other)


async def test_of_two_who_check_at_once_one_counts(client: Client, ports: Ports) -> None:
    at = await promising()
    who = await granted(client, ports, at)
    second = await staff("reviewer", department=at.guide.department.id)
    both = await asyncio.gather(
        cases.answer_check(at.reviewer.actor, who.id, "premises", is_true=False, found="不实。"),
        cases.answer_check(second.actor, who.id, "premises", is_true=False, found="不实。"),
        return_exceptions=True,
    )
    assert sorted(getattr(one, "code", "") for one in both) == ["", "cases.already_checked"]
    assert await db.fetchval("SELECT count(*) FROM pledge_bar") == 1


async def test_rules_by_area_and_day(client: Client, ports: Ports, clock: Clock) -> None:
    county = await staff("administrator")
    today = clocks.today()
    span = PolicySpan(region_code=make.COUNTY, first_on=today, last_on=today + timedelta(days=9), reason="县里规定")
    await catalogue.set_policy(county.actor, span, PledgePolicy(check_days=5, barred_days=90))
    at = await promising()
    who = await granted(client, ports, at)
    assert (await pledge(who.id))["due_on"] == await _working_days_on(5)
    clock.advance(days=10)
    later = await granted(client, ports, at)
    assert (await pledge(later.id))["due_on"] == await _working_days_on(30), "the rule has ended"


def test_a_pledge_only_where_something_is_handed_in() -> None:
    wanted = {"materials.0.pledge": "pledge_for_nothing"}
    for change in ({"exempt": "不动产登记库"}, {"need": "optional"}, {"need": "deficiency"}):
        found = {one.path: one.code for one in faults(make.content(materials=[PROOF | change]), "20")}
        assert wanted.items() <= found.items() or change == {"need": "deficiency"}, found
    assert not [one for one in faults(make.content(materials=[PROOF]), "20") if one.path.startswith("materials")]


async def test_so_many_of_a_hundred_are_drawn_and_how_it_fell_is_on_record(
    client: Client, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = await promising()
    monkeypatch.setattr(_spot_checks, "draw", lambda _percent: False)
    spared = await granted(client, ports, at)
    assert (await pledge(spared.id))["state"] == "signed"
    assert await cases.spot_check_counts(at.reviewer.actor) == (0, 0)
    assert "cases.pledge_to_check" not in await told(spared)
    monkeypatch.undo()
    drawn = await granted(client, ports, at)
    assert (await pledge(drawn.id))["state"] == "to_check", "without a rule every one is looked at"
    how = await db.fetch("SELECT detail FROM audit_entry WHERE action = 'cases.check_drawn' ORDER BY created_at, id")
    assert [json.loads(row["detail"])["drawn"] for row in how] == [False, True]
    fell = sum(_spot_checks.draw(30) for _ in range(2000))
    assert 400 < fell < 800, fell
    assert all(_spot_checks.draw(100) for _ in range(300))


async def test_barred_at_the_moment_it_is_found(client: Client, ports: Ports) -> None:
    """Whoever signs while an untruth is being written down waits for it, and is refused."""
    at = await promising()
    who = await granted(client, ports, at)
    next_one = await begun(client, ports, await promising(), who.someone)
    application = await next_one.application(pledges=["premises"])
    async with db.tx():
        await cases.answer_check(at.reviewer.actor, who.id, "premises", is_true=False, found="不实。")
        trying = asyncio.create_task(next_one.post("submit", application), context=contextvars.Context())
        done, _ = await asyncio.wait({trying}, timeout=0.5)
        assert not done, "it waits"
    answer = await trying
    assert (answer.status, answer.json["code"]) == (422, "cases.barred_from_pledges")
