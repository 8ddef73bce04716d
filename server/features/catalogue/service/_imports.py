"""Brings in a list of items. Each line of the file is taken or named with its reason; twice is as good as once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from server import db
from server.errors import InvalidInput
from server.features.audit import service as audit
from server.features.catalogue.schemas import ImportReport, RowNote
from server.features.catalogue.service import _authority, _index
from server.features.catalogue.service._search import shelves
from server.features.catalogue.service._table import MOST_CELL, read_table
from server.kit import checks, clock
from server.kit.ids import new_id

if TYPE_CHECKING:
    from server.actor import Actor

Progress = Callable[[int, int], None]

_REFUSED, _WARNING = "catalogue.import.refused", "catalogue.import.warning"
_BATCH = 500
_NAME = 200
_CODE = 100
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
# GB/T 39046 A.1, and the ranges it leaves free for extension.
_KINDS = frozenset(f"{kind:02}" for kind in (*range(1, 11), *range(11, 30)))
_PUBLIC_SERVICE = "20"
_BODY = re.compile(r"-([0-9A-Za-z]+)(?:-[0-9A-Za-z])?-\d+-\d{2}$")
_AREA = re.compile(r"-(\d{6})\d{6}-")
_IMPLEMENTING = re.compile(r"([0-9A-HJ-NPQRTUWXY]{18})[1-7]\d{2}[0-9A-Z]{10}(\d{2})?")

_UPSERT = """
INSERT INTO item AS i (id, created_at, code, local_code, name, kind, department_id, region_code, implementer, audience,
    themes, source)
SELECT fresh.id, $1, code, local_code, name, kind, department_id, $2, implementer, string_to_array(audience, ' '),
    string_to_array(themes, ' '), $3
FROM unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::uuid[], $10::text[], $11::text[],
    $12::text[]) AS fresh (id, code, local_code, name, kind, department_id, implementer, audience, themes)
ON CONFLICT (code) DO UPDATE SET name = excluded.name, kind = excluded.kind, department_id = excluded.department_id,
    implementer = excluded.implementer, local_code = excluded.local_code, active = true,
    audience = CASE WHEN i.guide_id IS NULL THEN excluded.audience ELSE i.audience END,
    themes = CASE WHEN i.guide_id IS NULL THEN excluded.themes ELSE i.themes END
WHERE (i.name, i.kind, i.department_id, i.implementer, i.local_code, i.active)
        IS DISTINCT FROM (excluded.name, excluded.kind, excluded.department_id, excluded.implementer,
                          excluded.local_code, true)
    OR (i.guide_id IS NULL AND (i.audience, i.themes) IS DISTINCT FROM (excluded.audience, excluded.themes))
RETURNING id, xmax = 0 AS created
"""


class _Row:
    """One line on its way in: what was wrong with it, and what goes into the table."""

    def __init__(self, line: int, cells: dict[str, str]) -> None:
        self.line = line
        self.name = cells.get("name", "")
        self.code = cells.get("code", "")
        self.department = cells.get("department", "")
        self.kind = cells.get("kind", "").zfill(2) if cells.get("kind") else ""
        self.local_code = cells.get("local_code") or (None if _IMPLEMENTING.fullmatch(self.code) else self.code)
        self.audience = cells.get("audience", "")
        self.cells = cells
        self.implementer: str | None = None

    def refusal(self, seen: dict[str, _Row]) -> tuple[str, str] | None:
        """Say why the line cannot be taken: (reason, what stands there)."""
        broken = next((text for text in self.cells.values() if _CONTROL.search(text)), None)
        longest = max(self.cells.values(), key=len)
        before = seen.get(self.code)
        checks_in_order = (
            (len(longest) > MOST_CELL, "cell_too_long", longest[:40]),
            (broken is not None, "control_character", ""),
            (not self.name, "no_name", self.code),
            (not self.code, "no_code", self.name[:40]),
            (not self.department, "no_department", self.code),
            (len(self.name) > _NAME, "name_too_long", self.name[:40]),
            (len(self.code) > _CODE, "code_too_long", self.code[:40]),
            (len(self.department) > _NAME, "department_too_long", self.department[:40]),
            (self.kind not in _KINDS and self.kind != "", "kind_unknown", self.kind),
            (before is not None, "code_twice", f"{self.code} ({before.line})" if before else ""),
        )
        return next(((reason, value) for wrong, reason, value in checks_in_order if wrong), None)

    def doubts(self, region_code: str) -> list[tuple[str, str]]:
        """Settle what can be settled, and say what stays doubtful though the line is taken."""
        found = []
        body = self._body()
        self.implementer = checks.uscc(body) if body else None
        if body is None:
            found.append(("no_credit_code", self.code))
        elif self.implementer is None:
            placeholder = len(set(body)) == 1 or len(body.strip("0")) < 8
            found.append(("credit_code_placeholder" if placeholder else "credit_code_wrong", body))
        area = _AREA.search(self.code)
        if area and not area[1].startswith(region_code) and not region_code.startswith(area[1]):
            found.append(("other_area", area[1]))
        if not self.kind:
            self.kind = _PUBLIC_SERVICE
            found.append(("no_kind", ""))
        return found

    def _body(self) -> str | None:
        national = _IMPLEMENTING.fullmatch(self.code)
        if national:
            return national[1]
        local = _BODY.search(self.code)
        return local[1] if local else None

    @property
    def themes(self) -> list[str]:
        """Shelves by the words in the name; a guide says it better once there is one."""
        return [shelf.key for shelf in shelves() if any(word in self.name for word in shelf.words)]

    @property
    def audiences(self) -> list[str]:
        """Codes 1 (people) and 2 to 6 (organisations) of GB/T 39046 A.4; unsaid is both."""
        said = set(re.findall(r"[1-6]", self.audience))
        people, bodies = "1" in said, bool(said - {"1"})
        return ["person", "enterprise"] if people == bodies else ["person"] if people else ["enterprise"]


@db.transactional
async def import_items(actor: Actor, path: Path, *, region_code: str, progress: Progress | None = None) -> ImportReport:
    """Bring in a list of items (CSV or XLSX with name, code and department) for a region, all lines or none.

    `progress` is told (done, of how many). Raises InvalidInput when the file as a whole cannot be read, and when the
    region is unknown; Forbidden.
    """
    await _authority.require(actor, region_code)
    # Two imports at once would each find the other's departments missing and make them twice.
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended('catalogue.import', 0))")
    if not await db.fetchval("SELECT 1 FROM region WHERE code = $1", region_code):
        raise InvalidInput("catalogue.region_unknown", region=region_code)
    table = read_table(path, ("name", "code", "department"))
    report = ImportReport(rows=len(table.rows), encoding=table.encoding)
    taken = _sift(table.rows, region_code, report)
    departments = await _departments({row.department: row for row in taken}, region_code)
    changed: list[UUID] = []
    for start in range(0, len(taken), _BATCH):
        batch = taken[start : start + _BATCH]
        changed += await _write(batch, departments, region_code, path.name, report)
        if progress is not None:
            progress(start + len(batch), len(taken))
    report.unchanged = len(taken) - report.created - report.changed
    for start in range(0, len(changed), _BATCH):
        await _index.refresh(changed[start : start + _BATCH])
    await audit.record(
        actor, "catalogue.items_imported", "item", None,
        rows=report.rows, created=report.created, changed=report.changed, refused=report.refused,
    )  # fmt: skip
    return report


def _sift(rows: list[tuple[int, dict[str, str]]], region_code: str, report: ImportReport) -> list[_Row]:
    seen: dict[str, _Row] = {}
    for line, cells in rows:
        row = _Row(line, cells)
        refusal = row.refusal(seen)
        if refusal is not None:
            reason, value = refusal
            report.refused += 1
            report.notes.append(RowNote(line=line, level="refused", reason=f"{_REFUSED}.{reason}", value=value))
            continue
        seen[row.code] = row
        for reason, value in row.doubts(region_code):
            report.warnings += 1
            report.notes.append(RowNote(line=line, level="warning", reason=f"{_WARNING}.{reason}", value=value[:60]))
    return list(seen.values())


async def _departments(wanted: dict[str, _Row], region_code: str) -> dict[str, UUID]:
    """Find or make the departments by name. Their own credit codes stay empty: a list of items proves none."""
    names = list(wanted)
    known = await db.fetch(
        "SELECT id, name FROM department WHERE region_code = $1 AND name = ANY($2)", region_code, names
    )
    found = {row["name"]: row["id"] for row in known}
    fresh = [name for name in names if name not in found]
    rows = await db.fetch(
        "INSERT INTO department (id, created_at, key, name, region_code)"
        " SELECT id, $1, key, name, $2 FROM unnest($3::uuid[], $4::text[], $5::text[]) AS n (id, key, name)"
        " RETURNING id, name",
        clock.now(), region_code, [new_id() for _ in fresh], [_department_key(region_code, name) for name in fresh],
        fresh,
    )  # fmt: skip
    return found | {row["name"]: row["id"] for row in rows}


def _department_key(region_code: str, name: str) -> str:
    return f"{region_code}_{hashlib.sha256(name.encode()).hexdigest()[:12]}"


async def _write(
    batch: list[_Row], departments: dict[str, UUID], region_code: str, source: str, report: ImportReport
) -> list[UUID]:
    rows = await db.fetch(
        _UPSERT, clock.now(), region_code, source, [new_id() for _ in batch], [row.code for row in batch],
        [row.local_code for row in batch], [row.name for row in batch], [row.kind for row in batch],
        [departments[row.department] for row in batch], [row.implementer for row in batch],
        [" ".join(row.audiences) for row in batch], [" ".join(row.themes) for row in batch],
    )  # fmt: skip
    created = sum(row["created"] for row in rows)
    report.created += created
    report.changed += len(rows) - created
    return [row["id"] for row in rows]
