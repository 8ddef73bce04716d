from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from server.config import Settings
from tests.factories.push import Sandbox, running


@pytest.fixture
async def sandbox(settings: Settings, database: None) -> AsyncIterator[Sandbox]:
    async with running(settings) as found:
        yield found
