"""Ways that Hypothesis chooses: a phone whose clock is up to an hour wrong, on and off the network, before three."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from server.kit import rotating
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.cases import Applicant
from tests.factories.identity import AsCitizen
from tests.fixtures_web import Client
from tests.server.certificates.test_certificates import check, holder
from tests.server.certificates.test_showing import presented

HOUR = 3600.0
STEP = rotating.STEP.total_seconds()
LAST = STEP * rotating.STEPS
# A second look within ten seconds is the same look; the times between are not measured to the hundredth.
SAME_LOOK, UNSURE = 10.0, 2.0
HOW = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

GAPS = some.one_of(some.floats(0, 15), some.floats(20, 45), some.floats(60, 400))
LOOKS = some.lists(some.tuples(GAPS, some.integers(0, 2), some.booleans(), some.booleans()), min_size=2, max_size=9)


class Phone:
    """Counts from when it was given the codes, by a clock that is wrong; renews them where there is network."""

    def __init__(self, who: Applicant, card: dict[str, Any], wrong: float) -> None:
        self.who, self.card, self.wrong = who, card, wrong
        self.codes: list[str] = []
        self.began = self.at = wrong

    async def renew(self) -> None:
        self.codes = await presented(self.who, self.card)
        self.began = self.at

    def pass_by(self, seconds: float) -> None:
        self.at += seconds

    @property
    def shows(self) -> str | None:
        age = self.at - self.began
        return self.codes[int(age // STEP)] if age < LAST else None


async def test_whatever_its_clock_says_a_phone_is_believed_once_by_each_and_never_later(
    client: Client, ports: Ports, clock: Clock, as_citizen: AsCitizen
) -> None:
    who, card = await holder(client, ports)
    checkers = [client.as_((await as_citizen()).token) for _ in range(3)]
    loop = asyncio.get_running_loop()

    async def walked(wrong: float, looks: list[tuple[float, int, bool, bool]]) -> None:
        phone = Phone(who, card, wrong)
        await phone.renew()
        used: dict[tuple[str, int], float] = {}
        pictures: list[tuple[str, float]] = []
        for gap, checker, online, old in looks:
            clock.advance(seconds=gap)
            phone.pass_by(gap)
            if old and pictures and phone.at - pictures[0][1] > 2 * STEP + 1:
                late = await check(checkers[checker], pictures[0][0])
                assert late["result"] == "code_expired", "a picture of it is worth nothing"
            if online or phone.shows is None:
                await phone.renew()
            code = phone.shows
            assert code
            pictures.append((code, phone.at))
            before = used.setdefault((code, checker), phone.at)
            said = (await check(checkers[checker], code))["result"]
            if abs(phone.at - before - SAME_LOOK) > UNSURE:
                assert said == ("valid" if phone.at - before < SAME_LOOK else "reused")

    @HOW
    @given(wrong=some.floats(-HOUR, HOUR), looks=LOOKS)
    def ways(wrong: float, looks: list[tuple[float, int, bool, bool]]) -> None:
        asyncio.run_coroutine_threadsafe(walked(wrong, looks), loop).result(60)

    await asyncio.to_thread(ways)
