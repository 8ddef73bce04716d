"""What `.ci/run` does not let pass: a test that skipped for want of a browser, or of the phone that is not built."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.house.tree import ROOT, files

_REASON = re.compile(r'skipif\([^"]*?(?:"[^"]*"[^"]*?)*?reason="([^"]*)"', re.DOTALL)
_MUST_RUN = re.compile(r"^MUST_RUN='([^']+)'$", re.MULTILINE)


def _caught(line: str) -> bool:
    found = _MUST_RUN.search((ROOT / ".ci" / "run").read_text("utf-8"))
    assert found
    return subprocess.run(["grep", "-qE", found[1]], input=line, text=True, check=False).returncode == 0


@pytest.mark.parametrize(
    ("line", "fails"),
    [
        ("SKIPPED [1] tests/e2e/test_walks.py:20: Chromium is not installed (make browser)", True),
        ("SKIPPED [2] tests/server/cases/test_phone_package.py:40: the mini-program is not built (make mp)", True),
        ("SKIPPED [1] tests/server/sandbox/test_page.py:60: Chromium is not installed", True),
        ("SKIPPED [1] tests/server/web/test_limits.py:82: needs Redis: REDIS_URL=redis://…", False),
        ("SKIPPED [1] tests/adapters/test_sm2.py:20: tongsuopy is not installed: SM2 is an option", False),
        ("FAILED tests/server/x.py::test_it - the phone is not built", False),
    ],
)
def test_which_skips_fail(line: str, fails: bool) -> None:
    assert _caught(line) is fails


def test_a_redis_that_could_not_be_stopped_is_not_passed_over() -> None:
    """With services it fails, without them it is named: it never vanishes among what was skipped."""
    run = (ROOT / ".ci" / "run").read_text("utf-8")
    found = re.search(r"^MUST_RUN_WITH_SERVICES='([^']+)'$", run, re.MULTILINE)
    assert found
    (reason,) = _REASON.findall((ROOT / "tests/server/rude/test_redis_stopped.py").read_text("utf-8"))
    for target, status, said in (("test-services", 1, "nothing was proven"), ("test", 0, "NOT RUN")):
        function = run[run.index("MOST_UNSTEADY=2") : run.index("\nrun test\n")]
        report = f"SKIPPED [6] tests/server/rude/test_redis_stopped.py:36: {reason}"
        script = f'set -euo pipefail\nmake() {{ echo "{report}"; }}\ntee() {{ cat; }}\n{function}\nrun {target}\n'
        script = script.replace("var/ci.log", '"$LOG"') + run[run.index('echo "ci: ran') :].replace("$ran", "x")
        script = f'LOG=$(mktemp); echo "{report}" > "$LOG"\n{script}'
        told = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
        assert (told.returncode, said in told.stdout + told.stderr) == (status, True), told


def test_whatever_needs_the_built_phone_is_caught() -> None:
    needing = []
    for path in files(".py", under="tests"):
        text = path.read_text("utf-8")
        if path.name != "test_ci.py" and "miniprogram/dist/build" in text and "skipif" in text:
            reasons = [reason for reason in _REASON.findall(text) if "built" in reason]
            assert reasons, f"{path}: a skip that does not say `is not built`"
            needing += reasons
    assert len(needing) > 1
    assert all(_caught(f"SKIPPED [1] tests/server/one.py:1: {reason}") for reason in needing)
