"""Delimited and plain files come out as tables with every row, number and place right."""

import pytest

from piiscan.sources.block import BLANK, DATA, HEADER, SUBTOTAL, TITLE
from piiscan.sources.encoding.decoder import PIECE_BYTES
from piiscan.sources.rows.long_record import OVERLAP
from tests.sources.tables import cells_of, count_images, kinds_of, numbers_of, read_one, reasons

ROWS = [["姓名", "电话", "地址"]] + [
    ["张伟", f"138{n:08}", f"湖南省长沙市岳麓区{n}号"] for n in range(50)
]


@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le", "utf-16-be"])
def test_a_table_is_the_same_in_every_encoding(encoding: str, bom: str) -> None:
    data = (bom + "\r\n".join(",".join(row) for row in ROWS)).encode(encoding)
    table, blocks, troubles = read_one(data)
    assert (table.kind, table.encoding, table.delimiter) == ("delimited", encoding, ",")
    assert (table.headers, table.header_row, troubles) == (ROWS[0], 1, [])
    assert cells_of(blocks) == ROWS
    assert count_images(data, encoding, blocks) == 51 * 3


def test_big5_tables_are_read() -> None:
    rows = [["姓名", "電話", "地址"]] + [["陳偉", f"09{n:08}", "臺北市中正區"] for n in range(9)]
    table, blocks, _ = read_one("\n".join(",".join(row) for row in rows).encode("big5"))
    assert (table.encoding, blocks[0].encoding) == ("big5", "big5")
    assert cells_of(blocks) == rows


def test_rows_and_lines_are_counted_as_editors_and_excel_do() -> None:
    _, blocks, _ = read_one('姓名,电话\n"张\n伟",13800138000\n\n王芳,13900139000')
    assert numbers_of(blocks) == [1, 2, 3, 4]
    assert [int(line) for b in blocks for line in b.lines] == [1, 2, 4, 5]  # type: ignore[union-attr]


KINDS = {
    "titles, sums and blank rows are marked, not dropped": (
        "名单\n姓名,电话\n张伟,13800138000\n小 计,1\n\n姓名, 电话\n王芳,13900139000\n合计：,2\n",
        [TITLE, HEADER, DATA, SUBTOTAL, BLANK, HEADER, DATA, SUBTOTAL],
    ),
    "a repeated header may have any blanks around its names": (
        "姓名,电话\n张伟,13800138000\n\u00a0姓名\u3000,\u3000电话 \u00a0\n王芳,13900139000\n",
        [HEADER, DATA, HEADER, DATA],
    ),
    "a person whose name begins like a sum is data": (
        "姓名,电话\n小计算机店老板李某某先生,13900139000\n共计,1\n",
        [HEADER, DATA, SUBTOTAL],
    ),
}


@pytest.mark.parametrize("claim", KINDS)
def test_each_row_has_its_kind(claim: str) -> None:
    text, kinds = KINDS[claim]
    table, blocks, _ = read_one(text)
    assert table.header_row == kinds.index(HEADER) + 1
    assert kinds_of(blocks) == kinds
    assert cells_of(blocks)[0] == text.partition("\n")[0].split(",")


def test_side_by_side_tables_have_groups() -> None:
    text = "姓名,电话,,姓名,电话\n" + "张伟,13800138000,,王芳,13900139000\n" * 3
    assert read_one(text)[0].groups == [0, 0, 0, 1, 1]


CELLS: dict[str, tuple[bytes, list[list[str]], list[tuple[str, int, bool]]]] = {
    "formulas of Excel stay as they are": (
        '张伟,="13800138000"\n王芳,\'13900139000\n'.encode(),
        [["张伟", '="13800138000"'], ["王芳", "'13900139000"]],
        [],
    ),
    "undecodable rows stay and are named": (
        b"\xff\xff,13800138000\n" + b"a,1\n" * 5,
        [["\ufffd\ufffd", "13800138000"], *[["a", "1"]] * 5],
        [("UNDECODABLE", 2, True)],
    ),
    "an unclosed quote is reported with its row": (
        '"张伟,13800138000\n王芳,13900139000\n'.encode(),
        [['"张伟', "13800138000"], ["王芳", "13900139000"]],
        [("UNCLOSED_QUOTE", 2, False)],
    ),
}


@pytest.mark.parametrize("claim", CELLS)
def test_odd_cells_are_kept(claim: str) -> None:
    lines, rows, troubles = CELLS[claim]
    _, blocks, found = read_one("姓名,电话\n".encode() + lines)
    assert cells_of(blocks)[1:] == rows
    assert [(t.reason, t.row, t.lost) for t in found] == troubles


def test_mixed_lines_are_read_and_reported_once() -> None:
    lines = [",".join(row) for row in ROWS]
    data = b"".join(
        (line + "\n").encode("gbk" if n % 10 == 5 else "utf-8") for n, line in enumerate(lines)
    )
    table, blocks, troubles = read_one(data)
    assert (table.encoding, cells_of(blocks)) == ("utf-8", ROWS)
    assert [(t.reason, t.row, t.lost) for t in troubles] == [("MIXED_ENCODING", 6, False)]
    starts = blocks[0].byte_starts
    assert starts is not None
    # in a line of another encoding only cells of ASCII can be counted on in
    assert starts[0][5] == -1
    phone = ROWS[5][1].encode()
    assert data[starts[1][5] : starts[1][5] + len(phone)] == phone


def test_thousands_of_troubles_are_summed_up() -> None:
    _, _, troubles = read_one("姓名,电话\n" + '"张伟,13800138000\n' * 3000)
    assert len(troubles) == 101
    assert troubles[-1].detail == "2900 more rows"


def test_plain_text_is_one_column_of_lines() -> None:
    table, blocks, _ = read_one("今天，天气很好。\n\n张伟的电话是13800138000，请联系。\n")
    assert (table.kind, table.headers, table.delimiter) == ("text", None, None)
    assert kinds_of(blocks) == [DATA, BLANK, DATA]
    assert not blocks[0].split
    assert cells_of(blocks)[2] == ["张伟的电话是13800138000，请联系。"]


@pytest.mark.parametrize(
    "text", ["姓名,电话", "姓名,电话\n", "13800138000", "\n\n\n", "a\0b\n", "\r"]
)
def test_odd_little_files_are_read(text: str) -> None:
    _, blocks, troubles = read_one(text)
    assert len(cells_of(blocks)) == max(len(text.splitlines()), 1)
    assert troubles == []


def test_thousands_of_columns_are_capped_and_nothing_is_lost() -> None:
    wide = ",".join(f"1380013{n:04}" for n in range(3000))
    _, blocks, troubles = read_one(f"{wide}\n{wide}\n{wide}\n")
    assert reasons(troubles) == ["TOO_MANY_COLUMNS"]
    assert not troubles[0].lost
    assert [",".join(map(str, row)) for row in cells_of(blocks)] == [wide] * 3


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le"])
def test_a_line_longer_than_memory_comes_in_overlapping_pieces(encoding: str) -> None:
    unit = "张伟的电话是13800138000，"
    line = unit * (3 * PIECE_BYTES // len(unit.encode()))
    data = f"开头\n{line}\n结尾\n".encode(encoding)
    _, blocks, troubles = read_one(data)
    assert troubles == []
    pieces = [b for b in blocks if b.own_range is not None]
    assert len(pieces) >= 3
    owned = ""
    for block in pieces:
        text = block.columns[0][0].as_py()
        assert block.own_range is not None
        begin, end = block.own_range
        assert line[block.piece_start : block.piece_start + len(text)] == text
        assert begin in (0, OVERLAP)
        assert (end, len(owned)) in ((len(text), len(owned)), (len(text) - OVERLAP, len(owned)))
        assert block.piece_start + begin == len(owned)
        owned += text[begin:end]
        assert block.byte_starts is not None
        place = int(block.byte_starts[0][0])
        assert data[place:].startswith(text[:20].encode(encoding))
        assert block.rows.tolist() == [2]
    assert owned == line
    others = [b for b in blocks if b.own_range is None]
    assert cells_of(others) == [["开头"], ["结尾"]]
    assert numbers_of(others) == [1, 3]


def test_a_table_goes_on_behind_a_row_that_is_too_long_to_split() -> None:
    long = "x" * (5 * PIECE_BYTES)
    _, blocks, troubles = read_one(f"姓名,电话\n张伟,13800138000\n{long},1\n王芳,13900139000\n")
    assert [(t.reason, t.row, t.lost) for t in troubles] == [("LONG_RECORD", 3, False)]
    pieces = [b for b in blocks if b.own_range is not None]
    assert not any(b.split for b in pieces)
    assert numbers_of([b for b in blocks if b.own_range is None]) == [1, 2, 4]
    assert max(b.columns[0].nbytes for b in blocks) < 5 * PIECE_BYTES


def test_the_sample_shows_head_middle_and_tail() -> None:
    rows = 100_000
    data = "姓名,电话\n" + "".join(f"张伟,138{n:08}\n" for n in range(rows))
    table, _, _ = read_one(data, "b.csv", seed=3)
    again, _, _ = read_one(data, "b.csv", seed=3)
    other, _, _ = read_one(data, "b.csv", seed=4)
    phones = [int(p[3:]) for p in table.sample.columns[1].to_pylist()[1:]]
    assert phones[:299] == list(range(299))
    assert any(rows // 5 < n < rows * 4 // 5 for n in phones)
    assert max(phones) > rows * 9 // 10
    assert len(phones) == 899
    assert table.sample.columns == again.sample.columns
    assert table.sample.columns != other.sample.columns
    assert table.sample.rows[-1] == -1
