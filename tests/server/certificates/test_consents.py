"""An enterprise reads all of a certificate only when its holder has agreed: once, for one purpose, and soon."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest

from server import db
from server.features.identity.models import Membership
from server.kit import clock as clocks
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.booking import key
from tests.factories.cases import Applicant
from tests.factories.identity import AsCitizen, SomeCitizen, enterprise_of
from tests.fixtures_web import Answer, Client
from tests.server.certificates.test_certificates import CHECKS, WALLET, holder
from tests.server.certificates.test_showing import presented

CONSENTS = "/api/v1/certificates/consents"


@dataclass(slots=True)
class Asking:
    """A holder who shows a certificate, and an enterprise's phone that has just checked it."""

    who: Applicant
    card: dict[str, Any]
    phone: Client
    someone: SomeCitizen
    enterprise: UUID
    check: str

    async def ask(self, **changes: object) -> Answer:
        body = {"check_id": self.check, "enterprise_id": str(self.enterprise), "purpose": "办理入职登记"} | changes
        return await self.phone.post(CONSENTS, json=body, headers=key())

    async def asked(self) -> str:
        answer = await self.ask()
        assert answer.status == 201, answer.text
        found: str = answer.json["id"]
        return found

    async def answer(self, consent: str, *, agree: bool = True) -> Answer:
        return await self.who.phone.post(f"{CONSENTS}/{consent}/answer", json={"agree": agree}, headers=key())

    async def read(self, consent: str) -> Answer:
        return await self.phone.post(f"{CONSENTS}/{consent}/read", headers=key())

    async def state(self, consent: str) -> str:
        found: str = (await self.phone.get(f"{CONSENTS}/{consent}")).json["state"]
        return found


@pytest.fixture
async def asking(client: Client, ports: Ports, as_citizen: AsCitizen) -> Asking:
    who, card = await holder(client, ports)
    someone = await as_citizen(name="李敏")
    phone, enterprise = client.as_(someone.token), await enterprise_of(someone)
    (code, *_) = await presented(who, card)
    checked = (await phone.post(CHECKS, json={"token": code})).json
    return Asking(who, card, phone, someone, enterprise, checked["check_id"])


async def test_asked_agreed_read_once_and_on_record(asking: Asking) -> None:
    consent = await asking.asked()
    told = await db.fetch("SELECT kind FROM inbox WHERE kind = 'certificates.consent_asked'")
    assert len(told) == 1
    seen = (await asking.who.phone.get(f"{CONSENTS}/{consent}")).json
    assert (seen["enterprise"], seen["purpose"], seen["can"], seen["mine"]) == (
        "颍上县样例餐饮有限公司", "办理入职登记", ["agree", "refuse"], False,
    )  # fmt: skip
    assert (await asking.read(consent)).json["code"] == "certificates.consent_over"
    assert (await asking.answer(consent)).json["state"] == "given"
    read = await asking.read(consent)
    assert read.status == 200
    assert ("姓名", "张桂兰") in {(field["label"], field["value"]) for field in read.json["fields"]}
    assert (await asking.read(consent)).json["code"] == "certificates.consent_over"
    listed = (await asking.who.phone.get(f"{WALLET}/{asking.card['id']}")).json["consents"]
    assert [(one["state"], bool(one["read_at"]), one["purpose"]) for one in listed] == [("read", True, "办理入职登记")]
    audited = await db.fetch("SELECT action FROM audit_entry WHERE action LIKE 'certificates.consent%' ORDER BY action")
    assert [row["action"].rpartition("_")[2] for row in audited] == ["asked", "given", "read"]


async def test_of_two_looks_at_once_one_sees(asking: Asking) -> None:
    consent = await asking.asked()
    await asking.answer(consent)
    answers = await asyncio.gather(*(asking.read(consent) for _ in range(4)))
    assert sorted(answer.status for answer in answers) == [200, 409, 409, 409]


async def test_no_is_no(asking: Asking) -> None:
    consent = await asking.asked()
    assert (await asking.answer(consent, agree=False)).json["state"] == "refused"
    assert (await asking.answer(consent)).json["code"] == "certificates.consent_over"
    assert (await asking.read(consent)).status == 409


async def test_a_yes_can_be_taken_back_until_it_is_used(asking: Asking) -> None:
    consent = await asking.asked()
    await asking.answer(consent)
    back = await asking.who.phone.post(f"{CONSENTS}/{consent}/take-back", headers=key())
    assert back.json["state"] == "refused"
    assert (await asking.read(consent)).status == 409


async def test_neither_waits_for_ever(asking: Asking, clock: Clock) -> None:
    first = await asking.asked()
    assert (await asking.ask()).json["code"] == "certificates.asked_consent"
    clock.advance(minutes=9)
    clock.advance(minutes=22)
    assert await asking.state(first) == "lapsed"
    assert (await asking.answer(first)).json["code"] == "certificates.consent_over"
    assert (await asking.ask()).json["code"] == "certificates.check_again"


async def test_an_unused_yes_lapses(asking: Asking, clock: Clock) -> None:
    consent = await asking.asked()
    await asking.answer(consent)
    clock.advance(minutes=31)
    assert await asking.state(consent) == "lapsed"
    assert (await asking.read(consent)).status == 409


async def test_what_is_revoked_meanwhile_is_not_read(asking: Asking) -> None:
    consent = await asking.asked()
    await asking.answer(consent)
    await db.execute("UPDATE certificate SET state = 'revoked'")
    assert (await asking.read(consent)).json["code"] == "certificates.not_valid"
    assert await asking.state(consent) == "given"


async def test_only_the_two_sides_know_of_it(asking: Asking, client: Client, as_citizen: AsCitizen) -> None:
    consent = await asking.asked()
    stranger = client.as_((await as_citizen()).token)
    for answer in (
        await stranger.get(f"{CONSENTS}/{consent}"),
        await stranger.post(f"{CONSENTS}/{consent}/answer", json={"agree": True}, headers=key()),
        await stranger.post(f"{CONSENTS}/{consent}/read", headers=key()),
        await asking.phone.post(f"{CONSENTS}/{consent}/answer", json={"agree": True}, headers=key()),
        await asking.who.phone.post(f"{CONSENTS}/{consent}/read", headers=key()),
        await asking.phone.get(f"{CONSENTS}/{uuid4()}"),
    ):
        assert (answer.status, answer.json["code"]) == (404, "not_found")
    assert (await client.get(f"{CONSENTS}/{consent}")).status == 401


async def test_who_has_left_the_enterprise_knows_of_it_no_more(asking: Asking) -> None:
    consent = await asking.asked()
    await asking.answer(consent)
    await Membership.filter(enterprise_id=asking.enterprise).update(ended_at=clocks.now())
    assert (await asking.phone.get(f"{CONSENTS}/{consent}")).status == 404
    assert (await asking.read(consent)).status == 404
    assert (await asking.who.phone.get(f"{CONSENTS}/{consent}")).json["state"] == "given", "its holder still does"


async def test_who_may_ask(asking: Asking, client: Client, as_citizen: AsCitizen) -> None:
    other = client.as_((await as_citizen()).token)
    body = {"check_id": asking.check, "enterprise_id": str(asking.enterprise), "purpose": "x"}
    assert (await other.post(CONSENTS, json=body, headers=key())).status == 404
    assert (await asking.ask(check_id=str(uuid4()))).json["code"] == "certificates.check_again"
    assert (await asking.ask(purpose="  ")).status == 422
    assert (await asking.ask(enterprise_id=str(uuid4()))).status == 404
