"""Whatever is scanned opens its own page and nothing else; a check names the house's address, never the caller's."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from server import db
from server.config import Settings
from server.features.thread import service as thread
from server.kit import clock as clocks
from server.kit import texts
from server.kit.ids import new_id, token
from server.phone.codes import PAGES
from server.ports import Ports
from tests.conftest import Clock
from tests.fixtures_web import Client
from tests.server.certificates.test_certificates import CHECKS, holder, says_nothing_more
from tests.server.certificates.test_showing import presented, printed

FOREIGN = ("evil.example", "evil.example:8000", "localhost", "onetrip.example.evil.example")
OPEN = "/#/features/codes/pages/open?token="
# Of these the subject itself is looked at before a page is named: tests/server/documents and tests/server/ratings.
LOOKED_AT = (thread.CodeKind.NOTICE, thread.CodeKind.RATING)
OTHERS = [one for one in thread.CodeKind if one is not thread.CodeKind.CERTIFICATE]


async def test_the_expected_address_is_the_houses_own(client: Client, ports: Ports, settings: Settings) -> None:
    who, card = await holder(client, ports)
    ours = urlsplit(settings.public_url).netloc
    code = (await printed(who, card)).partition("#")[0].rsplit("/", 1)[-1]
    for named in ("", *FOREIGN):
        headers = {"x-forwarded-host": named, "host": named} if named else {}
        landed = await client.get(f"/q/{code}", headers=headers)
        assert (landed.status, landed.headers["location"]) == (303, f"{OPEN}{code}"), "never to another's address"
        said = (await client.post(CHECKS, json={"token": code}, headers=headers)).json
        assert (said["result"], said["host"]) == ("valid", ours)
        refused = (await client.post(CHECKS, json={"token": token()}, headers=headers)).json
        assert (refused["result"], refused["host"]) == ("unknown", ours), "a no says it, too"
    for locale in ("zh-CN", "en"):
        assert "{host}" in str(texts.find(locale, "certificates.expected"))


@pytest.mark.parametrize("kind", OTHERS)
async def test_a_code_of_another_kind_proves_no_certificate(
    client: Client, ports: Ports, kind: thread.CodeKind
) -> None:
    who, card = await holder(client, ports)
    other = await thread.issue_code(kind, new_id(), thread_id=who.thread_id)
    said = (await client.post(CHECKS, json={"token": other})).json
    assert says_nothing_more(said, "unknown")
    if kind not in LOOKED_AT:
        landed = await client.get(f"/q/{other}")
        assert (landed.status, landed.headers["location"]) == (303, f"{OPEN}{other}")
        opened = (await client.get(f"/api/v1/codes/{other}")).json
        wanted = PAGES[kind].format(token=other) if kind in PAGES else None
        assert (opened["kind"], opened["page"]) == (kind.value, wanted)
    # And a certificate's code checks nobody in, calls nobody and rates nothing.
    code = (await presented(who, card))[0]
    assert (await client.get(f"/api/v1/codes/{code}")).json["kind"] == "certificate"
    tables = ("ticket", "rating", "complaint")
    before = [await db.fetchval(f"SELECT count(*) FROM {name}") for name in tables]
    for path in ("/api/v1/queue/check-in", "/api/v1/ratings", "/api/v1/queue/walk-in"):
        assert (await who.phone.post(path, json={"token": code})).status >= 400
    assert [await db.fetchval(f"SELECT count(*) FROM {name}") for name in tables] == before


async def test_what_is_over_or_taken_back_opens_nothing(client: Client, ports: Ports, clock: Clock) -> None:
    who, _ = await holder(client, ports)
    later = clocks.now() + timedelta(minutes=5)
    over = await thread.issue_code("hall", new_id(), thread_id=who.thread_id, expires=later)
    back = await thread.issue_code("ticket", (subject := new_id()), thread_id=who.thread_id)
    await thread.revoke_codes("ticket", subject)
    clock.advance(minutes=6)
    for code, status in ((over, 410), (back, 410), (token(), 404)):
        assert (await client.get(f"/q/{code}")).headers["location"] == f"{OPEN}{code}", "the page says so kindly"
        refused = await client.get(f"/api/v1/codes/{code}")
        assert (refused.status, bool(refused.json["detail"])) == (status, True)
