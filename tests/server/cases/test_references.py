"""An approval by its name and number: written as it is printed, looked up by an officer, nothing granted without it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from server import db
from server.errors import Conflict, InvalidInput
from server.features.cases import service as cases
from server.features.cases.service import ReferenceIn
from server.features.catalogue.service._linter import faults
from server.ports import Ports
from tests.factories import catalogue as make
from tests.factories.cases import Office, begun, office
from tests.factories.identity import staff
from tests.fixtures_web import Client
from tests.server.cases.test_window import CARD, ID, code, received, seen
from tests.server.console.desk import at_desk, goes_to

APPROVAL = {
    "key": "approval", "name": "环评批复", "kind": "other", "source": "government", "need": "required",
    "medium": "either", "standards": ["在有效期内。"], "by_reference": True,
}  # fmt: skip
NAMED = {"key": "approval", "name": "关于样例项目环境影响报告表的批复", "number": "颍环审〔2026〕12号"}


async def naming() -> Office:
    return await office(materials=[CARD, APPROVAL])


async def test_named_on_the_phone_looked_up_and_granted(client: Client, ports: Ports) -> None:
    at = await naming()
    who = await begun(client, ports, at)
    half = {key: value for key, value in (await who.application()).items() if key != "delivery"}
    kept = await who.post("draft", half | {"references": [NAMED | {"number": ""}]})
    assert kept.json["materials"][1]["reference"]["name"] == NAMED["name"], "half a one is not lost"
    spaced = NAMED | {"number": " 颍环审〔2026〕12号　"}
    done = await who.post("submit", await who.application(references=[spaced]))
    assert done.status == 200, done.text
    shown = done.json["materials"][1]
    assert (shown["source"], shown["reference"]["number"]) == ("reference", NAMED["number"])
    assert NAMED["number"].encode() not in await db.fetchval("SELECT said_sealed FROM approval_reference")
    await cases.accept(at.clerk.actor, who.id)
    with pytest.raises(Conflict) as unlooked:
        await cases.grant(at.reviewer.actor, ports.signer, who.id, None)
    assert code(unlooked) == "cases.reference_open"
    with pytest.raises(InvalidInput) as wordless:
        await cases.look_up(at.reviewer.actor, who.id, "approval", found=False)
    assert (code(wordless), wordless.value.fields[0].path) == ("cases.reason_needed", "words")
    await cases.look_up(at.reviewer.actor, who.id, "approval", found=False, words="查了审批系统，没有这个文号。")
    with pytest.raises(Conflict) as missing:
        await cases.grant(at.reviewer.actor, ports.signer, who.id, None)
    assert code(missing) == "cases.reference_not_found"
    with pytest.raises(Conflict) as other:
        await cases.look_up(at.reviewer.actor, who.id, "id_card", found=True)
    assert code(other) == "cases.no_reference"
    await cases.look_up(at.reviewer.actor, who.id, "approval", found=True)
    await cases.grant(at.reviewer.actor, ports.signer, who.id, None)
    assert (await seen(at.reviewer.actor, who.id)).case.materials[1].reference.verdict == "found"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("wrong", "path", "fault"),
    [
        ({"name": ""}, "materials.approval.name", "missing"),
        ({"name": "12345"}, "materials.approval.name", "bad_format"),
        ({"number": ""}, "materials.approval.number", "missing"),
        ({"number": "没有数字的文号"}, "materials.approval.number", "reference_number"),
        ({"number": "12"}, "materials.approval.number", "reference_number"),
        ({"number": "<b>2026</b>"}, "materials.approval.number", "reference_number"),
        ({"key": "id_card"}, "materials.id_card", "not_by_reference"),
        ({"key": "nothing"}, "materials.nothing", "unknown_field"),
    ],
)
async def test_what_is_no_number_is_said_at_its_place(
    client: Client, ports: Ports, wrong: dict[str, str], path: str, fault: str
) -> None:
    who = await begun(client, ports, await naming())
    papers = [] if wrong.get("key") == "id_card" else (await who.application())["materials"]
    answer = await who.post("submit", await who.application(materials=papers, references=[NAMED | wrong]))
    assert answer.status == 422
    assert {"path": path, "code": fault}.items() <= answer.json["fields"][0].items()
    assert await db.fetchval("SELECT state FROM case_record") == "draft"


async def test_the_copy_goes_first_and_twice_is_refused(client: Client, ports: Ports) -> None:
    who = await begun(client, ports, await naming())
    twice = await who.post("submit", await who.application(references=[NAMED, NAMED]))
    assert (twice.status, twice.json["fields"][0]["code"]) == (422, "duplicate")
    papers = (await who.application())["materials"]
    papers += [{"key": "approval", "file_id": str((await who.picture("#445566")).id)}]
    done = await who.post("submit", await who.application(materials=papers, references=[NAMED]))
    assert done.json["materials"][1]["source"] == "upload"
    assert await db.fetchval("SELECT count(*) FROM approval_reference") == 0


async def test_written_down_at_the_window_and_looked_up_on_the_page(client: Client, ports: Ports) -> None:
    at = await naming()
    case_id = await received(at)
    await cases.check_materials(at.clerk.actor, case_id, [ID])
    desk = at_desk(client, at.clerk)
    case = f"/console/cases/{case_id}"
    assert (await desk.refused(f"{case}/reference", NAMED | {"number": "某号"})).status == 422
    goes_to(await desk.does(f"{case}/reference", NAMED))
    page = await desk.sees(case)
    assert NAMED["number"] in page
    assert f"{case}/look-up" in page
    goes_to(await desk.does(f"{case}/look-up", {"key": "approval", "verdict": "found"}))
    await cases.accept(at.clerk.actor, case_id)
    reviewed = await at_desk(client, at.reviewer).sees(case)
    assert "已查到" in reviewed
    assert "console." not in reviewed.replace("onetrip_console", "")


async def test_the_same_number_stays_looked_up_another_does_not(client: Client, ports: Ports) -> None:
    at = await naming()
    case_id = await received(at)
    clerk = at.clerk.actor
    given: dict[str, Any] = dict(NAMED)
    await cases.note_reference(clerk, case_id, ReferenceIn(**given))
    await cases.look_up(clerk, case_id, "approval", found=True)
    await cases.note_reference(clerk, case_id, ReferenceIn(**given))
    assert await db.fetchval("SELECT verdict FROM approval_reference") == "found"
    await cases.note_reference(clerk, case_id, ReferenceIn(**given | {"number": "颍环审〔2026〕13号"}))
    assert await db.fetchval("SELECT verdict FROM approval_reference") is None


async def test_two_who_look_at_once_leave_one_verdict(client: Client, ports: Ports) -> None:
    at = await naming()
    case_id = await received(at)
    await cases.note_reference(at.clerk.actor, case_id, ReferenceIn(**dict(NAMED)))
    other = await staff("clerk", hall=at.hall.id)
    await asyncio.gather(
        cases.look_up(at.clerk.actor, case_id, "approval", found=True),
        cases.look_up(other.actor, case_id, "approval", found=False, words="没有查到"),
    )
    row = await db.fetchrow("SELECT verdict, words_sealed, looked_by FROM approval_reference")
    assert row is not None
    assert (row["verdict"] == "found") == (row["looked_by"] == at.clerk.actor.staff_id) == (row["words_sealed"] is None)


async def test_what_does_as_well_is_told_beforehand(client: Client, ports: Ports) -> None:
    who = await begun(client, ports, await office(materials=[CARD, APPROVAL | {"pledge": "本人承诺已取得批复。"}]))
    lines = [line for line in who.case["told"] if "环评批复" in line]
    assert lines == ["需提交：环评批复（没有的，可以用书面承诺代替）（也可以只填批文名称和文号）"]


def test_only_what_an_authority_issued_is_named() -> None:
    for change in ({"source": "applicant"}, {"exempt": "审批库"}):
        found = {one.path: one.code for one in faults(make.content(materials=[APPROVAL | change]), "20")}
        assert found.get("materials.0.by_reference") == "reference_to_nothing"
    assert not [one for one in faults(make.content(materials=[APPROVAL]), "20") if one.path.startswith("materials")]
