"""A code is shown for half a minute, is good once for each who checks, and every "no" has its own words."""

from __future__ import annotations

from typing import Any

import pytest

from server import db
from server.features.certificates import service as certificates
from server.features.certificates.models import Certificate, CertificateScan
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.booking import key
from tests.factories.cases import Applicant, granted, office
from tests.factories.identity import AsCitizen
from tests.fixtures_web import Client
from tests.server.certificates.test_certificates import WALLET, check, holder, says_nothing_more


async def presented(who: Applicant, card: dict[str, Any]) -> list[str]:
    answer = await who.phone.post(f"{WALLET}/{card['id']}/presentations")
    assert answer.status == 201, answer.text
    return [url.rsplit("/", 1)[-1] for url in answer.json["urls"]]


async def printed(who: Applicant, card: dict[str, Any]) -> str:
    answer = await who.phone.post(f"{WALLET}/{card['id']}/printed-code", headers=key())
    assert answer.status == 201, answer.text
    url: str = answer.json["url"]
    return url


async def test_ten_minutes_without_network(client: Client, ports: Ports, clock: Clock) -> None:
    who, card = await holder(client, ports)
    codes = await presented(who, card)
    assert len(codes) == 20
    for step in (0, 7, 19):
        clock.advance(seconds=step * 30 + 5 - (0 if step == 0 else (0 if step == 7 else 7) * 30 + 5))
        assert (await check(client, codes[step]))["result"] == "valid"
    assert says_nothing_more(await check(client, codes[7]), "code_expired")
    clock.advance(seconds=61)
    assert says_nothing_more(await check(client, codes[19]), "code_expired")


async def test_a_code_to_come_is_not_good_yet(client: Client, ports: Ports) -> None:
    who, card = await holder(client, ports)
    assert says_nothing_more(await check(client, (await presented(who, card))[1]), "code_expired")


async def test_a_code_is_good_once_for_each_who_checks(
    client: Client, ports: Ports, clock: Clock, as_citizen: AsCitizen
) -> None:
    who, card = await holder(client, ports)
    (code, *_) = await presented(who, card)
    assert (await check(client, code))["result"] == "valid"
    clock.advance(seconds=5)
    assert (await check(client, code))["result"] == "valid", "a second tap is the same look"
    clock.advance(seconds=10)
    assert says_nothing_more(await check(client, code), "reused")
    another = client.as_((await as_citizen()).token)
    assert (await check(another, code))["result"] == "valid"


async def test_another_phone_of_the_same_login_ends_the_first(client: Client, ports: Ports) -> None:
    who, card = await holder(client, ports)
    (code, *_) = await presented(who, card)
    assert (await check(client, (await presented(who, card))[0]))["result"] == "valid"
    assert (await check(client, code))["result"] == "valid", "renewed on the same phone"
    await db.execute("UPDATE certificate_showing SET session_id = gen_random_uuid()")
    assert (await check(client, (await presented(who, card))[0]))["result"] == "valid"
    assert says_nothing_more(await check(client, code), "other_device")


async def test_every_check_is_kept_also_of_nothing(client: Client, ports: Ports) -> None:
    who, card = await holder(client, ports)
    code = (await presented(who, card))[0]
    guessed = code[:16] + ("A" * 12)
    for token in (guessed, "x" * 28, "nothing"):
        assert says_nothing_more(await check(client, token), "unknown")
    await check(client, code)
    rows = await CertificateScan.all().order_by("created_at")
    assert [(row.result, row.way, bool(row.token)) for row in rows] == [("unknown", "none", False)] * 3 + [
        ("valid", "shown", True)
    ]
    scans = (await who.phone.get(f"{WALLET}/{card['id']}")).json["scans"]
    assert [scan["result_text"] for scan in scans] == ["证照有效"]


async def test_a_code_on_paper(client: Client, ports: Ports, clock: Clock) -> None:
    who, card = await holder(client, ports)
    address = await printed(who, card)
    assert "/q/" in address
    for scanned in (address, address.partition("#")[0], address.partition("#")[2]):
        said = await check(client, scanned)
        assert (said["result"], said["holder"]) == ("valid", "张*兰")
    assert (await who.phone.get(f"{WALLET}/{card['id']}")).json["printed_until"]
    newer = await printed(who, card)
    assert says_nothing_more(await check(client, address), "code_expired")
    clock.advance(days=179)
    assert (await check(client, newer))["result"] == "valid"
    clock.advance(days=2)
    assert says_nothing_more(await check(client, newer), "code_expired")


async def test_a_code_on_paper_is_ended_by_its_holder(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    who, card = await holder(client, ports)
    address = await printed(who, card)
    stranger = client.as_((await as_citizen()).token)
    assert (await stranger.delete(f"{WALLET}/{card['id']}/printed-code")).status == 404
    assert (await who.phone.delete(f"{WALLET}/{card['id']}/printed-code")).status == 204
    assert says_nothing_more(await check(client, address), "code_expired")
    assert (await who.phone.get(f"{WALLET}/{card['id']}")).json["printed_until"] is None


async def test_words_beside_a_code_must_be_its_own(client: Client, ports: Ports) -> None:
    at = await office()
    one, other = await granted(client, ports, at), await granted(client, ports, at)
    cards = [(await who.phone.get(WALLET)).json[0] for who in (one, other)]
    mine, theirs = await printed(one, cards[0]), await printed(other, cards[1])
    swapped = mine.partition("#")[0] + "#" + theirs.partition("#")[2]
    assert says_nothing_more(await check(client, swapped), "altered")
    code, _, text = mine.partition("#")
    # At a whole number of bytes: a letter cut through its middle reads as an altered one.
    assert says_nothing_more(await check(client, f"{code}#{text[: (len(text) - 9) // 4 * 4]}"), "cut")
    another = "B" if mine[-90] == "A" else "A"
    assert says_nothing_more(await check(client, mine[:-90] + another + mine[-89:]), "forged")


@pytest.mark.parametrize("state", ["suspended", "revoked", "superseded"])
async def test_by_its_text_the_row_has_the_last_word(client: Client, ports: Ports, state: str) -> None:
    who, card = await holder(client, ports)
    text = (await printed(who, card)).partition("#")[2]
    await db.execute("UPDATE certificate SET state = $1", state)
    assert says_nothing_more(await check(client, text), state)
    await db.execute("UPDATE certificate SET number = '1.2.3'")
    assert says_nothing_more(await check(client, text), "unknown")


async def test_what_is_not_valid_is_neither_shown_nor_printed(client: Client, ports: Ports) -> None:
    who, card = await holder(client, ports)
    await db.execute("UPDATE certificate SET state = 'suspended'")
    for path in ("presentations", "printed-code"):
        refused = await who.phone.post(f"{WALLET}/{card['id']}/{path}", headers=key())
        assert (refused.status, refused.json["code"]) == (409, "certificates.not_valid")


async def test_what_was_shown_is_forgotten(client: Client, ports: Ports, clock: Clock) -> None:
    who, card = await holder(client, ports)
    await check(client, (await presented(who, card))[0])
    assert await certificates.forget_showings() == 0
    clock.advance(days=2)
    assert await certificates.forget_showings() == 1
    assert await db.fetchval("SELECT count(*) FROM certificate_code_use") == 0
    assert await Certificate.all().count() == 1


async def test_any_scanner_opens_the_page(client: Client, ports: Ports) -> None:
    who, card = await holder(client, ports)
    for token in ((await presented(who, card))[0], (await printed(who, card)).partition("#")[0].rsplit("/", 1)[-1]):
        code = (await client.get(f"/api/v1/codes/{token}")).json
        assert code["page"] == f"/features/certificates/pages/check?token={token}"
    assert await CertificateScan.all().count() == 0
