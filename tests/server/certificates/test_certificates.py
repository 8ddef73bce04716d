"""A certificate is numbered and signed when issued, shown only by its holder; a check never says yes in doubt."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from server import db
from server.adapters.signer import Ed25519Signer
from server.features.cases import service as cases
from server.features.certificates import service as certificates
from server.features.certificates.models import Certificate
from server.kit.certificate_number import parse
from server.kit.secret_file import SigningSeed
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.cases import Applicant, granted, office, submitted
from tests.factories.identity import AsCitizen, enterprise_of
from tests.fixtures_web import Answer, Client

WALLET = "/api/v1/certificates"
CHECKS = "/api/v1/certificates/checks"


async def holder(client: Client, ports: Ports, **guide: Any) -> tuple[Applicant, dict[str, Any]]:
    """Somebody with one certificate in the wallet."""
    who = await granted(client, ports, await office(**guide))
    return who, (await who.phone.get(WALLET)).json[0]


async def shown(who: Applicant, card: dict[str, Any]) -> str:
    presented = await who.phone.post(f"{WALLET}/{card['id']}/presentations")
    assert presented.status == 201, presented.text
    token: str = presented.json["token"]
    return token


async def check(client: Client, token: str) -> dict[str, Any]:
    answer = await client.post(CHECKS, json={"token": token})
    assert answer.status == 200, answer.text
    said: dict[str, Any] = answer.json
    return said


def says_nothing_more(said: dict[str, Any], result: str) -> bool:
    told = ("type", "holder", "number_masked", "issuer", "valid_until")
    return said["result"] == result and not said["fields"] and not any(said[name] for name in told)


async def test_the_number_follows_the_national_rule(client: Client, ports: Ports) -> None:
    who, card = await holder(client, ports)
    opened = (await who.phone.get(f"{WALLET}/{card['id']}")).json
    number = parse(opened["number"])
    assert number is not None
    assert (number.issuer, number.version, len(number.kind)) == ("11100000000013127D", 1, 21)
    assert re.fullmatch(r"\*{4}\d{6}", card["number_masked"])
    assert opened["number"] not in str(card)
    assert (card["holder"], card["issuer"], card["sample"], card["state"]) == ("张*兰", "颍上县公安局", True, "valid")
    assert ("姓名", "张桂兰") in {(field["label"], field["value"]) for field in opened["fields"]}
    # Until when it is valid stands on the card already.
    assert "有效期至" not in {field["label"] for field in opened["fields"]}
    looks = await db.fetch("SELECT actor_kind FROM audit_entry WHERE action = 'certificates.viewed'")
    assert [row["actor_kind"] for row in looks] == ["citizen"]


async def test_what_a_stranger_sees(client: Client, ports: Ports) -> None:
    who, card = await holder(
        client,
        ports,
        result={"name": "居住证", "kind": "certificate", "certificate_type": "residence_permit", "validity_months": 12},
    )
    said = await check(client, await shown(who, card))
    assert (said["result"], said["type"], said["holder"], said["sample"]) == ("valid", "居住证", "张*兰", True)
    assert said["valid_until"]
    assert said["checked_at"].endswith("+08:00")
    everything = str(said)
    assert who.someone.name not in everything
    assert who.someone.number not in everything
    assert who.case["id"] not in everything
    scans = (await who.phone.get(f"{WALLET}/{card['id']}")).json["scans"]
    assert [(scan["result"], scan["who"]) for scan in scans] == [("valid", "未登录的扫码人")]


async def test_the_scanned_address_will_do(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    who, card = await holder(client, ports)
    token = await shown(who, card)
    member = client.as_((await as_citizen()).token)
    assert (await check(member, f" https://example.test/q/{token}\n"))["result"] == "valid"
    scans = (await who.phone.get(f"{WALLET}/{card['id']}")).json["scans"]
    assert scans[0]["who"] == "已登录的用户"


async def test_a_shown_code_lasts_a_minute(client: Client, ports: Ports, clock: Clock) -> None:
    who, card = await holder(client, ports)
    token = await shown(who, card)
    clock.advance(seconds=58)
    assert (await check(client, token))["result"] == "valid"
    newer = await shown(who, card)
    clock.advance(seconds=3)
    assert says_nothing_more(await check(client, token), "code_expired")
    assert (await check(client, newer))["result"] == "valid"


async def test_codes_that_are_not_for_this(client: Client, ports: Ports) -> None:
    who, _ = await holder(client, ports)
    notice = await db.fetchval("SELECT code FROM notice LIMIT 1")
    for token in ("x", "' OR 1=1 --", str(uuid4()), notice, who.case["id"], "令牌"):
        assert says_nothing_more(await check(client, token), "unknown")
    for token in ("", "x" * 6501):
        assert (await client.post(CHECKS, json={"token": token})).status == 422
    assert (await client.post(CHECKS, json={"token": "x\u0000"})).status == 422


@pytest.mark.parametrize("state", ["suspended", "revoked", "superseded", "expired"])
async def test_a_certificate_that_no_longer_holds(client: Client, ports: Ports, state: str) -> None:
    who, card = await holder(client, ports)
    token = await shown(who, card)
    await db.execute("UPDATE certificate SET state = $1", state)
    assert says_nothing_more(await check(client, token), state)
    opened = (await who.phone.get(f"{WALLET}/{card['id']}")).json
    assert (opened["can"], [scan["result"] for scan in opened["scans"]]) == ([], [state])
    refused = await who.phone.post(f"{WALLET}/{card['id']}/presentations")
    assert (refused.status, refused.json["code"]) == (409, "certificates.not_valid")


async def test_time_ends_a_certificate(client: Client, ports: Ports, clock: Clock) -> None:
    yearly = {"name": "居住证", "kind": "certificate", "certificate_type": "residence_permit", "validity_months": 12}
    _, card = await holder(client, ports, result=yearly)
    certificate = await Certificate.get(id=card["id"])
    clock.advance(days=365)
    assert certificate.standing.value == "valid"
    clock.advance(days=2)
    assert certificate.standing.value == "expired"


FORGERIES = {
    "another name": {"holder": "李四"},
    "another number": {"number": "1.2.156.3005.2.11100000000013127D003.11100000000013127D.202600000999.001.0"},
    "no longer a sample": {"sample": False},
    "a later end": {"valid_until": "2099-12-31"},
}


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_forged_content_is_broken(client: Client, ports: Ports, forgery: str) -> None:
    """Even somebody with our database and our sealing key cannot change what was signed."""
    who, card = await holder(client, ports)
    token = await shown(who, card)
    certificate = await Certificate.get(id=card["id"])
    certificate.content = certificate.content | FORGERIES[forgery]
    await certificate.save(update_fields=["content_sealed"])
    assert says_nothing_more(await check(client, token), "broken")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("valid_until", "'2099-12-31'"),
        ("sample", "false"),
        ("number", "'1.2.156.3005.2.1'"),
        ("key_id", "'0000000000000000'"),
        ("status_index", "status_index + 1"),
        ("payload_sealed", "'\\x00'::bytea || substring(payload_sealed from 2)"),
        ("content_sealed", "'\\x00'::bytea || substring(content_sealed from 2)"),
    ],
)
async def test_a_changed_row_is_broken(client: Client, ports: Ports, column: str, value: str) -> None:
    who, card = await holder(client, ports)
    token = await shown(who, card)
    await db.execute(f"UPDATE certificate SET {column} = {value}")
    assert says_nothing_more(await check(client, token), "broken")


async def test_somebody_elses_content_does_not_fit(client: Client, ports: Ports) -> None:
    at = await office()
    first, second = await granted(client, ports, at), await granted(client, ports, at)
    card = (await first.phone.get(WALLET)).json[0]
    token = await shown(first, card)
    other = (await second.phone.get(WALLET)).json[0]
    await db.execute(
        "UPDATE certificate AS one SET content_sealed = other.content_sealed, payload_sealed = other.payload_sealed,"
        " number = one.number FROM certificate AS other WHERE one.id = $1 AND other.id = $2",
        UUID(card["id"]), UUID(other["id"]),
    )  # fmt: skip
    assert says_nothing_more(await check(client, token), "broken")


async def test_a_certificate_of_another_house_is_broken(client: Client, ports: Ports) -> None:
    """A key that is not ours signs nothing of ours, however well it signs."""
    foreign = replace(ports, signer=Ed25519Signer(SigningSeed(b"f" * 32)))
    who = await submitted(client, ports, await office())
    await accepted_and_granted(who, foreign)
    card = (await who.phone.get(WALLET)).json[0]
    assert says_nothing_more(await check(client, await shown(who, card)), "broken")


async def accepted_and_granted(who: Applicant, ports: Ports) -> None:
    await cases.accept(who.office.clerk.actor, who.id)
    await cases.grant(who.office.reviewer.actor, ports.signer, who.id, None)


async def test_somebody_elses_certificate_looks_like_none(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    _, card = await holder(client, ports)
    stranger = client.as_((await as_citizen()).token)
    answers: list[Answer] = [
        await stranger.get(f"{WALLET}/{card['id']}"),
        await stranger.post(f"{WALLET}/{card['id']}/presentations"),
    ]
    assert [(answer.status, answer.json["code"]) for answer in answers] == [(404, "not_found")] * 2
    assert (await stranger.get(WALLET)).json == []
    assert (await client.get(WALLET)).status == 401


async def test_an_enterprises_certificate_is_the_enterprises(
    client: Client, ports: Ports, as_citizen: AsCitizen
) -> None:
    permit = {"name": "食品经营许可证", "kind": "certificate", "certificate_type": "food_licence"}
    at = await office(audience=["enterprise"], themes=[], result=permit)
    owner = await as_citizen(name="李敏")
    company = await enterprise_of(owner)
    who = await submitted(client, ports, at, owner, enterprise_id=str(company))
    await accepted_and_granted(who, ports)
    card = (await who.phone.get(WALLET)).json[0]
    assert card["holder"] == "颍上县样例餐饮有限公司"
    said = await check(client, await shown(who, card))
    assert said["holder"] == "颍上县样例餐饮有限公司"
    await db.execute("UPDATE membership SET ended_at = now()")
    assert (await who.phone.get(WALLET)).json == []


async def test_defining_a_kind_again_changes_only_what_comes_after(client: Client, ports: Ports) -> None:
    who, card = await holder(client, ports)
    before = (await who.phone.get(f"{WALLET}/{card['id']}")).json["fields"]
    assert await certificates.define_standard_types() > 3
    await db.execute("UPDATE certificate_type SET layout = '[]'")
    assert (await who.phone.get(f"{WALLET}/{card['id']}")).json["fields"] == before
