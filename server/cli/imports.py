"""Commands that bring in files."""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from pathlib import Path

from tqdm import tqdm

from server.actor import System
from server.cli.data import in_database
from server.config import SettingError, Settings
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import ImportReport, RowNote
from server.kit import texts
from server.kit.cells import safe

_OPERATOR = System(name="operator")
_SHOWN = 50


def import_items(settings: Settings, given: argparse.Namespace) -> int:
    """Bring in a list of items and say what became of each line. 1 when a line was refused."""
    region_code = given.region or settings.region

    async def run() -> int:
        # Without a terminal there is nobody to watch a bar, and its control characters spoil a log.
        with tqdm(disable=None, unit="line", leave=False) as bar:

            def progress(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            report = await catalogue.import_items(_OPERATOR, given.path, region_code=region_code, progress=progress)
        if given.report is not None:
            _write(given.report, report)
        _say(report, given.report)
        return 1 if report.refused else 0

    return in_database(settings, run)


def import_holidays(settings: Settings, given: argparse.Namespace) -> int:
    """Bring in a year's holidays."""

    async def run() -> int:
        report = await catalogue.import_holidays(_OPERATOR, given.path)
        print(f"{', '.join(map(str, report.years))}: {report.named} days named, {report.changed} changed")
        return 0

    return in_database(settings, run)


def import_standards(settings: Settings, given: argparse.Namespace) -> int:
    """Bring in the standards of levels above."""

    async def run() -> int:
        standards = catalogue.read_standards(given.path)
        new = await catalogue.take_standards(_OPERATOR, standards)
        print(f"{len(standards)} standards read, {new} new or changed")
        return 0

    return in_database(settings, run)


def _say(report: ImportReport, written: Path | None) -> None:
    refused = [note for note in report.notes if note.level == "refused"]
    for note in refused[:_SHOWN]:
        print(f"line {note.line}: {_told(note, 'en')}")
    if len(refused) > _SHOWN:
        print(f"and {len(refused) - _SHOWN} more lines refused")
    doubtful = Counter(note.reason for note in report.notes if note.level == "warning")
    for reason, number in doubtful.most_common():
        print(f"{number} lines: {texts.text('en', reason)}")
    if written is not None:
        print(f"line by line in {written}")
    elif report.notes:
        print("line by line with --report FILE")
    print(texts.text("en", "catalogue.import.done", **_counts(report)))


def _counts(report: ImportReport) -> dict[str, int]:
    names = ("rows", "created", "changed", "unchanged", "refused", "warnings")
    return {name: getattr(report, name) for name in names}


def _write(path: Path, report: ImportReport) -> None:
    """Write all notes as a CSV that Excel opens, for whoever keeps the list. Raises `SettingError`."""
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["line", "level", "reason", "text", "value"])
            for note in report.notes:
                # What came out of a strange file must not become a formula in the next spreadsheet.
                words = texts.text(texts.SOURCE, note.reason)
                writer.writerow([note.line, note.level, note.reason, words, safe(note.value)])
    except OSError as error:
        raise SettingError(f"--report: {path} cannot be written ({error.strerror}); the items are in") from None


def _told(note: RowNote, locale: str) -> str:
    text = texts.text(locale, note.reason)
    return f"{text} ({note.value})" if note.value else text
