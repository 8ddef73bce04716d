"""What is an enterprise's: read and heard of by whoever acts for it today, not by who handed it in and has left."""

from __future__ import annotations

from server.features.audit import service as audit
from server.features.cases import service as cases
from server.features.documents import service as documents
from server.features.identity.models import MemberRole, Membership
from server.kit import clock as clocks
from server.ports import Ports
from tests.factories.cases import office, submitted
from tests.factories.identity import AsCitizen, SomeCitizen, enterprise_of
from tests.fixtures_web import Client


async def log_of(client: Client, someone: SomeCitizen) -> list[tuple[str, str]]:
    told = (await client.as_(someone.token).get("/api/v1/me/access-log")).json["items"]
    return [(row["what"], row["whose"]) for row in told]


async def heard_by(client: Client, someone: SomeCitizen) -> set[str]:
    return {one["kind"] for one in (await client.as_(someone.token).get("/api/v1/inbox")).json["items"]}


async def test_who_has_left_neither_reads_who_looked_nor_hears_what_came_of_it(
    client: Client, ports: Ports, as_citizen: AsCitizen
) -> None:
    at = await office(audience=["enterprise"], themes=[])
    owner, dismissed = await as_citizen(name="李敏"), await as_citizen(name="赵离职")
    company = await enterprise_of(owner, name="样例餐饮有限公司")
    await Membership(enterprise_id=company, role=MemberRole.CLERK, person_id=dismissed.actor.person_id).save()
    who = await submitted(client, ports, at, dismissed, enterprise_id=str(company))
    await cases.accept(at.clerk.actor, who.id)
    for one in (owner, dismissed):
        assert "cases.accepted" in await heard_by(client, one)
    await Membership.filter(person_id=dismissed.actor.person_id).update(ended_at=clocks.now())

    desk = client.in_console(at.clerk.cookie)
    file_id = who.case["materials"][0]["files"][0]["id"]
    notice = (await documents.notices_of(who.thread_id, "zh-CN"))[0].id
    for page in ("", f"/files/{file_id}", f"/notices/{notice}.pdf"):
        assert (await desk.get(f"/console/cases/{who.id}{page}")).status == 200
    await cases.grant(at.reviewer.actor, ports.signer, who.id, None)

    assert len(log := await log_of(client, owner)) == 3
    assert {whose for _, whose in log} == {"样例餐饮有限公司"}
    assert await log_of(client, dismissed) == []
    assert dismissed.actor.person_id is not None
    assert (await audit.looks_at(dismissed.actor.person_id, cursor=None, limit=10)).items == []
    assert "cases.granted" in await heard_by(client, owner)
    assert "cases.granted" not in await heard_by(client, dismissed)
