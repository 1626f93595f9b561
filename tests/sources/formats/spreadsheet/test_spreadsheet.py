"""Workbooks: every sheet, every stored value as text, rows and columns where Excel shows them."""

import datetime
import io
from dataclasses import replace

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
from tests.sources.formats.spreadsheet.books import ODS, book_of, ods, old_workbook, saved, workbook
from tests.sources.tables import (
    ROWS,
    cells_of,
    kinds_of,
    numbers_of,
    read_all,
    read_members,
    read_one,
    read_reasons,
    read_text,
    reasons,
    told,
)


def test_values_are_the_text_a_person_would_type() -> None:
    table, blocks, troubles = read_one(workbook([["姓名", "电话"], ["张伟", 13800138000]]))
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
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (-1e20, "-100000000000000000000"),
        (1e-14, "0.00000000000001"),
        (1e-15, "1e-15"),
        (-1e300, "-1e+300"),
        (123456.789, "123456.789"),
        (datetime.timedelta(seconds=61), "0:01:01"),
        (datetime.timedelta(days=2, hours=1, minutes=9), "49:09:00"),
        (datetime.datetime(1990, 3, 7, 0, 0, 1), "1990-03-07 00:00:01"),  # noqa: DTZ001
    ],
)
def test_every_type_of_cell_has_its_text(value: object, text: str | None) -> None:
    assert cell_text(value) == text


def test_rows_and_columns_are_counted_from_a1() -> None:
    book = openpyxl.Workbook()
    book.active["C5"], book.active["D5"] = "姓名", "电话"
    book.active["C6"], book.active["D6"] = "张伟", 13800138000
    book.active["C9"], book.active["D9"] = "王芳", 13900139000
    table, blocks, _ = read_one(saved(book))
    assert (table.headers, table.header_row) == ([None, None, "姓名", "电话"], 5)
    assert numbers_of(blocks) == [5, 6, 9]
    assert cells_of(blocks)[2] == [None, None, "王芳", "13900139000"]


def test_titles_sums_and_repeated_headers_are_marked() -> None:
    rows: list[list[object]] = [["名单"], ["姓名", "电话"], ["张伟", 13800138000], ["小计", 1]]
    _, blocks, _ = read_one(workbook([*rows, ["姓名", "电话"], ["总计", 1]]))
    assert kinds_of(blocks) == [TITLE, HEADER, DATA, SUBTOTAL, HEADER, SUBTOTAL]


@pytest.mark.parametrize("above", [[], [["登记表", "", "", ""]]])
def test_filled_in_forms_are_records_and_no_value_is_a_header(above: list[list[str]]) -> None:
    rows = [
        line
        for name, phone in ROWS[1:]
        for line in (*above, ["姓名", name, "性别", "男"], ["地址", "x", "电话", phone])
    ]
    table, blocks, troubles = read_one(workbook(rows))
    assert (table.kind, table.headers, troubles) == ("text", None, [])
    texts = [cells[0] for cells in cells_of(blocks)]
    lines = dict(zip(numbers_of(blocks), texts, strict=True))
    assert lines[len(above) + 1] == "姓名：张伟 性别：男"
    assert lines[len(above) + 2] == "地址：x 电话：13800138000"
    starts = {n for each in blocks for n in np.unique(each.record_starts).tolist()}  # type: ignore[arg-type]
    assert len(starts) == len(ROWS) - 1 + len(above)
    written = "\n".join(",".join(row) for row in rows)
    table, _, _ = read_one(written)
    assert (table.kind, table.headers) == ("text", None)


def test_hidden_and_very_hidden_sheets_are_read_and_named() -> None:
    book = book_of([["13800138000"]])
    for name, state in (("藏", "hidden"), ("深藏", "veryHidden")):
        sheet = book.create_sheet(name)
        sheet.sheet_state = state
        sheet.append(["13900139000"])
    book.create_sheet("空")
    tables, troubles = read_all(saved(book))
    assert [table.member for table, _ in tables] == ["#Sheet", "#藏", "#深藏"]
    assert cells_of(tables[2][1]) == [["13900139000"]]
    assert told(troubles) == [
        ("#藏", "HIDDEN_SHEET", False),
        ("#深藏", "HIDDEN_SHEET", False),
        ("#空", "EMPTY", False),
    ]


def test_thousands_of_rows_come_in_blocks_and_are_sampled() -> None:
    rows = [["姓名", "电话"], *(["张伟", 13800000000 + n] for n in range(20_000))]
    table, blocks, _ = read_one(workbook(rows))
    assert len(blocks) > 1
    assert numbers_of(blocks) == list(range(1, 20_002))
    assert len(table.sample.rows) == 900
    assert table.sample.rows[-1] == 20_001


def test_a_stray_cell_at_the_end_of_the_grid_costs_no_memory() -> None:
    book = book_of([["13800138000"]])
    book.active["XFD1048576"] = "x"
    tables, troubles = read_all(saved(book))
    assert [cells_of(blocks) for _, blocks in tables] == [[["13800138000"]], [["XFD1048576", "x"]]]
    assert told(troubles) == [("#xl/worksheets/sheet1.xml", "CORRUPT", True)]


def test_a_styled_but_empty_cell_does_not_widen_a_sheet() -> None:
    xml = b'<row r="1"><c r="B2" t="s"><v>0</v></c><c r="XFD1048576" s="1"/><c r="C1"><f>A1</f></c>'

    def measured(data: bytes) -> SheetDimensions:
        around = CellSurroundings(np.array([40]), np.zeros(1, np.uint8))
        found = measure_sheet(io.BytesIO(data), 1 << 30, around)[0]
        return replace(found, formulas_read=False, damaged=False)

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


def test_an_old_workbook_is_read() -> None:
    rows, troubles = read_members(old_workbook())
    assert told(troubles) == [("#藏", "HIDDEN_SHEET", False)]
    assert list(rows) == ["#名单", "#藏"]
    assert rows["#名单"] == [
        ["姓名", "电话"],
        ["张伟", "13800138000", "430104199003071000"],
        ["TRUE", "13900139000"],
    ]


@pytest.mark.parametrize(("rows", "read"), [(1, True), (3, True), (1000, False)])
def test_repeated_rows_of_an_ods_count_before_they_fill_memory(rows: int, read: bool) -> None:
    data = ods(ODS.format(rows=rows).replace(">\n", ">"))
    tables, troubles = read_all(data, budget=Budget(cells=500))
    assert reasons(troubles) == ([] if read else ["SHEET_TOO_LARGE"])
    found = [cells_of(blocks) for _, blocks in tables]
    assert found == ([[["13800138000"]] * rows] if read else [])


def test_cells_of_an_ods_that_the_native_reader_ignores_are_reported() -> None:
    data = ods(ODS.format(rows=1).replace('"string"', '"String"', 1).replace(">\n", ">"))
    _, troubles = read_all(data, budget=Budget(cells=500))
    assert [(t.reason, t.lost) for t in troubles][:1] == [("CELLS_NOT_READ", True)]
    assert "13800138000" not in read_text(data, budget=Budget(cells=500))


def test_an_ods_that_is_not_well_formed_is_reported_before_it_hangs_a_reader() -> None:
    text = ODS.format(rows=1).replace("</table:table>", "</table:tab&#0;le>")
    (trouble,) = read_all(ods(text.replace(">\n", ">")))[1]
    assert (trouble.reason, trouble.detail) == ("CORRUPT", "ParseError")


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


def test_a_damaged_workbook_is_reported() -> None:
    part = "xl/worksheets/sheet1.xml"
    data = workbook([["13800138000"]], {part: "<worksheet><sheetData><row"})
    tables, troubles = read_all(data)
    assert all(cells_of(blocks) == [] for _, blocks in tables)
    assert reasons(troubles)[0] in ("CORRUPT", "EMPTY")
    assert (f"#{part}", "CORRUPT") in [(t.member, t.reason) for t in troubles]


@pytest.mark.parametrize(("stream", "reason"), [("EncryptedPackage", "ENCRYPTED"), ("", "CORRUPT")])
def test_an_ole_file_that_is_no_workbook_is_reported(stream: str, reason: str) -> None:
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000) + stream.encode("utf-16-le")
    assert read_reasons(data + bytes(1000), "a.xls") == [reason]
