"""Situations: answers select the materials, nothing leads nowhere; and what is drawn from a guide."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from server.errors import InvalidInput
from server.features.cases.schemas import DeliveryIn, MaterialIn, StartIn, SubmitIn
from server.features.cases.service import start, submit
from server.features.catalogue import service as catalogue
from server.kit import texts
from server.kit.ids import new_id
from tests.factories import catalogue as make
from tests.factories.identity import AsCitizen
from tests.fixtures_web import Client

pytestmark = pytest.mark.usefixtures("database")


def _paper(key: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "name": f"材料{key}", "kind": "form", "source": "applicant", "need": "optional",
            "medium": "either", "standards": ["清楚。"]} | more  # fmt: skip


COUNTER = DeliveryIn(method="counter")
PAPERS = [_paper(key) for key in ("all", "sale", "gift", "child")]
TREE: list[dict[str, Any]] = [
    {"key": "way", "question": "怎么转移？", "answers": [
        {"value": "sale", "label": "买卖", "materials": ["sale"]},
        {"value": "gift", "label": "赠与", "materials": ["gift"], "then": "to"},
        {"value": "court", "label": "法院判决", "stop": "请到中心窗口办理。"}]},
    {"key": "to", "question": "赠给谁？", "answers": [
        {"value": "child", "label": "子女", "materials": ["child"]}, {"value": "other", "label": "其他人"}]},
]  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "papers", "open_"),
    [
        ({}, ["all"], "way"),
        ({"way": "sale"}, ["all", "sale"], None),
        ({"way": "gift"}, ["all", "gift"], "to"),
        ({"way": "gift", "to": "child"}, ["all", "gift", "child"], None),
        ({"way": "gift", "to": "other"}, ["all", "gift"], None),
        ({"way": "sale", "to": "child"}, ["all", "sale"], None),
        ({"way": "court"}, ["all"], "way"),
        ({"way": "stolen"}, ["all"], "way"),
    ],
)
def test_answers_select_the_materials(answers: dict[str, str], papers: list[str], open_: str | None) -> None:
    content = make.content(materials=PAPERS, situations=TREE)
    assert [rule.key for rule in catalogue.materials_for(content, answers)] == papers
    assert [fault.path for fault in catalogue.undecided(content, answers)] == ([f"situation.{open_}"] if open_ else [])


def test_what_was_answered_before_turning_back_is_left_behind() -> None:
    content = make.content(materials=PAPERS, situations=TREE)
    assert catalogue.known_situation(content, {"way": "sale", "to": "child", "moon": "x"}) == {"way": "sale"}


def test_conditions_of_the_form_count_too() -> None:
    papers = [_paper("all"), _paper("sale", when={"field": "why", "equals": "lost"})]
    content = make.content(materials=papers)
    assert len(catalogue.materials_for(content, {})) == 2
    assert [rule.key for rule in catalogue.materials_for(content, {}, {"why": "worn"})] == ["all"]


def _tree(at: int, answer: int, **change: Any) -> list[dict[str, Any]]:
    tree = [question | {"answers": [dict(one) for one in question["answers"]]} for question in TREE]
    tree[at]["answers"][answer] |= change
    return tree


FAULTS: list[tuple[list[dict[str, Any]], str, str]] = [
    (_tree(0, 0, materials=["moon"]), "situations.0.answers.0.materials", "unknown_material"),
    (_tree(0, 0, then="moon"), "situations.0.answers.0.then", "unknown_question"),
    (_tree(1, 0, then="way"), "situations.1.answers.0.then", "question_goes_back"),
    (_tree(1, 0, then="to"), "situations.1.answers.0.then", "question_goes_back"),
    (_tree(0, 1, then=None), "situations.1.key", "question_unreached"),
    (_tree(0, 2, then="to"), "situations.0.answers.2.stop", "stop_is_the_end"),
    (_tree(0, 1, value="sale"), "situations.0.answers.1.value", "twice"),
    ([TREE[0], TREE[1], TREE[1]], "situations.2.key", "twice"),
    ([TREE[0] | {"answers": TREE[0]["answers"][:1]}], "situations.0.answers", "situation_needs_two"),
]


@pytest.mark.parametrize(("tree", "path", "code"), FAULTS, ids=[f"{path}-{code}" for _, path, code in FAULTS])
async def test_a_tree_that_leads_nowhere_is_not_published(tree: list[dict[str, Any]], path: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await make.guide(materials=PAPERS, situations=tree)
    assert (path, code) in [(fault.path, fault.code) for fault in refusal.value.fields]


@pytest.mark.usefixtures("client")  # with every feature there are its messages, too
async def test_a_case_asks_only_for_the_materials_of_its_situation(as_citizen: AsCitizen) -> None:
    papers = [paper | {"need": "required", "medium": "paper"} for paper in PAPERS]
    guide = await make.guide(materials=papers, situations=TREE)
    citizen = (await as_citizen()).actor
    begun = await start(citizen, StartIn(item_id=guide.item_id, situation={"way": "gift", "to": "child"}))
    assert [one.key for one in begun.materials] == ["all", "gift", "child"]
    changed = await start(citizen, StartIn(item_id=guide.item_id, situation={"way": "gift"}))
    assert [rule.key for rule in changed.content.materials] == ["all", "gift"]
    kept = await start(citizen, StartIn(item_id=guide.item_id))
    assert [one.key for one in kept.materials] == ["all", "gift"]
    assert texts.text("zh-CN", "cases.told.material_required", name="材料sale") not in kept.told
    given = SubmitIn(form=kept.form, materials=[], version=kept.version, delivery=COUNTER)
    with pytest.raises(InvalidInput, match="situation_open") as refusal:
        await submit(citizen, kept.id, given)
    assert [fault.path for fault in refusal.value.fields] == ["situation.to"]
    foreign = SubmitIn(
        form=kept.form, materials=[MaterialIn(key="sale", file_id=new_id())], version=kept.version,
        delivery=COUNTER,
    )  # fmt: skip
    answered = await start(citizen, StartIn(item_id=guide.item_id, situation={"way": "gift", "to": "other"}))
    foreign.version = answered.version
    with pytest.raises(InvalidInput) as outside:
        await submit(citizen, kept.id, foreign)
    assert [fault.path for fault in outside.value.fields] == ["materials.sale"]


def _said(picture: str) -> str:
    return "".join(ET.fromstring(picture).itertext())


async def test_the_flow_chart_says_every_step_in_its_order(client: Client) -> None:
    steps = [
        {"key": "accept", "name": "受理<1>", "who": "窗口", "days": 1, "what": "核对材料。" * 20},
        {"key": "decide", "name": "决定", "who": "局长", "days": 4, "what": "作出决定。"},
    ]
    guide = await make.guide(steps=steps)
    answer = await client.get(f"/api/v1/guides/{guide.id}/flow.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    said = _said(answer.text)
    places = [said.index(word) for word in ("受理<1>", "1个工作日", "决定", "4个工作日", "测试决定书")]
    assert places == sorted(places)
    assert said.count("核") == 20
    lines = ET.fromstring(answer.text).iter("{http://www.w3.org/2000/svg}text")
    assert max(len(line.text or "") for line in lines) <= 22
    assert (await client.get(f"/api/v1/guides/{new_id()}/flow.svg")).status == 404


async def test_the_form_is_drawn_blank_and_as_a_marked_sample(client: Client) -> None:
    form = [
        {"key": "why", "label": "原因", "type": "choice", "required": True,
         "choices": [{"value": "lost", "label": "丢失"}, {"value": "worn", "label": "损坏"}]},
        {"key": "where", "label": "在哪丢的", "type": "text", "required": False, "example": "汽车站",
         "when": {"field": "why", "equals": "lost"}},
        {"key": "how", "label": "怎么坏的", "type": "text", "required": False, "example": "进水",
         "when": {"field": "why", "equals": "worn"}},
        {"key": "name", "label": "姓名", "type": "name", "required": True},
    ]  # fmt: skip
    guide = await make.guide(form=form)
    blank = _said((await client.get(f"/api/v1/guides/{guide.id}/form.svg")).text)
    filled = _said((await client.get(f"/api/v1/guides/{guide.id}/form.svg?filled=true")).text)
    assert "□ 丢失" in blank
    assert not any(word in blank for word in ("汽车站", "张三", "样例"))
    assert all(word in filled for word in ("汽车站", "张三", "样例", "原因（必填）"))
    assert "进水" not in filled


async def test_what_comes_out_is_drawn_as_a_marked_sample(client: Client) -> None:
    sample = [{"entry": "姓名", "says": "张样例"}, {"entry": "住址", "says": "样例路<1>号" * 12}]
    guide = await make.guide(result={"name": "测试决定书", "kind": "approval", "sample": sample})
    answer = await client.get(f"/api/v1/guides/{guide.id}/result.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    said = _said(answer.text)
    assert all(word in said for word in ("测试决定书", "姓名", "张样例", "样例路<1>号"))
    assert (await client.get(f"/api/v1/guides/{new_id()}/result.svg")).status == 404
