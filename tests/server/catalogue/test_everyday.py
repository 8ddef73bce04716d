"""What people call things in everyday words, over the sample guides and the names of a real county."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from server.features.catalogue import service as catalogue
from server.features.catalogue.service import SearchQuery
from server.sample import items
from tests.factories import catalogue as make

DATA = Path(__file__).parent / "data"
LOOKED_AT = 5


def phrases() -> list[tuple[str, str]]:
    with (DATA / "everyday.csv").open(encoding="utf-8", newline="") as file:
        return [(row["typed"], row["finds"]) for row in csv.DictReader(file)]


async def _county() -> None:
    for sample in items.read():
        await make.item(sample.item.name, heat=sample.item.heat)
    with (DATA / "items_guangan_511602.csv").open(encoding="utf-8", newline="") as file:
        names = sorted({row["name"] for row in csv.DictReader(file)} - {one.item.name for one in items.read()})
    for name in names:
        await make.item(name)
    await catalogue.load_synonyms()


def test_there_are_many_and_none_twice() -> None:
    typed = [words for words, _ in phrases()]
    assert len(typed) >= 150
    assert len(set(typed)) == len(typed)


@pytest.mark.timeout(180)
async def test_everyday_words_find_the_item(database: None) -> None:
    await _county()
    missed: list[str] = []
    for typed, finds in phrases():
        listed = [card.name for card in (await catalogue.search(SearchQuery(q=typed))).items][:LOOKED_AT]
        suggested = [one.name for one in (await catalogue.suggest(typed)).items][:LOOKED_AT]
        missed += [
            f"{typed} → {finds}: {found}"
            for found in (listed, suggested)
            if not any(wanted in name for name in found for wanted in finds.split("|"))
        ]
    assert not missed, "\n".join(missed)


@pytest.mark.parametrize(
    "nonsense", ["火星人上户", "飞船驾照", "啊啊啊啊", "asdfghjkl", "qqqqqq", "量子波动速读", "唐僧取经", "1a2b3c4d"]
)
async def test_nonsense_finds_nothing(database: None, nonsense: str) -> None:
    for sample in items.read():
        await make.item(sample.item.name, heat=sample.item.heat)
    await make.hall(name="南照镇为民服务中心")
    await catalogue.load_synonyms()
    suggested = await catalogue.suggest(nonsense)
    assert (suggested.items, suggested.halls) == ([], [])
    assert (await catalogue.search(SearchQuery(q=nonsense))).items == []
