"""Pledges on the pages of the desk: checked, found untrue, taken back, the rules by area, in both languages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server import db
from server.features.cases import service as cases
from server.kit import clock
from server.ports import Ports
from tests.factories.cases import office
from tests.factories.identity import staff
from tests.fixtures_web import Client
from tests.server.cases.test_pledges import PROOF, WORDS, granted, promising
from tests.server.cases.test_window import CARD, received
from tests.server.console.desk import at_desk, goes_to

HERE = "/console/pledges"


def whole(page: str) -> bool:
    """No text of the page is missing."""
    return "console." not in page.replace("onetrip_console", "") and "cases." not in page


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_checked_and_taken_back_on_the_page(client: Client, ports: Ports, language: str) -> None:
    at = await promising()
    who = await granted(client, ports, at)
    first = at_desk(client.with_(accept_language=language), at.reviewer)
    other = await staff("reviewer", department=at.guide.department.id)
    listed = await first.sees(HERE)
    assert whole(listed)
    assert "场所证明" in listed
    assert "张桂兰" not in listed, "a list is not a look"
    assert f'href="{HERE}"' in await first.sees("/console/cases", list="decide")
    page = await first.sees(f"/console/cases/{who.id}")
    assert whole(page)
    assert WORDS in page
    answer = {"key": "premises", "verdict": "untrue", "found": "现场为违法建设。"}
    for missing in ({"found": ""}, {"verdict": "perhaps"}):
        assert (await first.refused(f"{HERE}/{who.id}/finding", answer | missing)).status == 422
    goes_to(await first.does(f"{HERE}/{who.id}/finding", answer))
    assert (await first.refused(f"{HERE}/{who.id}/finding", answer)).status == 409
    assert f"{HERE}/{who.id}/revoke" not in await first.sees(f"/console/cases/{who.id}")
    second = at_desk(client.with_(accept_language=language), other)
    assert f"{HERE}/{who.id}/revoke" in await second.sees(f"/console/cases/{who.id}")
    goes_to(await second.does(f"{HERE}/{who.id}/revoke", {"reason": "承诺不属实，依法撤销。"}))
    assert (await second.refused(f"{HERE}/{who.id}/revoke", {"reason": "再撤一次"})).status == 409
    ended = await second.sees(f"/console/cases/{who.id}")
    assert whole(ended)
    assert ended.count(".pdf") == 5
    assert "场所证明" in await second.sees(HERE, done="1")


async def test_signed_on_paper_at_the_window(client: Client, ports: Ports) -> None:
    at = await office(materials=[CARD, PROOF])
    case_id = await received(at)
    desk = at_desk(client, at.clerk)
    page = await desk.sees(f"/console/cases/{case_id}")
    assert 'value="pledged"' in page
    assert WORDS in page
    goes_to(await desk.does(f"/console/receive/{case_id}/checks", {"verdict.premises": "pledged"}))
    assert '<option value="pledged" selected>' in await desk.sees(f"/console/cases/{case_id}")
    assert await db.fetchval("SELECT count(*) FROM pledge WHERE staff_id IS NOT NULL") == 1


async def test_a_late_check_stands_on_the_first_page(client: Client, ports: Ports) -> None:
    at = await promising()
    await granted(client, ports, at)
    assert await cases.spot_check_counts(at.reviewer.actor) == (1, 0)
    await db.execute("UPDATE pledge SET due_on = $1", clock.today() - timedelta(days=1))
    assert await cases.spot_check_counts(at.reviewer.actor) == (1, 1)
    home = await at_desk(client, at.reviewer).sees("/console")
    assert whole(home)
    assert f'<a class="tile asks" href="{HERE}"' in home
