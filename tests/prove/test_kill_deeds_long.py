"""The long version of cutting deeds short: before every statement of each, the process and PostgreSQL in turn."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server.db.kill_matrix import folder
from tests.server.rude.deciding import DECISIONS
from tests.server.rude.deeds import DEEDS
from tests.server.rude.matrix import VICTIMS, Mortals, mortals
from tests.server.rude.test_kill_deeds import keeps
from tests.smoke.processes import place


@pytest.fixture(scope="module")
def dying() -> Iterator[Mortals]:
    with folder() as var, place(var) as here:
        keeps(here)
        with mortals(here) as found:
            yield found


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("victim", VICTIMS)
@pytest.mark.parametrize("deed", [*DEEDS, *DECISIONS])
def test_before_every_statement(dying: Mortals, deed: str, victim: str) -> None:
    statements, whole = dying.undisturbed(deed)
    faults = [fault for at in range(statements + 1) for fault in dying.cut(deed, at, victim, whole)]
    assert not faults, "\n".join(faults[:10])
