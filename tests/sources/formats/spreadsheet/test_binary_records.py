"""Texts of xls and xlsb workbooks besides their cells are read as strings, each once."""

import sys

import pytest

from piiscan.sources.formats.spreadsheet.binary_records import other_records
from tests.sources.formats.spreadsheet.books import old_workbook
from tests.sources.tables import read_members, read_text, told, zipped


def xls(kind: int, data: bytes) -> bytes:
    return kind.to_bytes(2, "little") + len(data).to_bytes(2, "little") + data


def test_records_of_cells_are_left_out() -> None:
    cells = xls(0xFC, b"cell") + xls(0x3C, b"cell") + xls(0xFD, b"cell") + xls(0x204, b"cell")
    note = xls(0x1B6, b"note") + xls(0x3C, b"text")
    assert other_records(cells + note + cells, is_xlsb=False) == b"note\0\0\0\0text"
    assert other_records(b"", is_xlsb=False) == b""
    many = xls(0x1C, b"x") * 5000
    assert other_records(many, is_xlsb=False).count(b"x") == 5000
    assert other_records(cells + xls(0x2F, b"key") + note, is_xlsb=False) == b""


def test_the_result_of_a_formula_is_no_text_of_it() -> None:
    formula = xls(0x06, b"." * 22 + b"\x17\x03\0tel\x17\x03\0abc")
    found = other_records(formula + xls(0x207, b"\3\0\0abc"), is_xlsb=False)
    assert (found.count(b"tel"), found.count(b"abc")) == (1, 0)
    assert other_records(formula, is_xlsb=False).count(b"abc") == 1


def test_a_link_has_its_address_once_and_not_at_all_if_a_cell_has_it() -> None:
    wide = "a@example.com".encode("utf-16-le")
    link = xls(0x1B8, b"\1\2" + wide + b"\0\0" + "mailto:".encode("utf-16-le") + wide)
    assert other_records(link, is_xlsb=False).count(wide) == 1
    for cell in (wide, b"a@example.com"):
        assert other_records(xls(0xFC, cell) + link, is_xlsb=False).count(wide) == 0


def test_records_of_xlsb_are_told_by_their_numbers() -> None:
    data = b"\x07\x04cell" + b"\x93\x03\x04text" + b"\x13\x04cell" + b"\x85\x01\x81\0x"
    assert other_records(data, is_xlsb=True) == b"text\0\0\0\0x"


def workbook() -> bytes:
    """An old workbook whose writer has the name 13900000001 instead of 31 blanks."""
    data = old_workbook()
    at = data.index(b"\x5c\0\x70\0") + 4
    return data[: at + 3] + b"13900000001" + data[at + 14 :]


def test_an_old_workbook_is_read_beside_its_cells() -> None:
    rows, troubles = read_members(workbook())
    assert list(rows) == ["#名单", "#藏", "#Workbook#strings-utf-8"]
    assert str(rows).count("13900000001") == 1
    assert ("#Workbook", "READ_AS_STRINGS", False) in told(troubles)


def test_without_its_package_the_texts_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "olefile", None)
    rows, troubles = read_members(workbook())
    assert list(rows) == ["#名单", "#藏"]
    assert [t.lost for t in troubles if t.reason == "PACKAGE_MISSING"] == [True]


def test_parts_of_xlsb_are_read_as_strings_and_macros_are_listed() -> None:
    sheet = b"\x06\x17" + b"\0" * 5 + b"13900000003".ljust(18)
    data = zipped(
        {
            "xl/workbook.bin": b"",
            "xl/comments1.bin": "\0\0批注13900000001".encode("utf-16-le"),
            "xl/vbaProject.bin": b"\0\x0013900000002",
            "xl/worksheets/sheet1.bin": sheet + b"\xee\x03\x16" + "13900000004".encode("utf-16-le"),
        }
    )
    rows, troubles = read_members(data)
    assert [str(rows).count(f"1390000000{n}") for n in range(1, 5)] == [1, 1, 0, 1]
    lost = [t.member for t in troubles if t.reason == "READ_AS_STRINGS" and t.lost]
    assert lost == ["#xl/vbaProject.bin"]


def test_shared_strings_of_xlsb_that_no_cell_shows_are_read() -> None:
    def item(text: str) -> bytes:
        wide = text.encode("utf-16-le")
        return b"\x13" + bytes([5 + len(wide), 0]) + len(text).to_bytes(4, "little") + wide

    texts = ("13900000001", "删除的客户13900000002", "13900000003")
    cells = (b"\x07\x0c" + bytes(8) + n.to_bytes(4, "little") for n in (0, 2, 9))
    parts = {"xl/workbook.bin": b"", "xl/sharedStrings.bin": b"".join(map(item, texts))}
    text = read_text(zipped({**parts, "xl/worksheets/sheet1.bin": b"".join(cells)}))
    assert [text.count(f"1390000000{number}") for number in range(1, 4)] == [0, 1, 0]
    assert "删除的客户" in text
