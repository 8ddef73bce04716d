"""What clamd says decides, and when it says nothing at all, nothing is known."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from server.adapters import antivirus
from server.config import SettingError, Settings
from server.ports import Antivirus, OutsideError
from tests.factories.clamd import EICAR, Clamd


@pytest.fixture(params=["tcp", "unix"])
async def clamd(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Clamd]:
    twin = Clamd()
    await twin.listen(tmp_path / "clamd.ctl" if request.param == "unix" else None)
    yield twin
    await twin.close()


@pytest.fixture
def scanner(clamd: Clamd, settings: Settings) -> Antivirus:
    return antivirus.make(replace(settings, antivirus_url=clamd.url))


async def test_clean_and_infected(scanner: Antivirus, clamd: Clamd) -> None:
    assert await scanner.infected(b"a letter" * 100_000) is None
    assert clamd.seen == 800_000
    assert await scanner.infected(b"x" * 70_000 + EICAR) == "Win.Test.EICAR_HDB-1"


@pytest.mark.parametrize("mood", ["refuses", "hangs up", "babbles"])
async def test_not_looked_at_is_not_clean(scanner: Antivirus, clamd: Clamd, mood: str) -> None:
    clamd.mood = mood
    with pytest.raises(OutsideError):
        await scanner.infected(b"a letter")


async def test_one_that_says_nothing_is_not_waited_for_forever(
    scanner: Antivirus, clamd: Clamd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(antivirus, "_ANSWER", 0.2)
    clamd.mood = "is silent"
    async with asyncio.timeout(5):
        with pytest.raises(OutsideError, match="antivirus_down"):
            await scanner.infected(b"a letter")


async def test_nobody_there(scanner: Antivirus, clamd: Clamd) -> None:
    await clamd.close()
    with pytest.raises(OutsideError, match="antivirus_down"):
        await scanner.infected(b"a letter")


async def test_without_an_address_nothing_is_asked(settings: Settings) -> None:
    assert await antivirus.make(replace(settings, antivirus_url="")).infected(EICAR) is None


@pytest.mark.parametrize("address", ["http://127.0.0.1:3310", "clamd", "tcp://", "unix://"])
def test_a_wrong_address_says_how_to_mend_it(address: str) -> None:
    with pytest.raises(SettingError, match="ANTIVIRUS_URL"):
        Settings.load({"ENV": "test", "ANTIVIRUS_URL": address}, env_file=None)
