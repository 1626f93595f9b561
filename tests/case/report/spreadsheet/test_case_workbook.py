"""The workbook says what the case counted, and nothing of the evidence runs or changes in it."""

import csv
import hashlib
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from piiscan import Case
from piiscan.case.report.case_data import CaseData, load_case_data
from piiscan.case.report.spreadsheet.case_workbook import (
    SECTIONS,
    SheetSpec,
    build_sheets,
    build_workbook,
    sheet_name,
)
from piiscan.pages.sanitize import clean
from piiscan.wording.words import LANGUAGES, Language
from tests.case.report.hostile import NAMES, NUMBER, PHONES, hostile_case
from tests.office import save_as


@pytest.fixture(scope="module")
def written(gathered: CaseData) -> bytes:
    return build_workbook(gathered)


def sheets(content: bytes) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {
        name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        for name in book.sheet_names
    }


def rows(content: bytes, number: str) -> list[dict[str, Any]]:
    """The rows of a sheet by its number, below title, note and heading."""
    (lines,) = [each for name, each in sheets(content).items() if name.split()[0] == number]
    return [dict(zip(lines[2], line, strict=True)) for line in lines[3:]]


def test_every_heading_is_there_in_order_in_both_languages(gathered: CaseData) -> None:
    for language in LANGUAGES:
        names = list(sheets(build_workbook(gathered, language=language)))
        numbers = [name.split()[0] for name in names[1:]]
        assert [each for each in numbers if "-" not in each] == list(SECTIONS)


def test_the_same_case_gives_the_same_bytes(hostile: Case, written: bytes) -> None:
    assert build_workbook(load_case_data(Case.open(hostile.path))) == written


def test_paths_and_checksums_are_whole_and_text(hostile: Case, written: bytes) -> None:
    listed = rows(written, "T1")
    truth = hostile.tables()["sources"]
    assert [row["路径"] for row in listed] == [clean(row["path"]) for row in truth]
    assert {Path(row["路径"]).name for row in listed} >= {clean(n) for n in NAMES.values()}
    for name, key in (("SHA-256", "sha256"), ("SM3", "sm3")):
        assert [row[name] for row in listed] == [row[key] for row in truth]
    assert [row["检材编号"] for row in listed] == [f"=1+{n}" for n in range(len(truth))]
    assert {row["涉案人"] for row in listed} == {"<r>甲</r>"}


def test_numbers_are_numbers_and_equal_those_of_the_case(hostile: Case, written: bytes) -> None:
    truth = hostile.tables()
    assert [row["大小（字节）"] for row in rows(written, "T1")] == [
        row["size"] for row in truth["sources"]
    ]
    ladder = [row["数量"] for row in rows(written, "T4") if row["统计范围"] == "合计"]
    assert ladder == [r["count"] for r in truth["ladder"] if r["scope_kind"] == "total"]
    ratios = [row["按规则折算的比例"] for row in rows(written, "T10")]
    assert ratios == [float(row["ratio"]) if row["ratio"] else "" for row in truth["tiers"]]


def test_there_is_no_formula_link_or_macro(written: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(written)) as book:
        names = book.namelist()
        texts = [book.read(name).decode() for name in names if name.endswith((".xml", ".rels"))]
    assert not [name for name in names if "vba" in name or "external" in name.lower()]
    whole = "".join(texts)
    assert not re.search(r"<f[ >]|<hyperlink|TargetMode=|<ddeLink|<script|\x00|\u202e", whole)
    told = openpyxl.load_workbook(io.BytesIO(written))
    kinds = {cell.data_type for sheet in told for line in sheet.iter_rows() for cell in line}
    assert kinds <= {"s", "n"}


def test_only_masked_values_are_shown(written: bytes) -> None:
    whole = repr(sheets(written))
    assert not [phone for phone in PHONES if phone in whole]
    assert "430104190506150016" not in whole


def test_it_can_be_read_and_printed(written: bytes) -> None:
    for sheet in openpyxl.load_workbook(io.BytesIO(written)):
        widths = [w.width * (w.max - w.min + 1) for w in sheet.column_dimensions.values()]
        assert sum(widths) < 300, sheet.title
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert sheet.page_setup.fitToHeight == 0
        assert "&[Page]" in str(sheet.oddFooter.center.text) or "&P" in str(
            sheet.oddFooter.center.text
        )
        if sheet.max_row > 3 and sheet.title.startswith("T"):
            assert sheet.freeze_panes == "A4"
            assert sheet.auto_filter.ref.startswith("A3:")
            assert sheet.print_title_rows == "$1:$3"


def test_the_cover_tells_case_tool_rules_and_checksums(hostile: Case, written: bytes) -> None:
    told = [[str(cell) for cell in line] for line in sheets(written)["封面"]]
    facts = {line[0]: line[1] for line in told}
    count = hostile.count()
    assert count is not None
    assert facts["案件编号"] == clean(NUMBER)
    assert facts["操作人员"] == "<r><b>某某</r>"
    assert facts["清单 SHA-256"] == hostile.manifest.sha256
    assert facts["计数 SHA-256"] == count.sha256
    assert facts["检材登记表 SHA-256"] == count.content["asked"]["register"]
    whole = "".join(map("".join, told))
    assert "待核实" in whole
    assert "符合识别规则的记录" in whole
    assert not re.search("构成.{0,4}罪|情节严重|情节特别", whole)


def test_what_was_not_counted_says_so(tmp_path: Path) -> None:
    case = hostile_case(tmp_path, counted=False)
    told = {
        n.split()[0]: lines for n, lines in sheets(build_workbook(load_case_data(case))).items()
    }
    for number in ("T4", "T7", "T8", "T10", "T11"):
        assert "未计算" in told[number][1][0], number
    assert "未核实" in told["T9"][1][0]
    assert {"性别", "男"} <= {cell for lines in told.values() for line in lines for cell in line}
    assert "未计数" in [line[1] for line in told["封面"]]


def test_a_long_table_goes_on_on_further_sheets(gathered: CaseData) -> None:
    told = sheets(build_workbook(gathered, most_rows=8))
    parts = [name for name in told if name.startswith("T1 ")]
    assert parts == ["T1 检材清单", "T1 检材清单 (2)"]
    listed = [line for name in parts for line in told[name][3:]]
    assert [line[0] for line in listed] == [row["source"] for row in gathered.tables["sources"]]
    assert all(len(lines) <= 8 for name, lines in told.items() if name != "封面")


def test_a_table_too_long_for_memory_is_the_same(
    gathered: CaseData, written: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("piiscan.case.report.spreadsheet.case_workbook.MAX_ROWS_IN_MEMORY", 3)
    spilled = build_workbook(gathered)
    assert sheets(spilled) == sheets(written)
    assert build_workbook(gathered) == spilled
    assert list((gathered.case.path / "tmp").iterdir()) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_of_sheets_can_be_used(gathered: CaseData, language: Language) -> None:
    told = list(build_sheets(gathered.tables, gathered.words(language)))
    names = [sheet_name(each, 2) for each in told]
    assert len(set(map(str.casefold, names))) == len(names)
    assert all(len(name) <= 31 and not set(name) & set("[]:*?/\\'") for name in names)
    assert sheet_name(SheetSpec("T1", "x", "a/b:c" * 20, (), (), ()), 12).endswith(" (12)")


@pytest.mark.program("LibreOffice Calc")
def test_libreoffice_reads_every_cell_as_it_was_written(written: bytes, tmp_path: Path) -> None:
    """Each sheet as CSV says what calamine reads of it: no checksum or path is another number."""
    path = tmp_path / "report.xlsx"
    path.write_bytes(written)
    saved = save_as(
        path, "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
    )
    folder = saved.parent
    found = {each.stem.removeprefix("report-"): each for each in folder.glob("report-*.csv")}
    expected = sheets(written)
    assert set(found) == set(expected)
    for name, lines in expected.items():
        with found[name].open(encoding="utf-8-sig", newline="") as file:
            read = list(csv.reader(file))
        for line, told in zip(lines, read, strict=False):
            for cell, shown in zip(line, told, strict=False):
                assert (float(shown) if isinstance(cell, float) else shown) == cell, name


def test_a_checksum_of_the_report_is_that_of_its_bytes(hostile: Case, written: bytes) -> None:
    listed = {row["文件"]: row["SHA-256"] for row in rows(written, "T15-2")}
    manifest = (hostile.path / "manifest.json").read_bytes()
    assert listed["manifest.json"] == hashlib.sha256(manifest).hexdigest()
    lines = (hostile.path / "log.jsonl").read_bytes().splitlines(keepends=True)
    (told,) = [name for name in listed if name.startswith("log.jsonl:")]
    at = int(told.partition(":")[2])
    assert listed[told] == hashlib.sha256(lines[at - 1]).hexdigest()
