"""`make demo`, its second half: what it prints is true, twice is as good as once, and nothing of it stays."""

from __future__ import annotations

import re
import signal
import time
import urllib.request
from collections.abc import Iterator

import psutil  # type: ignore[import-untyped]
import pytest

from server.sample.people import PASSWORD, STAFF
from tests.e2e.demo import NEEDS_PHONE, Demo, running
from tests.pace import slowness

WARM_SECONDS = 15
SLACK = 3  # other tests, or other people, may have the machine

pytestmark = NEEDS_PHONE


def _links(demo: Demo) -> list[str]:
    return re.findall(r"http://127\.0\.0\.1:\d+[^\s)]*", demo.said())


def _opens(link: str, deadline: float) -> None:
    while True:
        try:
            with urllib.request.urlopen(link, timeout=10) as answer:
                assert answer.status == 200, link
                return
        except OSError:  # nothing listens yet, or whoever will answer is still starting
            assert time.monotonic() < deadline, f"{link} does not open again"
            time.sleep(0.1)


def _gone(demo: Demo) -> None:
    deadline = time.monotonic() + 30
    while (left := demo.family()) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert left == []


def _process(demo: Demo, name: str) -> psutil.Process | None:
    return next((one for one in demo.family() if one.cmdline()[-3:] == ["-m", "server", name]), None)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One demo for the tests of this file, in their order: the last one ends it."""
    with running(tmp_path_factory.mktemp("demo") / "var") as ready:
        yield ready


def test_every_printed_link_opens(demo: Demo) -> None:
    said = demo.said()
    assert said.splitlines()[-1] == f"ready {demo.app}"
    for one in STAFF:
        assert one.username in said
    assert PASSWORD in said
    links = _links(demo)
    assert f"{demo.sandbox}/" in links
    for link in links:
        with urllib.request.urlopen(link, timeout=10) as answer:
            assert answer.status == 200, link


@pytest.mark.parametrize("name", ["worker", "web", "sandbox"])
def test_what_is_killed_comes_back_and_the_demo_says_what_happened(demo: Demo, name: str) -> None:
    killed = _process(demo, name)
    assert killed is not None
    killed.kill()
    deadline = time.monotonic() + 60
    while (found := _process(demo, name)) is None or found.pid == killed.pid:
        assert time.monotonic() < deadline, f"no other {name} runs"
        time.sleep(0.1)
    for link in _links(demo):
        _opens(link, deadline)
    assert demo.process.poll() is None
    assert f"the {name} process was ended from outside (SIGKILL); another one runs" in demo.said()


def test_nothing_stays_and_twice_is_as_good_as_once(demo: Demo) -> None:
    assert demo.family()
    assert demo.stop(signal.SIGTERM) == 0
    _gone(demo)
    begun = time.monotonic()
    with running(demo.var) as again:
        assert time.monotonic() - begun < WARM_SECONDS * SLACK * slowness()
        assert again.stop(signal.SIGINT) == 0
        _gone(again)
