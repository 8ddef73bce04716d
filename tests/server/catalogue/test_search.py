"""Finding an item: what people type, and what they type by mistake."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from server import db
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import SearchQuery
from tests.factories import catalogue as make
from tests.fixtures_web import Client

NAMES = {
    "居民身份证换领": 90,
    "居民身份证补领": 80,
    "居住证申领": 70,
    "国有建设用地使用权及房屋所有权转移登记": 60,
    "公共场所卫生许可（新办）": 50,
    "食品经营许可": 40,
    "新生儿出生“一件事”": 30,
    "出生登记": 20,
    "12345热线咨询": 10,
    "重庆路名变更": 5,
}


@pytest.fixture(autouse=True)
async def items(database: None) -> None:
    for name, heat in NAMES.items():
        await make.item(name, heat=heat)
    await catalogue.load_synonyms()


async def _names(q: str, **more: str | int) -> list[str]:
    return [card.name for card in (await catalogue.search(SearchQuery(q=q, **more))).items]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("居民身份证换领", "居民身份证换领"),
        ("身份证补", "居民身份证补领"),
        ("换", "居民身份证换领"),
        ("shenfenzheng", "居民身份证换领"),
        ("shenfenzhengbu", "居民身份证补领"),
        ("ShenFen", "居民身份证换领"),
        ("shenf", "居民身份证换领"),
        ("sfz", "居民身份证换领"),
        ("SFZBL", "居民身份证补领"),
        ("s", "居民身份证换领"),
        ("zh", "居民身份证换领"),
        ("ｓｆｚ", "居民身份证换领"),
        ("身份 补领", "居民身份证补领"),
        ("卫生 许可", "公共场所卫生许可（新办）"),
        ("卫生许可新办", "公共场所卫生许可（新办）"),
        ("食品xuke", "食品经营许可"),
        ("一件事", "新生儿出生“一件事”"),
        ("12345", "12345热线咨询"),
        ("１２３４５", "12345热线咨询"),
        ("rexian", "12345热线咨询"),
        ("chongqing", "重庆路名变更"),
        ("暂住证", "居住证申领"),
        ("房产过户", "国有建设用地使用权及房屋所有权转移登记"),
        ("身份证丢了", "居民身份证补领"),
        ("我要开饭店", "食品经营许可"),
        ("报户口", "出生登记"),
    ],
)
async def test_it_is_found(typed: str, first: str) -> None:
    assert (await _names(typed))[:1] == [first]


async def test_the_very_name_comes_before_a_more_popular_one() -> None:
    assert await _names("出生登记") == ["出生登记"]
    await make.item("新生儿出生登记咨询", heat=1000)
    assert await _names("出生登记") == ["出生登记", "新生儿出生登记咨询"]


async def test_letters_in_the_wrong_order_are_not_found() -> None:
    assert await _names("证份身") == []
    assert await _names("fenshen") == []


async def test_every_step_of_typing_finds_it() -> None:
    for whole in ("食品经营许可", "shipinjingyingxuke", "spjyxk"):
        for size in range(1, len(whole) + 1):
            assert "食品经营许可" in await _names(whole[:size]), whole[:size]


@pytest.mark.parametrize(
    "rude",
    [
        "",
        "   ",
        "😀",
        "'; DROP TABLE item; --",
        "%",
        "_",
        "\\",
        "a' | 'b",
        "&|!():*",
        "\u200b",
        "𠮷",
        "<script>",
        "\x00",
    ],
)
async def test_rude_questions_are_answered(rude: str) -> None:
    page = await catalogue.search(SearchQuery(q=rude))
    assert len(page.items) in (0, len(NAMES))
    await catalogue.suggest(rude)


async def test_a_percent_sign_is_not_a_wildcard() -> None:
    assert await _names("身%证") == await _names("身证") == []


async def test_highlights_show_what_was_typed(client: Client) -> None:
    async def shown(typed: str) -> list[str]:
        answer = await client.get(f"/api/v1/items?q={quote(typed)}")
        card = answer.json["items"][0]
        return [card["name"][start : start + length] for start, length in card["highlights"]]

    assert await shown("身份证") == ["身份证"]
    assert await shown("sfz") == ["身份证"]
    assert await shown("shenfenzh") == ["身份证"]
    assert await shown("身份 补领") == ["身份", "补领"]
    assert await shown("卫生许可新办") == ["卫生许可", "新办"]
    assert await shown("12345") == ["12345"]


async def test_highlights_count_as_javascript_does() -> None:
    await make.item("𠮷祥路摆摊")
    card = (await catalogue.search(SearchQuery(q="祥路摆"))).items[0]
    assert card.highlights == [[2, 3]]


async def test_filters_narrow_words_and_lists() -> None:
    await make.item("食品生产许可", audience=["enterprise"], themes=["permit"], department_key="market", heat=99)
    market = (await make.department("market")).id
    only = ["食品生产许可"]
    assert await _names("食品", audience="person") == ["食品经营许可"]
    assert await _names("食品", audience="enterprise") == [*only, "食品经营许可"]
    for q in ("", "食品", "sp"):
        assert await _names(q, theme="permit") == only
        assert await _names(q, department_id=market) == only  # type: ignore[arg-type]
    assert await _names("", audience="enterprise", theme="permit", department_id=market) == only  # type: ignore[arg-type]


async def test_a_withdrawn_item_is_not_found() -> None:
    item = await make.item("临时事项")
    assert await _names("临时事项") == ["临时事项"]
    await catalogue.withdraw_item(make.TESTER, item.id)
    assert await _names("临时事项") == []
    assert "临时事项" not in await _names("")


async def test_reordering_changes_no_answer() -> None:
    before = [await _names(q) for q in ("", "s", "证", "登记")]
    await catalogue.reorder()
    assert [await _names(q) for q in ("", "s", "证", "登记")] == before


async def test_searches_in_vain_are_counted_but_no_numbers_kept() -> None:
    for typed in ("飞船驾照", "飞船 驾照 ", "341226194801010006", "13800000000", "张", "飞船驾照"):
        await catalogue.search(SearchQuery(q=typed))
    await catalogue.search(SearchQuery(q="火星", theme="civic"))
    assert await catalogue.misses() == [("飞船驾照", 2), ("飞船 驾照", 1)]


async def test_what_was_typed_once_may_be_a_name_and_goes_after_a_week() -> None:
    for typed in ("飞船驾照", "飞船驾照", "司马昭之"):
        await catalogue.search(SearchQuery(q=typed))
    await db.execute("UPDATE search_miss SET last_at = last_at - interval '6 days'")
    assert await catalogue.forget_misses() == 0
    await db.execute("UPDATE search_miss SET last_at = last_at - interval '2 days'")
    assert await catalogue.forget_misses() == 1
    assert await catalogue.misses() == [("飞船驾照", 2)]


async def test_old_searches_in_vain_are_forgotten() -> None:
    for _ in range(2):
        await catalogue.search(SearchQuery(q="飞船驾照"))
    await db.execute("UPDATE search_miss SET last_at = last_at - interval '91 days'")
    assert await catalogue.forget_misses() == 1


async def test_suggestions(client: Client) -> None:
    answer = await client.get(f"/api/v1/items/suggest?q={quote('身份证丢')}")
    assert answer.status == 200
    assert answer.json["words"] == ["身份证补领"]
    answer = await client.get("/api/v1/items/suggest?q=sfz")
    assert [one["name"] for one in answer.json["items"]] == ["居民身份证换领", "居民身份证补领"]
    assert answer.json["items"][0]["highlights"] == [[2, 3]]
    assert (await client.get("/api/v1/items/suggest")).json == {"items": [], "words": [], "halls": []}


@pytest.mark.parametrize("q", ["", "证", "z"])
async def test_pages_follow_one_another(client: Client, q: str) -> None:
    for number in range(25):
        await make.item(f"资格证第{number}号", heat=number % 3)
    whole = [card.id for card in (await catalogue.search(SearchQuery(q=q, limit=100))).items]
    seen: list[str] = []
    cursor = ""
    while True:
        answer = await client.get(f"/api/v1/items?q={quote(q)}&limit=7{cursor}")
        assert answer.status == 200
        seen += [card["id"] for card in answer.json["items"]]
        if answer.json["next"] is None:
            break
        cursor = f"&cursor={answer.json['next']}"
    assert seen == [str(id) for id in whole]
    assert len(set(seen)) == len(seen) > 25


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=x", "cursor=x", "cursor=AAAA", "audience=cat", "theme=A%20B", "department_id=1",
     f"q={'x' * 201}", "unknown=1"],
)  # fmt: skip
async def test_what_cannot_be_asked_is_refused(client: Client, query: str) -> None:
    answer = await client.get(f"/api/v1/items?{query}")
    assert answer.status == 422, answer.text
    assert answer.json["code"] == "invalid_input"


async def test_a_flood_of_letters_is_refused_not_a_crash(client: Client) -> None:
    answer = await client.get(f"/api/v1/items?q={'x' * 10_000}")
    assert 400 <= answer.status < 500


async def test_a_card_says_what_the_guide_promises(client: Client) -> None:
    guide = await make.guide(await make.item("高龄津贴申领"))
    card = (await client.get(f"/api/v1/items?q={quote('高龄')}")).json["items"][0]
    assert card == {
        "id": str(guide.item_id), "code": guide.item.code, "name": "高龄津贴申领", "visits": 1, "promise_days": 5,
        "department_id": str(guide.department.id), "department": "测试部门 police", "handling": "promised",
        "online": True, "bookable": True, "tags": ["one_visit", "online", "mail", "free"], "sample": True,
        "highlights": [[0, 2]],
    }  # fmt: skip


async def test_themes_and_halls(client: Client) -> None:
    await make.guide(await make.item("高龄津贴申领"), themes=["elder"])
    themes = {theme["key"]: theme for theme in (await client.get("/api/v1/themes")).json}
    assert themes["elder"] == {
        "key": "elder", "name": "养老助残", "audience": "person", "icon": "elder", "count": 1,
    }  # fmt: skip
    assert themes["startup"]["audience"] == "enterprise"
    english = await client.get("/api/v1/themes", headers={"accept-language": "en"})
    assert {theme["name"] for theme in english.json}.isdisjoint(theme["name"] for theme in themes.values())
    halls = (await client.get("/api/v1/halls")).json
    assert [(hall["key"], hall["kind"], hall["region_code"]) for hall in halls] == [("county", "hall", "341226")]


async def test_what_has_just_changed_is_suggested_at_once() -> None:
    assert (await catalogue.suggest("火星")).items == []
    item = await make.item("火星探测许可")
    assert [one.id for one in (await catalogue.suggest("火星")).items] == [item.id]
    await catalogue.withdraw_item(make.TESTER, item.id)
    assert (await catalogue.suggest("火星")).items == []


@pytest.mark.parametrize("typed", ["证", "证书", "z", "zs", "zhengshu", "资格证书", "证书 资格", "书zheng"])
async def test_popular_names_from_memory_are_those_the_database_gives(typed: str) -> None:
    for number in range(12):
        await make.item(f"资格证书第{number}号", heat=number)
        await make.item(f"证书补办第{number}号", heat=number)
    whole = [card.id for card in (await catalogue.search(SearchQuery(q=typed))).items][:8]
    assert len(whole) == 8
    assert [one.id for one in (await catalogue.suggest(typed)).items] == whole
