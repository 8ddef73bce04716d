"""The office: who may take in and decide what, everything told at once and in writing, every look on record."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from server import db
from server.actor import Staff
from server.errors import AppError, Conflict, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.cases import service as cases
from server.features.cases.schemas import CorrectionLine
from server.features.certificates.schemas import FieldRule, TypeIn
from server.features.certificates.service import define_type
from server.ports import Ports
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.booking import key
from tests.factories.cases import Applicant, begun, granted, office, submitted
from tests.factories.identity import AsCitizen, AsStaff, child_of
from tests.fixtures_web import Client

LINE = CorrectionLine(key="id_card", reason="照片模糊，请重拍。")


def refused(raised: pytest.ExceptionInfo[AppError]) -> str:
    return raised.value.code


async def test_correction_is_asked_once_and_only_from_the_guide(client: Client, ports: Ports) -> None:
    who = await submitted(client, ports, await office())
    clerk = who.office.clerk.actor
    for lines, code in (
        ([], "cases.correction_empty"),
        ([CorrectionLine(key="bank_statement", reason="要流水")], "cases.correction_outside_guide"),
        ([CorrectionLine(key="id_card", reason=" \t ")], "invalid_input"),
        ([CorrectionLine(key="id_card", reason="请重拍😀")], "documents.unprintable"),
    ):
        with pytest.raises(InvalidInput) as raised:
            await cases.ask_correction(clerk, who.id, lines)
        assert refused(raised) == code
    await cases.ask_correction(clerk, who.id, [LINE, CorrectionLine(key="reason", reason="请写明理由")])
    who.case = (await who.phone.get(f"/api/v1/cases/{who.id}")).json
    assert who.case["state"] == "correction_asked"
    assert who.case["materials"][0]["refused_reason"] == LINE.reason
    assert {line["key"] for line in who.case["correction"]["lines"]} == {"id_card", "reason"}
    first = who.case["materials"][0]["files"][0]["id"]
    better = [{"key": "id_card", "file_id": str((await who.picture("#ffffff")).id)}]
    again = await who.post("submit", await who.application(materials=better))
    assert (again.status, again.json["state"]) == (200, "submitted")
    assert (again.json["correction"], again.json["materials"][0]["refused_reason"]) == (None, None)
    # What was handed in at first stays with the matter.
    assert await db.fetchval("SELECT thread_id FROM file WHERE id = $1", UUID(first)) == who.thread_id
    with pytest.raises(Conflict) as late:
        await cases.ask_correction(clerk, who.id, [LINE])
    assert refused(late) == "cases.corrected_once"
    assert (await cases.view(clerk, who.id)).case.correction is not None


async def test_who_accepted_does_not_decide(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    at = await office()
    both = await as_staff("clerk", "reviewer")
    who = await submitted(client, ports, at)
    await cases.accept(both.actor, who.id)
    for deed in (cases.grant(both.actor, ports.signer, who.id, None), cases.deny(both.actor, who.id, "不符合条件")):
        with pytest.raises(Conflict) as raised:
            await deed
        assert refused(raised) == "cases.same_officer"
    await cases.grant(at.reviewer.actor, ports.signer, who.id, None)


async def test_what_is_done_on_the_spot_needs_one_officer(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    both = await as_staff("clerk", "reviewer")
    steps = [{"key": "accept", "name": "受理", "who": "窗口", "days": 0, "what": "当场办结。"}]
    at = await office(handling="instant", promise_days=0, steps=steps)
    who = await submitted(client, ports, at)
    await cases.accept(both.actor, who.id)
    await cases.grant(both.actor, ports.signer, who.id, None)
    assert (await who.screen())["case"]["state"] == "granted"


async def test_nobody_outside_sees_or_touches_a_case(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    who = await submitted(client, ports, await office())
    other_hall = await make.hall("town", region_code="341226100")
    other_office = await make.department("housing")
    strangers = [
        await as_staff("clerk", hall=other_hall.id),
        await as_staff("reviewer", department=other_office.id),
        await as_staff("clerk", "reviewer", region="341226100"),
    ]
    for stranger in strangers:
        for tab in ("accept", "correction", "decide", "done"):
            assert (await cases.worklist(stranger.actor, cases.Wanted(tab=tab))).items == []
        for deed in deeds(ports):
            with pytest.raises(NotFound):
                await deed(stranger.actor, who.id)
    # A role reaches as far as its own grants: a clerk here who reviews elsewhere decides nothing here.
    half = await as_staff("reviewer", department=other_office.id)
    with pytest.raises(NotFound):
        await cases.accept(half.actor, who.id)
    by_region = await as_staff("clerk", region="3412")
    assert [row.id for row in (await cases.worklist(by_region.actor, cases.Wanted(tab="accept"))).items] == [who.id]


def deeds(ports: Ports) -> list[Callable[[Staff, UUID], Awaitable[object]]]:
    return [
        cases.view,
        cases.accept,
        lambda actor, case_id: cases.ask_correction(actor, case_id, [LINE]),
        lambda actor, case_id: cases.decline(actor, case_id, "不属于本机关职权"),
        lambda actor, case_id: cases.grant(actor, ports.signer, case_id, None),
        lambda actor, case_id: cases.deny(actor, case_id, "不符合条件"),
    ]


async def test_two_clerks_at_once(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    at = await office()
    who = await submitted(client, ports, at)
    clerks = [await as_staff("clerk", hall=at.hall.id) for _ in range(4)]
    done = await asyncio.gather(*(cases.accept(one.actor, who.id) for one in clerks), return_exceptions=True)
    assert Counter(getattr(one, "code", "done") for one in done) == {"done": 1, "cases.moved_on": 3}
    assert await db.fetchval("SELECT count(*) FROM notice") == 1
    assert await db.fetchval("SELECT count(*) FROM clock WHERE kind = 'decide'") == 1


async def test_the_officer_never_writes_over_what_came_meanwhile(client: Client, ports: Ports) -> None:
    """Accepting, and withdrawing at the same moment: one of them is late, and nothing is half done."""
    who = await submitted(client, ports, await office())
    accepted, withdrawn = await asyncio.gather(
        cases.accept(who.office.clerk.actor, who.id), who.post("withdraw"), return_exceptions=True
    )
    assert not isinstance(withdrawn, BaseException)
    state = await db.fetchval("SELECT state FROM case_record WHERE id = $1", who.id)
    assert (accepted is None, withdrawn.status, state) in {
        (True, 200, "withdrawn"),
        (False, 200, "withdrawn"),
        (True, 409, "accepted"),
    }


@pytest.mark.parametrize("trouble", ["certificates.type_unknown", "certificates.no_issuer_code"])
async def test_a_certificate_that_cannot_be_issued_leaves_nothing_half_done(
    client: Client, ports: Ports, trouble: str
) -> None:
    unknown = {"name": "样例许可证", "kind": "certificate", "certificate_type": "brand_new"}
    at = await (office(result=unknown) if trouble.endswith("unknown") else office(uscc=None))
    who = await submitted(client, ports, at)
    await cases.accept(at.clerk.actor, who.id)
    before = await counts()
    with pytest.raises(Conflict) as raised:
        await cases.grant(at.reviewer.actor, ports.signer, who.id, None)
    assert refused(raised) == trouble
    assert await counts() == before
    assert [row.state for row in (await cases.worklist(at.reviewer.actor, cases.Wanted(tab="decide"))).items] == [
        "accepted"
    ]
    # Once the operator has mended it, the same tap goes through.
    rule = FieldRule(key="holder", label="持证人", source="holder.name")
    await define_type(
        TypeIn(key="brand_new", name="样例许可证", type_code="11100000000013127D999", colour="#123456", fields=[rule])
    )
    await office() if trouble.endswith("code") else None
    await cases.grant(at.reviewer.actor, ports.signer, who.id, None)


async def counts() -> list[int]:
    tables = ("notice", "certificate", "step", "delivery", "outbox", "inbox", "audit_entry", "code")
    return [await db.fetchval(f"SELECT count(*) FROM {table}") for table in tables]


async def test_a_refusal_says_why_and_what_can_be_done(client: Client, ports: Ports) -> None:
    at = await office()
    declined, denied = await submitted(client, ports, at), await submitted(client, ports, at)
    await cases.decline(at.reviewer.actor, declined.id, "  不属于本机关职权。\r\n请向民政部门申请。  ")
    await cases.accept(at.clerk.actor, denied.id)
    await cases.deny(at.reviewer.actor, denied.id, "年龄不符。")
    for who, kind, reason in (
        (declined, "refusal", "不属于本机关职权。\n请向民政部门申请。"),
        (denied, "decision_denied", "年龄不符。"),
    ):
        matter = await who.screen()
        decision = matter["case"]["decision"]
        assert (decision["granted"], decision["reason"]) == (False, reason)
        assert "行政复议" in decision["remedies"]
        assert matter["notices"][-1]["kind"] == kind
        assert (matter["state"], matter["rating"]["subject"]) == ("closed", "case")
        drawn = await who.phone.get(matter["notices"][-1]["url"])
        assert (drawn.status, drawn.body[:5]) == (200, b"%PDF-")


async def test_the_clock_runs_from_acceptance_and_stops_with_the_decision(
    client: Client, ports: Ports, clock: Clock
) -> None:
    who = await submitted(client, ports, await office())
    assert (await who.screen())["clock"] is None
    await cases.accept(who.office.clerk.actor, who.id)
    running = (await who.screen())["clock"]
    assert (running["days_left"], running["light"]) == (5, "green")
    clock.advance(days=21)
    reviewer = who.office.reviewer.actor
    assert [row.light for row in (await cases.worklist(reviewer, cases.Wanted(tab="decide"))).items] == ["amber"]
    clock.advance(days=21)
    assert [row.light for row in (await cases.worklist(reviewer, cases.Wanted(tab="decide"))).items] == ["red"]
    await cases.deny(reviewer, who.id, "不符合条件。")
    assert await db.fetchval("SELECT count(*) FROM clock WHERE state <> 'stopped'") == 0


async def test_every_look_is_on_record_for_whose_papers_they_are(
    client: Client, ports: Ports, as_citizen: AsCitizen
) -> None:
    at = await office()
    parent = await as_citizen(name="李敏")
    child = await child_of(parent)
    who = await submitted(client, ports, at, parent, for_person_id=str(child))
    seen = await cases.view(at.clerk.actor, who.id)
    assert (seen.agent, seen.agent_phone) == (parent.name, parent.phone)
    file_id = who.case["materials"][0]["files"][0]["id"]
    desk = client.in_console(at.clerk.cookie)
    assert (await desk.get(f"/console/cases/{who.id}/files/{file_id}")).status == 200
    looks = await audit.looks_at(child, cursor=None, limit=10)
    assert [look.action for look in looks.items] == ["documents.viewed", "cases.viewed"]
    told = (await who.phone.get("/api/v1/me/access-log")).json["items"]
    assert [(row["thread_number"], row["whose"]) for row in told] == [(who.case["number"], "王*一")] * 2
    mandate = (await who.phone.get("/api/v1/me")).json["represents"][0]["mandate_id"]
    await who.phone.request("DELETE", f"/api/v1/mandates/{mandate}", headers=key())
    assert (await who.phone.get("/api/v1/me/access-log")).json["items"] == [], "whoever acts no longer reads no longer"


async def test_the_worklist_shows_the_longest_waiting_first(client: Client, ports: Ports, clock: Clock) -> None:
    at = await office()
    waiting: list[Applicant] = []
    for _ in range(3):
        waiting.append(await submitted(client, ports, at))
        clock.advance(minutes=5)
    assert [row.id for row in (await cases.worklist(at.clerk.actor, cases.Wanted(tab="accept"))).items] == [
        who.id for who in waiting
    ]
    assert {row.applicant for row in (await cases.worklist(at.clerk.actor, cases.Wanted(tab="accept"))).items} == {
        "张*兰"
    }
    draft = await begun(client, ports, at)
    assert draft.id not in {row.id for row in (await cases.worklist(at.clerk.actor, cases.Wanted(tab="accept"))).items}


async def test_a_grant_opens_the_way_to_the_result(client: Client, ports: Ports) -> None:
    matter = await (await granted(client, ports, await office())).screen()
    assert (matter["case"]["state"], matter["delivery"]["state"]) == ("granted", "preparing")
    assert [one["type"] for one in matter["certificates"]] == ["老年优待证"]
    assert (matter["delivery"]["pickup_code"], matter["rating"]) == (None, None)
