"""`make demo`, its second half: what it prints is true, twice is as good as once, and nothing of it stays."""

from __future__ import annotations

import re
import signal
import time
import urllib.request
from pathlib import Path

from server.sample.people import PASSWORD, STAFF
from tests.e2e.demo import NEEDS_PHONE, Demo, running, start

WARM_SECONDS = 15
SLACK = 3  # other tests, or other people, may have the machine

pytestmark = NEEDS_PHONE


def _links(demo: Demo) -> list[str]:
    return re.findall(r"http://127\.0\.0\.1:\d+[^\s)]*", demo.said())


def _gone(demo: Demo) -> None:
    deadline = time.monotonic() + 10
    while (left := demo.family()) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert left == []


def test_every_printed_link_opens_and_nothing_stays(tmp_path: Path) -> None:
    with running(tmp_path / "var") as demo:
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
        assert demo.family()
        assert demo.stop(signal.SIGTERM) == 0
    _gone(demo)
    begun = time.monotonic()
    again = start(tmp_path / "var")
    assert time.monotonic() - begun < WARM_SECONDS * SLACK
    assert again.stop(signal.SIGINT) == 0
    _gone(again)
