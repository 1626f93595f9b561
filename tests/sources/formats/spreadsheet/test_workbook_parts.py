"""What a workbook has besides its cells is named, and its size is known before it is loaded."""

import io
import zipfile
from xml.etree import ElementTree

import pytest

from piiscan.sources.formats.spreadsheet import open as spreadsheet
from piiscan.sources.formats.spreadsheet.dimensions import (
    SheetDimensions,
    measure_ods_tables,
    measure_xlsb_sheet,
)
from piiscan.sources.formats.spreadsheet.workbook_parts import measure_sheets, sheet_parts
from piiscan.sources.limits import Budget
from tests.sources.formats.spreadsheet.books import workbook
from tests.sources.tables import cells_of, read_all, read_one, read_reasons, zipped

CELL = b'<row r="2"><c r="C2" t="s"><v>0</v></c></row>'
STRINGS = b"<sst><si><t>" + b"x" * 50 + b"</t></si></sst>"
BOOK = '<workbook xmlns:r="r"><sheets>{}</sheets></workbook>'
RELATIONS = '<Relationships><Relationship Id="r1" Target="{}"/></Relationships>'


def archive_of(parts: dict[str, bytes]) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(zipped(parts, zipfile.ZIP_DEFLATED)))


def book(sheet: str = '<sheet name="a" r:id="r1"/>', target: str = "worksheets/s.xml") -> dict:
    return {
        "xl/workbook.xml": BOOK.format(sheet).encode(),
        "xl/_rels/workbook.xml.rels": RELATIONS.format(target).encode(),
        "xl/worksheets/s.xml": CELL,
        "xl/sharedStrings.xml": STRINGS,
    }


def phones() -> bytes:
    return workbook([f"138001{number:05}"] for number in range(50))


@pytest.mark.parametrize(
    "target", ["worksheets/s.xml", "/xl/worksheets/s.xml", "../xl/./worksheets/s.xml"]
)
def test_sheets_are_measured_where_the_book_says_they_are(target: str) -> None:
    archive = archive_of(book(target=target))
    assert sheet_parts(archive) == [("a", "xl/worksheets/s.xml")]
    length = len(b"<sst><si><t></t></si>") + 50
    assert measure_sheets(archive, Budget())[0] == [
        SheetDimensions(2, 3, False, length, formulas_read=True)
    ]


def test_a_sheet_without_its_part_has_no_cells() -> None:
    sheets = '<sheet name="a" r:id="r2"/><sheet name="b" r:id="r1"/>'
    found, _ = measure_sheets(archive_of(book(sheets)), Budget())
    assert found is not None
    assert [each.cells for each in found] == [0, 6]


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels"])
@pytest.mark.parametrize("text", [None, b"<x", b"<!DOCTYPE x><x/>", b'<x/><!ENTITY a "b">'])
def test_a_book_whose_structure_is_not_understood_has_no_dimensions(
    part: str, text: bytes | None
) -> None:
    parts = {name: data for name, data in book().items() if name != part}
    assert measure_sheets(archive_of(parts | ({part: text} if text else {})), Budget())[0] is None


def test_sheets_and_shared_strings_count_together_to_the_byte() -> None:
    archive = archive_of(book())
    size = len(CELL) + len(STRINGS)
    assert measure_sheets(archive, Budget(sheet=size))[0] is not None
    for less in (size - 1, len(STRINGS), len(STRINGS) - 1):
        with pytest.raises(ValueError, match="unpacked"):
            measure_sheets(archive, Budget(sheet=less))


def test_the_size_of_an_ods_counts_to_the_byte() -> None:
    content = b"<a><table/></a>"
    archive = archive_of({"content.xml": content})
    assert measure_sheets(archive, Budget(sheet=len(content)))[0] == [
        SheetDimensions(0, 0, False, formulas_read=True)
    ]
    with pytest.raises(ValueError, match="unpacked"):
        measure_sheets(archive, Budget(sheet=len(content) - 1))


def test_each_table_of_an_ods_has_its_own_dimensions_and_formulas() -> None:
    def table(rows: str) -> str:
        return f"<t:table>{rows}</t:table>"

    def row(cells: str, more: str = "") -> str:
        return f"<t:table-row {more}>{cells}</t:table-row>"

    value, blank = '<t:table-cell o:value-type="float"/>', "<t:table-cell/>"
    text = '<?xml version="1.0"?><d xmlns:t="t" xmlns:o="o">' + "".join(
        [
            table(row(blank * 2 + value) + row(value)),
            table(row(value + '<t:covered-table-cell t:number-columns-repeated="4"/>' + value)),
            table(row(value, 't:number-rows-repeated="7"') + row(blank)),
            table(row('<t:table-cell t:formula="=A1" o:value-type="float"/>')),
            table(row(blank)),
            table(row('<t:table-cell t:number-columns-repeated="x" o:value-type="float"/>')),
        ]
    )
    found = measure_ods_tables(io.BytesIO(f"{text}</d>".encode()))
    assert [(each.rows, each.columns, each.formulas) for each in found] == [
        (2, 3, False),
        (1, 6, False),
        (7, 1, False),
        (1, 1, True),
        (0, 0, False),
        (1, 1, False),
    ]
    with pytest.raises(ElementTree.ParseError):  # torn at its end
        measure_ods_tables(io.BytesIO(text.encode()))


def test_the_largest_sheet_of_a_binary_book_stands_for_all() -> None:
    def sheet(row: int, column: int) -> bytes:
        header = b"\0\x11" + row.to_bytes(4, "little") + bytes(13)
        return header + b"\2\4" + column.to_bytes(4, "little")

    parts = {
        "xl/workbook.bin": b"",
        "xl/worksheets/sheet1.bin": sheet(1, 1),
        "xl/worksheets/sheet2.bin": sheet(9, 4),
        "xl/worksheets/sheet3.bin": sheet(2, 2),
        "xl/worksheets/_rels/sheet4.bin": sheet(99, 99),
    }
    size = 3 * len(sheet(0, 0))
    found, _ = measure_sheets(archive_of(parts), Budget(sheet=size))
    assert found is not None
    assert set(found) == {SheetDimensions(10, 5, False)}
    assert len(found) > 1000
    with pytest.raises(ValueError, match="unpacked"):
        measure_sheets(archive_of(parts), Budget(sheet=size - 1))


@pytest.mark.parametrize(
    ("place", "value", "detail"),
    [
        (8, b"\x01", "RuntimeError"),  # flagged as encrypted
        (10, b"\x63", "NotImplementedError"),  # method 99
        (42, b"\x01\0\0\0", "BadZipFile"),  # no entry begins there
    ],
)
def test_a_damaged_workbook_is_corrupt_and_its_damage_is_named(
    place: int, value: bytes, detail: str
) -> None:
    data = bytearray(phones())
    at = data.rindex(b"PK\x01\x02", 0, data.rindex(b"xl/workbook.xml")) + place
    data[at : at + len(value)] = value
    tables, (trouble,) = read_all(bytes(data))
    assert (tables, trouble.reason, trouble.detail) == ([], "CORRUPT", detail)
    assert trouble.lost


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (EOFError(), "CORRUPT"),
        (ValueError("unpacked"), "WORKBOOK_TOO_LARGE"),
        (OSError(5, "Input/output error"), "READ_ERROR"),
        (KeyError("13800138000"), "READER_FAILED"),
    ],
)
def test_a_workbook_that_cannot_be_measured_is_lost_with_the_reason(
    error: Exception, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(spreadsheet, "measure_sheets", fail)
    tables, (trouble,) = read_all(phones())
    assert (tables, trouble.reason, trouble.lost) == ([], reason, True)
    assert "13800138000" not in trouble.detail
    assert trouble.detail.startswith("KeyError at open:") or reason != "READER_FAILED"


def test_limits_of_a_workbook_are_exact() -> None:
    data = phones()
    for budget, beyond, reason in (
        (Budget(in_memory=len(data)), Budget(in_memory=len(data) - 1), "WORKBOOK_TOO_LARGE"),
        (Budget(cells=50), Budget(cells=49), "SHEET_TOO_LARGE"),
        (Budget(), Budget(sheet=100), "WORKBOOK_TOO_LARGE"),
    ):
        _, blocks, troubles = read_one(data, budget=budget)
        assert (len(cells_of(blocks)), troubles) == (50, [])
        assert read_reasons(data, budget=beyond) == [reason]


def test_a_row_of_a_binary_sheet_that_is_too_short_is_counted() -> None:
    """Behind it the native reader sees no cell."""
    row, short = bytes([0, 17]) + bytes(17), bytes([0, 6]) + bytes(6)
    assert measure_xlsb_sheet(row * 3).unread == 0
    assert measure_xlsb_sheet(row + short + bytes([0, 0]) + row).unread == 2
