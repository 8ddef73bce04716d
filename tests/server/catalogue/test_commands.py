"""`python -m server import-items` and `import-holidays`, as an operator runs them."""

from __future__ import annotations

import asyncio
import csv
import os
import sys
from pathlib import Path

import pytest

from server import db
from server.config import Settings

pytestmark = pytest.mark.usefixtures("database")

DATA = Path(__file__).parent / "data"


async def _run(settings: Settings, *words: str | Path) -> tuple[int, str, str]:
    environment = {
        **os.environ, "ENV": "test", "VAR_DIR": str(settings.var_dir), "DATABASE_URL": settings.database_url,
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", *map(str, words),
        env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_a_real_list_is_brought_in_and_every_line_accounted_for(settings: Settings, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    code, out, err = await _run(settings, "import-items", DATA / "items_guangan_511602.csv", "--report", report)
    assert (code, err) == (0, "")
    assert out.splitlines()[-1].startswith("1135 lines: 1135 new, 0 changed, 0 as before, 0 refused")
    assert await db.fetchval("SELECT count(*) FROM item") == 1135
    with report.open(encoding="utf-8-sig", newline="") as file:
        notes = list(csv.DictReader(file))
    assert "2222222222222" in {note["value"] for note in notes}
    assert {note["level"] for note in notes} == {"warning"}
    code, out, _ = await _run(settings, "import-items", DATA / "items_guangan_511602.csv")
    assert (code, out.splitlines()[-1][:50]) == (0, "1135 lines: 0 new, 0 changed, 1135 as before, 0 re")


async def test_a_refused_line_is_an_exit_code(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_text("name,code,dept\n甲,A-1,经信局\n,A-2,经信局\n=乙,A-1,经信局\n", "utf-8")
    code, out, _ = await _run(settings, "import-items", path, "--report", tmp_path / "report.csv")
    assert code == 1
    assert "line 3: no item name, refused (A-2)" in out
    assert "line 4: the code is used by an earlier line, refused (A-1 (2))" in out
    assert await db.fetchval("SELECT count(*) FROM item") == 1


@pytest.mark.parametrize("name", ["none.csv", "empty.csv", "picture.png"])
async def test_a_wrong_file_is_one_line(settings: Settings, tmp_path: Path, name: str) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    code, out, err = await _run(settings, "import-items", tmp_path / name)
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert name in err


async def test_a_report_that_cannot_be_written_says_so(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_text("name,code,dept\n甲,A-1,经信局\n", "utf-8")
    code, _, err = await _run(settings, "import-items", path, "--report", tmp_path)
    assert (code, err.count("\n")) == (1, 1)


async def test_holidays(settings: Settings) -> None:
    code, out, err = await _run(settings, "import-holidays", DATA / "holiday-2026.json")
    assert (code, out, err) == (0, "2026: 39 days named, 365 changed\n", "")
    code, out, _ = await _run(settings, "import-holidays", DATA / "holiday-2026.json")
    assert (code, out) == (0, "2026: 39 days named, 0 changed\n")
