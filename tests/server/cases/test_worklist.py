"""The work list: lights by the clocks, who has what, sorted, paged, counted, and safe in a spreadsheet."""

from __future__ import annotations

import csv
import io
from uuid import UUID

import pytest

from server import db
from server.actor import Staff
from server.features.cases import service as cases
from server.features.cases.service import Sort, Wanted, Whose, _worklist
from server.features.cases.service._worklist import LIGHTS
from server.features.thread import service as thread
from server.kit.cells import safe
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.cases import Applicant, Office, office, submitted
from tests.factories.identity import staff
from tests.fixtures_web import Client
from tests.server.console.desk import at_desk

STEPS = [{"key": "review", "name": "审查", "who": "审批科", "days": 5, "what": "审查材料。"}]


SORTS: tuple[Sort, ...] = ("", "due", "-due", "since", "-since")


async def open_office() -> Office:
    return await office(promise_days=5, legal_days=20, steps=STEPS)


async def taken_in(client: Client, ports: Ports, at: Office) -> Applicant:
    who = await submitted(client, ports, at)
    await cases.accept(at.clerk.actor, who.id)
    return who


async def test_lights_by_the_clocks(client: Client, ports: Ports, clock: Clock) -> None:
    at = await open_office()
    reviewer = at.reviewer.actor
    old = await taken_in(client, ports, at)
    clock.advance(days=50)
    late = await taken_in(client, ports, at)
    clock.advance(days=14)
    still, fresh = await taken_in(client, ports, at), await taken_in(client, ports, at)
    await cases.pause(reviewer, still.id, cases.PauseIn(kind="testing", basis="《食品安全法》", days=2))
    lit = {"red": old.id, "amber": late.id, "green": fresh.id, "black": still.id}
    assert await cases.light_counts(reviewer, Wanted(tab="decide")) == dict.fromkeys(LIGHTS, 1)
    for light in LIGHTS:
        (line,) = (await cases.worklist(reviewer, Wanted(tab="decide", light=light))).items
        (running,) = [one for one in await thread.clocks(line.thread_id) if one.kind is thread.ClockKind.DECIDE]
        assert (line.id, line.light, running.light) == (lit[light], light, light)
    # The soonest due comes first, whichever was handed in first.
    first = (await cases.worklist(reviewer, Wanted(tab="decide"))).items
    assert [line.id for line in first[:2]] == [old.id, late.id]
    last = (await cases.worklist(reviewer, Wanted(tab="decide", sort="-due"))).items
    assert [line.id for line in last] == [line.id for line in reversed(first)]


async def test_what_is_amber_is_found_behind_all_that_is_red(client: Client, ports: Ports, clock: Clock) -> None:
    at = await open_office()
    red = [await taken_in(client, ports, at) for _ in range(4)]
    clock.advance(days=40)
    late = []
    for _ in range(5):
        late.append(await taken_in(client, ports, at))
        clock.advance(days=1)
    clock.advance(days=9)
    still, fresh = await taken_in(client, ports, at), await taken_in(client, ports, at)
    await cases.pause(at.reviewer.actor, still.id, cases.PauseIn(kind="testing", basis="《食品安全法》", days=1))
    # On its last day it is amber still.
    await db.execute("UPDATE case_record SET law_on = $2 WHERE id = $1", late[0].id, clock.today())
    both = await staff("hall_manager", "reviewer", region="3412")
    inside = await staff("reviewer", hall=at.hall.id)
    for actor in (at.reviewer.actor, both.actor, inside.actor):
        counts = await cases.light_counts(actor, Wanted(tab="decide"))
        assert counts == {"red": len(red), "amber": len(late), "green": 1, "black": 1}
        for sort in SORTS:
            seen: list[UUID] = []
            cursor = None
            while cursor is not None or not seen:
                page = await cases.worklist(
                    actor, Wanted(tab="decide", light="amber", sort=sort), cursor=cursor, limit=2
                )
                seen += [line.id for line in page.items]
                cursor = page.next
                if cursor is None:
                    break
            # The soonest due comes first, which is here who came first.
            wanted = [one.id for one in late]
            assert seen == (wanted[::-1] if sort.startswith("-") else wanted), sort
    assert fresh.id not in seen


async def test_every_case_stands_on_one_page(client: Client, ports: Ports, clock: Clock) -> None:
    at = await open_office()
    every = {(await taken_in(client, ports, at)).id for _ in range(5)}
    both = await staff("hall_manager", "reviewer", region="3412")
    for actor in (at.reviewer.actor, both.actor):
        for sort in SORTS:
            seen, cursor = [], None
            while True:
                page = await cases.worklist(actor, Wanted(tab="decide", sort=sort), cursor=cursor, limit=2)
                seen += [line.id for line in page.items]
                cursor = page.next
                if cursor is None:
                    break
            assert (len(seen), set(seen)) == (5, every), sort
    clock.advance(minutes=1)


async def test_mine_and_nobodys(client: Client, ports: Ports) -> None:
    at = await open_office()
    reviewer = at.reviewer.actor
    mine, free = await taken_in(client, ports, at), await taken_in(client, ports, at)
    await cases.claim(reviewer, mine.id)
    other = await staff("reviewer", department=at.guide.department.id)
    seen: list[tuple[Staff, Whose, list[UUID]]] = [
        (reviewer, "mine", [mine.id]),
        (reviewer, "free", [free.id]),
        (other.actor, "mine", []),
        (other.actor, "free", [free.id]),
    ]
    for actor, whose, found in seen:
        page = await cases.worklist(actor, Wanted(tab="decide", whose=whose))
        assert [line.id for line in page.items] == found
    await cases.grant(reviewer, ports.signer, mine.id, None)
    left = await cases.worklist(reviewer, Wanted(tab="decide", whose="mine"))
    assert left.items == [], "what is decided is nobody's work any more"


async def test_the_days_of_the_list_are_those_of_the_clock(client: Client, ports: Ports, clock: Clock) -> None:
    """What a list is ordered by is kept beside the case; it must never say anything else than the clock."""
    at = await open_office()
    who = await submitted(client, ports, at)
    differs = """
        SELECT count(*) FROM case_record c JOIN clock k ON k.thread_id = c.thread_id AND k.state <> 'stopped'
        WHERE (c.promise_on, c.law_on) IS DISTINCT FROM (k.promise_on, k.law_on)
            OR c.paused_on IS DISTINCT FROM k.paused_on
    """
    reviewer, head = at.reviewer.actor, (await staff("reviewer", department=at.guide.department.id)).actor
    wish = cases.PauseIn(kind="testing", basis="《食品安全法》", days=2)
    assert await db.fetchval(differs) == 0
    await cases.accept(at.clerk.actor, who.id)
    assert await db.fetchval(differs) == 0
    await cases.pause(reviewer, who.id, wish)
    assert await db.fetchval(differs) == 0
    clock.advance(days=3)
    await cases.resume(reviewer, who.id, "检测合格。")
    assert await db.fetchval(differs) == 0
    await cases.ask_extension(reviewer, who.id, 2, "情况复杂。")
    await cases.approve_extension(head, who.id)
    assert await db.fetchval(differs) == 0


async def test_an_exported_table_is_never_run(client: Client, ports: Ports) -> None:
    for cell in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"):
        assert safe(cell) == f"'{cell}"
    for sign in "＝＋－＠":
        assert safe(f"{sign}1") == f"'{sign}1"
    assert safe("2026-11-20") == "2026-11-20"
    at = await open_office()
    who = await taken_in(client, ports, at)
    await db.execute("UPDATE item SET name = '=HYPERLINK(\"http://x\")' WHERE id = $1", at.item_id)
    desk = at_desk(client, at.reviewer)
    answer = await desk.browser.get("/console/cases/export", params={"list": "decide"})
    assert (answer.status, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert answer.body.startswith(b"\xef\xbb\xbf")
    head, line = list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"))))
    assert (head[0], line[0], line[2]) == ("编号", who.case["number"], "张*兰")
    assert line[1].startswith("'=HYPERLINK")
    assert await db.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'cases.exported'") == 1


async def test_a_table_is_read_page_by_page_and_its_taking_is_on_record_first(
    client: Client, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = await open_office()
    for _ in range(3):
        await taken_in(client, ports, at)
    monkeypatch.setattr(_worklist, "LINES", 1)
    lines = await cases.export(at.reviewer.actor, Wanted(tab="decide"))
    noted = "SELECT (detail->>'lines')::int FROM audit_entry WHERE action = 'cases.exported'"
    assert await db.fetchval(noted) == 3, "whoever breaks off has read what came until then"
    first = await anext(lines)
    # What is taken back meanwhile is not in what has not been read yet.
    await db.execute("UPDATE case_record SET state = 'withdrawn' WHERE id <> $1", first.id)
    assert [row.id async for row in lines] == []


async def test_a_reviewer_works_through_a_case_on_the_page(client: Client, ports: Ports) -> None:
    at = await open_office()
    who = await taken_in(client, ports, at)
    desk = at_desk(client, at.reviewer)
    path = f"/console/cases/{who.id}"
    listed = await desk.sees("/console/cases")
    assert 'class="light green"' in listed
    assert 'data-key="e"' in listed
    for deed, form, shown in (
        ("claim", {}, "审查中"),
        ("extend", {"days": "2", "reason": "情况复杂。"}, "申请延长2个工作日"),
        ("pause", {"kind": "hearing", "basis": "《行政许可法》第四十七条", "days": "2"}, "最迟到"),
        ("resume", {"result": "听证会已召开。"}, "听证会已召开。"),
        ("release", {}, "认领办理"),
    ):
        answer = await desk.does(f"{path}/{deed}", form)
        assert (answer.status, answer.headers["location"]) == (303, path)
        assert shown in await desk.sees(path)
    late = await desk.refused(f"{path}/pause", {"kind": "hearing", "basis": "《行政许可法》", "days": "2", "seen": "1"})
    assert "刘工" in late.text, "who was faster stands on the page"
