"""Guides: versions, the one in force, and what must not be published."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from server import db
from server.errors import InvalidInput, NotFound
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import FeeEdit
from tests.conftest import Clock
from tests.factories import catalogue as make

pytestmark = pytest.mark.usefixtures("database")


async def test_a_guide_is_the_root() -> None:
    published = await make.guide()
    assert published.version == 1
    assert published == await catalogue.guide(published.id) == await catalogue.current_guide(published.item_id)
    assert published.item.guide_id == published.id
    assert (published.item.visits, published.item.promise_days, published.item.skill) == (1, 5, "general")
    assert {"one_visit", "online", "mail", "free"} == set(published.item.tags)


async def test_a_new_version_supersedes_and_the_old_one_stays_readable() -> None:
    first = await make.guide()
    second = await make.guide(first.item, promise_days=20, legal_days=20, reason="法定时限调整", steps=_steps(20))
    assert second.version == 2
    assert (await catalogue.current_guide(first.item_id)).id == second.id
    old = await catalogue.guide(first.id)
    assert old.content.promise_days == 5
    assert old.state == "superseded"
    assert [(one.version, one.reason) for one in await catalogue.history(first.item_id)] == [
        (2, "法定时限调整"),
        (1, "首次发布"),
    ]


async def test_the_same_words_are_not_published_twice() -> None:
    first = await make.guide()
    again = await make.guide(first.item)
    assert again.id == first.id


async def test_a_version_waits_for_its_day(clock: Clock) -> None:
    first = await make.guide()
    coming = clock.today() + timedelta(days=3)
    second = await catalogue.publish_guide(
        make.TESTER, first.item_id, make.content(visits=0, visit_reason=None), "减少跑动", effective_on=coming
    )
    assert second.state == "scheduled"
    assert await catalogue.take_effect() == 0
    assert (await catalogue.current_guide(first.item_id)).id == first.id
    clock.advance(days=3)
    assert await catalogue.take_effect() == 1
    current = await catalogue.current_guide(first.item_id)
    assert (current.id, current.state, current.item.visits) == (second.id, "published", 0)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE guide SET content = '{}'",
        "UPDATE guide SET version = 9",
        "UPDATE guide SET state = 'scheduled'",
        "DELETE FROM guide",
    ],
)
async def test_the_database_keeps_a_version_as_it_was(statement: str) -> None:
    await make.guide()
    with pytest.raises(asyncpg.RestrictViolationError):
        await db.execute(statement)


async def test_there_is_one_version_in_force() -> None:
    first = await make.guide()
    with pytest.raises(asyncpg.UniqueViolationError, match="guide_published_key"):
        await db.execute(
            "INSERT INTO guide SELECT gen_random_uuid(), created_at, item_id, 2, state, content, reason, effective_on,"
            " published_at, NULL FROM guide WHERE id = $1",
            first.id,
        )


async def test_a_withdrawn_item_has_no_guide_to_begin_with() -> None:
    first = await make.guide()
    await catalogue.withdraw_item(make.TESTER, first.item_id)
    with pytest.raises(NotFound):
        await catalogue.current_guide(first.item_id)
    assert (await catalogue.guide(first.id)).content == first.content


def _steps(days: int) -> list[dict[str, Any]]:
    return [{"key": "accept", "name": "受理", "who": "窗口", "days": days, "what": "核对材料。"}]


def _paper(**changes: Any) -> list[dict[str, Any]]:
    paper = {"key": "form", "name": "申请表", "kind": "form", "source": "applicant", "need": "required",
             "medium": "either", "standards": ["本人签名。"]}  # fmt: skip
    return [paper | changes]


def _field(**changes: Any) -> list[dict[str, Any]]:
    return [{"key": "why", "label": "情形", "type": "text", "required": True} | changes]


FEE = [{"name": "工本费", "amount_fen": 2000, "unit": "证", "basis": "某文件"}]
FREE = [{"name": "工本费", "amount_fen": 0, "unit": "证", "basis": "某文件", "when_text": "首次免收"}]

FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"handling": "instant"}, "promise_days", "instant_is_today"),
    ({"promise_days": 0, "steps": _steps(0)}, "promise_days", "instant_is_today"),
    ({"legal_days": 4}, "promise_days", "promise_beyond_law"),
    ({"steps": _steps(4)}, "steps", "days_do_not_add_up"),
    ({"visit_reason": None}, "visit_reason", "visit_needs_reason"),
    ({"visits": 0}, "visit_reason", "no_visit_no_reason"),
    ({"visits": 0, "visit_reason": None, "online": False, "mail": False}, "mail", "no_visit_needs_a_way"),
    ({"hall_keys": []}, "hall_keys", "required"),
    ({"hall_keys": ["county", "moon"]}, "hall_keys.1", "unknown_hall"),
    (
        {"fees": [{"name": "工本费", "amount_fen": 0, "unit": "件", "basis": "某文件"}]},
        "fees.0.when_text",
        "free_needs_case",
    ),
    ({"consult_phone": "4410000"}, "consult_phone", "phone_needs_area"),
    ({"complaint_phone": "0558-4410000"}, "complaint_phone", "phones_must_differ"),
    ({"result": {"name": "营业执照", "kind": "approval"}}, "result.kind", "result_is_certificate"),
    ({"result": {"name": "批复", "kind": "other"}}, "result.kind", "result_is_approval"),
    ({"result": {"name": "测试决定书", "kind": "approval", "sample": []}}, "result.sample", "result_needs_sample"),
    ({"fees": FEE, "pay_online": None}, "pay_online", "fee_needs_online_pay"),
    ({"fees": [], "pay_online": "扫码缴纳。"}, "pay_online", "no_fee_no_online_pay"),
    ({"fees": FREE, "pay_online": "扫码缴纳。"}, "pay_online", "no_fee_no_online_pay"),
    ({"themes": ["moon"]}, "themes.0", "unknown_theme"),
    ({"themes": ["startup"]}, "themes.0", "theme_of_others"),
    ({"form": _field(prefill="enterprise.uscc")}, "form.0.prefill", "no_enterprise_here"),
    ({"conditions": ["符合其他条件。"]}, "conditions.0", "vague"),
    ({"materials": _paper(name="身份证等相关材料")}, "materials.0.name", "vague"),
    ({"materials": _paper(note="视情况提供")}, "materials.0.note", "vague"),
    ({"materials": _paper(standards=["必要时盖章"])}, "materials.0.standards.0", "vague"),
    ({"materials": _paper(exempt="公安人口库", need="deficiency")}, "materials.0.need", "exempt_is_never_late"),
    ({"materials": _paper(reuse_months=6, exempt="公安人口库")}, "materials.0.reuse_months", "reuse_of_nothing"),
    ({"materials": _paper(pixels={"least_width": 358})}, "materials.0.pixels", "pixels_unclear"),
    (
        {"materials": _paper(pixels={"least_width": 9, "least_height": 9, "most_width": 8, "most_height": 9})},
        "materials.0.pixels",
        "pixels_unclear",
    ),
    ({"materials": _paper(reuse_months=6, medium="paper")}, "materials.0.reuse_months", "reuse_of_nothing"),
    ({"materials": _paper(standards=[])}, "materials.0.standards", "required"),
    ({"materials": _paper() + _paper()}, "materials.1.key", "twice"),
    ({"materials": _paper(when={"field": "why", "equals": "lost"})}, "materials.0.when", "condition_never_true"),
    ({"pre_review": True, "online": False}, "pre_review", "pre_review_needs_visit"),
    ({"pre_review": True, "materials": _paper(exempt="公安人口库")}, "pre_review", "pre_review_of_nothing"),
    ({"pre_review": True, "materials": _paper(need="deficiency")}, "pre_review", "pre_review_takes_all"),
    ({"form": _field() + _field()}, "form.1.key", "twice"),
    ({"form": _field(type="choice")}, "form.0.choices", "choices_of_a_choice"),
    ({"form": _field(not_after="today")}, "form.0.not_after", "bounds_of_a_date"),
]


@pytest.mark.parametrize(("changes", "path", "code"), FAULTS, ids=[f"{path}-{code}" for _, path, code in FAULTS])
async def test_a_faulty_guide_is_not_published(changes: dict[str, Any], path: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await make.guide(**changes)
    assert (path, code) in [(fault.path, fault.code) for fault in refusal.value.fields]


async def test_a_permit_needs_answers_and_all_its_steps() -> None:
    permit = await make.item(kind="01")
    with pytest.raises(InvalidInput) as refusal:
        await make.guide(permit, faqs=[])
    assert [fault.code for fault in refusal.value.fields] == ["permit_needs_faq", "permit_needs_steps"]


async def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(InvalidInput) as refusal:
        await make.guide(legal_days=1, visit_reason=None, consult_phone="1", themes=["moon"])
    assert len(refusal.value.fields) == 4


async def test_a_guide_file_that_does_not_fit_says_where() -> None:
    with pytest.raises(InvalidInput, match="guide_unreadable"):
        catalogue.read_content(b'{"sample": true, "plain": ""}')


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"name": "加急费"}, "fees.0.name", "fee_not_listed"),
        ({"basis": "内部规定"}, "fees.0.basis", "fee_other_basis"),
        ({"unit": "人"}, "fees.0.unit", "fee_other_unit"),
        ({"amount_fen": 2001}, "fees.0.amount_fen", "fee_too_high"),
    ],
)
async def test_no_fee_outside_the_list(changes: dict[str, Any], path: str, code: str) -> None:
    fee = {"name": "工本费", "amount_fen": 2000, "unit": "证", "basis": "某文件"}
    published = await make.guide(fees=[fee])
    with pytest.raises(InvalidInput) as refusal:
        await catalogue.publish_guide(make.TESTER, published.item_id, make.content(fees=[fee | changes]), "修改")
    assert [(fault.path, fault.code) for fault in refusal.value.fields] == [(path, code)]


async def test_a_fee_that_has_ended_is_not_asked_for_again() -> None:
    fee = {"name": "工本费", "amount_fen": 2000, "unit": "证", "basis": "某文件"}
    published = await make.guide(fees=[fee])
    ended = FeeEdit(name="工本费", basis="某文件", unit="证", most_fen=2000, active=False, reason="停征")
    await catalogue.set_fee_item(make.TESTER, ended)
    with pytest.raises(InvalidInput, match="guide_faulty"):
        await catalogue.publish_guide(make.TESTER, published.item_id, make.content(fees=[fee], visits=2), "修改")
