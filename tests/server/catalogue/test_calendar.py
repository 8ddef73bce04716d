"""The day table: filled, corrected and marked provisional where nothing is published yet."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from server import db
from server.errors import InvalidInput
from server.features.catalogue import service as catalogue
from tests.factories.catalogue import TESTER

pytestmark = pytest.mark.usefixtures("database")

DATA = Path(__file__).parent / "data"
VECTORS: dict[str, Any] = json.loads((DATA / "vectors.json").read_text("utf-8"))
SATURDAY = date(2027, 1, 9)


def _notice(folder: Path, **changes: Any) -> Path:
    plain = {"year": 2027, "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": True}]}
    path = folder / "notice.json"
    path.write_text(json.dumps(plain | changes), "utf-8")
    return path


@pytest.mark.parametrize("seeded", [False, True])
async def test_the_vectors_hold_through_the_door(seeded: bool) -> None:
    if seeded:
        await catalogue.seed_calendar()
    for start, count, due in VECTORS["working_days"]:
        assert await catalogue.add_working_days(date.fromisoformat(start), count) == date.fromisoformat(due)


async def test_filling_twice_changes_nothing_more() -> None:
    first = await catalogue.seed_calendar()
    assert first >= (date(2028, 12, 31) - date(2004, 1, 1)).days
    assert await catalogue.seed_calendar() == 0


async def test_years_nobody_has_published_are_provisional() -> None:
    await catalogue.seed_calendar()
    (day,) = await catalogue.calendar_days(SATURDAY, SATURDAY)
    assert (day.working, day.provisional, day.source) == (False, True, "weekday")
    (day,) = await catalogue.calendar_days(date(2026, 10, 1), date(2026, 10, 1))
    assert (day.working, day.provisional, day.name) == (False, False, "国庆节")
    (day,) = await catalogue.calendar_days(date(2099, 1, 5), date(2099, 1, 5))
    assert (day.working, day.provisional) == (True, True)


async def test_a_booking_window_may_cross_the_last_published_day() -> None:
    days = await catalogue.day_table(date(2026, 12, 20), date(2027, 1, 20))
    assert len(days) == 32
    assert days[date(2027, 1, 4)]
    assert not days[SATURDAY]


async def test_a_notice_replaces_the_provisional_year(tmp_path: Path) -> None:
    await catalogue.seed_calendar()
    path = _notice(
        tmp_path,
        days=[
            {"name": "元旦", "date": "2027-01-01", "isOffDay": True},
            {"name": "元旦", "date": "2027-01-09", "isOffDay": False},
        ],
    )
    report = await catalogue.import_holidays(TESTER, path)
    assert (report.years, report.named, report.changed) == ([2027], 2, 365)
    assert await catalogue.is_working_day(SATURDAY)
    days = await catalogue.calendar_days(date(2027, 1, 1), date(2027, 12, 31))
    assert not any(day.provisional for day in days)
    assert (await catalogue.import_holidays(TESTER, path)).changed == 0
    assert await catalogue.seed_calendar() == 0


async def test_the_real_notice_says_what_the_calendar_package_says() -> None:
    before = await catalogue.day_table(date(2026, 1, 1), date(2026, 12, 31))
    await catalogue.import_holidays(TESTER, DATA / "holiday-2026.json")
    assert await catalogue.day_table(date(2026, 1, 1), date(2026, 12, 31)) == before
    assert sum(before.values()) == 248


async def test_a_day_decided_by_hand_outlives_every_file(tmp_path: Path) -> None:
    await catalogue.set_day(TESTER, date(2027, 1, 4), working=False, name="县城停电")
    await catalogue.import_holidays(TESTER, _notice(tmp_path))
    await catalogue.seed_calendar()
    (day,) = await catalogue.calendar_days(date(2027, 1, 4), date(2027, 1, 4))
    assert (day.working, day.name, day.source) == (False, "县城停电", "local")


async def test_an_older_years_file_does_not_undo_a_named_day_of_the_next(tmp_path: Path) -> None:
    await catalogue.import_holidays(
        TESTER, _notice(tmp_path, year=2028, days=[{"name": "元旦", "date": "2027-12-31", "isOffDay": True}])
    )
    await catalogue.import_holidays(TESTER, _notice(tmp_path))
    assert not await catalogue.is_working_day(date(2027, 12, 31))


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "holidays_unreadable"),
        (b"\xff\xfe\x00", "holidays_unreadable"),
        (b"[]", "holidays_unreadable"),
        (b'{"year": 2027, "days": []}', "holidays_unreadable"),
        (b'{"year": "2027", "days": [{"name": "x", "date": "2027-01-01", "isOffDay": true}]}', "holidays_unreadable"),
        (b'{"year": 2027, "days": [{"name": "x", "date": "2027-02-30", "isOffDay": true}]}', "holidays_unreadable"),
        (b'{"year": 2027, "days": [{"name": "x", "date": "2024-01-01", "isOffDay": true}]}', "holidays_wrong_days"),
        (
            (
                b'{"year": 2027, "days": [{"name": "x", "date": "2027-01-01", "isOffDay": true},'
                b' {"name": "y", "date": "2027-01-01", "isOffDay": false}]}'
            ),
            "holidays_wrong_days",
        ),
    ],
)
async def test_what_is_no_notice_is_refused_in_one_line(tmp_path: Path, raw: bytes, code: str) -> None:
    path = tmp_path / "notice.json"
    path.write_bytes(raw)
    with pytest.raises(InvalidInput, match=code):
        await catalogue.import_holidays(TESTER, path)
    assert await db.fetchval("SELECT count(*) FROM calendar_day") == 0


async def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="file_missing"):
        await catalogue.import_holidays(TESTER, tmp_path / "none.json")


async def test_every_day_of_a_long_range_is_answered() -> None:
    first = date(2003, 12, 1)
    days = await catalogue.day_table(first, first + timedelta(days=999))
    assert len(days) == 1000
