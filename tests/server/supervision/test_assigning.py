"""What a supervisor asks is answered by the department and closed by the supervisor; a walk leads to it."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from server import db
from server.errors import Conflict, NotFound
from server.features.catalogue import service as catalogue
from server.features.supervision import service as supervision
from server.features.supervision.service import Chosen
from tests.conftest import Clock
from tests.factories import open_matters as keep
from tests.factories.identity import SomeStaff, staff
from tests.fixtures_web import Client
from tests.server.console.desk import HTML, at_desk, goes_to

pytestmark = pytest.mark.usefixtures("client")

HERE = "/console/assignments"
WALKS = f"{HERE}/walks"


async def lights(who: SomeStaff) -> tuple[int, int, int]:
    one = (await supervision.board(who.actor, Chosen())).kinds["assignments"]
    return one.green, one.amber, one.red


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_asked_answered_returned_and_closed(client: Client, clock: Clock, language: str) -> None:
    ground = await keep.ground()
    asks, answers = await staff("supervisor"), await staff("reviewer", department=ground.departments[0])
    above = at_desk(client.with_(accept_language=language), asks)
    office = at_desk(client.with_(accept_language=language), answers)
    form = {"department": str(ground.departments[0]), "words": "三楼缺指示牌，请整改。", "days": "5"}
    for wrong in ({"words": ""}, {"days": "0"}, {"days": "61"}, {"words": "x" * 501}):
        assert (await above.refused(HERE, form | wrong, on=HERE)).status == 422
    assert goes_to(await above.does(HERE, form, on=HERE)) == HERE
    assert await lights(asks) == (1, 0, 0)
    assert await supervision.open_assignments(answers.actor) == 1
    work = f"{HERE}/{await db.fetchval('SELECT id FROM assignment')}"
    assert "三楼缺指示牌" in await office.sees(HERE)
    early = await above.refused(f"{work}/close", {"verdict": "close"}, on=HERE)
    assert early.status == 409, "nobody closes what is not answered"
    clock.advance(days=14)
    above = at_desk(client.with_(accept_language=language), asks := await staff("supervisor"))
    office = at_desk(client.with_(accept_language=language), await staff("reviewer", department=ground.departments[0]))
    assert await lights(asks) == (0, 0, 1)
    goes_to(await office.does(f"{work}/answer", {"words": "已装好。"}, on=HERE))
    assert (await office.refused(f"{work}/answer", {"words": "再答"}, on=HERE)).status == 409
    goes_to(await above.does(f"{work}/close", {"verdict": "again"}, on=HERE))
    goes_to(await office.does(f"{work}/answer", {"words": "四楼也装好。"}, on=HERE))
    goes_to(await above.does(f"{work}/close", {"verdict": "close"}, on=HERE))
    page = await above.sees(HERE, closed="1")
    assert "四楼也装好" in page
    assert "console." not in page.replace("onetrip_console", ""), "a text is missing"
    assert await lights(asks) == (0, 0, 0)


async def test_another_departments_looks_like_none(client: Client) -> None:
    ground = await keep.ground()
    asks, other = await staff("supervisor"), await staff("reviewer", department=ground.departments[1])
    work: UUID = await supervision.assign(asks.actor, ground.departments[0], "请核实。", days=5)
    assert await supervision.assignments(other.actor) == []
    with pytest.raises(NotFound):
        await supervision.answer_assignment(other.actor, work, "不是我们的")
    town = await staff("supervisor", region="341226100")
    with pytest.raises(NotFound):
        await supervision.assign(town.actor, ground.departments[0], "请核实。", days=5)
    with pytest.raises(NotFound):
        await supervision.close_assignment(town.actor, work, content=True)
    office = at_desk(client, await staff("reviewer", department=ground.departments[0]))
    assert (await office.refused(f"{HERE}/{work}/close", {"verdict": "close"}, on=HERE)).status == 403


async def test_two_who_answer_at_once_leave_one_answer() -> None:
    ground = await keep.ground()
    asks = await staff("supervisor")
    several = [await staff("reviewer", department=ground.departments[0]) for _ in range(4)]
    work = await supervision.assign(asks.actor, ground.departments[0], "请核实。", days=5)
    done = await asyncio.gather(
        *(supervision.answer_assignment(one.actor, work, f"答复 {nth}") for nth, one in enumerate(several)),
        return_exceptions=True,
    )
    assert [type(one) for one in done if one is not None] == [Conflict] * 3


async def test_a_walk_is_timed_step_by_step_and_a_note_becomes_work(client: Client, clock: Clock) -> None:
    ground = await keep.ground()
    who = await staff("supervisor")
    desk = at_desk(client, who)
    item = await catalogue.item(ground.item)
    code = item.code
    for words in (item.name[:2], code):
        assert f'value="{code}"' in await desk.sees(WALKS, q=words), "found by words of its name, or by its code"
    assert "没有找到这样的事项" in await desk.sees(WALKS, q="没有这件事")
    assert (await desk.refused(WALKS, {"code": "没有"}, on=WALKS)).status == 404
    here = goes_to(await desk.does(WALKS, {"code": code}, on=WALKS))
    walk = UUID(here.rpartition("/")[2])
    clock.advance(seconds=75)
    goes_to(await desk.does(here, {"place": "0"}, on=here))
    assert (await desk.refused(here, {"place": "0"}, on=here)).status == 409, "sent twice it is one step"
    clock.advance(seconds=30)
    goes_to(await desk.does(here, {"place": "1", "note": "搜“补证”找不到。", "task": "1"}, on=here))
    page = await desk.sees(here)
    assert "1 分 15 秒" in page
    assert "搜“补证”找不到。" in page
    for place in range(2, 9):
        await supervision.next_step(who.actor, walk, place, note="", task=False)
    seen = await supervision.walk(who.actor, walk)
    assert (seen.next, len(seen.steps), seen.steps[1].seconds >= 30) == (None, 9, True)
    with pytest.raises(Conflict):
        await supervision.next_step(who.actor, walk, 9, note="", task=False)
    assert [(row.words, row.walked) for row in await supervision.assignments(who.actor)] == [("搜“补证”找不到。", True)]
    other = at_desk(client, await staff("supervisor"))
    assert (await other.browser.get(here, headers=HTML)).status == 404
    assert "走完了" in await desk.sees(here)
