"""Who checks at the same time shares statements and commits, and nothing else: no answer without its row."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import asyncpg
import pytest

from server import db
from server.actor import Anonymous, Citizen
from server.errors import Unavailable
from server.features.certificates import service as certificates
from server.features.certificates.models import CertificateScan
from server.features.certificates.service import _check, _looks
from server.ports import Ports
from tests.conftest import Clock
from tests.fixtures_web import Client
from tests.server.certificates.test_certificates import WALLET, check, holder, says_nothing_more
from tests.server.certificates.test_showing import presented, printed

HOST = "example.test"


def stranger(address: str = "192.0.2.1") -> Anonymous:
    return Anonymous(locale="zh-CN", address=address, request_id="looks")


async def test_many_at_once_share_a_commit_and_each_has_a_row(
    client: Client, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, card = await holder(client, ports)
    token = (await printed(who, card)).partition("#")[0]
    sizes: list[int] = []
    keep = _looks.keep

    async def counted(looks: list[_looks.Look]) -> list[tuple[UUID, str]]:
        sizes.append(len(looks))
        return await keep(looks)

    monkeypatch.setattr(_check, "keep", counted)
    said = await asyncio.gather(
        *(certificates.check(stranger(), ports.signer, token if turn % 2 else "x", HOST) for turn in range(60))
    )
    assert [one.result for one in said] == ["unknown", "valid"] * 30
    assert (sum(sizes), len(sizes) < 12) == (60, True)
    assert await CertificateScan.filter(result="valid", way="printed").count() == 30
    assert await CertificateScan.filter(result="unknown", way="none").count() == 30


async def test_one_that_cannot_be_kept_is_nobody_elses_trouble(
    client: Client, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, card = await holder(client, ports)
    token = (await printed(who, card)).partition("#")[0]
    erased = Citizen(locale="zh-CN", address="192.0.2.2", request_id="looks", account_id=uuid4(), session_id=uuid4())
    askers = [erased if turn == 5 else stranger() for turn in range(12)]
    keep, kept = _looks.keep, 0

    async def counted(looks: list[_looks.Look]) -> list[tuple[UUID, str]]:
        nonlocal kept
        kept += 1
        return await keep(looks)

    monkeypatch.setattr(_check, "keep", counted)
    said = await asyncio.gather(
        *(certificates.check(asker, ports.signer, token, HOST) for asker in askers), return_exceptions=True
    )
    assert isinstance(said[5], asyncpg.ForeignKeyViolationError)
    assert [getattr(one, "result", None) for one in said] == ["valid"] * 5 + [None] + ["valid"] * 6
    assert await CertificateScan.all().count() == 11, "each has one row, though their statement had to be repeated"
    assert kept <= 1 + 2 * 4 + 1, "found out half by half, not one by one"


async def test_no_answer_without_its_row(client: Client, ports: Ports, monkeypatch: pytest.MonkeyPatch) -> None:
    who, card = await holder(client, ports)
    token = (await presented(who, card))[0]

    async def gone(_looks: object) -> None:
        raise Unavailable("unavailable", retry_after=1)

    monkeypatch.setattr(_check, "keep", gone)
    answer = await client.post("/api/v1/certificates/checks", json={"token": token})
    assert answer.status == 503
    assert "valid" not in answer.text
    monkeypatch.undo()
    assert (await check(client, token))["result"] == "valid", "what was not answered has not used the code up"


async def test_the_row_is_committed_when_the_answer_comes(client: Client, ports: Ports) -> None:
    """Seen from another connection, which reads only what is committed."""
    who, card = await holder(client, ports)
    token = (await presented(who, card))[0]
    other = await asyncpg.connect(db.address())
    try:
        await certificates.check(stranger(), ports.signer, token, HOST)
        assert await other.fetchval("SELECT count(*) FROM certificate_scan") == 1
        assert await other.fetchval("SELECT count(*) FROM certificate_code_use") == 1
        lane = await _looks._lane.fetch("SHOW synchronous_commit")
        assert lane[0][0] == await other.fetchval("SHOW synchronous_commit")
    finally:
        await other.close()


async def test_one_code_for_many_at_once(client: Client, ports: Ports, clock: Clock) -> None:
    """Two taps of one scanner in the same statement are one look; ten scanners are ten uses."""
    who, card = await holder(client, ports)
    token = (await presented(who, card))[0]
    askers = [stranger(f"192.0.2.{turn}") for turn in range(10)] * 2
    said = await asyncio.gather(*(certificates.check(asker, ports.signer, token, HOST) for asker in askers))
    assert {one.result for one in said} == {"valid"}
    assert await db.fetchval("SELECT count(*) FROM certificate_code_use") == 10
    clock.advance(seconds=11)
    said = await asyncio.gather(*(certificates.check(asker, ports.signer, token, HOST) for asker in askers[:10]))
    assert {one.result for one in said} == {"reused"}


async def test_what_is_taken_away_is_seen_by_the_very_next_check(client: Client, ports: Ports) -> None:
    who, card = await holder(client, ports)
    token = (await printed(who, card)).partition("#")[0]
    assert (await check(client, token))["result"] == "valid"
    await db.execute("UPDATE certificate SET state = 'revoked'")
    assert says_nothing_more(await check(client, token), "revoked")
    assert (await who.phone.get(f"{WALLET}/{card['id']}")).json["scans"][0]["result"] == "revoked"
