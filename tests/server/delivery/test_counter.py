"""The counter in three steps: found, looked at, signed. Refusals are kept and change nothing."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import timedelta

import pytest

from server import db
from server.errors import AppError
from server.features.cases import service as cases
from server.features.cases.models import Tolerance
from server.features.delivery import service as delivery
from server.features.identity.models import MemberRole, Membership
from server.features.identity.service import Scope
from server.features.mandates.models import Basis, Mandate, Relation, State
from server.kit import clock as clocks
from server.ports import Ports
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.booking import key
from tests.factories.cases import SIGNED, Applicant, office, ready, shelved, submitted
from tests.factories.identity import AsCitizen, AsStaff, enterprise_of
from tests.fixtures_web import Answer, Client


async def refused(deed: Awaitable[object]) -> str:
    with pytest.raises(AppError) as why:
        await deed
    return why.value.code


async def kept() -> list[str]:
    rows = await db.fetch(
        "SELECT detail->>'reason' AS why FROM audit_entry WHERE action = 'delivery.refused' ORDER BY id"
    )
    return [row["why"] for row in rows]


async def sign(phone: Client, who: Applicant, drawn: str = SIGNED) -> Answer:
    path = f"/api/v1/threads/{who.thread_id}/delivery/signature"
    return await phone.post(path, json={"drawn": drawn}, headers=key())


async def test_signed_on_the_holders_own_phone(client: Client, ports: Ports) -> None:
    at = await office()
    who, code = await ready(client, ports, at)
    assert not (await who.screen())["delivery"]["to_sign"]
    assert (await sign(who.phone, who)).json["code"] == "delivery.check_over"
    receipt = await delivery.check(at.clerk.actor, code)
    assert (await who.screen())["delivery"]["to_sign"]
    for scribble in ("", "500,500", "500,500 500,500;500,500", "1,1 2,2 3,3 4,4 5,5 6,x", "0,0 2000,1 1,2 3,3 4,4 5,5"):
        assert (await sign(who.phone, who, scribble)).json["code"] == "delivery.signature_missing"
    assert await delivery.signed(at.clerk.actor, receipt) is None
    assert (await sign(who.phone, who)).status == 204
    assert await delivery.signed(at.clerk.actor, receipt) == who.thread_id
    shown = await who.screen()
    assert (shown["state"], shown["delivery"]["state"], shown["delivery"]["to_sign"]) == ("closed", "collected", False)
    row = await db.fetchrow("SELECT * FROM delivery_receipt")
    assert row is not None
    assert (row["signed_on"], row["as_agent"]) == ("phone", False)
    assert b"120,420" not in bytes(row["signature_sealed"])
    assert (await sign(who.phone, who)).json["code"] == "delivery.check_over"


async def test_a_check_does_not_last(client: Client, ports: Ports, clock: Clock) -> None:
    at = await office()
    who, code = await ready(client, ports, at)
    receipt = await delivery.check(at.clerk.actor, code)
    clock.advance(minutes=11)
    assert (await sign(who.phone, who)).json["code"] == "delivery.check_over"
    assert await refused(delivery.sign_on_pad(at.clerk.actor, receipt, SIGNED)) == "delivery.check_over"
    again = await delivery.check(at.clerk.actor, code)
    assert (await delivery.sign_on_pad(at.clerk.actor, again, SIGNED)).thread_id == who.thread_id


async def test_who_has_been_let_collects_and_nobody_else(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    at = await office()
    who, code = await ready(client, ports, at)
    agent, stranger = await as_citizen(name="李代办"), await as_citizen(name="路人甲")
    assert [one.relation for one in (await delivery.find(at.clerk.actor, code)).takers] == [None]
    assert agent.actor.person_id is not None
    assert who.someone.actor.person_id is not None
    mandate = Mandate(agent_id=agent.actor.person_id, person_id=who.someone.actor.person_id, relation=Relation.AGENT)
    mandate.scope, mandate.state, mandate.basis = Scope.EVERYTHING, State.LIVE, Basis.CONSENT
    mandate.until = clocks.today() + timedelta(days=9)
    await mandate.save(force_create=True)
    takers = (await delivery.find(at.clerk.actor, code)).takers
    assert [(one.name, one.relation) for one in takers] == [("张桂兰", None), ("李代办", "agent")]
    nobody = delivery.check(at.clerk.actor, code, taker_id=stranger.actor.person_id)
    assert await refused(nobody) == "delivery.not_for_them"
    await delivery.wrong_person(at.clerk.actor, code)
    assert await db.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'delivery.wrong_person'") == 1
    await delivery.check(at.clerk.actor, code, taker_id=agent.actor.person_id)
    assert (await sign(client.as_(stranger.token), who)).status == 404
    assert (await sign(who.phone, who)).status == 404, "somebody else stands at the counter"
    assert (await sign(client.as_(agent.token), who)).status == 204
    assert "delivery.collected_by_agent" in [one["name"] for one in (await who.screen())["steps"]]
    assert "delivery.collected" in [one["kind"] for one in (await who.phone.get("/api/v1/inbox")).json["items"]]


async def test_what_is_refused_is_kept_and_changes_nothing(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    at = await office()
    who, code = await ready(client, ports, at)
    town = await make.hall("town", region_code="341226100")
    elsewhere = (await as_staff("clerk", hall=town.id)).actor
    assert await refused(delivery.find(elsewhere, code)) == "delivery.at_other_hall"
    assert await refused(delivery.check(elsewhere, code)) == "delivery.at_other_hall"
    assert await refused(delivery.find(at.clerk.actor, "0000")) == "delivery.code_unknown"
    receipt = await delivery.check(at.clerk.actor, code)
    assert await refused(delivery.sign_on_pad(elsewhere, receipt, SIGNED)) == "delivery.check_over"
    assert await refused(delivery.sign_on_pad(at.clerk.actor, receipt, "1,1")) == "delivery.signature_missing"
    assert (await who.screen())["delivery"]["state"] == "ready_to_collect"
    await delivery.sign_on_pad(at.clerk.actor, receipt, SIGNED)
    assert await refused(delivery.check(at.clerk.actor, code)) == "delivery.collected"
    assert await kept() == [
        "delivery.at_other_hall", "delivery.at_other_hall", "delivery.code_unknown", "delivery.check_over",
        "delivery.signature_missing", "delivery.collected",
    ]  # fmt: skip


async def test_while_papers_are_awaited_nothing_is_handed_out(client: Client, ports: Ports, clock: Clock) -> None:
    at = await office()
    who, code = await ready(client, ports, at)
    open_still = Tolerance(case_id=who.id, keys=["id_card"], due_on=clock.today(), staff_id=at.clerk.actor.staff_id)
    await open_still.save(force_create=True)
    assert await refused(delivery.check(at.clerk.actor, code)) == "cases.tolerance_open"
    assert await kept() == ["cases.tolerance_open"]


async def test_asked_after_once_then_back_to_the_department(client: Client, ports: Ports, clock: Clock) -> None:
    at = await office()
    _, code = await ready(client, ports, at)
    clock.advance(days=6)
    assert await delivery.remind_uncollected() == 0
    clock.advance(days=1, minutes=1)
    assert (await delivery.remind_uncollected(), await delivery.remind_uncollected()) == (1, 0)
    clock.advance(days=23)
    assert (await delivery.return_uncollected(), await delivery.return_uncollected()) == (1, 0)
    told = await db.fetch("SELECT kind FROM inbox WHERE kind LIKE 'delivery.%' ORDER BY created_at, id")
    assert [row["kind"] for row in told] == [
        "delivery.ready_to_collect", "delivery.uncollected", "delivery.returned",
    ]  # fmt: skip
    assert await refused(delivery.find(at.clerk.actor, code)) == "delivery.not_ready"
    row = await db.fetchrow("SELECT state, shelf FROM delivery")
    assert row == ("returned", None)


async def test_what_came_back_may_be_had_another_way(client: Client, ports: Ports, clock: Clock) -> None:
    at = await office()
    who, code = await ready(client, ports, at)
    clock.advance(days=31)
    await delivery.return_uncollected()
    wish = {"method": "counter", "hall_id": str(at.hall.id)}
    chosen = await who.phone.put(f"/api/v1/threads/{who.thread_id}/delivery", json=wish, headers=key())
    assert chosen.status == 200, chosen.text
    assert [one.number for one in await delivery.made(at.reviewer.actor)] == [who.case["number"]]
    assert await refused(delivery.find(at.clerk.actor, code)) == "delivery.code_unknown", "the old code opens nothing"
    await shelved(at.clerk.actor, at.reviewer.actor, who.thread_id, "B-02")
    told = await db.fetchval("SELECT count(*) FROM inbox WHERE kind = 'delivery.ready_to_collect'")
    assert told == 2, "what is made ready a second time is said a second time"


async def test_what_is_an_enterprises_is_taken_by_whoever_acts_for_it_today(
    client: Client, ports: Ports, as_citizen: AsCitizen
) -> None:
    at = await office(audience=["enterprise"], themes=[])
    owner, clerk, dismissed = [await as_citizen(name=name) for name in ("李敏", "王经办", "赵离职")]
    company = await enterprise_of(owner)
    for one in (clerk, dismissed):
        assert one.actor.person_id is not None
        await Membership(enterprise_id=company, role=MemberRole.CLERK, person_id=one.actor.person_id).save()
    who = await submitted(client, ports, at, dismissed, enterprise_id=str(company))
    await cases.accept(at.clerk.actor, who.id)
    await cases.grant(at.reviewer.actor, ports.signer, who.id, None)
    await shelved(at.clerk.actor, at.reviewer.actor, who.thread_id)
    code = (await who.screen())["delivery"]["pickup_code"]
    seen = [(one.name, one.relation) for one in (await delivery.find(at.clerk.actor, code)).takers]
    assert seen == [("赵离职", "clerk"), ("李敏", "legal_person"), ("王经办", "clerk")]
    await Membership.filter(person_id=dismissed.actor.person_id).update(ended_at=clocks.now())
    await db.execute("UPDATE delivery SET ready_at = ready_at - interval '8 days'")
    assert await delivery.remind_uncollected() == 1
    for someone, hears in ((owner, True), (clerk, True), (dismissed, False)):
        told = (await client.as_(someone.token).get("/api/v1/inbox")).json["items"]
        assert ("delivery.uncollected" in [one["kind"] for one in told]) is hears, someone.name
    seen = [(one.name, one.relation) for one in (await delivery.find(at.clerk.actor, code)).takers]
    assert seen == [("李敏", "legal_person"), ("王经办", "clerk")]
    assert await refused(delivery.check(at.clerk.actor, code)) == "delivery.not_for_them"
    receipt = await delivery.check(at.clerk.actor, code, taker_id=clerk.actor.person_id)
    assert (await delivery.sign_on_pad(at.clerk.actor, receipt, SIGNED)).thread_id == who.thread_id
    row = await db.fetchrow("SELECT as_agent FROM delivery_receipt")
    assert row is not None
    assert row["as_agent"] is False, "it is the enterprise's own hand"
