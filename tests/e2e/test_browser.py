"""Stories and looks in a real browser, against the whole demo, which begins with an empty folder."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.sample.people import PASSWORD, PEOPLE
from tests.smoke.processes import ROOT, free_port

HERE = Path(__file__).parent
START_SECONDS = 180
STORY_SECONDS = 420
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for name in _BROWSERS if (path := shutil.which(name))), None)

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (make browser)"),
    pytest.mark.skipif(not (HERE / "node_modules").is_dir(), reason="npm packages of tests/e2e are not installed"),
    pytest.mark.skipif(
        not (ROOT / "miniprogram/dist/build/h5/index.html").is_file(), reason="the phone is not built (make h5)"
    ),
]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Run the demo in a folder of its own and say where it is."""
    folder = tmp_path_factory.mktemp("demo")
    port, sandbox = free_port(), free_port()
    environment = {**os.environ, "PORT": str(port), "SANDBOX_PORT": str(sandbox), "VAR_DIR": str(folder / "var")}
    for name in ("DATABASE_URL", "REDIS_URL", "FILES_URL", "PUBLIC_URL", "SECRETS_FILE"):
        environment.pop(name, None)
    log = folder / "demo.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "server", "demo"], cwd=ROOT, env=environment, stdout=out, stderr=out
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while "ready http" not in log.read_text("utf-8", "replace"):
            assert process.poll() is None, log.read_text("utf-8", "replace")
            assert time.monotonic() < deadline, "the demo is not ready:\n" + log.read_text("utf-8", "replace")
            time.sleep(0.3)
        yield {
            "APP": f"http://127.0.0.1:{port}",
            "SANDBOX": f"http://127.0.0.1:{sandbox}",
            "STAFF_PASSWORD": PASSWORD,
            "LI_MING": next(person.number for person in PEOPLE if person.key == "li-ming"),
            "CHROMIUM": CHROMIUM or "",
        }
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


@pytest.mark.parametrize("story", ["thread", "looks", "first_screen"])
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
