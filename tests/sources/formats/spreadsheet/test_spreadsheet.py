"""Workbooks: every sheet, every stored value as text, rows and columns where Excel shows them."""

from __future__ import annotations

import base64
import datetime
import io
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from piiscan.sources.block import DATA, HEADER, SUBTOTAL, TITLE
from piiscan.sources.formats.spreadsheet.dimensions import (
    CellSurroundings,
    SheetDimensions,
    measure_sheet,
    measure_xlsb_sheet,
)
from piiscan.sources.formats.spreadsheet.sheet_rows import cell_text
from piiscan.sources.limits import Budget
from tests.sources.tables import cells_of, kinds_of, numbers_of, read_all, read_one, reasons

#: A small BIFF8 workbook (xlwt 1.3.0): sheet 名单 with names and numbers, hidden sheet 藏.
XLS = (
    "eNrtWE1oE0EU/t4maX5M0qSmQivUUGittWCkCHpooxXtyVq14g9CTW0OkpJKUFAvVmtOKggeRPFS6MVLVRD/D3rz"
    "IETsQRAKST2KB8Gihzbrm5fdmtQcGtBgy37LfPP2zZuZt/Pezv68zwSzE48ac1iCbtiQ192oKdIRF7d5EgC367oS"
    "zdrFRbewouB2cSBrHHjpe+dUMVTxzkHDQ/sbZmCWywmcQd9oMh6uInrEhxgpH7rIzrmn4R4XPxrErzrhU8JrhR+I"
    "7SvhnaK5IdzFtlk6jky0r327kcdHtWZp8zMTnkqfT6LZinq8VXl86SYVbB3YlTodG/k/G5rsXkyCI9cbT8ZTsZEs"
    "QhzCSczpYeC7ea++Dlv66uoJrP9ZqneW0d/S7MAY9JOkEjENL2ZtqkUj38DhQ2l48MKhwk2USc9jC4cdUth6+phv"
    "gKtt52aucRUe3LB/Dadv545IRCjCiXLeo3ZsucMDJXe4T/LeyzyMWpGDkv0B3sPn73/7sG+oPzoomjHZ1Qt7f4ty"
    "Fjouqx7c2S8ttkVulx6bha/IqOtFbhQOseNct/bXG8LecbG5Kq2tPE+nYDq6sUhuYzn95cCzpvTn6CaWp3pzF0NT"
    "H6MTaOZn0bBaGj7G0UEddPeOwvOoWZOxS8wIN/yxY7i0gPiuQTcecLVYgEfEoHDhTK0OGfYk11pqT2KvRrTxmpDY"
    "88q1JR67ewoajTXXv/6Ya8ne3q1G0ZbM6tBcolPzqBELEVFr2q3V4Ylq4j3tN6oRV1rklRpXKhtXu7mqKLeqFixY"
    "sGDBggULqx0kb6KF93e78XGh3iSdxn+dBS556zfJqsVBjPJxlj9L9yDJdQoXKsqfdXCQORYts4/5v1DhCM+eQgJD"
    "4kei4vzlLwEqvp5ldwz8vVuo0vnzlfj5j+f/BZg1+SQ="
)
ODS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>
<table:table table:name="S"><table:table-row table:number-rows-repeated="{rows}">
<table:table-cell office:value-type="string"><text:p>13800138000</text:p></table:table-cell>
<table:table-cell table:number-columns-repeated="1000"/></table:table-row>
<table:table-row table:number-rows-repeated="900000"><table:table-cell/></table:table-row>
</table:table></office:spreadsheet></office:body></office:document-content>"""
MANIFEST = """<?xml version="1.0"?><manifest:manifest
 xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry
 manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>
</manifest:manifest>"""


def save(book: Any, folder: Path, name: str = "a.xlsx") -> Path:
    path = folder / name
    book.save(path)
    return path


def book_of(rows: list[list[object]]) -> Any:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return book


def test_values_are_the_text_a_person_would_type(tmp_path: Path) -> None:
    book = book_of([["姓名", "电话"], ["张伟", 13800138000]])
    table, blocks, troubles = read_one(save(book, tmp_path))
    assert (table.member, table.kind, table.headers) == ("#Sheet", "sheet", ["姓名", "电话"])
    assert (cells_of(blocks)[1], troubles) == (["张伟", "13800138000"], [])
    assert (blocks[0].lines, blocks[0].byte_starts) == (None, None)
    assert (blocks[0].split, blocks[0].piece_start) == (True, 0)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (13800138000.0, "13800138000"),
        (430104199003071234.0, "430104199003071000"),  # 15 significant digits, as Excel keeps
        (6222021234567890123.0, "6222021234567890000"),
        (-5.0, "-5"),
        (0.1 + 0.2, "0.3"),
        (1e-7, "0.0000001"),
        (float("nan"), "nan"),
        (1e300, "1e+300"),
        (True, "TRUE"),
        (False, "FALSE"),
        (datetime.date(1990, 3, 7), "1990-03-07"),
        (datetime.datetime(1990, 3, 7), "1990-03-07"),  # noqa: DTZ001
        (datetime.datetime(1990, 3, 7, 8, 9), "1990-03-07 08:09:00"),  # noqa: DTZ001
        (datetime.time(8, 9, 10), "08:09:10"),
        (datetime.timedelta(hours=30, minutes=5), "30:05:00"),
        ("", None),
        (None, None),
        ("#N/A", "#N/A"),
        (7, "7"),
    ],
)
def test_every_type_of_cell_has_its_text(value: object, text: str | None) -> None:
    assert cell_text(value) == text


def test_rows_and_columns_are_counted_from_a1(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["C5"], book.active["D5"] = "姓名", "电话"
    book.active["C6"], book.active["D6"] = "张伟", 13800138000
    book.active["C9"], book.active["D9"] = "王芳", 13900139000
    table, blocks, _ = read_one(save(book, tmp_path))
    assert (table.headers, table.header_row) == ([None, None, "姓名", "电话"], 5)
    assert numbers_of(blocks) == [5, 6, 9]
    assert cells_of(blocks)[2] == [None, None, "王芳", "13900139000"]


def test_titles_sums_and_repeated_headers_are_marked(tmp_path: Path) -> None:
    rows: list[list[object]] = [["名单"], ["姓名", "电话"], ["张伟", 13800138000], ["小计", 1]]
    _, blocks, _ = read_one(save(book_of([*rows, ["姓名", "电话"], ["总计", 1]]), tmp_path))
    assert kinds_of(blocks) == [TITLE, HEADER, DATA, SUBTOTAL, HEADER, SUBTOTAL]


def test_hidden_and_very_hidden_sheets_are_read_and_named(tmp_path: Path) -> None:
    book = book_of([["13800138000"]])
    for name, state in (("藏", "hidden"), ("深藏", "veryHidden")):
        sheet = book.create_sheet(name)
        sheet.sheet_state = state
        sheet.append(["13900139000"])
    book.create_sheet("空")
    tables, troubles = read_all(save(book, tmp_path))
    assert [table.member for table, _ in tables] == ["#Sheet", "#藏", "#深藏"]
    assert cells_of(tables[2][1]) == [["13900139000"]]
    assert [(t.member, t.reason, t.lost) for t in troubles] == [
        ("#藏", "HIDDEN_SHEET", False),
        ("#深藏", "HIDDEN_SHEET", False),
        ("#空", "EMPTY", False),
    ]


def test_thousands_of_rows_come_in_blocks_and_are_sampled(tmp_path: Path) -> None:
    rows = [["姓名", "电话"], *(["张伟", 13800000000 + n] for n in range(20_000))]
    table, blocks, _ = read_one(save(book_of(rows), tmp_path))
    assert len(blocks) > 1
    assert numbers_of(blocks) == list(range(1, 20_002))
    assert len(table.sample.rows) == 900
    assert table.sample.rows[-1] == 20_001


def test_a_stray_cell_at_the_end_of_the_grid_costs_no_memory(tmp_path: Path) -> None:
    book = book_of([["13800138000"]])
    book.active["XFD1048576"] = "x"
    tables, troubles = read_all(save(book, tmp_path))
    assert tables == []
    assert [(t.member, t.reason, t.lost) for t in troubles] == [("#Sheet", "SHEET_TOO_LARGE", True)]


def test_a_styled_but_empty_cell_does_not_widen_a_sheet() -> None:
    xml = b'<row r="1"><c r="B2" t="s"><v>0</v></c><c r="XFD1048576" s="1"/><c r="C1"><f>A1</f></c>'

    def measured(data: bytes) -> SheetDimensions:
        around = CellSurroundings(np.array([40]), np.zeros(1, np.uint8))
        return replace(measure_sheet(io.BytesIO(data), 1 << 30, around)[0], formulas_read=False)

    assert measured(xml) == SheetDimensions(2, 3, True, 40)
    for tag in (b"cx", b"col", b"cfRule"):  # a name that only begins like that of a cell
        other = xml + b'<%s r="XFD9">9</%s>' % (tag, tag)
        assert measured(other) == SheetDimensions(2, 3, True, 40)
    far = b'<c r="A1" t="s"><v>' + b" " * 300 + b"0</v></c>"  # looked for near the cell only
    assert measured(far) == SheetDimensions(1, 1, False, 0)
    other = b'<c r="A1" ht="s"><v>0</v></c>'  # no type of a cell
    assert measured(other) == SheetDimensions(1, 1, False, 0)
    padded = b"<!-- -->" * 200_000 + xml
    assert measured(padded) == SheetDimensions(2, 3, True, 40)


def test_an_old_workbook_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(zlib.decompress(base64.b64decode(XLS)))
    tables, troubles = read_all(path)
    assert [(t.member, t.reason) for t in troubles] == [("#藏", "HIDDEN_SHEET")]
    assert [table.member for table, _ in tables] == ["#名单", "#藏"]
    assert cells_of(tables[0][1]) == [
        ["姓名", "电话"],
        ["张伟", "13800138000", "430104199003071000"],
        ["TRUE", "13900139000"],
    ]


@pytest.mark.parametrize(("rows", "read"), [(1, True), (3, True), (1000, False)])
def test_repeated_rows_of_an_ods_count_before_they_fill_memory(
    tmp_path: Path, rows: int, read: bool
) -> None:
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        archive.writestr("content.xml", ODS.format(rows=rows).replace(">\n", ">"))
    tables, troubles = read_all(path, budget=Budget(cells=500))
    assert reasons(troubles) == ([] if read else ["SHEET_TOO_LARGE"])
    assert [cells_of(blocks) for _, blocks in tables] == (
        [[["13800138000"]] * rows] if read else []
    )


def test_cells_of_an_ods_that_the_native_reader_ignores_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    text = ODS.format(rows=1).replace('"string"', '"String"', 1).replace(">\n", ">")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        archive.writestr("content.xml", text)
    tables, troubles = read_all(path, budget=Budget(cells=500))
    assert [(t.reason, t.lost) for t in troubles][:1] == [("CELLS_NOT_READ", True)]
    assert all("13800138000" not in str(cells_of(blocks)) for _, blocks in tables)


def test_an_ods_that_is_not_well_formed_is_reported_before_it_hangs_a_reader(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        text = ODS.format(rows=1).replace("</table:table>", "</table:tab&#0;le>")
        archive.writestr("content.xml", text.replace(">\n", ">"))
    assert [(t.reason, t.detail) for t in read_all(path)[1]] == [("CORRUPT", "ParseError")]


def test_a_binary_sheet_is_measured_by_its_records() -> None:
    def record(kind: int, first: int, size: int = 16) -> bytes:
        return bytes([kind, size]) + first.to_bytes(4, "little") + b"\0" * (size - 4)

    long = bytes([0x94, 0x01, 0x80, 0x01]) + b"\0" * 128  # BrtWsDim with a two-byte size
    data = long + record(0, 4) + record(7, 2) + record(1, 500) + record(0, 1_048_575) + record(1, 9)
    assert measure_xlsb_sheet(data) == SheetDimensions(5, 3, False)
    assert measure_xlsb_sheet(data + record(9, 7)) == SheetDimensions(1_048_576, 8, True)
    assert measure_xlsb_sheet(b"") == SheetDimensions(0, 0, False)
    for kind in range(2, 12):
        cell = measure_xlsb_sheet(record(0, 1) + record(kind, 2))
        assert cell == SheetDimensions(2, 3, kind >= 8)
    for kind in (1, 12, 0x7F):
        assert measure_xlsb_sheet(record(0, 1) + record(kind, 2)).cells == 0


def test_a_workbook_over_the_budget_is_reported(tmp_path: Path) -> None:
    path = save(book_of([["13800138000"]] * 100), tmp_path)
    for budget in (Budget(in_memory=100), Budget(sheet=100)):
        tables, troubles = read_all(path, budget=budget)
        assert (tables, reasons(troubles)) == ([], ["WORKBOOK_TOO_LARGE"])


def test_a_damaged_workbook_is_reported(tmp_path: Path) -> None:
    path = save(book_of([["13800138000"]]), tmp_path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = b"<worksheet><sheetData><row"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    tables, troubles = read_all(path)
    assert all(cells_of(blocks) == [] for _, blocks in tables)
    assert reasons(troubles)[0] in ("CORRUPT", "EMPTY")
    assert ("#xl/worksheets/sheet1.xml", "CORRUPT") in [(t.member, t.reason) for t in troubles]


def test_a_protected_workbook_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1000
    path.write_bytes(ole + "EncryptedPackage".encode("utf-16-le") + b"\0" * 1000)
    assert reasons(read_all(path)[1]) == ["ENCRYPTED"]


def test_an_ole_file_that_is_no_workbook_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000)
    assert reasons(read_all(path)[1]) == ["CORRUPT"]
