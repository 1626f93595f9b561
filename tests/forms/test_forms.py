"""Sheets: what is written comes back, from every format, order of columns and program."""

import csv
import datetime
import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from piiscan.errors import CaseError, CellError
from piiscan.forms.reader import SheetErrors, read_content, read_file_bytes
from piiscan.forms.schema import Form, heading_keys, load_form, normalize_word
from piiscan.forms.writer import ReferenceTable, SheetRow, sheet_bytes, write_sheet
from tests import office
from tests.often import often

FORM = """
[sheet]
title = {zh = "登记", en = "register"}
help = {zh = "说明", en = "help"}
notes = [{zh = "请填写。", en = "Fill in."}]

[[column]]
name = "path"
heading = {zh = "路径", en = "path"}
width = 40
needed = true
exact = true

[[column]]
name = "role"
heading = {zh = "角色，可修改 (role)", en = "role, editable"}
about = {zh = "谁", en = "who"}
editable = true
[column.choices]
sold = {zh = "出售", en = "sold", also = ["卖出"]}
held = {zh = "持有", en = "held"}

[[column]]
name = "count"
heading = {zh = "数量", en = "count"}
kind = "number"
also = ["个数"]

[[column]]
name = "share"
heading = {zh = "比例", en = "share"}
kind = "share"
"""

DAY = datetime.datetime(2024, 3, 5)  # noqa: DTZ001  (sheets have no time zones)

#: Names as files really have them, and what a spreadsheet program could take for something else.
ODD = [
    "plain", "a  b", " lead", "trail ", "=cmd|' /C calc'!A0", "+1", "-2", "@x", "line\nbreak",
    "_x0041_", "微信😀记录", "'quote", "1.0", "001", "1-2", "2024-01-02", "1E5", "TRUE",
    "长" * 5000,
    "nbsp\u00a0x", "\ufffd", "#N/A", '"q"', "a,b;c",
    "https://example.com/a", "张三-手机1/名单.xlsx",
]  # fmt: skip


@pytest.fixture
def form(tmp_path: Path) -> Form:
    path = tmp_path / "form.toml"
    path.write_text(FORM, "utf-8")
    return load_form(path)


def lines() -> list[SheetRow]:
    return [
        SheetRow({"path": name, "role": "出售" if at % 2 else "", "count": at, "share": at / 100})
        for at, name in enumerate(ODD)
    ]


def given(content: bytes, form: Form, name: str = "r.xlsx") -> list[dict[str, str]]:
    return [dict(row.cells) for row in read_content(content, name, form).rows]


def as_csv(*rows: list[Any], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_written_comes_back_in_either_language(form: Form, language: Any) -> None:
    found = given(sheet_bytes(form, lines(), language=language), form)
    assert [row["path"] for row in found] == ODD
    assert [row["role"] for row in found] == ["出售" if at % 2 else "" for at in range(len(ODD))]
    assert [row["count"] for row in found] == [str(at) for at in range(len(ODD))]


def test_equal_rows_give_equal_bytes_without_formulas_or_links(form: Form) -> None:
    content = sheet_bytes(form, lines(), language="zh")
    assert content == sheet_bytes(form, lines(), language="zh")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = b"".join(archive.read(name) for name in archive.namelist() if "worksheet" in name)
    assert b"<f>" not in text
    assert b"hyperlink" not in text


def test_a_written_sheet_has_the_bytes_of_the_workbook(form: Form, tmp_path: Path) -> None:
    write_sheet(tmp_path / "r.xlsx", form, lines(), language="zh")
    assert (tmp_path / "r.xlsx").read_bytes() == sheet_bytes(form, lines(), language="zh")


def test_columns_to_fill_in_are_text_coloured_and_have_their_list(form: Form) -> None:
    content = sheet_bytes(form, [SheetRow({"path": "a"}, ()), SheetRow({"role": "x"}, {"role"})],
                          language="zh")  # fmt: skip
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert sheet.column_dimensions["B"].fill.fgColor.rgb == "FFFFF8DC"
    assert sheet["B3"].fill.fgColor.rgb == "FFFBD5B5"
    assert {sheet["A2"].number_format, sheet["B3"].number_format} == {"@"}
    (allowed,) = sheet.data_validations.dataValidation
    assert (allowed.formula1, str(allowed.sqref)) == ('"出售,持有"', "B2:B1048576")
    assert sheet.freeze_panes == "B2"


def test_the_second_sheet_explains(form: Form) -> None:
    listing = ReferenceTable(["编号"], [["cn.mobile"]])
    content = sheet_bytes(form, [], language="zh", reference_tables=[listing])
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[1]
    cells = [cell for row in sheet.iter_rows(values_only=True) for cell in row if cell]
    assert [cells[0], cells[-1]] == ["请填写。", "cn.mobile"]
    assert {"谁", "出售", "持有", "编号"} <= set(cells)


def test_columns_may_be_moved_added_left_out_and_called_otherwise(form: Form) -> None:
    text = as_csv(["名单"], [], ["备注", "个数", "角色", "PATH "], ["x", "1.0", "出售", "a/b"])
    (row,) = given(text.encode(), form, "r.csv")
    assert row == {"count": "1.0", "role": "出售", "path": "a/b"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_is_read_as_spreadsheets_save_it(form: Form, encoding: str, delimiter: str) -> None:
    text = as_csv(["路径", "角色"], ["张三的手机\n第一部", "出售"], ["李四，电脑", "持有"],
                  delimiter=delimiter)  # fmt: skip
    found = given(text.encode(encoding), form, "r.csv")
    assert [row["path"] for row in found] == ["张三的手机\n第一部", "李四，电脑"]
    assert [form["role"].code_of(row["role"]) for row in found] == ["sold", "held"]


def test_numbers_and_dates_made_of_text_come_back_as_what_was_meant(form: Form) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["路径", "数量"])
    sheet.append([1.0, DAY])
    sheet.append([13800138000.0, DAY.replace(hour=14, minute=30)])
    out = io.BytesIO()
    book.save(out)
    rows = read_content(out.getvalue(), "r.xlsx", form).rows
    assert [row.cells["path"] for row in rows] == ["1", "13800138000"]
    assert [row.cells["count"] for row in rows] == ["2024-03-05", "2024-03-05 14:30:00"]
    assert [row.dates for row in rows] == [{"count"}, {"count"}]


def test_another_sheet_in_front_and_a_title_above_do_no_harm(form: Form) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["C7"] = "目录"
    sheet = book.create_sheet("x")
    for row in (["检材登记表"], [], ["路径", "角色"], ["a", "持有"], [], ["b", ""]):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    rows = read_content(out.getvalue(), "r.xlsx", form).rows
    assert [(row.number, row.cells["path"]) for row in rows] == [(4, "a"), (6, "b")]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (as_csv(["角色"], ["出售"]).encode(), "r.x: no column '路径 / path'"),
        (as_csv(["路径", "角色", "role"]).encode(), "r.x: the column 'role' stands twice"),
        (b"PK\x03\x04 broken", "no workbook that can be read"),
        (b"\x00\x01\x02\x03" * 100, "no workbook that can be read"),
        (b"", "no workbook that can be read"),
    ],
)
def test_a_sheet_that_cannot_be_used_says_why(form: Form, content: bytes, why: str) -> None:
    with pytest.raises(CaseError, match=why):
        read_content(content, "r.x", form)


def test_a_stray_cell_far_outside_is_told_before_it_takes_memory(form: Form) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["路径"])
    book.active["XFD1048576"] = "x"
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(CaseError, match="stands far outside the table"):
        read_content(out.getvalue(), "r.xlsx", form)


def test_a_file_that_is_not_there_is_told(form: Form, tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="cannot be read"):
        read_file_bytes(tmp_path / "none.xlsx")
    with pytest.raises(CaseError, match="cannot be written"):
        write_sheet(tmp_path / "no" / "x.xlsx", form, [], language="zh")


def test_every_fault_is_told_with_row_and_heading_and_without_the_cell(form: Form) -> None:
    rows = [[f"secret{n}", "13800138000"] for n in range(30)]
    sheet = read_content(as_csv(["路径", "角色"], *rows).encode(), "r.csv", form)
    faults = SheetErrors(sheet)

    def refuse(cell: str) -> None:
        raise CellError("cell.no_number")

    for row in sheet.rows:
        assert faults.read_cell(row, "role", refuse) is None
        assert faults.read_cell(row, "count", refuse) is None  # there is no such column: no fault
    with pytest.raises(CaseError) as caught:
        faults.raise_if_any()
    told = str(caught.value).split("\n")
    assert told[0] == "r.csv, row 2, 角色: must be a number"
    assert told[-1] == "10 more cells cannot be used"
    assert "13800138000" not in str(caught.value)
    assert "secret" not in repr(sheet)


def test_more_rows_than_a_sheet_holds_are_refused(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("piiscan.forms.writer.MAX_ROWS", 3)
    with pytest.raises(CaseError, match="a sheet holds 3 rows"):
        sheet_bytes(form, lines(), language="zh")


def test_a_choice_is_known_by_code_word_and_other_words(form: Form) -> None:
    role = form["role"]
    assert [role.code_of(text) for text in ("sold", " 出 售", "SOLD", "卖出", "谁", "")] == [
        "sold", "sold", "sold", "sold", None, None,
    ]  # fmt: skip
    assert (role.word_of("held", "zh"), role.word_of("held", "en")) == ("持有", "held")


def test_headings_and_words_are_compared_plainly() -> None:
    assert normalize_word(" Ｓ Ｍ3 ") == "sm3"
    assert heading_keys("角色（role）")[:3] == ["角色(role)", "角色", "role"]


@pytest.mark.program("LibreOffice Calc")
@pytest.mark.parametrize(
    "formats", often([("xlsx",), ("ods",), ("ods", "xlsx"), ("csv",)], [("ods", "xlsx"), ("csv",)])
)
def test_a_sheet_saved_by_libreoffice_means_the_same(
    form: Form, tmp_path: Path, formats: tuple[str, ...]
) -> None:
    write_sheet(tmp_path / "r.xlsx", form, lines(), language="zh")
    saved = office.save_as(tmp_path / "r.xlsx", *formats)
    rows = read_content(saved.read_bytes(), saved.name, form).rows
    assert [row.cells["path"] for row in rows] == ODD
    assert [form["role"].code_of(row.cells["role"]) for row in rows] == [
        "sold" if at % 2 else None for at in range(len(ODD))
    ]
    assert [int(row.cells["count"]) for row in rows] == list(range(len(ODD)))
