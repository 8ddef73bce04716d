from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from server.config import Settings
from server.features.push.service import _kinds
from server.ports import Ports
from tests.factories.identity import as_citizen, as_staff
from tests.factories.push import Sandbox, running, with_sandbox

__all__ = ["as_citizen", "as_staff"]


@pytest.fixture
async def sandbox(settings: Settings, database: None) -> AsyncIterator[Sandbox]:
    async with running(settings) as found:
        yield found


@pytest.fixture(autouse=True)
def _register() -> Iterator[None]:
    """Kinds that a test defines end with it."""
    kept = dict(_kinds._kinds)
    yield
    _kinds._kinds.clear()
    _kinds._kinds.update(kept)


@pytest.fixture
def outside(ports: Ports, sandbox: Sandbox) -> Ports:
    """Ports that reach the sandbox."""
    return with_sandbox(ports, sandbox)
