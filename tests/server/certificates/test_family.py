"""The wallet holds one's own, one's family's and one's enterprises' certificates, as long as one may act for them."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from server import db
from server.features.certificates import service as certificates
from server.features.certificates.models import Certificate, CertificateType
from server.features.documents import service as documents
from server.features.identity.models import MemberRole, Membership
from server.features.identity.service import Scope
from server.features.mandates.models import Basis, Mandate, Relation, State
from server.kit import clock as clocks
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.booking import key
from tests.factories.cases import Applicant, granted, office, submitted
from tests.factories.identity import AsCitizen, SomeCitizen, child_of, enterprise_of, staff
from tests.fixtures_web import Client
from tests.server.certificates.test_certificates import CHECKS, WALLET

CONSENTS = "/api/v1/certificates/consents"


async def issued(who: Applicant, ports: Ports, *, person_id: UUID, enterprise_id: UUID | None = None) -> str:
    """One of somebody's, by the same office; another kind each time."""
    used = set(await Certificate.all().values_list("type_id", flat=True))
    kind = (await CertificateType.exclude(id__in=used).order_by("key"))[0]
    officer, department = who.office.reviewer.actor, who.office.guide.department.id
    return str(
        await certificates.issue(
            officer,
            ports.signer,
            type_key=kind.key,
            thread_id=who.thread_id,
            person_id=person_id,
            enterprise_id=enterprise_id,
            department_id=department,
            facts={},
            validity_months=12,
            sample=True,
            hand=documents.SealHand(department_id=department, power="own", staff_id=officer.staff_id),
        )
    )


async def mandate(agent: SomeCitizen, holder: SomeCitizen, relation: Relation, days: int = 9) -> Mandate:
    assert agent.actor.person_id
    assert holder.actor.person_id
    row = Mandate(agent_id=agent.actor.person_id, person_id=holder.actor.person_id, relation=relation)
    row.scope, row.state, row.basis = Scope.EVERYTHING, State.LIVE, Basis.CONSENT
    row.until = clocks.today() + timedelta(days=days)
    await row.save(force_create=True)
    return row


async def held(phone: Client) -> dict[str, str]:
    return {card["id"]: card["whose"] for card in (await phone.get(WALLET)).json}


async def is_no_such(phone: Client, certificate_id: str) -> bool:
    """Ask for it each way there is: it looks like one that was never there."""
    nothing = await phone.get(f"{WALLET}/{uuid4()}")
    for method, path, options in (
        ("GET", "", {}),
        ("GET", "/picture", {}),
        ("GET", ".pdf", {}),
        ("POST", "/presentations", {}),
        ("POST", "/printed-code", {"headers": key()}),
        ("DELETE", "/printed-code", {}),
    ):
        answer = await phone.request(method, f"{WALLET}/{certificate_id}{path}", **options)
        if (answer.status, answer.json["code"]) != (404, nothing.json["code"]):
            return False
    return certificate_id not in await held(phone)


async def test_ones_own_the_familys_and_the_enterprises(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    who = await granted(client, ports, await office())
    parent, mother, stranger = await as_citizen(name="王建国"), await as_citizen(name="李秀英"), await as_citizen()
    child, company = await child_of(parent), await enterprise_of(parent)
    await mandate(parent, mother, Relation.RELATIVE)
    for person in (parent, mother, stranger):
        assert person.actor.person_id is not None
    own = await issued(who, ports, person_id=parent.actor.person_id)  # type: ignore[arg-type] # verified
    of_child = await issued(who, ports, person_id=child)
    of_mother = await issued(who, ports, person_id=mother.actor.person_id)  # type: ignore[arg-type] # verified
    of_company = await issued(who, ports, person_id=parent.actor.person_id, enterprise_id=company)  # type: ignore[arg-type] # verified
    phone = client.as_(parent.token)
    assert await held(phone) == {own: "own", of_child: "family", of_mother: "family", of_company: "enterprise"}
    for one in (own, of_child, of_mother, of_company):
        assert (await phone.get(f"{WALLET}/{one}")).status == 200
        assert (await phone.post(f"{WALLET}/{one}/presentations")).status == 201
        assert await is_no_such(client.as_(stranger.token), one), "another family's"
    assert await held(client.as_(mother.token)) == {of_mother: "own"}, "whoever is represented represents nobody"


async def test_what_has_ended_opens_nothing(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    who = await granted(client, ports, await office())
    agent, holder = await as_citizen(name="李代办"), await as_citizen(name="张奶奶")
    given = await mandate(agent, holder, Relation.AGENT)
    assert holder.actor.person_id is not None
    paper, phone = await issued(who, ports, person_id=holder.actor.person_id), client.as_(agent.token)
    assert await held(phone) == {paper: "family"}
    given.state, given.ended_at = State.ENDED, clocks.now()
    await given.save(update_fields=["state", "ended_at"])
    assert await is_no_such(phone, paper)


@pytest.mark.parametrize("relation", [Relation.RELATIVE, Relation.AGENT])
async def test_the_last_day_of_a_mandate(
    client: Client, ports: Ports, as_citizen: AsCitizen, clock: Clock, relation: Relation
) -> None:
    who = await granted(client, ports, await office())
    agent, holder = await as_citizen(name="李代办"), await as_citizen(name="张奶奶")
    await mandate(agent, holder, relation, days=1)
    assert holder.actor.person_id is not None
    paper, phone = await issued(who, ports, person_id=holder.actor.person_id), client.as_(agent.token)
    assert await held(phone) == {paper: "family"}
    clock.advance(days=1)
    assert await is_no_such(phone, paper)


async def test_a_grown_up_child_has_a_wallet_of_its_own(
    client: Client, ports: Ports, as_citizen: AsCitizen, clock: Clock
) -> None:
    who = await granted(client, ports, await office())
    parent, today = await as_citizen(name="王建国"), clocks.today()
    child = await child_of(parent, born=today.replace(year=today.year - 18) + timedelta(days=3))
    paper, phone = await issued(who, ports, person_id=child), client.as_(parent.token)
    assert await held(phone) == {paper: "family"}
    clock.advance(days=4)
    assert await is_no_such(phone, paper)


async def test_only_for_visits_is_not_for_papers(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    who = await granted(client, ports, await office())
    agent, holder = await as_citizen(name="李代办"), await as_citizen(name="张奶奶")
    given = await mandate(agent, holder, Relation.AGENT)
    given.scope = Scope.VISITS
    await given.save(update_fields=["scope"])
    assert holder.actor.person_id is not None
    assert await is_no_such(client.as_(agent.token), await issued(who, ports, person_id=holder.actor.person_id))


async def test_an_enterprises_is_of_its_members_today(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    """Who applied and has left hears no more of it, and answers nothing; who acts for it today does."""
    who = await granted(client, ports, await office())
    owner, dismissed = await as_citizen(name="李敏"), await as_citizen(name="赵离职")
    company = await enterprise_of(owner)
    assert dismissed.actor.person_id is not None
    await Membership(enterprise_id=company, role=MemberRole.CLERK, person_id=dismissed.actor.person_id).save()
    paper = await issued(who, ports, person_id=dismissed.actor.person_id, enterprise_id=company)
    boss, left = client.as_(owner.token), client.as_(dismissed.token)
    assert (await held(boss), await held(left)) == ({paper: "enterprise"}, {paper: "enterprise"})
    await Membership.filter(person_id=dismissed.actor.person_id).update(ended_at=clocks.now())
    assert await is_no_such(left, paper)

    asker = await as_citizen(name="王银行")
    bank, phone = await enterprise_of(asker), client.as_(asker.token)
    code = (await boss.post(f"{WALLET}/{paper}/presentations")).json["token"]
    seen = (await phone.post(CHECKS, json={"token": code})).json
    wish = {"check_id": seen["check_id"], "enterprise_id": str(bank), "purpose": "贷款"}
    consent = (await phone.post(CONSENTS, json=wish, headers=key())).json["id"]
    second = (await staff("reviewer", department=who.office.guide.department.id)).actor
    await certificates.ask_change(who.office.reviewer.actor, UUID(paper), "suspend", "样例")
    waiting = await db.fetchval("SELECT id FROM certificate_change WHERE state = 'asked'")
    await certificates.agree_to_change(second, waiting)
    for token, kinds in (
        (owner.token, {"certificates.consent_asked", "certificates.suspended"}),
        (dismissed.token, set()),
    ):
        told = (await client.as_(token).get("/api/v1/inbox")).json["items"]
        assert {one["kind"] for one in told if one["kind"].startswith("certificates.")} == kinds
    phones = await db.fetch("SELECT DISTINCT account_id FROM outbox WHERE kind LIKE 'certificates.%'")
    assert [row["account_id"] for row in phones] == [owner.actor.account_id]
    answer = {"json": {"agree": True}, "headers": key()}
    assert (await left.post(f"{CONSENTS}/{consent}/answer", **answer)).status == 404
    assert (await boss.post(f"{CONSENTS}/{consent}/answer", json={"agree": True}, headers=key())).status == 200


async def test_who_looked_at_an_enterprises_is_read_by_its_members_today(
    client: Client, ports: Ports, as_citizen: AsCitizen
) -> None:
    """Whoever handed the matter in, and whose certificate the paper of a register says it is: the enterprise's."""
    business = await office(audience=["enterprise"], themes=[])
    owner, clerk = await as_citizen(name="李敏"), await as_citizen(name="赵离职")
    company = await enterprise_of(owner)
    assert clerk.actor.person_id is not None
    await Membership(enterprise_id=company, role=MemberRole.CLERK, person_id=clerk.actor.person_id).save()
    case = await submitted(client, ports, business, clerk, enterprise_id=str(company))
    paper = await issued(case, ports, person_id=clerk.actor.person_id, enterprise_id=company)
    await certificates.desk_certificate(business.reviewer.actor, ports.signer, UUID(paper))

    async def reads(token: str) -> list[tuple[str, str | None]]:
        rows = (await client.as_(token).get("/api/v1/me/access-log")).json["items"]
        return [(row["what"], row["whose"]) for row in rows if "证照" in row["what"]]

    seen = [("查看了您的证照", "颍上县样例餐饮有限公司")]
    assert (await reads(owner.token), await reads(clerk.token)) == (seen, seen)
    await Membership.filter(person_id=clerk.actor.person_id).update(ended_at=clocks.now())
    assert (await reads(owner.token), await reads(clerk.token)) == (seen, [])


async def test_the_wallet_says_why_one_does_not_count(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    who = await granted(client, ports, await office())
    holder = await as_citizen(name="张奶奶")
    assert holder.actor.person_id is not None
    paper, phone = await issued(who, ports, person_id=holder.actor.person_id), client.as_(holder.token)

    async def card() -> tuple[str, str | None, bool]:
        (one,) = (await phone.get(WALLET)).json
        return one["state"], one["basis"], one["changed_at"] is not None

    assert await card() == ("valid", None, False)
    second = (await staff("reviewer", department=who.office.guide.department.id)).actor
    await certificates.ask_change(who.office.reviewer.actor, UUID(paper), "suspend", "年审未通过。")
    assert await card() == ("valid", None, False), "nothing is said before the second officer has agreed"
    waiting = await db.fetchval("SELECT id FROM certificate_change WHERE state = 'asked'")
    await certificates.agree_to_change(second, waiting)
    assert await card() == ("suspended", "年审未通过。", True)
    await certificates.resume(second, UUID(paper), "已补审。")
    assert await card() == ("valid", None, False)
    async with db.tx():
        await certificates.revoke_of_thread(second, who.thread_id)
    assert await card() == ("revoked", "见该办件的决定文书", True)
    english = (await phone.get(WALLET, headers={"accept-language": "en"})).json[0]
    assert english["basis"] == "See the decision of its matter"


async def test_what_counts_stands_before_what_does_not(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    who = await granted(client, ports, await office())
    holder = await as_citizen(name="张奶奶")
    assert holder.actor.person_id is not None
    older, newer, dead = [await issued(who, ports, person_id=holder.actor.person_id) for _ in range(3)]
    await db.execute("UPDATE certificate SET state = 'revoked' WHERE id = $1", UUID(dead))
    held = (await client.as_(holder.token).get(WALLET)).json
    assert [one["id"] for one in held] == [newer, older, dead]
