"""Stories and looks in a real browser, against the whole demo, which begins with an empty folder."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import pytest

from server.sample.people import PASSWORD, PEOPLE
from tests.e2e.demo import CHROMIUM, HERE, NEEDS_BROWSER, running

STORY_SECONDS = 420

pytestmark = NEEDS_BROWSER


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Run the demo in a folder of its own and say where it is."""
    with running(tmp_path_factory.mktemp("demo") / "var") as ready:
        yield {
            "APP": ready.app,
            "SANDBOX": ready.sandbox,
            "STAFF_PASSWORD": PASSWORD,
            "LI_MING": next(person.number for person in PEOPLE if person.key == "li-ming"),
            "CHROMIUM": CHROMIUM or "",
            "SEATS": str(ready.var.parent),
        }


@pytest.mark.timeout(STORY_SECONDS + 60)
@pytest.mark.parametrize(
    "story", ["looks", "desk", "scan", "counter", "arriving", "first_screen", "rating", "keys", "walked"]
)
def test_in_a_browser(demo: dict[str, str], story: str) -> None:
    done = subprocess.run(
        ["node", "--test", f"{story}.test.mjs"],
        cwd=HERE,
        env={**os.environ, **demo},
        capture_output=True,
        text=True,
        timeout=STORY_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
