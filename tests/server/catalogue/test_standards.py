"""What province and city have settled: laid beside the county's guide, locked or explained, before it is published."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from server import db
from server.actor import Staff
from server.errors import Conflict, Forbidden, InvalidInput
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import DraftTerms, GuideStandard, GuideView, Standing
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.identity import AsStaff

SOURCE = "市政务服务事项通用实施规范（样例）"


def standard(guide: GuideView, **said: Any) -> GuideStandard:
    """A standard that says just what the guide does, but for what is named."""
    content = guide.content
    same = {
        "code": guide.item.code, "level": "city", "source": SOURCE, "from_on": date(2026, 1, 1),
        "name": guide.item.name, "kind": guide.item.kind, "exercised": ["city", "county"],
        "basis": [f"{one.law} {one.article}" for one in content.basis], "conditions": content.conditions,
        "audience": content.audience,
        "materials": [{"name": one.name, "need": one.need} for one in content.materials],
        "days": {"legal_days": content.legal_days, "promise_days": content.promise_days},
        "fees": [{"name": one.name, "most_fen": one.amount_fen} for one in content.fees],
    }  # fmt: skip
    return msgspec.convert(same | said, GuideStandard)


async def laid(actor: Staff, guide: GuideView) -> dict[str, Standing]:
    return {one.element: one for one in await catalogue.beside(actor, guide.item_id)}


async def test_all_ten_are_compared_and_agree(as_staff: AsStaff) -> None:
    guide = await make.guide()
    admin = (await as_staff("administrator")).actor
    assert await laid(admin, guide) == {}
    assert await catalogue.take_standards(make.TESTER, [standard(guide)]) == 1
    assert await catalogue.take_standards(make.TESTER, [standard(guide)]) == 0, "the same again changes nothing"
    found = await laid(admin, guide)
    assert (len(found), all(one.same for one in found.values())) == (10, True)
    (line,) = (await (await catalogue.standard_lines(admin)).page()).items
    assert (line.name, line.differs, line.unexplained) == (guide.item.name, 0, 0)


@pytest.mark.parametrize(
    ("element", "said"),
    [
        ("name", "另一个名称"),
        ("kind", "另一类"),
        ("exercised", ["city"]),
        ("basis", ["某法 第九条"]),
        ("conditions", ["年满十八周岁"]),
        ("audience", ["enterprise"]),
        ("materials", [{"name": "别的材料", "need": "required"}]),
        ("days", {"legal_days": 60, "promise_days": 0}),
        ("fees", [{"name": "登记费", "most_fen": 1}]),
    ],
)
async def test_each_element_can_differ(as_staff: AsStaff, element: str, said: object) -> None:
    guide = await make.guide(fees=[{"name": "工本费", "amount_fen": 2000, "unit": "证", "basis": "某文件"}])
    await catalogue.take_standards(make.TESTER, [standard(guide, **{element: said})])
    found = await laid((await as_staff("administrator")).actor, guide)
    assert [name for name, one in found.items() if not one.same] == [element]


async def test_what_is_better_for_people_is_no_difference(as_staff: AsStaff) -> None:
    guide = await make.guide()
    await catalogue.take_standards(
        make.TESTER,
        [standard(guide, days={"legal_days": 20, "promise_days": 10}, fees=[{"name": "工本费", "most_fen": 2000}])],
    )
    found = await laid((await as_staff("administrator")).actor, guide)
    assert all(one.same for one in found.values())


async def test_a_difference_is_explained_before_the_guide_is_published(as_staff: AsStaff) -> None:
    guide = await make.guide()
    writer, other = [(await as_staff("administrator")).actor for _ in range(2)]
    await catalogue.take_standards(make.TESTER, [standard(guide, conditions=["年满十八周岁"])])
    draft = await catalogue.begin_draft(writer, guide.item_id)
    changed = msgspec.structs.replace(draft.content, plain="换一句话说。")
    draft = await catalogue.save_draft(writer, guide.item_id, draft.revision, changed)
    assert [(fault.path, fault.code) for fault in draft.faults] == [("conditions", "standard_unexplained")]
    terms = DraftTerms(cause="need", reason="说明白些", effective_on=None)
    with pytest.raises(InvalidInput):
        await catalogue.propose_draft(writer, guide.item_id, draft.revision, terms)
    (different,) = [one for one in (await laid(writer, guide)).values() if not one.same]
    with pytest.raises(InvalidInput):
        await catalogue.explain(writer, guide.item_id, different.standard_id, "conditions", "  ")
    with pytest.raises(Conflict) as same:
        await catalogue.explain(writer, guide.item_id, different.standard_id, "days", "没有不同")
    assert same.value.code == "catalogue.standard_same"
    await catalogue.explain(writer, guide.item_id, different.standard_id, "conditions", "县里另有地方性法规")
    assert (await laid(writer, guide))["conditions"].reason == "县里另有地方性法规"
    draft = await catalogue.propose_draft(writer, guide.item_id, draft.revision, terms)
    await catalogue.publish_draft(other, guide.item_id, draft.revision)
    # The reason was given for these words: with others it is to be given anew.
    draft = await catalogue.begin_draft(writer, guide.item_id)
    again = msgspec.structs.replace(draft.content, conditions=["户籍在本县"])
    draft = await catalogue.save_draft(writer, guide.item_id, draft.revision, again)
    assert [fault.code for fault in draft.faults] == ["standard_unexplained"]


async def test_what_a_level_above_has_fixed_cannot_be_explained_away(as_staff: AsStaff) -> None:
    guide = await make.guide()
    admin = (await as_staff("administrator")).actor
    fixed = standard(guide, conditions=["年满十八周岁"], locked=["conditions"], level="province")
    await catalogue.take_standards(make.TESTER, [fixed])
    draft = await catalogue.begin_draft(admin, guide.item_id)
    assert [(fault.path, fault.code) for fault in draft.faults] == [("conditions", "standard_locked")]
    one = (await laid(admin, guide))["conditions"]
    with pytest.raises(Conflict) as refused:
        await catalogue.explain(admin, guide.item_id, one.standard_id, "conditions", "就想这样")
    assert refused.value.code == "catalogue.standard_locked"
    (line,) = (await (await catalogue.standard_lines(admin)).page()).items
    assert (line.level, line.differs, line.unexplained) == ("province", 1, 1)


async def test_a_standard_counts_from_its_day_and_until_the_next(as_staff: AsStaff, clock: Clock) -> None:
    guide = await make.guide()
    admin = (await as_staff("administrator")).actor
    later = clock.today() + timedelta(days=5)
    await catalogue.take_standards(make.TESTER, [standard(guide, name="旧名", from_on=later)])
    assert await laid(admin, guide) == {}
    clock.advance(days=5)
    assert not (await laid(admin, guide))["name"].same
    # Another that comes later leaves this one in force; one of the same day takes its place.
    await catalogue.take_standards(make.TESTER, [standard(guide, from_on=later + timedelta(days=1))])
    assert not (await laid(admin, guide))["name"].same
    await catalogue.take_standards(make.TESTER, [standard(guide, from_on=later)])
    assert (await laid(admin, guide))["name"].same
    assert await db.fetchval("SELECT count(*) FROM guide_standard WHERE ended_at IS NULL") == 2


async def test_only_who_looks_after_the_item_explains(as_staff: AsStaff) -> None:
    guide = await make.guide()
    await catalogue.take_standards(make.TESTER, [standard(guide, name="旧名")])
    elsewhere = (await as_staff("administrator", region="341203000000")).actor
    with pytest.raises(Forbidden) as refused:
        await catalogue.beside(elsewhere, guide.item_id)
    assert refused.value.code == "forbidden"


def test_a_file_says_where_it_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "standards.json"
    path.write_text('[{"code": "TEST01", "level": "county", "source": "x", "from_on": "2026-01-01"}]')
    with pytest.raises(InvalidInput) as refused:
        catalogue.read_standards(path)
    assert refused.value.code == "catalogue.standards_unreadable"
    assert "$[0].level" in str(refused.value.params["said"])
    path.write_text("not json")
    with pytest.raises(InvalidInput):
        catalogue.read_standards(path)
