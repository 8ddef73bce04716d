"""A phone becomes the test person of a walk by a code that works once, and is nobody's when the walk has ended."""

from __future__ import annotations

import re
from uuid import UUID

import asyncpg
import pytest

from server import db
from server.features.identity import service as identity
from server.features.supervision import service as supervision
from server.features.thread import service as thread
from server.kit import clock as clocks
from server.kit import ids
from tests.conftest import Clock
from tests.factories import open_matters as keep
from tests.factories import walks
from tests.factories.identity import citizen, staff
from tests.fixtures_web import Answer, Client
from tests.server.console.desk import HTML, at_desk, goes_to

pytestmark = pytest.mark.usefixtures("client")
WALKS = "/console/assignments/walks"
LOGIN = "/api/v1/login/walk"


async def entered(client: Client, code: str) -> Answer:
    return await client.post(LOGIN, json={"code": code})


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_the_desk_shows_a_code_and_a_phone_is_the_test_person(client: Client, language: str) -> None:
    ground, who = await keep.ground(), await staff("supervisor")
    desk = at_desk(client.with_(accept_language=language), who)
    here = f"{WALKS}/{await supervision.begin_walk(who.actor, ground.item)}"
    assert "/console/qr/" not in await desk.sees(here), "nobody is let in before it is asked for"
    goes_to(await desk.does(f"{here}/code", on=here))
    page = await desk.sees(here)
    drawn = re.search(r"/console/qr/[\w-]+\.svg", page)
    assert drawn
    assert (await desk.browser.get(drawn[0])).status == 200
    number = re.search(r"WALK-\d{5}", page)
    assert number
    shown = await supervision.code_shown(who.actor, UUID(here[-36:]))
    assert shown
    opened = await client.get(f"/api/v1/codes/{shown.token}")
    assert opened.json["page"] == f"/features/supervision/pages/walk?token={shown.token}"
    assert (await client.get(f"/q/{shown.token}")).status in (302, 303), "looking uses nothing up"
    login = await entered(client, shown.token)
    assert login.status == 200
    me = login.json["me"]
    assert me["walk"] == number[0]
    assert me["person"]["document_kind"] == "walk"
    assert ids.is_walked(UUID(me["person"]["id"]))
    assert "/console/qr/" not in await desk.sees(here), "a used code is shown no more"
    rows = await db.fetch("SELECT action, detail FROM audit_entry WHERE subject = 'walk' ORDER BY created_at, id")
    assert [row["action"] for row in rows][-2:] == ["supervision.walk_code", "supervision.walk_entered"]
    assert str(who.actor.staff_id) in rows[-1]["detail"], "who walks as whom"


async def test_a_code_works_once_and_for_a_time_and_no_longer_than_the_walk(client: Client, clock: Clock) -> None:
    ground, who = await keep.ground(), await staff("supervisor")
    walk = await supervision.begin_walk(who.actor, ground.item)
    first = await walks.code(who, walk)
    assert (await entered(client, first)).status == 200
    again = await entered(client, first)
    assert (again.status, again.json["code"]) == (410, "codes.used")
    old, new = await walks.code(who, walk), await walks.code(who, walk)
    assert (await entered(client, old)).json["code"] == "codes.expired", "another one takes its place"
    clock.advance(seconds=601)
    assert (await entered(client, new)).json["code"] == "codes.expired"
    last = await walks.code(who, walk)
    await supervision.end_walk(who.actor, walk)
    assert (await entered(client, last)).status == 410
    assert (await entered(client, "never-a-code-of-ours")).json["code"] == "codes.unknown"
    desk = at_desk(client, who)
    assert "提前结束" in await desk.sees(f"{WALKS}/{walk}")
    refused = await desk.refused(f"{WALKS}/{walk}/code", on=f"{WALKS}/{walk}")
    assert refused.status == 409
    assert "已经结束" in refused.text
    assert await supervision.code_shown(who.actor, walk) is None


async def test_the_walks_end_is_the_test_persons(client: Client) -> None:
    ground = await keep.ground()
    walk = await walks.walk(ground.item)
    phone = client.as_(walk.token)
    assert (await phone.get("/api/v1/me")).status == 200
    await walk.ends()
    await walk.ends()
    assert (await phone.get("/api/v1/me")).status == 401
    seen = await supervision.walk(walk.by.actor, walk.id)
    assert (seen.next, seen.ended_at is not None) == (None, True)
    gone = await db.fetchval("SELECT disabled_at FROM account WHERE id = $1", walk.actor.account_id)
    assert gone is not None


async def test_only_who_walks_may(client: Client) -> None:
    ground, who = await keep.ground(), await staff("supervisor")
    walk = await supervision.begin_walk(who.actor, ground.item)
    other = at_desk(client, await staff("supervisor"))
    assert (await other.refused(f"{WALKS}/{walk}/code", on=WALKS)).status == 404
    assert (await other.refused(f"{WALKS}/{walk}/end", on=WALKS)).status == 404
    for role in ("clerk", "reviewer", "evaluator", "hall_manager"):
        desk = at_desk(client, await staff(role))
        answer = await desk.browser.get(f"{WALKS}/{walk}", headers=HTML)
        assert answer.status == 403, role
        assert (await desk.refused(f"{WALKS}/{walk}/code", on="/console")).status == 403, role


BINDING = [
    ("POST", "/me/phone", {"code": "x"}),
    ("POST", "/me/phone/proof", {"phone": "19912345678", "code": "123456"}),
    ("POST", "/me/real-name", {"document_kind": "passport", "name": "A", "number": "E12345678"}),
    ("POST", "/enterprises", {"uscc": "91341226MA2MWRCQ4K", "name": "样例公司"}),
    ("POST", "/me/data/erasure", {}),
    ("POST", "/me/data/export", {}),
]


@pytest.mark.parametrize(("method", "path", "body"), BINDING, ids=[row[1] for row in BINDING])
async def test_a_test_person_binds_nobody_real(client: Client, method: str, path: str, body: dict[str, str]) -> None:
    walk = await walks.walk((await keep.ground()).item)
    phone = client.as_(walk.token).with_(idempotency_key="0123456789abcdef01234567")
    refused = await phone.request(method, f"/api/v1{path}", json=body)
    assert (refused.status, refused.json["code"]) == (403, "identity.test_person")
    assert "测试人员" in refused.json["detail"]


async def test_a_test_person_acts_for_no_relative_and_no_relative_for_them(client: Client) -> None:
    walk = await walks.walk((await keep.ground()).item)
    real = await citizen()
    phone = client.as_(walk.token).with_(idempotency_key="0123456789abcdef01234567")
    asked = {"document_kind": "resident_id", "name": real.name, "number": real.number}
    refused = await phone.post("/api/v1/mandates", json={**asked, "relation": "parent", "scope": "visits", "days": 30})
    assert refused.json["code"] == "identity.test_person"
    mine = await identity.parties(walk.actor)
    assert (mine.person_ids, mine.enterprise_ids) == ((walk.person,), ())


async def test_the_mark_is_kept_by_the_database() -> None:
    walk = await walks.walk((await keep.ground()).item)
    plain, number = ids.new_id(), thread.format_number("341226", clocks.today(), 999_999)
    for sql in (
        "UPDATE person SET document_kind = 'passport' WHERE id = $1",
        "INSERT INTO account (id, created_at, person_id, locale) VALUES ($2, now(), $1, 'en')",
        f"""INSERT INTO thread (id, created_at, updated_at, number, region_code, item_id, title, person_id)
           SELECT $2, now(), now(), '{number}', '341226', id, 'x', $1 FROM item LIMIT 1""",
    ):
        with pytest.raises(asyncpg.CheckViolationError, match="walked_check"):
            await db.execute(sql, walk.person, *([plain] if "$2" in sql else []))
