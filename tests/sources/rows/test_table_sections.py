"""Tables below each other in one text are several; transposed ones have a row for each person."""

from pathlib import Path

import openpyxl
import pytest

import piiscan
from piiscan.sources.block import DATA, HEADER
from tests.sources.formats.spreadsheet.books import workbook
from tests.sources.people import HEAD, PEOPLE, count_whole
from tests.sources.tables import read_all, read_one

ORDERS = ["订单号", "地址", "收件人", "联系电话", "身份证号"]
FIRST = [HEAD, *PEOPLE[:3]]
SECOND = [ORDERS, *([f"E{n}", p[3], p[0], p[2], p[1]] for n, p in enumerate(PEOPLE[3:]))]
BETWEEN = {
    "blank": [[]],
    "title": [[], ["订单列表"]],
    "title, blank": [[], ["订单列表"], []],
    "width": [],
}


def lines(rows: list[list[str]], sign: str = ",") -> str:
    return "".join(sign.join(row) + "\r\n" for row in rows)


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "utf-16"])
@pytest.mark.parametrize("sign", [",", "\t", "|"])
@pytest.mark.parametrize("between", BETWEEN)
def test_a_second_header_begins_a_table(between: str, sign: str, codec: str) -> None:
    data = lines([*FIRST, *BETWEEN[between], *SECOND], sign).encode(codec)
    assert count_whole(data) == len(PEOPLE)
    ((table, blocks),), troubles = read_all(data)
    assert troubles == []
    assert [each.member for each in (table, *table.siblings)] == ["", "#table-2"]
    assert [each.headers for each in (table, *table.siblings)] == [HEAD, ORDERS]
    header = 5 + len(BETWEEN[between])
    assert [each.header_row for each in (table, *table.siblings)] == [1, header]
    found = [
        (block.table, int(row), [column[at].as_py() for column in block.columns])
        for block in blocks
        for at, row in enumerate(block.rows)
        if block.kinds is not None and block.kinds[at] == DATA
    ]
    assert found == [
        *((0, at, row) for at, row in enumerate(PEOPLE[:3], 2)),
        *((1, at, row) for at, row in enumerate(SECOND[1:], header + 1)),
    ]
    for block in blocks:  # each is of one table
        width = len([HEAD, ORDERS][block.table])
        assert (len(block.columns), len(block.byte_starts or [])) == (width, width)
    for each, rows in zip((table, *table.siblings), (FIRST, SECOND), strict=True):
        assert [column[-1].as_py() for column in each.sample.columns] == rows[-1]


def test_many_tables_with_many_rows() -> None:
    size = 2500
    rows = [[f"E{n}", "路1号", "张三", f"1380013{n:04d}", "x"] for n in range(size)]
    one = [[f"李{n}", "x", f"1390013{n:04d}", "路2号"] for n in range(9)]
    text = lines([*FIRST, [], ORDERS, *rows[:99], [], HEAD, *one, [], ORDERS, *rows])
    ((table, blocks),), _ = read_all(text)
    assert [each.headers for each in (table, *table.siblings)] == [HEAD, ORDERS, HEAD, ORDERS]
    counts = [
        sum(int((b.kinds == DATA).sum()) for b in blocks if b.table == n and b.kinds is not None)
        for n in range(4)
    ]
    assert counts == [3, 99, 9, size]
    rows_of_blocks = [row for block in blocks for row in block.rows.tolist()]
    assert rows_of_blocks == list(range(1, len(rows_of_blocks) + 1))


@pytest.mark.parametrize(
    "rows",
    [
        [HEAD, *PEOPLE, [], HEAD, *PEOPLE],  # its own header again
        [HEAD, *PEOPLE, ["李四", "微信", "QQ"], *PEOPLE],
        [HEAD, *PEOPLE, [], ["合计", "5"], *PEOPLE],
        [HEAD, *PEOPLE, [], ["备注", "姓名和手机号见附件，身份证号码见另一份名单，共计五人"]],
        [HEAD, *PEOPLE, [], ["张三", "13800138000"]],
    ],
)
def test_other_rows_begin_no_table(rows: list[list[str]]) -> None:
    table, _, _ = read_one(lines(rows))
    assert table.siblings == ()


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "utf-16"])
@pytest.mark.parametrize("sign", [",", "\t", "----"])
@pytest.mark.parametrize("persons", [2, 5])
def test_a_transposed_table_has_a_row_for_each_person(sign: str, codec: str, persons: int) -> None:
    rows = [list(row) for row in zip(HEAD, *PEOPLE[:persons], strict=True)]
    data = lines(rows, sign).encode(codec)
    table, (block,), troubles = read_one(data)
    assert (table.member, table.headers, troubles) == ("#transposed", HEAD, [])
    assert block.kinds is not None
    assert block.kinds.tolist() == [HEADER, *[DATA] * persons]
    cells = [[column[at].as_py() for column in block.columns] for at in range(persons + 1)]
    assert cells == [HEAD, *PEOPLE[:persons]]
    assert block.rows.tolist() == list(range(1, persons + 2))
    if persons == len(PEOPLE):
        assert count_whole(data) == persons


FORM = [
    ["登记表", ""], ["姓名", "张三"], ["手机号", "13800138000"], ["", ""],
    ["身份证号", "110101199003070038"],
]  # fmt: skip


FORMS = {
    "a.csv": lines(FORM).encode(),
    "a.xlsx": workbook([cell or None for cell in row] for row in FORM),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_form_of_two_columns_is_one_record(name: str) -> None:
    table, (block,), troubles = read_one(FORMS[name])
    assert table.member.endswith("#transposed")
    assert not troubles
    assert table.headers is not None
    assert [each for each in table.headers if each] == [label for label, _ in FORM if label]
    assert [column[1].as_py() or "" for column in block.columns] == [value for _, value in FORM]


@pytest.mark.parametrize("name", FORMS)
def test_a_masked_copy_of_a_form_has_no_value_left(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(FORMS[name])
    done = piiscan.redact(tmp_path / name, out=tmp_path / "copy")
    assert (done.remaining, done.incomplete) == (0, 0)
    copy = tmp_path / "copy" / name
    if copy.suffix == ".csv":
        rows = [line.split(",") for line in copy.read_text("utf-8").splitlines()]
    else:
        sheet = openpyxl.load_workbook(copy).worksheets[0]
        rows = [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert [label for label, *_ in rows] == [label for label, _ in FORM]
    left = {value for _, *values in rows for value in values}
    assert not left & {value for _, value in FORM if value}


@pytest.mark.parametrize(
    "rows",
    [
        [HEAD, *PEOPLE],
        [["姓名", "name", "varchar"], ["手机号", "phone", "varchar"], ["地址", "addr", "text"]],
        [["姓名", "张三"], ["手机号", "13800138000"]],
        [["张三", "13800138000", "x"], ["李四", "13900139000", "y"], ["王五", "13700137000", "z"]],
        [["姓名", "张三", "李四"], ["姓名", "13800138000", "13900139000"]],
    ],
)
def test_other_tables_are_not_turned(rows: list[list[str]]) -> None:
    table, _, _ = read_one(lines(rows))
    assert table.member == ""


@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
@pytest.mark.parametrize("turned", [False, True])
def test_masked_copies_have_no_value_left(tmp_path: Path, turned: bool, codec: str) -> None:
    rows = [list(row) for row in zip(HEAD, *PEOPLE, strict=True)]
    path = tmp_path / "a.csv"
    path.write_bytes(lines(rows if turned else [*FIRST, [], *SECOND]).encode(codec))
    done = piiscan.redact(path, out=tmp_path / "copy")
    assert (done.remaining, done.incomplete) == (0, 0)
    text = (tmp_path / "copy" / "a.csv").read_bytes().decode(codec)
    assert not any(value in text for person in PEOPLE for value in person[:3])
    assert all(name in text for name in (HEAD if turned else [*HEAD, *ORDERS]))
    assert text.count(",") == sum(len(row) - 1 for row in (rows if turned else [*FIRST, *SECOND]))
