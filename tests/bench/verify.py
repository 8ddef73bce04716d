"""Checking a certificate by a code on paper, every check kept; beside one row and one verification of bare Sanic."""

from __future__ import annotations

import itertools
from datetime import timedelta
from uuid import UUID

import msgspec

from server import db, wiring
from server.actor import System
from server.config import Settings
from server.features.catalogue import service as catalogue
from server.features.certificates import service as certificates
from server.features.documents import service as documents
from server.features.thread import service as thread
from server.kit import clock
from server.ports import Signer
from tests.bench.load import load, request
from tests.bench.registry import Figure, row
from tests.bench.stage import database, free_port, process
from tests.factories import catalogue as make
from tests.factories import identity as people

HELD = 500
_ISSUER = System(name="bench")
_TABLE = "CREATE TABLE bench_signed (key text PRIMARY KEY, message bytea NOT NULL, signature bytea NOT NULL)"


@row("verify")
async def run() -> Figure:
    """Checks per second, each of them a row that its holder reads."""
    async with database() as settings:
        ports = wiring.ports(settings)
        tokens = await _held(ports.signer)
        await _signed(ports.signer, tokens)
        ours = await _ours(settings, tokens)
        limit = await _bare(ports.signer, tokens)
        for close in ports.closers:
            await close()
    return Figure(ours=ours, limit=limit, unit="checks/s", more={"certificates": HELD})


async def _held(signer: Signer) -> list[str]:
    """Issue certificates to one person, and give a code on paper of each."""
    await certificates.define_standard_types()
    item = (await make.guide()).item
    office = await catalogue.upsert_department(
        make.TESTER, "police", "颍上县公安局", region_code=make.COUNTY, uscc=make.USCC
    )
    person = (await people.citizen()).person_id
    assert person is not None
    return [await _one(signer, item.id, office.id, person) for _ in range(HELD)]


async def _one(signer: Signer, item_id: UUID, department_id: UUID, person_id: UUID) -> str:
    matter = await thread.open(
        _ISSUER, person_id=person_id, enterprise_id=None, item_id=item_id, title="样", region_code=make.COUNTY
    )
    issued = await certificates.issue(
        _ISSUER,
        signer,
        type_key="senior_card",
        thread_id=matter.id,
        person_id=person_id,
        enterprise_id=None,
        department_id=department_id,
        facts={},
        validity_months=12,
        sample=False,
        hand=documents.SealHand(department_id=department_id, power="itself"),
    )
    await thread.close(matter.id, _ISSUER)
    return await thread.issue_code("certificate", issued, expires=clock.now() + timedelta(days=180))


async def _signed(signer: Signer, tokens: list[str]) -> None:
    """Lay the same number of signed messages of the same size beside them."""
    await db.execute(_TABLE)
    for token in tokens:
        message = token.encode().ljust(400)
        await db.execute("INSERT INTO bench_signed VALUES ($1, $2, $3)", token, message, signer.sign(message))


async def _ours(settings: Settings, tokens: list[str]) -> float:
    port = free_port()
    told = {"ENV": "test", "VAR_DIR": str(settings.var_dir), "LOG_LEVEL": "ERROR", "DATABASE_URL": ""}
    asks = itertools.cycle(
        [request("POST", "/api/v1/certificates/checks", msgspec.json.encode({"token": token})) for token in tokens]
    )
    async with process(port, "server", "web", PORT=str(port), **told):
        await load(port, lambda: next(asks), seconds=1)
        return (await load(port, lambda: next(asks))).per_second


async def _bare(signer: Signer, tokens: list[str]) -> float:
    port = free_port()
    asks = itertools.cycle([request("POST", "/", msgspec.json.encode({"token": token})) for token in tokens])
    public = next(key.public for key in signer.every_key() if key.key_id == signer.key_id)
    async with process(port, "tests.bench.bare", "verify", str(port), db.address(), public.hex()):
        await load(port, lambda: next(asks), seconds=1)
        return (await load(port, lambda: next(asks))).per_second
