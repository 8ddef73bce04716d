"""A person reads who has looked at their papers, and nobody else does."""

from __future__ import annotations

from server import db
from server.features.audit import service as audit
from server.features.identity import service as identity
from server.kit import ids
from tests.factories import catalogue as places
from tests.factories.identity import AsCitizen, AsStaff
from tests.fixtures_web import Client

PATH = "/api/v1/me/access-log"


async def test_a_person_reads_who_looked(client: Client, as_citizen: AsCitizen, as_staff: AsStaff) -> None:
    hall = await places.hall()
    clerk, who, other = await as_staff("clerk", hall=hall.id), await as_citizen(), await as_citizen()
    for number in (who.number, other.number):
        await identity.find_person(clerk.actor, number=number)
    async with db.tx():
        await audit.record(clerk.actor, "cases.accepted", "case", ids.new_id(), person_id=who.person_id)
        await audit.record(who.actor, "documents.viewed", "file", ids.new_id(), person_id=who.person_id)
    listed = (await client.as_(who.token).get(PATH)).json
    assert [row | {"at": ""} for row in listed["items"]] == [
        {
            "at": "",
            "who": f"{hall.name} · 窗口工作人员",
            "what": "查询了您的身份信息",
            "thread_number": None,
            "whose": None,
        }
    ]
    assert listed["items"][0]["at"].endswith("+08:00")
    assert clerk.actor.name not in str(listed)


async def test_a_long_log_comes_in_pages(client: Client, as_citizen: AsCitizen, as_staff: AsStaff) -> None:
    clerk, who = await as_staff("clerk"), await as_citizen()
    async with db.tx():
        for serial in range(7):
            await audit.record(
                clerk.actor, "documents.viewed", "file", ids.new_id(), person_id=who.person_id, serial=serial
            )
    me, seen, cursor = client.as_(who.token), [], None
    for _ in range(3):
        page = (await me.get(PATH, params={"limit": "3"} | ({"cursor": cursor} if cursor else {}))).json
        seen += page["items"]
        cursor = page["next"]
    assert cursor is None
    assert len(seen) == 7
    assert [row["at"] for row in seen] == sorted((row["at"] for row in seen), reverse=True)
    assert (await me.get(PATH, params={"cursor": "made-up"})).status == 422


async def test_it_needs_a_name(client: Client, as_citizen: AsCitizen) -> None:
    assert (await client.get(PATH)).status == 401
    nobody = await as_citizen(verified=False)
    assert (await client.as_(nobody.token).get(PATH)).status == 403
