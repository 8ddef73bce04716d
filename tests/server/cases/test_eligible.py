"""For whom a guide is: refused before anything is begun, and again when it is handed in; an officer is warned."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from server import db
from server.features.cases import service as cases
from server.features.cases.service import WindowIn
from server.features.identity import service as identity
from server.kit import clock as clocks
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.booking import key
from tests.factories.cases import CASES, begun, office, submitted
from tests.factories.identity import REGISTER, AsCitizen, child_of, citizen, enterprise_of, sample_number
from tests.fixtures_web import Client
from tests.server.cases.test_rulings import NAME, SAME_NAME, decided, elder, ruled, ruling, state
from tests.server.console.desk import at_desk

OLD: dict[str, Any] = {"ages": {"at_least": 60}}
TURNS = datetime(2030, 6, 15, tzinfo=clocks.SHANGHAI)


async def test_a_draft_of_the_wrong_kind_of_party_is_not_handed_in(
    client: Client, ports: Ports, as_citizen: AsCitizen
) -> None:
    """One that was begun before anybody was refused: what was filled in stays, and nothing reaches the office."""
    at = await office()
    owner = await as_citizen(name="李敏")
    company = await enterprise_of(owner)
    who = await begun(client, ports, at, owner)
    await db.execute("UPDATE case_record SET enterprise_id = $2 WHERE id = $1", who.id, company)
    refused = await who.post("submit", await who.application())
    assert (refused.status, refused.json["code"]) == (409, "cases.person_only")
    assert await db.fetchval("SELECT state FROM case_record WHERE id = $1", who.id) == "draft"


async def test_who_is_too_young_begins_nothing_and_is_shown_the_way(
    client: Client, ports: Ports, as_citizen: AsCitizen
) -> None:
    at = await office(**OLD)
    mother = await as_citizen(name="王芳", born=date(1980, 3, 1))
    child = await child_of(mother)
    phone = client.as_(mother.token)
    for wish in ({}, {"for_person_id": str(child)}):
        told = await phone.post(CASES, json={"item_id": str(at.item_id)} | wish, headers=key())
        assert (told.status, told.json["code"]) == (409, "cases.other_age")
        assert "年满 60 周岁" in told.json["detail"]
        assert told.json["page"] == f"/features/catalogue/pages/guide?id={at.item_id}"
    english = (
        await client.as_(mother.token)
        .with_(accept_language="en")
        .post(CASES, json={"item_id": str(at.item_id)}, headers=key())
    )
    assert "aged 60 or over" in english.json["detail"]
    assert await db.fetchval("SELECT count(*) FROM thread") == 0
    me = (await phone.get("/api/v1/me")).json
    assert me["represents"][0]["age"] == clocks.today().year - 2019 - (
        (clocks.today().month, clocks.today().day) < (5, 4)
    )
    old = await begun(client, ports, at, await elder())
    assert old.case["content"]["ages"] == {"at_least": 60, "below": None}


async def test_the_age_is_counted_on_the_day_in_shanghai(client: Client, ports: Ports, clock: Clock) -> None:
    at = await office(ages={"at_least": 60, "below": 61})
    clock.set(TURNS - timedelta(minutes=1))
    someone = await citizen(name="张桂兰", born=date(1970, 6, 15))
    phone = client.as_(someone.token)
    early = await phone.post(CASES, json={"item_id": str(at.item_id)}, headers=key())
    assert early.json["code"] == "cases.other_age"
    clock.set(TURNS + timedelta(minutes=1))
    who = await begun(client, ports, at, someone)
    filled = await who.application()
    clock.set(TURNS + timedelta(days=365))
    late = await who.post("submit", filled)
    assert late.status == 409, late.text
    assert late.json["code"] == "cases.other_age"
    assert await state(who) == "draft"


async def test_a_window_takes_it_and_everybody_who_decides_is_warned(client: Client, ports: Ports) -> None:
    at = await office(**OLD)
    clerk = at.clerk.actor
    young = await identity.register_person(
        clerk, kind="resident_id", name="赵小庚", number=sample_number(date(2010, 1, 6)), checker=REGISTER
    )
    wish = WindowIn(item_id=at.item_id, hall_id=at.hall.id, person_id=young.id, situation={})
    case_id = await cases.receive(clerk, wish)
    mark = (await cases.view(clerk, case_id)).other_age
    assert mark is not None
    assert (mark.rule, mark.age) == ("年满 60 周岁", young.age)
    desk = at_desk(client, at.clerk)
    assert f"年龄不符：本事项由年满 60 周岁的人申请，申请人 {young.age} 周岁" in await desk.sees(
        f"/console/cases/{case_id}"
    )
    assert "本事项由年满 60 周岁的人申请" in await desk.sees("/console/receive", item=str(at.item_id))
    old = await submitted(client, ports, at, await elder())
    assert (await cases.view(clerk, old.id)).other_age is None
    assert "年龄不符" not in await desk.sees(f"/console/cases/{old.id}")
    await cases.accept(clerk, old.id)
    await db.execute("UPDATE case_record SET person_id = $2 WHERE id = $1", old.id, young.id)
    assert "年龄不符" in await at_desk(client, at.reviewer).sees(f"/console/cases/{old.id}")


async def test_whose_document_tells_no_age_is_asked_at_the_window_and_never_granted_by_rules(
    client: Client, ports: Ports, as_citizen: AsCitizen
) -> None:
    at = await office(**ruled(SAME_NAME, form=[NAME]), **OLD)
    foreigner = await citizen(name="ANNA SAMPLE", number="E12345678", kind="passport")
    who = await decided(client, ports, at, foreigner, form={"name": "ANNA SAMPLE"})
    assert (await ruling(who)).why == "other_age"
    assert await state(who) == "submitted"
    mark = (await cases.view(at.clerk.actor, who.id)).other_age
    assert mark is not None
    assert mark.age is None
    assert "请当面核对" in await at_desk(client, at.clerk).sees(f"/console/cases/{who.id}")
