"""A copy of everything kept about somebody, and nothing of anybody else."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from server import db
from server.features.audit import service as audit
from server.features.privacy import service as privacy
from server.ports import Ports
from tests.factories.cases import granted, office
from tests.factories.identity import AsCitizen, child_of
from tests.fixtures_web import Client


def opened(body: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        names = [name for name in archive.namelist() if name != "data.json"]
        return json.loads(archive.read("data.json"))["tables"], {name: archive.read(name) for name in names}


async def test_everything_about_me_in_clear(client: Client, ports: Ports) -> None:
    who = await granted(client, ports, await office())
    answer = await who.phone.post("/api/v1/me/data/export")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/zip")
    assert "no-store" in answer.headers["cache-control"]
    tables, papers = opened(answer.body)
    [me] = tables["person"]
    assert (me["name"], me["document"]) == (who.someone.name, who.someone.number)
    assert [one["phone"] for one in tables["account"]] == [who.someone.phone]
    assert {"case_record", "certificate", "thread", "step", "inbox", "file", "consent", "session"} <= set(tables)
    assert all(isinstance(row["form"], dict) for row in tables["case_record"])
    assert len(papers) == len(tables["file"]) > 0
    assert all(content for content in papers.values())
    assert "cases.granted" in {deed["action"] for deed in tables["audit_entry"]}


async def test_no_secret_and_no_officer_is_in_it(client: Client, ports: Ports) -> None:
    who = await granted(client, ports, await office())
    tables, _ = opened((await who.phone.post("/api/v1/me/data/export")).body)
    told = json.dumps(tables)
    assert who.someone.token not in told
    for officer in (who.office.clerk, who.office.reviewer):
        assert str(officer.actor.staff_id) not in told
    columns = {column for rows in tables.values() for row in rows for column in row}
    assert not {column for column in columns if column.endswith(("_index", "_hash", "_sealed", "token"))}


async def test_nothing_of_anybody_else(as_citizen: AsCitizen) -> None:
    parent = await as_citizen(name="王芳")
    child = await child_of(parent, name="王小雨")
    assert parent.person_id is not None
    mine = await privacy.held(parent.person_id)
    assert [row["id"] for row in mine["person"]] == [parent.person_id]
    assert "王小雨" not in str(mine)
    assert [row["name"] for row in (await privacy.held(child))["person"]] == ["王小雨"]


async def test_every_table_that_names_a_person_is_in_it_or_says_why() -> None:
    """Whatever says `person_id` is followed, with a foreign key or without; only a row without an id cannot be."""
    named = await db.fetch(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'person_id'"
    )
    shown = await db.fetch(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'id'"
    )
    assert len(named) > 10
    assert {row[0] for row in named} - {row[0] for row in shown} - set(privacy.KEPT_OUT) == set()


async def test_three_copies_a_day_and_each_is_on_record(client: Client, as_citizen: AsCitizen) -> None:
    who = await as_citizen()
    phone = client.as_(who.token)
    answers = [await phone.post("/api/v1/me/data/export") for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert answers[3].json["code"] == "privacy.exported_enough"
    assert (await phone.get("/api/v1/me/data")).json["exports_left"] == 0
    assert await db.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'identity.exported'") == 3
    assert who.person_id is not None
    assert (await audit.looks_at(who.person_id, cursor=None, limit=5)).items == [], "one's own look is none of staff"
