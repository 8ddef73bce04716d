"""Being forgotten: what goes, what the law keeps, and what must end first."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from server import db
from server.actor import System
from server.errors import Conflict
from server.features.cases import service as cases
from server.features.cases.schemas import StartIn
from server.features.identity import service as identity
from server.features.privacy import service as privacy
from server.kit import ids
from server.ports import Ports
from tests.factories.cases import granted, office
from tests.factories.identity import AsCitizen, AsStaff
from tests.fixtures_web import Answer, Client
from tests.server.console.desk import at_desk, goes_to

OPERATOR = System(name="operator")


async def wishes(client: Client, token: str, method: str = "POST") -> Answer:
    phone = client.as_(token)
    send: Any = phone.post if method == "POST" else phone.delete
    answer: Answer = await send("/api/v1/me/data/erasure", headers={"idempotency-key": ids.token()})
    return answer


async def test_whoever_leaves_no_archive_is_gone_with_their_name(client: Client, as_citizen: AsCitizen) -> None:
    who, other = await as_citizen(name="欧阳春晓"), await as_citizen(name="张三")
    assert who.person_id is not None
    assert (await wishes(client, who.token)).json["erasure"]["state"] == "asked"
    done = await privacy.erase(OPERATOR, who.person_id)
    assert (done.kept, done.unnamed, done.forgotten["logins"]) == ([], True, 1)
    assert (await client.as_(who.token).get("/api/v1/me")).status == 401
    assert (await identity.person(who.person_id)).name == "—"
    assert await identity.person_by_document(OPERATOR, who.number) is None
    assert "欧阳春晓" not in str(await privacy.held(who.person_id))
    assert await db.fetchval("SELECT count(*) FROM inbox WHERE person_id = $1", who.person_id) == 0
    assert (await client.as_(other.token).get("/api/v1/me")).status == 200
    again = await as_citizen(name="欧阳春晓", number=who.number)
    assert again.person_id not in (None, who.person_id), "whoever comes back begins anew"


async def test_a_decided_case_keeps_its_name(client: Client, ports: Ports) -> None:
    who = await granted(client, ports, await office())
    person_id = who.someone.person_id
    assert person_id is not None
    refused = await wishes(client, who.someone.token)
    assert (refused.status, refused.json["code"]) == (409, "privacy.matters_open")
    with pytest.raises(Conflict, match=r"privacy\.matters_open"):
        await privacy.erase(OPERATOR, person_id)
    await db.execute("UPDATE thread SET state = 'closed' WHERE person_id = $1", person_id)
    assert set((await who.phone.get("/api/v1/me/data")).json["kept"]) == {"cases", "certificates"}
    done = await privacy.erase(OPERATOR, person_id)
    assert (set(done.kept), done.unnamed) == ({"cases", "certificates"}, False)
    view = await identity.person(person_id)
    assert (view.name, view.number, view.phone) == (who.someone.name, who.someone.number, None)
    assert await identity.accounts_of(person_id) == []
    assert (await who.phone.get("/api/v1/me")).status == 401


async def test_asking_twice_at_once_is_one_wish_and_it_can_be_taken_back(client: Client, as_citizen: AsCitizen) -> None:
    who = await as_citizen()
    answers = await asyncio.gather(*(wishes(client, who.token) for _ in range(5)))
    assert {answer.status for answer in answers} == {200}
    assert await db.fetchval("SELECT count(*) FROM data_request") == 1
    assert (await wishes(client, who.token, "DELETE")).json["erasure"]["state"] == "withdrawn"
    assert (await wishes(client, who.token, "DELETE")).status == 404


async def test_the_administrator_answers_at_the_desk(client: Client, as_citizen: AsCitizen, as_staff: AsStaff) -> None:
    stays, goes = await as_citizen(name="王小明"), await as_citizen(name="李小强")
    for one in (stays, goes):
        await wishes(client, one.token)
    desk = at_desk(client, await as_staff("administrator"))
    assert stays.person_id is not None
    rows = {row["person_id"]: row["id"] for row in await db.fetch("SELECT id, person_id FROM data_request")}
    page = await desk.sees("/console/privacy")
    assert "王*明" in page
    assert "王小明" not in page
    path = f"/console/privacy/{rows[stays.person_id]}"
    assert (await desk.refused(path, {"deed": "decline"}, on="/console/privacy")).status == 422
    goes_to(await desk.does(path, {"deed": "decline", "reason": "须先变更企业法定代表人"}, on="/console/privacy"))
    mine = (await client.as_(stays.token).get("/api/v1/me/data")).json["erasure"]
    assert (mine["state"], mine["reason"]) == ("declined", "须先变更企业法定代表人")
    assert (await client.as_(stays.token).get("/api/v1/inbox")).json["items"][0]["kind"] == "privacy.declined"
    goes_to(await desk.does(f"/console/privacy/{rows[goes.person_id]}", {"deed": "erase"}, on="/console/privacy"))
    assert (await client.as_(goes.token).get("/api/v1/me")).status == 401
    clerk = client.in_console((await as_staff("clerk")).cookie)
    assert (await clerk.get("/console/privacy", headers={"accept": "text/html"})).status == 403


async def test_a_draft_is_a_matter_that_must_end(client: Client, as_citizen: AsCitizen) -> None:
    place, who = await office(), await as_citizen()
    await cases.start(who.actor, StartIn(item_id=place.item_id))
    refused = await wishes(client, who.token)
    assert (refused.status, refused.json["code"]) == (409, "privacy.matters_open")
