"""Themes: the lists of several items put together, nothing asked twice, nothing asked that no item asks for."""

from __future__ import annotations

import pytest
from msgspec import structs

from server.errors import Conflict, InvalidInput
from server.features.catalogue import service as catalogue
from server.features.catalogue.schemas import DraftTerms
from server.features.catalogue.service._themes import brought_up
from tests.factories import catalogue as make
from tests.factories import themes
from tests.factories.identity import AsStaff

pytestmark = pytest.mark.usefixtures("database")


async def test_the_same_paper_and_the_same_question_are_asked_once() -> None:
    content = (await themes.theme()).guide.content
    assert [(rule.name, rule.stands_for) for rule in content.materials] == [
        ("居民身份证", ["p1.id_card", "p2.card"]),
        ("出生证明", ["p1.proof"]),
        ("近期照片", ["p2.photo", "p3.photo"]),
        ("年龄证明", ["p3.old_proof"]),
    ]
    assert content.materials[0].copies == 1
    assert [(field.label, field.stands_for) for field in content.form] == [
        ("姓名", ["p1.name", "p2.holder", "p3.name"]),
        ("登记原因", ["p1.why"]),
        ("制卡银行", ["p2.bank"]),
    ]
    assert [(part.name, part.version, part.days) for part in content.parts] == [
        ("户口登记", 1, 5),
        ("社会保障卡申领", 1, 10),
        ("老年证办理", 1, 5),
    ]
    assert content.steps[0].name == "并联办理"


@pytest.mark.parametrize(
    ("answers", "parts", "papers", "asked"),
    [
        ({}, ["p1", "p2"], ["居民身份证", "出生证明", "近期照片"], ["姓名", "登记原因", "制卡银行"]),
        ({"old": "no"}, ["p1", "p2"], ["居民身份证", "出生证明", "近期照片"], ["姓名", "登记原因", "制卡银行"]),
        ({"old": "yes"}, ["p1", "p2", "p3"], ["居民身份证", "出生证明", "近期照片", "年龄证明"],
         ["姓名", "登记原因", "制卡银行"]),
    ],
)  # fmt: skip
async def test_the_tree_selects_items_papers_and_questions(
    answers: dict[str, str], parts: list[str], papers: list[str], asked: list[str]
) -> None:
    content = (await themes.theme()).guide.content
    assert [part.key for part in catalogue.parts_for(content, answers)] == parts
    assert [rule.name for rule in catalogue.materials_for(content, answers)] == papers
    assert [field.label for field in catalogue.form_for(content, answers)] == asked
    assert bool(catalogue.undecided(content, answers)) == (answers == {})


async def test_an_items_own_questions_are_asked_if_it_is_needed() -> None:
    tree = [
        {"key": "who", "question": "谁？", "answers": [
            {"value": "self", "label": "本人"}, {"value": "other", "label": "别人", "materials": ["mandate"]}]},
    ]  # fmt: skip
    household, card, _ = await themes.parts()
    asking = await make.guide(
        await make.item("老年优待", department_key="civil"),
        form=[themes.NAME],
        materials=[themes.CARD, themes.paper("mandate", "委托书")],
        situations=tree,
    )
    content = (await themes.theme([household, card, asking])).guide.content
    assert [one.key for one in content.situations] == ["old", "p3_who"]
    no, yes = {"old": "no"}, {"old": "yes"}
    assert not catalogue.undecided(content, no)
    assert [fault.path for fault in catalogue.undecided(content, yes)] == ["situation.p3_who"]
    whole = yes | {"p3_who": "other"}
    assert not catalogue.undecided(content, whole)
    assert "委托书" in [rule.name for rule in catalogue.materials_for(content, whole)]
    assert "委托书" not in [rule.name for rule in catalogue.materials_for(content, yes | {"p3_who": "self"})]
    assert catalogue.situation_of(content, "p3", asking.content, whole) == {"who": "other"}
    assert catalogue.known_situation(content, no | {"p3_who": "other"}) == no


async def test_different_papers_and_questions_stay_apart_under_their_own_keys() -> None:
    first = await make.guide(form=[themes.NAME], materials=[themes.paper("photo", "一寸照片")])
    second = await make.guide(
        form=[themes.NAME, {"key": "other", "label": "姓名", "type": "text", "required": True}],
        materials=[themes.paper("photo", "两寸照片")],
    )
    content = (await themes.theme([first, second])).guide.content
    assert [(rule.key, rule.name) for rule in content.materials] == [("photo", "一寸照片"), ("p2_photo", "两寸照片")]
    assert [field.key for field in content.form] == ["name", "other"]


async def test_a_paper_is_spared_only_where_every_item_spares_it() -> None:
    spared = await make.guide(form=[], materials=[themes.CARD | {"exempt": "公安人口信息库", "standards": []}])
    asked = await make.guide(form=[], materials=[themes.CARD])
    assert (await themes.theme([spared, asked])).guide.content.materials[0].exempt is None
    again = await make.guide(form=[], materials=[themes.CARD | {"exempt": "公安人口信息库", "standards": []}])
    assert (await themes.theme([spared, again])).guide.content.materials[0].exempt == "公安人口信息库"


async def _codes(of: catalogue.GuideContent) -> set[str]:
    lead = await make.item()
    with pytest.raises(InvalidInput) as refused:
        await catalogue.publish_guide(make.TESTER, lead.id, of, "试")
    return {fault.code for fault in refused.value.fields}


async def test_what_a_theme_cannot_be_published_with() -> None:
    whole = (await themes.theme()).guide.content
    one = structs.replace(whole, parts=whole.parts[:1])
    assert "theme_needs_several" in await _codes(one)
    unknown = structs.replace(whole.parts[0], item="NOSUCHITEM")
    assert "part_not_published" in await _codes(structs.replace(whole, parts=[unknown, *whole.parts[1:]]))
    twice = structs.replace(whole.parts[1], item=whole.parts[0].item)
    assert "twice" in await _codes(structs.replace(whole, parts=[whole.parts[0], twice, whole.parts[2]]))
    assert "part_not_covered" in await _codes(structs.replace(whole, materials=whole.materials[1:]))
    more = [*whole.materials, structs.replace(whole.materials[0], key="more", stands_for=[])]
    assert "stands_for_nothing" in await _codes(structs.replace(whole, materials=more))
    wrong = [structs.replace(whole.form[0], stands_for=["p1.moon"]), *whole.form[1:]]
    assert "stands_for_unknown" in await _codes(structs.replace(whole, form=wrong))
    assert "part_for_others" in await _codes(structs.replace(whole, audience=["person", "enterprise"]))
    assert "theme_beyond_items" in await _codes(structs.replace(whole, legal_days=90))
    alone = structs.replace(whole, parts=[])
    assert "unknown_part" in await _codes(alone)


async def test_a_theme_holds_no_theme() -> None:
    inner, single = await themes.theme(), await make.guide()
    content = await brought_up(
        make.content(parts=[{"key": "a", "item": inner.guide.item.code}, {"key": "b", "item": single.item.code}])
    )
    assert "part_is_theme" in await _codes(content)


async def test_a_newer_guide_of_an_item_has_to_be_merged_before_the_theme_is_published_again(
    as_staff: AsStaff,
) -> None:
    theme = await themes.theme()
    first, second = (await as_staff("administrator")).actor, (await as_staff("administrator")).actor
    begun = await catalogue.begin_draft(first, theme.guide.item_id)
    assert not begun.faults
    await make.guide(theme.parts[0].item, materials=[themes.CARD, themes.paper("new", "新材料")])
    stale = await catalogue.draft(first, theme.guide.item_id)
    assert stale is not None
    assert "part_has_newer_guide" in {fault.code for fault in stale.faults}
    merged = await catalogue.merge_draft(first, theme.guide.item_id, begun.revision)
    assert not merged.faults
    assert "新材料" in [rule.name for rule in merged.content.materials]
    with pytest.raises(Conflict):
        await catalogue.merge_draft(first, theme.guide.item_id, begun.revision)
    terms = DraftTerms(cause="need", reason="事项指南更新")
    proposed = await catalogue.propose_draft(first, theme.guide.item_id, merged.revision, terms)
    published = await catalogue.publish_draft(second, theme.guide.item_id, proposed.revision)
    assert published.version == 2
    # What was published before says what it said.
    assert (await catalogue.guide(theme.guide.id)).content == theme.guide.content


async def test_a_theme_is_found_by_its_words_and_marked() -> None:
    theme = await themes.theme()
    found = await catalogue.search(catalogue.SearchQuery(q="出生"))
    assert [(card.id, "theme" in card.tags) for card in found.items] == [(theme.guide.item_id, True)]


async def test_a_plain_guide_is_what_it_was() -> None:
    content = (await make.guide()).content
    assert (content.parts, catalogue.form_for(content, {})) == ([], content.form)
