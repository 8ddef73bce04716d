"""The rules of a guide afterwards: a person's look at a part of it, the switch, the auditor, and what is published."""

from __future__ import annotations

from typing import Any

import pytest

from server import db
from server.errors import Conflict, Forbidden, NotFound
from server.features.cases import service as cases
from server.features.catalogue.service._linter import faults
from server.ports import Ports
from tests.factories import catalogue as make
from tests.factories.cases import office
from tests.factories.identity import staff
from tests.fixtures_web import Client
from tests.server.cases.test_rulings import (
    AGE,
    NONE_YET,
    PHOTO,
    REASON,
    SAME_NAME,
    by_rules,
    code,
    decided,
    ruled,
    ruling,
    state,
)

FOUND = "核对了档案。"
DICE = "server.features.cases.service._rulings.secrets.randbelow"


async def test_the_switch_belongs_to_the_department(client: Client, ports: Ports) -> None:
    at = await office(**ruled(AGE))
    stranger = await staff("reviewer", department=(await make.department("fire")).id)
    with pytest.raises(Forbidden):
        await cases.switch_rules(stranger.actor, at.item_id, running=False, reason="不归我管")
    await cases.switch_rules(at.reviewer.actor, at.item_id, running=False, reason="接口升级")
    who = await decided(client, ports, at)
    assert (await ruling(who)).why == "switched_off"
    (item,) = await cases.ruled_items(at.reviewer.actor)
    assert (item.running, item.reason, item.left) == (False, "接口升级", 1)
    await cases.switch_rules(at.reviewer.actor, at.item_id, running=True, reason="升级完成")
    assert await state(await decided(client, ports, at)) == "granted"
    assert await cases.ruled_items(stranger.actor) == []
    plain = await office()
    with pytest.raises(Conflict) as none:
        await cases.switch_rules(plain.reviewer.actor, plain.item_id, running=False, reason="没有规则")
    assert code(none) == "cases.no_rules"


async def test_a_part_is_looked_at_and_a_wrong_one_stops_the_rules(client: Client, ports: Ports) -> None:
    at = await office(**ruled(AGE, percent=100))
    first, second = at.reviewer, await staff("reviewer", department=at.guide.department.id)
    fine, wrong = await decided(client, ports, at), await decided(client, ports, at)
    assert await cases.ruling_counts(first.actor) == (2, 0)
    assert {row.case_id for row in (await (await cases.rulings(first.actor, "look")).page()).items} == {
        fine.id,
        wrong.id,
    }
    await cases.look_after(first.actor, fine.id, in_order=True, found=FOUND)
    with pytest.raises(Conflict) as again:
        await cases.look_after(second.actor, fine.id, in_order=False, found=FOUND)
    assert code(again) == "cases.already_checked"
    with pytest.raises(Conflict) as ground:
        await cases.revoke(second.actor, fine.id, "没有理由")
    assert code(ground) == "cases.no_ground_to_revoke"
    await cases.look_after(first.actor, wrong.id, in_order=False, found=FOUND)
    assert await cases.ruling_counts(first.actor) == (0, 0)
    with pytest.raises(Conflict) as own:
        await cases.revoke(first.actor, wrong.id, "自己查自己撤")
    assert code(own) == "cases.own_finding"
    await cases.revoke(second.actor, wrong.id, "规则判断有误，依法撤销。")
    assert await state(wrong) == "terminated"
    assert (await ruling(await decided(client, ports, at))).why == "switched_off"


async def test_none_is_drawn_of_none_and_about_half_of_half(
    client: Client, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = await office(**ruled(AGE, percent=50))
    for drawn, look in ((49, "to_look"), (50, None)):
        monkeypatch.setattr(
            "server.features.cases.service._rulings.secrets.randbelow", lambda _most, drawn=drawn: drawn
        )
        assert (await ruling(await decided(client, ports, at))).look == look
    last = await db.fetchval("SELECT case_id FROM ruling WHERE look IS NULL")
    with pytest.raises(Conflict) as nothing:
        await cases.look_after(at.reviewer.actor, last, in_order=True, found=FOUND)
    assert code(nothing) == "cases.nothing_to_look_at"


async def test_an_auditor_reads_the_trace_and_the_applicant_that_they_did(client: Client, ports: Ports) -> None:
    at = await office(**ruled(AGE))
    who = await decided(client, ports, at)
    auditor = await staff("auditor")
    line, told = await cases.ruling(auditor.actor, who.id)
    assert (line.applicant, told.shown.lines[0].held) == ("张*兰", "yes")
    assert await db.fetchval("SELECT person_id FROM audit_entry WHERE action = 'cases.viewed'")
    stranger = await staff("reviewer", department=(await make.department("fire")).id)
    with pytest.raises(NotFound):
        await cases.ruling(stranger.actor, who.id)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"handling": "promised", "promise_days": 5}, ("by_rules", "rules_need_instant")),
        ({"online": False}, ("by_rules", "rules_need_online")),
        ({"materials": [PHOTO | {"need": "required"}]}, ("materials.0.exempt", "rules_see_no_paper")),
        ({"form": [REASON]}, ("form.0", "rules_without_answer")),
        ({"audience": ["person", "enterprise"]}, ("by_rules.rules.0.fact", "rule_of_persons")),
        ({"by_rules": by_rules(AGE | {"most": 60})}, ("by_rules.rules.0.most", "rule_never_true")),
        ({"by_rules": by_rules(AGE | {"least": None})}, ("by_rules.rules.0.least", "required")),
        ({"by_rules": by_rules(NONE_YET | {"certificate_type": None})},
         ("by_rules.rules.0.certificate_type", "required")),
        ({"by_rules": by_rules(SAME_NAME)}, ("by_rules.rules.0.field", "rule_of_unknown")),
        ({"by_rules": by_rules(AGE, AGE)}, ("by_rules.rules.1.key", "twice")),
        ({"by_rules": by_rules(AGE | {"name": "等等"})}, ("by_rules.rules.0.name", "vague")),
    ],
)  # fmt: skip
def test_rules_that_no_guide_is_published_with(changes: dict[str, Any], found: tuple[str, str]) -> None:
    content = make.content(**ruled(AGE) | changes)
    assert found in {(fault.path, fault.code) for fault in faults(content, "20")}
    assert not [one for one in faults(make.content(**ruled(AGE)), "20") if "rule" in one.code]


async def test_the_guide_promises_no_rules_that_are_switched_off(client: Client, ports: Ports) -> None:
    at = await office(**ruled(AGE))
    guide = f"/api/v1/items/{at.item_id}"
    assert (await client.get(guide)).json["content"]["by_rules"] is not None
    for running in (False, True):
        await cases.switch_rules(at.reviewer.actor, at.item_id, running=running, reason="核对数据。")
        assert ((await client.get(guide)).json["content"].get("by_rules") is not None) is running
