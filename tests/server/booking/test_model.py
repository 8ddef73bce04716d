"""Whatever people, the hall and time do, in whatever order: booking agrees with the plain model, deed by deed.

`tests/server/booking/plain` has the model, which knows no database, and the machine, which does the same deed to both
and then compares the refusal (any reason the model sees will do), every place, every booking and everybody in line,
with who is offered what. Here it walks a way that chance has chosen once and for all, and a few that Hypothesis
has; `make prove` lets Hypothesis choose anew, which also finds the shortest way to what it has found.

That it can fail is shown below, each time: a fault is built into the product from outside (a place that is not given
back, a limit that is one too high, a line that is served from its end, a hold that never ends, an offer nobody notes, a
code that outlives its booking), and the same walk has to find it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from server import db
from tests.conftest import Clock
from tests.factories.identity import AsCitizen
from tests.fixtures_web import Client
from tests.server.booking.plain.machine import DEEDS, Dice, Machine
from tests.server.booking.plain.rows import Rules
from tests.server.booking.plain.town import Town, founded, set_rules

WALKS, STEPS = 10, 70
FEW = settings(
    max_examples=4, stateful_step_count=25, deadline=None, database=None, derandomize=True,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
ALWAYS = {
    "book", "request", "cancel", "reschedule", "wait", "leave", "check_in", "serve", "miss", "shut", "resize",
    "edit_line", "tick",
}  # fmt: skip
STAFF_CONFIRM = Rules()
AT_ONCE = Rules(auto=True, no_show_limit=2)
TRIGGER = """
    CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NEW; END $$;
    CREATE TRIGGER fault BEFORE {when} FOR EACH ROW EXECUTE FUNCTION fault()
"""
# Where the product is made to be wrong, without touching its code.
FAULTS = {
    "a place is not given back": ("UPDATE ON slot", "NEW.taken := greatest(NEW.taken, OLD.taken);"),
    "the line is served from its end": (
        "INSERT ON waitlist",
        "NEW.created_at := timestamptz '2026-01-01' - (NEW.created_at - timestamptz '2026-01-01');",
    ),
    "a hold never ends": ("INSERT ON booking", "NEW.hold_until := NEW.hold_until + interval '9 days';"),
    "a code outlives its booking": ("UPDATE ON code", "NEW.revoked_at := NULL;"),
    "an offer is not noted": ("UPDATE ON waitlist", "IF NEW.state = 'offered' THEN RETURN NULL; END IF;"),
}


@pytest.fixture
async def town(request: pytest.FixtureRequest, client: Client, as_citizen: AsCitizen, clock: Clock) -> Town:
    return await founded(client, getattr(request, "param", STAFF_CONFIRM))


async def walk(town: Town, walks: int) -> Counter[str]:
    """Go so many ways, the same every time; gives how often each deed was answered how."""
    said: Counter[str] = Counter()
    loop = asyncio.get_running_loop()

    def go(number: int) -> None:
        chance, machine = Random(number), Machine(town, loop, said)
        machine.begin()
        way = []
        try:
            for _ in range(STEPS):
                way.append((chance.choice(DEEDS), Dice.thrown(chance)))
                machine.live_on(*way[-1])
            machine.teardown()
        except AssertionError as fault:
            steps = "\n".join(f"  {deed} {dice}" for deed, dice in way)
            raise AssertionError(f"{fault}\nafter\n{steps}") from fault

    for number in range(walks):
        await asyncio.to_thread(go, number)
    return said


@pytest.mark.parametrize("town", [STAFF_CONFIRM, AT_ONCE], indirect=True, ids=["staff confirm", "confirmed at once"])
async def test_booking_agrees_with_the_plain_model(town: Town) -> None:
    said = await walk(town, WALKS)
    done = {what.partition(":")[0] for what in said if what.endswith(": done")}
    # A walk that never does a thing proves nothing of it.
    answered = set() if town.rules.auto else {"confirm", "decline"}
    assert done >= ALWAYS | answered, said


async def test_ways_that_hypothesis_chooses(town: Town) -> None:
    """A few of them each time, the same ones; `make prove` goes many, chosen anew."""
    loop, said = asyncio.get_running_loop(), Counter[str]()

    class Here(Machine):
        def __init__(self) -> None:
            super().__init__(town, loop, said)

    await asyncio.to_thread(run_state_machine_as_test, Here, settings=FEW)
    assert said["book: done"] >= FEW.max_examples


@pytest.fixture
async def fault(request: pytest.FixtureRequest, database: None) -> AsyncIterator[None]:
    when, body = FAULTS[request.param]
    await db.execute(TRIGGER.format(when=when, body=body))
    yield
    await db.execute("DROP FUNCTION fault() CASCADE")


@pytest.mark.parametrize("fault", FAULTS, indirect=True)
async def test_a_fault_is_found(town: Town, fault: None) -> None:
    with pytest.raises(AssertionError, match=r"should|against|has a code"):
        await walk(town, WALKS)


async def test_a_limit_one_too_high_is_found(town: Town) -> None:
    await set_rules(town.hall, replace(town.rules, per_person=3, per_person_day=3, per_person_item=2))
    with pytest.raises(AssertionError, match=r"(book|wait): done, but \{'booking\.(item_limit|limit)"):
        await walk(town, WALKS)
