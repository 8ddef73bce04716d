"""The long version of rude input: every place of every body and query with everything nasty, in several orders."""

from __future__ import annotations

import os
from random import Random

import pytest

from server.web.routing import Operation
from tests.fixtures_web import Serving
from tests.server.rude.conftest import app, open_ports, register, rude_serving, world  # noqa: F401 - fixtures
from tests.server.rude.nasty import STRINGS, VALUES
from tests.server.rude.sending import Sender, send_all
from tests.server.rude.world import World

ROUNDS = int(os.environ.get("ROUNDS", "3"))


@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_everything_everywhere(
    register: list[Operation],  # noqa: F811 - the fixture
    world: World,  # noqa: F811 - the fixture
    rude_serving: Serving,  # noqa: F811 - the fixture
    seed: int,
) -> None:
    sender = Sender(world, Random(seed))
    for operation in register:
        rudes = [
            *sender.bodies(operation, len(VALUES) if operation.binding.body else len(STRINGS)),
            *sender.queries(operation, len(STRINGS)),
            *sender.paths(operation, len(STRINGS)),
            *(() if operation.name == "identity.logout" else sender.heads(operation)),
        ]
        faults = await send_all(rude_serving, rudes)
        assert not faults, f"{len(faults)} of {len(rudes)}\n" + "\n".join(faults[:25])
