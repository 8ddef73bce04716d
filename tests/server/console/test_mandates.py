"""Family and agents at the desk: found by a number, looked at, decided, and registered without a telephone."""

from __future__ import annotations

import re
from datetime import date

import pytest

from server import db
from server.console import registers
from server.features.identity import service as identity
from server.features.mandates import service as mandates
from server.features.mandates.schemas import MandateIn
from server.ports import Checked
from tests.factories.identity import REGISTER, AsCitizen, AsStaff, SomeCitizen, sample_number
from tests.fixtures_web import Client
from tests.server.console.desk import at_desk, goes_to

HERE = "/console/mandates"


async def asks(who: SomeCitizen, number: str) -> str:
    """Ask to be guardian of a child the authority does not know as theirs."""
    REGISTER.says[f"kin:{number}"] = Checked.UNKNOWN
    wish = await mandates.check(who.actor, MandateIn(relation="guardian", name="王小雨", number=number), REGISTER)
    return str((await mandates.ask(who.actor, wish)).id)


async def test_papers_are_seen_and_ticked(client: Client, as_citizen: AsCitizen, as_staff: AsStaff) -> None:
    who, number = await as_citizen(name="王小芳"), sample_number(date(2017, 6, 1))
    mandate = await asks(who, number)
    desk = at_desk(client, await as_staff("clerk"))
    listed = await desk.sees(HERE)
    assert "王*雨" in listed
    assert "王小雨" not in listed, "names in clear only on the one that is looked at"
    found = await desk.does(f"{HERE}/find", {"number": number}, on=HERE)
    assert f"{HERE}/{mandate}" in found.text
    page = await desk.sees(f"{HERE}/{mandate}")
    assert "王小雨" in page
    assert "委托书" not in page, "a child signs nothing"
    refused = await desk.refused(f"{HERE}/{mandate}/decision", {"deed": "approve"}, on=HERE)
    assert refused.status == 422
    goes_to(await desk.does(f"{HERE}/{mandate}/decision", {"deed": "approve", "shown": "birth_certificate"}, on=HERE))
    assert len((await identity.me(who.actor)).represents) == 1
    back = await desk.does(f"{HERE}/{mandate}/decision", {"deed": "take_back", "reason": "证明系伪造"}, on=HERE)
    assert goes_to(back) == f"{HERE}/{mandate}"
    assert (await identity.me(who.actor)).represents == []


async def test_only_the_front_decides(client: Client, as_citizen: AsCitizen, as_staff: AsStaff) -> None:
    who = await as_citizen(name="王小芳")
    mandate = await asks(who, sample_number(date(2017, 6, 2)))
    reviewer = client.in_console((await as_staff("reviewer")).cookie)
    for path in (HERE, f"{HERE}/{mandate}"):
        assert (await reviewer.get(path, headers={"accept": "text/html"})).status == 403


async def test_an_unknown_number_is_an_empty_list(client: Client, as_staff: AsStaff) -> None:
    desk = at_desk(client, await as_staff("clerk"))
    answer = await desk.does(f"{HERE}/find", {"number": sample_number()}, on=HERE)
    assert (answer.status, "没有进行中的授权" in answer.text) == (200, True)
    assert await db.fetchval("SELECT count(*) FROM mandate") == 0


async def test_the_list_is_turned_where_it_is_kept_and_taken_away_as_it_is_shown(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registers, "SHOWN", 1)
    monkeypatch.setattr(registers, "LINES", 1)
    who = await as_citizen(name="王小芳")
    asked = [await asks(who, sample_number(date(2017, 6, day))) for day in (3, 4, 5)]
    desk = at_desk(client, await as_staff("clerk"))
    for sort, order in (("", asked), ("-since", asked[::-1])):
        page, seen = await desk.sees(HERE, sort=sort), []
        while following := re.search(r'href="([^"]+)" data-page="next"', page):
            seen += [one for one in asked if one in page]
            page = await desk.sees(following[1].replace("&amp;", "&"))
        assert [*seen, *(one for one in asked if one in page)] == order
    answer = await desk.browser.get(f"{HERE}/export", params={"relation": "guardian"})
    assert answer.body.decode().count("王*雨") == len(asked)
    assert (await desk.browser.get(f"{HERE}/export", params={"relation": "agent"})).body.decode().count("王*雨") == 0
    lines = "SELECT array_agg((detail->>'lines')::int ORDER BY id) FROM audit_entry WHERE action = 'mandates.exported'"
    assert await db.fetchval(lines) == [3, 0]
