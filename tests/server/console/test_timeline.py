"""The hall and the phone tell one story: the timeline of a case at the desk is the one its applicant reads."""

from __future__ import annotations

import html
import re
from datetime import datetime

from server.features.cases import service as cases
from server.features.cases.schemas import CorrectionLine
from server.kit.spoken import spoken
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.cases import Applicant, office, shelved, submitted
from tests.fixtures_web import Client
from tests.server.cases.putting import PAUSE, REASON
from tests.server.console.desk import at_desk

# Whoever is rated does not read at the desk when, and by whom.
APART = "ratings."


async def on_the_phone(who: Applicant) -> list[tuple[str, str, str]]:
    steps = (await who.screen())["steps"]
    return [(step["name"], spoken("zh-CN", datetime.fromisoformat(step["at"])), step["text"]) for step in steps]


async def at_the_desk(client: Client, who: Applicant) -> list[tuple[str, str]]:
    page = await at_desk(client, who.office.clerk).sees(f"/console/cases/{who.id}")
    lines = re.findall(r"<li><time>([^<]*)</time> (.*?)</li>", page[page.index('<ol class="timeline">') :], re.DOTALL)
    return [(html.unescape(at), html.unescape(text)) for at, text in lines]


async def test_the_desk_shows_the_steps_that_the_phone_shows(client: Client, ports: Ports, clock: Clock) -> None:
    who = await submitted(client, ports, await office())
    at, reviewer = who.office, who.office.reviewer.actor

    async def alike() -> list[str]:
        shown = await on_the_phone(who)
        told = [(when, text) for name, when, text in shown if not name.startswith(APART)]
        assert await at_the_desk(client, who) == told
        clock.advance(minutes=7)
        return [name for name, _, _ in shown]

    assert "cases.started" not in await alike()
    await cases.ask_correction(at.clerk.actor, who.id, [CorrectionLine(key="id_card", reason="请重拍。")])
    await alike()
    who.case = (await who.phone.get(f"/api/v1/cases/{who.id}")).json
    again = await who.application(materials=[{"key": "id_card", "file_id": str((await who.picture("#fff")).id)}])
    assert (await who.post("submit", again)).status == 200
    await cases.accept(at.clerk.actor, who.id)
    await alike()
    await cases.claim(reviewer, who.id)
    await cases.pause(reviewer, who.id, PAUSE)
    await alike()
    await cases.resume(reviewer, who.id, REASON)
    await cases.grant(reviewer, ports.signer, who.id, None)
    await shelved(at.clerk.actor, reviewer, who.thread_id)
    clock.advance(minutes=3)
    names = await alike()
    assert {"cases.correction_asked", "cases.accepted", "cases.paused", "cases.granted"} <= set(names)
    assert len(names) > 8
