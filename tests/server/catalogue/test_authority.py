"""Who may change the catalogue, and what happens when two do at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path

import pytest

from server import db
from server.actor import Actor, Anonymous, Grant, Role, ScopeKind, Staff
from server.errors import Forbidden, NotFound
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import ItemIn, PlaceIn
from server.kit.ids import new_id
from tests.factories import catalogue as make

pytestmark = pytest.mark.usefixtures("database")

DATA = Path(__file__).parent / "data"


def _staff(role: Role = Role.ADMINISTRATOR, kind: ScopeKind = ScopeKind.REGION, scope: str = "341226") -> Staff:
    return Staff(staff_id=new_id(), session_id=new_id(), grants=(Grant(role, kind, scope),))


DEEDS: dict[str, Callable[[Actor], Awaitable[object]]] = {}


def _deed(do: Callable[[Actor], Awaitable[object]]) -> Callable[[Actor], Awaitable[object]]:
    DEEDS[do.__name__.strip("_")] = do
    return do


@_deed
async def _department(actor: Actor) -> object:
    return await catalogue.upsert_department(actor, "police", "公安局", region_code=make.COUNTY)


@_deed
async def _hall(actor: Actor) -> object:
    place = PlaceIn(key="new", name="厅", kind="hall", region_code=make.COUNTY, address="路", hours_text="全天")
    return await catalogue.upsert_hall(actor, place)


@_deed
async def _window(actor: Actor) -> object:
    return await catalogue.upsert_window(actor, (await make.hall()).id, 9, name="九号", skills=["general"])


@_deed
async def _item(actor: Actor) -> object:
    given = ItemIn(code="X-1", name="事项", department_id=(await make.department()).id, region_code=make.COUNTY)
    return await catalogue.upsert_item(actor, given)


@_deed
async def _withdraw(actor: Actor) -> None:
    await catalogue.withdraw_item(actor, (await make.item()).id)


@_deed
async def _guide(actor: Actor) -> object:
    await make.county()
    return await catalogue.publish_guide(actor, (await make.item()).id, make.content(), "新")


@_deed
async def _day(actor: Actor) -> None:
    await catalogue.set_day(actor, date(2026, 12, 1), working=False, name="停电")


@_deed
async def _holidays(actor: Actor) -> object:
    return await catalogue.import_holidays(actor, DATA / "holiday-2026.json")


@_deed
async def _items(actor: Actor) -> object:
    return await catalogue.import_items(actor, DATA / "items_guangan_511602.csv", region_code=make.COUNTY)


@pytest.mark.parametrize("deed", DEEDS)
async def test_an_administrator_of_the_county_may(deed: str) -> None:
    await DEEDS[deed](_staff())
    assert await db.fetchval("SELECT count(*) FROM audit_entry WHERE actor_kind = 'staff'") == 1


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize(
    "actor",
    [
        Anonymous(),
        _staff(Role.CLERK),
        _staff(Role.ADMINISTRATOR, ScopeKind.HALL, str(new_id())),
        _staff(Role.ADMINISTRATOR, ScopeKind.DEPARTMENT, str(new_id())),
        _staff(Role.SUPERVISOR),
    ],
    ids=["nobody", "clerk", "of a hall", "of another department", "supervisor"],
)
async def test_nobody_else_may(deed: str, actor: Actor) -> None:
    with pytest.raises(Forbidden):
        await DEEDS[deed](actor)


async def test_the_administrator_of_another_county_may_not() -> None:
    for deed in ("department", "hall", "window", "item", "withdraw", "guide", "items"):
        with pytest.raises(Forbidden):
            await DEEDS[deed](_staff(scope="431322"))


async def test_the_administrator_of_a_department_may_publish_its_guides() -> None:
    await make.county()
    item = await make.item()
    own = _staff(Role.ADMINISTRATOR, ScopeKind.DEPARTMENT, str(item.department_id))
    guide = await catalogue.publish_guide(own, item.id, make.content(), "新")
    assert await db.fetchval("SELECT published_by FROM guide WHERE id = $1", guide.id) == own.staff_id


async def test_two_publishing_at_once_give_two_versions() -> None:
    await make.county()
    item = await make.item()
    plains = [f"第 {number} 稿。" for number in range(6)]
    guides = await asyncio.gather(
        *(catalogue.publish_guide(make.TESTER, item.id, make.content(plain=plain), "新") for plain in plains)
    )
    assert sorted(guide.version for guide in guides) == [1, 2, 3, 4, 5, 6]
    assert await db.fetchval("SELECT count(*) FROM guide WHERE state = 'published'") == 1
    current = await catalogue.current_guide(item.id)
    assert current.version == 6
    assert current.content.plain == next(guide.content.plain for guide in guides if guide.version == 6)


async def test_two_imports_at_once_are_as_good_as_one() -> None:
    path = DATA / "items_guangan_511602.csv"
    reports = await asyncio.gather(
        *(catalogue.import_items(make.TESTER, path, region_code=make.COUNTY) for _ in range(2))
    )
    assert sorted(report.created for report in reports) == [0, 1135]


@pytest.mark.parametrize("look", [catalogue.item, catalogue.guide, catalogue.current_guide, catalogue.hall,
                                  catalogue.window, catalogue.department])  # fmt: skip
async def test_what_is_not_there_is_not_found(look: Callable[[object], Awaitable[object]]) -> None:
    with pytest.raises(NotFound):
        await look(new_id())
    with pytest.raises(NotFound):
        await catalogue.region("999999")
    with pytest.raises(NotFound):
        await catalogue.hall_by_key("moon")


async def test_regions_are_there_from_the_start() -> None:
    assert len(await catalogue.regions("341226")) == 30
    county = await catalogue.region("341226")
    assert (county.name, county.level, county.parent_code) == ("颍上县", 3, "3412")
    assert (await catalogue.region("3412")).name == "阜阳市"
    for city, counties in (("4313", 5), ("4212", 6), ("1525", 13)):
        assert len(await catalogue.regions(city)) == counties
    assert await catalogue.load_regions() == 0
