"""Two thousand messages, a provider that fails three times in ten, thirty killed workers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import asdict

import pytest

from server.config import Settings
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.push import Sandbox, running, with_sandbox
from tests.server.push.storm import check, storm


@pytest.fixture
async def sandbox(settings: Settings, database: None) -> AsyncIterator[Sandbox]:
    async with running(settings) as found:
        yield found


@pytest.mark.timeout(3600)
async def test_two_thousand_messages_and_thirty_kills(sandbox: Sandbox, ports: Ports, clock: Clock) -> None:
    found = await storm(sandbox, with_sandbox(ports, sandbox), clock, people=250, each=8, kills=30)
    print(asdict(found))  # noqa: T201 - the figures are what this is run for
    check(found)
