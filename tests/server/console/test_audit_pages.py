"""The auditor's pages: what is there is found, what is not theirs is not, and reading leaves its own line."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from server import db
from server.config import Settings
from server.features.audit import service as audit
from server.features.audit.service import Wanted, _parts
from server.features.cases import service as cases
from server.features.documents import service as documents
from server.kit import clock, texts
from server.ports import Ports
from tests.factories import catalogue as make
from tests.factories.audit import seal
from tests.factories.cases import Applicant, office, submitted
from tests.factories.identity import AsStaff
from tests.fixtures_web import Client
from tests.server.console.desk import HTML, Desk, at_desk, goes_to

TRAIL = "/console/audit"


async def looked_at(client: Client, ports: Ports) -> Applicant:
    """A case whose papers the clerk has looked at."""
    who = await submitted(client, ports, await office())
    await cases.view(who.office.clerk.actor, who.id)
    file_id = who.case["materials"][0]["files"][0]["id"]
    await documents.look(who.office.clerk.actor, ports.files, file_id, who.thread_id)
    return who


async def auditor(client: Client, as_staff: AsStaff) -> Desk:
    return at_desk(client, await as_staff("auditor", name="郑清"))


def rows(page: str) -> list[str]:
    return [re.sub(r"<[^>]+>|\s+", " ", row) for row in page.partition("<tbody>")[2].split("</tr>")[:-1]]


async def test_who_looked_at_the_papers_of_a_case(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    who = await looked_at(client, ports)
    desk = await auditor(client, as_staff)
    found = rows(await desk.sees(TRAIL, case=who.case["number"], looks="1"))
    assert len(found) == 2
    assert "查看材料" in found[0]
    assert "查看办件" in found[1]
    for row in found:
        assert who.office.clerk.username in row
        assert "张*兰" in row
        assert who.someone.name not in row


async def test_every_filter_narrows(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    who = await looked_at(client, ports)
    desk = await auditor(client, as_staff)
    clerk = who.office.clerk.username
    assert {clerk in row for row in rows(await desk.sees(TRAIL, who=clerk))} == {True}
    assert all("查看材料" in row for row in rows(await desk.sees(TRAIL, action="documents.viewed")))
    assert len(rows(await desk.sees(TRAIL, action="cases."))) == 1
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    assert rows(await desk.sees(TRAIL, since=tomorrow)) == []
    assert rows(await desk.sees(TRAIL, until=clock.today().isoformat()))
    assert "没有这个用户名" in await desk.sees(TRAIL, who="nobody")
    assert "没有这个办件编号" in await desk.sees(TRAIL, case="123")
    assert (await desk.browser.get(TRAIL, params={"since": "soon"}, headers=HTML)).status == 422


async def test_every_deed_there_is_can_be_asked_for(client: Client, as_staff: AsStaff) -> None:
    told = await (await auditor(client, as_staff)).sees(TRAIL)
    offered = set(re.findall(r'<option value="([^"]*)"', told))
    known = texts.below("audit.action")
    assert known
    assert {key.removeprefix("audit.action.") for key in known} <= offered


async def test_a_person_is_found_without_a_number_in_the_address(
    client: Client, ports: Ports, as_staff: AsStaff
) -> None:
    who = await looked_at(client, ports)
    desk = await auditor(client, as_staff)
    there = goes_to(await desk.does(f"{TRAIL}/person", {"number": who.someone.number}, on=TRAIL))
    assert who.someone.number not in there
    page = await desk.sees(there)
    assert "只看与 张*兰 有关的记录" in page
    assert who.someone.name not in page
    assert who.someone.number not in page
    told = (await who.phone.get("/api/v1/me/access-log")).json["items"]
    assert any("审计" in line["who"] for line in told), "the person can read that an auditor looked them up"
    nobody = "110101199003070002"
    assert (await desk.refused(f"{TRAIL}/person", {"number": nobody}, on=TRAIL)).status == 422


async def test_reading_the_trail_is_on_the_trail(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    who = await looked_at(client, ports)
    reader = await as_staff("auditor")
    await at_desk(client, reader).sees(TRAIL, case=who.case["number"])
    row = await db.fetchrow("SELECT actor_id, thread_id FROM audit_entry WHERE action = 'audit.searched'")
    assert row is not None
    assert (row["actor_id"], row["thread_id"]) == (reader.actor.staff_id, who.thread_id)


async def test_pages_follow_each_other_without_a_gap(as_staff: AsStaff) -> None:
    reader = await as_staff("auditor")
    async with db.tx():
        for _ in range(25):
            await audit.record(reader.actor, "catalogue.day_set", "calendar_day", None)
    wanted, cursor, seen = Wanted(action="catalogue.day_set"), None, []
    while True:
        page = await (await audit.search(reader.actor, wanted, None)).page(db.Sought(cursor=cursor, limit=10))
        seen += [one.id for one in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 25


async def test_a_towns_auditor_sees_the_town(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    who = await looked_at(client, ports)
    town = await make.hall("town", region_code="341226100")
    theirs = await as_staff("clerk", hall=town.id)
    await at_desk(client, theirs).sees("/console/bookings")
    desk = at_desk(client, await as_staff("auditor", region="341226100"))
    page = await desk.sees(TRAIL)
    assert theirs.username in page
    assert who.office.clerk.username not in page
    assert rows(await desk.sees(TRAIL, case=who.case["number"])) == []


@pytest.fixture
def own_chain(settings: Settings, database: None) -> None:
    """Forget the checkpoints of earlier tests, whose entries are gone."""
    settings.audit_checkpoints.unlink(missing_ok=True)


@pytest.mark.usefixtures("own_chain")
async def test_the_chain_is_shown_and_checked_in_parts(
    client: Client, ports: Ports, as_staff: AsStaff, monkeypatch: pytest.MonkeyPatch
) -> None:
    await looked_at(client, ports)
    desk = await auditor(client, as_staff)
    await seal(ports.witness)
    state = await audit.chain_state(ports.witness)
    assert state.sealed > 5
    assert state.waiting == 0
    assert f"{state.sealed} 条" in await desk.sees(f"{TRAIL}/chain")
    monkeypatch.setattr("server.features.audit.service._parts.PART", 3)
    monkeypatch.setattr(
        "server.features.audit.service._parts._RANGE",
        _parts._RANGE.replace("LIMIT 1000", "LIMIT 3"),
    )
    begun = await desk.does(f"{TRAIL}/chain", {"first": "1", "last": str(state.sealed)}, on=TRAIL)
    assert await db.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'audit.verified'") == 1
    said, page = [], begun.text
    while step := re.search(r'hx-get="([^"]+)"', page.partition('id="check"')[2] or page):
        page = await desk.sees(step[1].replace("&amp;", "&"))
        said += re.findall(r"已核验 (\d+) /", page)
        assert len(said) < 100
    assert said[:2] == ["3", "6"]
    assert "完好" in page
    too_far = {"first": "1", "last": str(state.sealed + 1000)}
    assert (await desk.refused(f"{TRAIL}/chain", too_far, on=TRAIL)).status == 422


@pytest.mark.usefixtures("own_chain")
async def test_a_changed_entry_is_named(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    await looked_at(client, ports)
    await seal(ports.witness)
    state = await audit.chain_state(ports.witness)
    async with db.tx() as connection:
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("UPDATE audit_entry SET action = 'cases.denied' WHERE sequence = 4")
    desk = await auditor(client, as_staff)
    page = await desk.sees(f"{TRAIL}/chain/step", first="1", last=str(state.sealed), at="0")
    assert "第 4 条记录被改动过" in page
    part = await audit.verify_part(ports.witness, 5, state.sealed, 4)
    assert part.fault is None, "a range speaks of itself"
    async with db.tx() as connection:
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("DELETE FROM audit_entry WHERE sequence = 6")
    part = await audit.verify_part(ports.witness, 5, state.sealed, 4)
    assert (part.fault, part.sequence) == ("missing", 6)


async def test_only_auditors_see_it(client: Client, as_staff: AsStaff) -> None:
    for role in ("clerk", "reviewer", "hall_manager", "supervisor", "administrator"):
        browser = client.in_console((await as_staff(role)).cookie)
        for path in (TRAIL, f"{TRAIL}/chain", f"{TRAIL}/chain/step?first=1&last=1&at=0"):
            assert (await browser.get(path, headers=HTML)).status == 403, role
