"""A list of items from a file: every line is taken or named, and a second time changes nothing."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from server import db
from server.errors import InvalidInput
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import ImportReport, RowNote, SearchQuery
from server.kit import texts
from tests.factories import catalogue as make
from tests.factories.catalogue import COUNTY, TESTER

pytestmark = pytest.mark.usefixtures("database")

REAL = Path(__file__).parent / "data" / "items_guangan_511602.csv"
CODE = "511Z07001006-341226000000-000-11511301008778183N-1-00"
HEADER = "部门,事项名称,事项编码,事项类型"


async def _import(path: Path) -> ImportReport:
    return await catalogue.import_items(TESTER, path, region_code=COUNTY)


async def _lines(folder: Path, *lines: str, encoding: str = "utf-8", header: str = HEADER) -> ImportReport:
    path = folder / "items.csv"
    path.write_bytes("\r\n".join([header, *lines]).encode(encoding))
    return await _import(path)


def _reasons(report: ImportReport) -> list[tuple[int, str]]:
    return [(note.line, _short(note)) for note in report.notes]


def _short(note: RowNote) -> str:
    """Give a reason's own word, after seeing that people can read it in every language."""
    assert note.reason.startswith(f"catalogue.import.{note.level}.")
    assert all(texts.find(locale, note.reason) for locale in texts.available())
    return note.reason.rpartition(".")[2]


async def test_all_rows_of_a_real_county() -> None:
    told: list[tuple[int, int]] = []
    report = await catalogue.import_items(
        TESTER, REAL, region_code=COUNTY, progress=lambda done, of: told.append((done, of))
    )
    assert (report.rows, report.created, report.refused) == (1135, 1135, 0)
    assert told[-1] == (1135, 1135)
    assert await db.fetchval("SELECT count(*) FROM item") == 1135
    assert await db.fetchval("SELECT count(*) FROM search_index") == 1135
    assert await db.fetchval("SELECT count(*) FROM department") == 34
    placeholders = [note for note in report.notes if _short(note) == "credit_code_placeholder"]
    assert "2222222222222" in {note.value for note in placeholders}
    assert all(note.level == "warning" for note in report.notes)
    with REAL.open(encoding="utf-8", newline="") as file:
        names = {row["name"] for row in csv.DictReader(file)}
    assert names == {row["name"] for row in await db.fetch("SELECT name FROM item")}
    found = await catalogue.search(SearchQuery(q="教师资格证书"))
    assert found.items[0].name == "教师资格证书补发、换发"


async def test_twice_is_as_good_as_once() -> None:
    await _import(REAL)
    before = await db.fetch("SELECT * FROM item ORDER BY code")
    again = await _import(REAL)
    assert (again.created, again.changed, again.unchanged) == (0, 0, 1135)
    assert await db.fetch("SELECT * FROM item ORDER BY code") == before


async def test_a_changed_line_changes_its_item(tmp_path: Path) -> None:
    await _lines(tmp_path, f"经信局,项目备案,{CODE},10")
    again = await _lines(tmp_path, f"经信局,企业投资项目备案,{CODE},10")
    assert (again.created, again.changed, again.unchanged) == (0, 1, 0)
    assert [card.name for card in (await catalogue.search(SearchQuery(q="投资"))).items] == ["企业投资项目备案"]


async def test_a_guide_outranks_the_list(tmp_path: Path) -> None:
    guide = await make.guide(await make.item(code=CODE), themes=["elder"], audience=["person"])
    await _lines(tmp_path, f"经信局,企业投资项目备案,{CODE},10")
    item = await catalogue.item(guide.item_id)
    assert (item.name, item.themes, item.audience, item.guide_id) == (
        "企业投资项目备案", ["elder"], ["person"], guide.id,
    )  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
async def test_any_encoding_a_spreadsheet_writes(tmp_path: Path, encoding: str) -> None:
    report = await _lines(tmp_path, f"经信局,“双创”项目备案（技改）,{CODE},10", encoding=encoding)
    assert (report.created, report.notes) == (1, [])
    assert report.encoding == encoding.replace("gbk", "gb18030")
    assert await db.fetchval("SELECT name FROM item") == "“双创”项目备案（技改）"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
async def test_any_delimiter(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "items.csv"
    path.write_text(f"{HEADER}\n经信局,备案,{CODE},10\n".replace(",", delimiter), "utf-8")
    assert (await _import(path)).created == 1


async def test_a_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["dept", "name", "item_code", "task_type", None])
    sheet.append(["经信局", "备案", CODE, 10, None])
    sheet.append([None, None, None, None, None])
    sheet.append(["经信局", None, "X1", 1.0, "=1+1"])
    path = tmp_path / "items.xlsx"
    book.save(path)
    report = await _import(path)
    assert (report.rows, report.created, report.encoding) == (2, 1, "xlsx")
    assert _reasons(report) == [(4, "no_name")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f"经信局,,{CODE},10", "no_name"),
        ("经信局,备案,,10", "no_code"),
        (f",备案,{CODE},10", "no_department"),
        (f"经信局,{'备' * 201},{CODE},10", "name_too_long"),
        (f"经信局,备案,{'1' * 101},10", "code_too_long"),
        (f"{'局' * 201},备案,{CODE},10", "department_too_long"),
        (f"经信局,备案,{CODE},99", "kind_unknown"),
        (f"经信局,备案,{CODE},许可", "kind_unknown"),
        (f"经信局,备\x7f案,{CODE},10", "control_character"),
        (f"经信局,{'备' * 500_000},{CODE},10", "cell_too_long"),
    ],
)
async def test_a_line_that_cannot_be_taken_is_named(tmp_path: Path, line: str, reason: str) -> None:
    report = await _lines(tmp_path, "经信局,好的,GOOD-1,1", line)
    assert (report.created, report.refused) == (1, 1)
    refused = [(note.line, _short(note)) for note in report.notes if note.level == "refused"]
    assert refused == [(3, reason)]


async def test_a_code_used_twice_keeps_the_first(tmp_path: Path) -> None:
    report = await _lines(tmp_path, f"经信局,甲,{CODE},10", f"经信局,乙,{CODE},10")
    assert (report.created, _reasons(report)) == (1, [(3, "code_twice")])
    assert await db.fetchval("SELECT name FROM item") == "甲"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("511Z07001006-341226000000-000-2222222222222-1-00", "credit_code_placeholder"),
        ("511Z07001006-341226000000-000-000004-1-00", "credit_code_placeholder"),
        ("511Z07001006-341226000000-000-11511301008778184N-1-00", "credit_code_wrong"),
        ("511Z07001006-511602000000-000-11511301008778183N-1-00", "other_area"),
        ("G-000007", "no_credit_code"),
    ],
)
async def test_a_doubtful_line_is_taken_and_named(tmp_path: Path, code: str, reason: str) -> None:
    report = await _lines(tmp_path, f"经信局,备案,{code},10")
    assert (report.created, report.refused, _reasons(report)) == (1, 0, [(2, reason)])


async def test_implementing_bodies_are_kept_only_when_right(tmp_path: Path) -> None:
    report = await _lines(
        tmp_path,
        f"经信局,甲,{CODE},10",
        "经信局,乙,12350881MB0404670T4000715001007,7",
        "经信局,丙,X-341226000000-000-2222222222222-1-00,7",
    )
    assert report.created == 3
    rows = await db.fetch("SELECT name, implementer, local_code IS NULL AS national FROM item ORDER BY code")
    assert {(row["name"], row["implementer"], row["national"]) for row in rows} == {
        ("甲", "11511301008778183N", False),
        ("乙", "12350881MB0404670T", True),
        ("丙", None, False),
    }


async def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    report = await _lines(tmp_path, f'经信局,"两\n行",{CODE},10', "", "经信局,,X,10")
    assert _reasons(report) == [(2, "control_character"), (5, "no_name")]


async def test_themes_follow_from_names(tmp_path: Path) -> None:
    await _lines(tmp_path, f"人社局,社会保障卡申领,{CODE},20")
    assert (await catalogue.item_by_code(CODE)).themes == ["social_security"]


def _zip(**entries: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in entries.items():
            archive.writestr(name, text)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "file_empty"),
        (b"  \r\n \n", "file_empty"),
        (HEADER.encode(), "file_empty"),
        (b"a,b,c\n1,2,3\n", "file_columns"),
        ("部门,事项名称\n甲,乙\n".encode(), "file_columns"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "file_not_a_table"),
        (bytes(range(256)) * 40, "file_not_a_table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file_old_excel"),
        (b"PK\x03\x04 broken", "file_not_a_table"),
        (_zip(readme="no workbook"), "file_not_a_table"),
    ],
)
async def test_what_is_no_list_is_refused_in_one_line(tmp_path: Path, raw: bytes, code: str) -> None:
    path = tmp_path / "items.csv"
    path.write_bytes(raw)
    with pytest.raises(InvalidInput, match=code) as refusal:
        await _import(path)
    line = texts.text("en", f"errors.{refusal.value.code}", **refusal.value.params)
    assert "items.csv" in line
    assert "\n" not in line


async def test_a_missing_file_and_a_missing_region_are_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="file_missing"):
        await _import(tmp_path / "none.csv")
    with pytest.raises(InvalidInput, match="file_missing"):
        await _import(tmp_path)
    with pytest.raises(InvalidInput, match="region_unknown"):
        await catalogue.import_items(TESTER, REAL, region_code="999999")
