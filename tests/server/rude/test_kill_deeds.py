"""A process or PostgreSQL dies in the middle of a deed: it is rolled back whole or resumed, and never done twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server.db.kill_matrix import folder
from tests.server.rude.deeds import DEEDS
from tests.server.rude.matrix import Mortals, mortals
from tests.smoke.processes import Place, place, until


@pytest.fixture(scope="module")
def dying() -> Iterator[Mortals]:
    # Not below pytest's own folder: every new session closes that to PostgreSQL's user.
    with folder() as var, place(var) as here:
        keeps(here)
        with mortals(here) as found:
            yield found


def keeps(here: Place) -> None:
    """Start who keeps the database."""
    web = here.start("web", WEB_WORKERS="1")
    until(lambda: web.answers() == 200 or web.process.poll() is not None, 60)
    assert web.answers() == 200, web.said()


@pytest.mark.timeout(300)
def test_together_or_by_steps_an_application_leaves_the_same(dying: Mortals) -> None:
    by_steps, together = (dying.undisturbed(f"an application{how}") for how in ("", " beside others"))
    assert together[0] < by_steps[0], "fewer statements"
    assert together[1] == by_steps[1]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("deed", [*DEEDS, "a grant", "a stop of the clock"])
def test_cut_short(dying: Mortals, deed: str) -> None:
    statements, whole = dying.undisturbed(deed)
    middle = statements // 2
    cuts = [("process", middle), ("process", statements - 1), ("process", statements), ("database", middle)]
    faults = [fault for victim, at in cuts for fault in dying.cut(deed, at, victim, whole)]
    assert not faults, "\n".join(faults[:10])


@pytest.mark.timeout(300)
def test_a_decision_and_its_certificate_are_both_or_neither(dying: Mortals) -> None:
    """Killed before the decision is written, between it and the certificate, right after that, and at the commit."""
    sent = dying.sent("a grant")
    decided = next(at for at, query in enumerate(sent) if query.startswith('UPDATE "case_record"'))
    issued = next(at for at, query in enumerate(sent) if query.startswith('INSERT INTO "certificate"'))
    assert abs(issued - decided) > 0
    cuts = [("process", decided), ("process", issued), ("process", issued + 1), ("database", max(decided, issued))]
    found = [dying.left("a grant", at, victim) for victim, at in cuts]
    both: tuple[dict[str, int], dict[str, int]] = ({"granted": 1}, {"valid": 1})
    neither: tuple[dict[str, int], dict[str, int]] = ({"accepted": 1}, {})
    kept = [(one["case"], one["certificates"]) for one in found]
    assert not [one for one in kept if one not in (both, neither)], kept
    assert neither in kept
    after = dying.left("a grant", len(sent), "process")
    assert (after["case"], after["certificates"]) == both, "committed, and nobody was told"
