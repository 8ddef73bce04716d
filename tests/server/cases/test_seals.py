"""The register of seals is given whole, and an instrument gives a right only while it is in force."""

from __future__ import annotations

import asyncio

import pytest

from server import db
from server.console import registers
from server.errors import Forbidden
from server.features.cases import service as cases
from server.features.documents import service as documents
from server.features.documents.service import SealWanted
from server.ports import Ports
from tests.factories.cases import office, submitted
from tests.fixtures_web import Client
from tests.server.console.desk import at_desk


async def test_a_table_is_whole(client: Client, ports: Ports, monkeypatch: pytest.MonkeyPatch) -> None:
    at = await office()
    who = await submitted(client, ports, at)
    await cases.accept(at.clerk.actor, who.id)
    await cases.deny(at.reviewer.actor, who.id, "不符合条件。")
    monkeypatch.setattr(registers, "LINES", 1)
    uses = await documents.seal_uses(at.reviewer.actor, SealWanted())
    table = await at_desk(client, at.reviewer).sees("/console/seals/export")
    assert [line.split(",")[2] for line in table.splitlines()[1:]] == [one.number for one in (await uses.page()).items]
    assert await uses.count() == 2


async def test_an_instrument_that_is_being_ended_gives_no_right(client: Client, ports: Ports) -> None:
    at = await office()
    who = await submitted(client, ports, at)
    ended = asyncio.Event()

    async def end() -> None:
        async with db.tx():
            await db.execute("UPDATE authorisation SET state = 'ended', ended_by = staff_id, ended_at = now()")
            ended.set()
            # Long enough for the other to come as far as the instrument, which is still in force for it.
            await asyncio.sleep(0.5)

    ending = asyncio.create_task(end())
    await ended.wait()
    with pytest.raises(Forbidden, match="not_authorised"):
        await cases.accept(at.clerk.actor, who.id)
    await ending
