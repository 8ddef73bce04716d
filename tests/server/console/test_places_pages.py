"""What an administrator corrects of halls, windows and days is corrected everywhere, with a reason that stays."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from server import db
from server.errors import NotFound
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import HallEdit, WindowEdit
from tests.factories import catalogue as make
from tests.factories.identity import AsStaff
from tests.fixtures_web import Client
from tests.server.catalogue.test_notice import TEXT
from tests.server.console.desk import HTML, at_desk, goes_to

HALLS = "/console/halls"
NOTICE = (Path(__file__).parents[1] / "catalogue" / "data" / "holiday-2026.json").read_text("utf-8")


async def test_a_hall_is_corrected_with_a_reason(client: Client, as_staff: AsStaff) -> None:
    hall = await make.county()
    desk = at_desk(client, await as_staff("administrator", name="冯涛"))
    page = f"{HALLS}/{hall.id}"
    form = {"name": "颍上县政务服务中心", "address": "慎城镇新路 9 号", "hours_text": "每天 9:00–17:00", "phone": ""}
    assert (await desk.refused(page, form, on=page)).status == 422, "without a reason"
    assert goes_to(await desk.does(page, form | {"reason": "搬迁"}, on=page)) == f"{page}?done=hall"
    shown = (await client.get("/api/v1/halls")).text
    assert "慎城镇新路 9 号" in shown
    assert "0558-4410000" not in shown
    seen = await desk.sees(page)
    assert "原因：搬迁" in seen
    assert "冯涛" in seen
    row = await db.fetchrow(
        "SELECT detail FROM audit_entry WHERE action = 'catalogue.hall_set' AND actor_kind = 'staff'"
    )
    assert row is not None
    assert json.loads(row["detail"]) == {"changed": "name,address,hours_text,phone", "reason": "搬迁"}


async def test_a_window_gets_other_skills_and_closes(client: Client, as_staff: AsStaff) -> None:
    hall = await make.county()
    await make.window(hall, 2, "police")
    desk = at_desk(client, await as_staff("administrator"))
    window = (await catalogue.windows(hall.id))[0]
    page, deed = f"{HALLS}/{hall.id}", f"/console/windows/{window.id}"
    form = {"name": "一号窗口", "skills": ["general", "police"], "reason": "人手调整"}
    goes_to(await desk.does(deed, form, on=page))
    kept = await catalogue.window(window.id)
    assert (kept.name, sorted(kept.skills), kept.open) == ("一号窗口", ["general", "police"], False)
    assert "测试大厅" in await desk.sees(HALLS, closed="1")
    goes_to(await desk.does(deed, form | {"open": "true"}, on=page))
    assert (await catalogue.window(window.id)).open
    assert "没有符合条件" in await desk.sees(HALLS, closed="1")
    wrongs: list[dict[str, object]] = [{"skills": []}, {"skills": ["sorcery"]}, {"name": " "}, {"reason": ""}]
    for wrong in wrongs:
        assert (await desk.refused(deed, form | wrong, on=page)).status == 422, wrong
    new = form | {"number": "3", "open": "true"}
    goes_to(await desk.does(f"{page}/windows", new, on=page))
    assert [one.number for one in await catalogue.windows(hall.id)] == [1, 2, 3]
    assert (await desk.refused(f"{page}/windows", new, on=page)).status == 409


async def test_halls_of_others_stay_theirs(client: Client, as_staff: AsStaff) -> None:
    county = await make.county()
    town = await make.hall("town", region_code="341226100")
    of_town = await as_staff("administrator", region="341226100")
    desk = at_desk(client, of_town)
    assert "测试大厅 town" in await desk.sees(HALLS)
    assert "测试大厅 county" not in await desk.sees(HALLS)
    assert (await desk.browser.get(f"{HALLS}/{county.id}", headers=HTML)).status == 404
    edit = HallEdit(name="x", address="x", hours_text="x", reason="x")
    window = (await catalogue.windows(county.id))[0]
    with pytest.raises(NotFound):
        await catalogue.edit_hall(of_town.actor, county.id, edit)
    with pytest.raises(NotFound):
        await catalogue.edit_window(of_town.actor, window.id, WindowEdit(name="x", skills=["general"], reason="x"))
    assert (await catalogue.edit_hall(of_town.actor, town.id, edit)).name == "x"


@pytest.mark.parametrize("notice", [NOTICE, TEXT], ids=["file", "text"])
async def test_a_notice_is_looked_at_before_it_counts(client: Client, as_staff: AsStaff, notice: str) -> None:
    await make.county()
    await db.execute("DELETE FROM calendar_day WHERE day >= '2025-12-01' AND day < '2027-01-01'")
    await db.execute(
        "INSERT INTO calendar_day (id, created_at, day, working, name, source, provisional)"
        " SELECT gen_random_uuid(), now(), day, extract(isodow FROM day) < 6, NULL, 'weekday', true"
        " FROM generate_series('2026-01-01'::date, '2026-12-31', '1 day') AS day"
    )
    desk = at_desk(client, await as_staff("administrator"))
    page = "/console/holidays"
    assert "还没有导入国务院的放假通知" in await desk.sees(page, year="2026")
    before = await db.fetch("SELECT day, working FROM calendar_day ORDER BY day")
    shown = await desk.does(f"{page}/preview", {"notice": notice}, on=page)
    assert "春节" in shown.text
    assert await db.fetch("SELECT day, working FROM calendar_day ORDER BY day") == before, "a look changes nothing"
    named = len(json.loads(NOTICE)["days"])
    assert f"将改动 {named} 天" in shown.text
    done = goes_to(await desk.does(f"{page}/import", {"notice": notice}, on=page))
    seen = await desk.sees(done)
    assert "已按放假通知安排" in seen
    assert not await catalogue.is_working_day(date(2026, 10, 1))
    again = await desk.does(f"{page}/preview", {"notice": notice}, on=page)
    assert "没有要改的日子" in again.text


async def test_a_notice_that_cannot_be_read(client: Client, as_staff: AsStaff) -> None:
    await make.county()
    desk = at_desk(client, await as_staff("administrator"))
    for notice in ("{", '{"year": 2026, "days": []}', "今天放假"):
        for deed in ("preview", "import"):
            refused = await desk.refused(f"/console/holidays/{deed}", {"notice": notice}, on="/console/holidays")
            assert refused.status == 422
