"""A theme is handed in once and becomes a case of each item that is needed: all of them, or none."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from server import db
from server.errors import NotFound
from server.features.cases import service as cases
from server.features.cases.service import _splitting
from server.features.catalogue import service as catalogue
from server.features.documents import service as documents
from server.ports import Ports
from tests.factories import catalogue as make
from tests.factories import themes
from tests.factories.booking import key
from tests.factories.cases import CASES
from tests.factories.family import ANSWERS, family, hand_in, handed_in, papers, reviewer_of
from tests.factories.identity import citizen
from tests.fixtures_web import Client

pytestmark = pytest.mark.usefixtures("database")


async def test_one_submission_becomes_a_case_of_each_item(client: Client, ports: Ports) -> None:
    one = await handed_in(client, ports)
    rows = await one.rows()
    assert [row["part"] for row in rows] == ["p1", "p2"]
    assert [row["state"] for row in rows] == ["submitted", "submitted"]
    assert [row["guide_id"] for row in rows] == [guide.id for guide in one.theme.parts[:2]]
    assert len({row["department_id"] for row in rows}) == 2
    parts = one.who.case["parts"]
    assert [part["name"] for part in parts] == ["户口登记", "社会保障卡申领"]
    assert len({one.who.case["number"], *(part["number"] for part in parts)}) == 3
    assert [part["light"] for part in parts] == ["green", "green"]
    forms = [(await cases.get(one.who.someone.actor, row["id"])).form for row in rows]
    name = one.who.someone.name
    assert forms == [{"name": name, "why": "新生儿"}, {"holder": name, "bank": "农业银行"}]


async def test_the_tree_brings_in_the_third_item(client: Client, ports: Ports) -> None:
    one = await handed_in(client, ports, old="yes")
    assert [row["part"] for row in await one.rows()] == ["p1", "p2", "p3"]


async def test_papers_are_referred_to_and_not_copied(client: Client, ports: Ports) -> None:
    one = await handed_in(client, ports, old="yes")
    shared = await db.fetch(
        "SELECT file_id, count(*) FROM material WHERE file_id IS NOT NULL GROUP BY file_id ORDER BY count(*) DESC"
    )
    # The card: the theme and two items; the photo: the theme and two items; the proofs: the theme and one.
    assert [row["count"] for row in shared] == [3, 3, 2, 2]
    assert await db.fetchval("SELECT count(*) FROM file WHERE thread_id IS NOT NULL") == 4
    household, card, _ = await one.rows()
    held = await db.fetch("SELECT rule_key, file_id FROM material WHERE case_id = $1", card["id"])
    assert {row["rule_key"] for row in held} == {"card", "photo"}
    proof = await db.fetchval("SELECT file_id FROM material WHERE case_id = $1 AND rule_key = 'proof'", household["id"])
    look = await reviewer_of(card)
    for row in held:
        place = await cases.paper_at_desk(look, card["id"], row["file_id"])
        await documents.look(look, ports.files, row["file_id"], place)
    # Of the others' papers nothing is seen.
    with pytest.raises(NotFound):
        await documents.look(look, ports.files, proof, await cases.paper_at_desk(look, card["id"], proof))


async def test_tapped_twice_is_handed_in_once(client: Client, ports: Ports) -> None:
    one = await family(client, ports)
    body = await one.who.application(form=ANSWERS | {"name": "张桂兰"}, materials=await papers(one.who))
    same = key()
    path = f"{CASES}/{one.who.id}/submit"
    first = await one.who.phone.post(path, json=body, headers=same)
    again = await one.who.phone.post(path, json=body, headers=same)
    assert (first.status, again.status, again.json["parts"]) == (200, 200, first.json["parts"])
    assert len(await one.rows()) == 2
    other = await one.who.phone.post(path, json=body, headers=key())
    assert (other.status, other.json["code"]) == (409, "cases.wrong_state")
    assert len(await one.rows()) == 2


async def test_a_crash_between_two_items_leaves_none(
    client: Client, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await family(client, ports)
    done = _splitting._hand_in
    count = 0

    async def dies(*given: Any) -> None:
        nonlocal count
        count += 1
        if count == 2:
            raise RuntimeError
        await done(*given)

    monkeypatch.setattr(_splitting, "_hand_in", dies)
    assert (await hand_in(one)).status == 500
    assert (await one.state(), await one.rows()) == ("draft", [])
    assert await db.fetchval("SELECT count(*) FROM thread") == 1
    monkeypatch.undo()
    assert (await hand_in(one)).status == 200
    assert len(await one.rows()) == 2


async def test_an_item_withdrawn_meanwhile_stops_the_theme_and_nothing_is_lost(client: Client, ports: Ports) -> None:
    one = await family(client, ports)
    await catalogue.withdraw_item(make.TESTER, one.theme.parts[1].item.id)
    refused = await hand_in(one)
    assert (refused.status, refused.json["code"]) == (409, "cases.part_withdrawn")
    assert "社会保障卡申领" in refused.json["detail"]
    assert (await one.state(), await one.rows()) == ("draft", [])
    someone = await citizen()
    start = await client.as_(someone.token).post(CASES, json={"item_id": str(one.theme.guide.item_id)}, headers=key())
    assert start.json["code"] == "cases.part_withdrawn"


@pytest.mark.parametrize(("old", "status", "begun"), [("yes", 409, 0), ("no", 200, 2)])
async def test_an_item_for_another_age_stops_the_theme_where_it_is_needed_and_nowhere_else(
    client: Client, ports: Ports, old: str, status: int, begun: int
) -> None:
    of = await themes.parts()
    of[2] = await make.guide(of[2].item, form=[themes.NAME], materials=[], ages={"at_least": 100})
    one = await family(client, ports, old=old, of=await themes.theme(of))
    answer = await hand_in(one)
    assert (answer.status, len(await one.rows())) == (status, begun)
    if answer.status != 200:
        assert (answer.json["code"], await one.state()) == ("cases.other_age", "draft")
        assert "老年证办理" in answer.json["detail"]
        assert answer.json["page"].endswith(str(of[2].item.id))


async def test_an_item_under_way_already_is_named(client: Client, ports: Ports) -> None:
    one = await family(client, ports)
    alone = await one.who.phone.post(CASES, json={"item_id": str(one.theme.parts[0].item.id)}, headers=key())
    form = {"name": "张桂兰", "why": "补登"}
    wanted = {"method": "counter", "hall_id": str(one.who.office.hall.id)}
    files = [{"key": name, "file_id": str((await one.who.picture(shade)).id)}
             for name, shade in (("id_card", "#010101"), ("proof", "#020202"))]  # fmt: skip
    body = {"form": form, "materials": files, "version": alone.json["version"], "delivery": wanted}
    path = f"{CASES}/{alone.json['id']}/submit"
    assert (await one.who.phone.post(path, json=body, headers=key())).status == 200
    refused = await hand_in(one)
    assert (refused.status, refused.json["code"]) == (409, "cases.part_under_way")
    assert alone.json["number"] in refused.json["detail"]
    assert await one.rows() == []


async def test_a_draft_of_an_item_gives_way(client: Client, ports: Ports) -> None:
    one = await family(client, ports)
    alone = await one.who.phone.post(CASES, json={"item_id": str(one.theme.parts[0].item.id)}, headers=key())
    assert (await hand_in(one)).status == 200
    assert await db.fetchval("SELECT state FROM case_record WHERE id = $1", UUID(alone.json["id"])) == "withdrawn"
    assert (await one.rows())[0]["thread_id"] == UUID(alone.json["thread_id"])


async def test_a_running_case_keeps_the_version_it_began_with(client: Client, ports: Ports) -> None:
    one = await family(client, ports)
    before = one.theme.parts[0]
    await make.guide(before.item, materials=[themes.CARD, themes.paper("new", "新材料")])
    assert (await hand_in(one)).status == 200
    rows = await one.rows()
    assert rows[0]["guide_id"] == before.id
    assert await db.fetchval("SELECT guide_id FROM item WHERE id = $1", before.item.id) != before.id
