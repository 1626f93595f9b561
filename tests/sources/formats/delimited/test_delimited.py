"""Delimited and plain files come out as tables with every row, number and place right."""

from __future__ import annotations

from pathlib import Path

import pytest

from piiscan.sources.block import BLANK, DATA, HEADER, SUBTOTAL, TITLE
from piiscan.sources.encoding.decoder import PIECE_BYTES
from piiscan.sources.rows.long_record import OVERLAP
from tests.sources.tables import cells_of, kinds_of, numbers_of, read_one, reasons

ROWS = [["姓名", "电话", "地址"]] + [
    ["张伟", f"138{n:08}", f"湖南省长沙市岳麓区{n}号"] for n in range(50)
]


def write(folder: Path, text: str, encoding: str = "utf-8", name: str = "a.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "utf-8"),
        ("gb18030", "gb18030"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_a_table_is_the_same_in_every_encoding(
    tmp_path: Path, encoding: str, name: str, bom: str
) -> None:
    text = bom + "\r\n".join(",".join(row) for row in ROWS)
    path = write(tmp_path, text, encoding)
    table, blocks, troubles = read_one(path)
    assert (table.kind, table.encoding, table.delimiter) == ("delimited", name, ",")
    assert (table.headers, table.header_row, troubles) == (ROWS[0], 1, [])
    assert cells_of(blocks) == ROWS
    data = path.read_bytes()
    for block in blocks:
        assert block.byte_starts is not None
        for cells, starts in zip(block.columns, block.byte_starts, strict=True):
            for cell, start in zip(cells.to_pylist(), starts.tolist(), strict=True):
                encoded = cell.encode(encoding)
                assert data[start : start + len(encoded)] == encoded


def test_big5_tables_are_read() -> None:
    rows = [["姓名", "電話", "地址"]] + [["陳偉", f"09{n:08}", "臺北市中正區"] for n in range(9)]
    table, blocks, _ = read_one("\n".join(",".join(row) for row in rows).encode("big5"))
    assert (table.encoding, blocks[0].encoding) == ("big5", "big5")
    assert cells_of(blocks) == rows


def test_rows_and_lines_are_counted_as_editors_and_excel_do() -> None:
    _, blocks, _ = read_one('姓名,电话\n"张\n伟",13800138000\n\n王芳,13900139000')
    assert numbers_of(blocks) == [1, 2, 3, 4]
    assert [int(line) for b in blocks for line in b.lines] == [1, 2, 4, 5]  # type: ignore[union-attr]


def test_titles_repeated_headers_sums_and_blank_rows_are_marked_not_dropped() -> None:
    text = (
        "客户名单\n姓名,电话\n张伟,13800138000\n小 计,1\n\n姓名, 电话\n王芳,13900139000\n合计：,2\n"
    )
    table, blocks, _ = read_one(text)
    assert table.header_row == 2
    assert kinds_of(blocks) == [TITLE, HEADER, DATA, SUBTOTAL, BLANK, HEADER, DATA, SUBTOTAL]
    assert cells_of(blocks)[0] == ["客户名单"]


def test_a_repeated_header_may_have_any_blanks_around_its_names() -> None:
    text = "姓名,电话\n张伟,13800138000\n\u00a0姓名\u3000,\u3000电话 \u00a0\n王芳,13900139000\n"
    _, blocks, _ = read_one(text)
    assert kinds_of(blocks) == [HEADER, DATA, HEADER, DATA]


def test_a_person_whose_name_begins_like_a_sum_is_data() -> None:
    text = "姓名,电话\n总计划,13800138000\n小计算机店老板李某某先生,13900139000\n共计,1\n"
    _, blocks, _ = read_one(text)
    assert kinds_of(blocks)[2:] == [DATA, SUBTOTAL]


def test_side_by_side_tables_have_groups() -> None:
    text = "姓名,电话,,姓名,电话\n" + "张伟,13800138000,,王芳,13900139000\n" * 3
    table, _, _ = read_one(text)
    assert table.groups == [0, 0, 0, 1, 1]


def test_excels_text_formulas_are_kept_as_they_stand() -> None:
    text = '姓名,电话\n张伟,="13800138000"\n王芳,\'13900139000\n'
    _, blocks, _ = read_one(text)
    assert cells_of(blocks)[1:] == [["张伟", '="13800138000"'], ["王芳", "'13900139000"]]


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


def test_undecodable_rows_stay_and_are_named() -> None:
    _, blocks, troubles = read_one(
        "姓名,电话\n".encode() + b"\xff\xff,13800138000\n" + b"a,1\n" * 5
    )
    assert cells_of(blocks)[1] == ["\ufffd\ufffd", "13800138000"]
    assert [(t.reason, t.row, t.lost) for t in troubles] == [("UNDECODABLE", 2, True)]


def test_an_unclosed_quote_is_reported_with_its_row() -> None:
    _, blocks, troubles = read_one('姓名,电话\n"张伟,13800138000\n王芳,13900139000\n')
    assert cells_of(blocks)[1:] == [['"张伟', "13800138000"], ["王芳", "13900139000"]]
    assert [(t.reason, t.row, t.lost) for t in troubles] == [("UNCLOSED_QUOTE", 2, False)]


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
def test_a_line_longer_than_memory_comes_in_overlapping_pieces(
    tmp_path: Path, encoding: str
) -> None:
    unit = "张伟的电话是13800138000，"
    line = unit * (3 * PIECE_BYTES // len(unit.encode()))
    path = write(tmp_path, f"开头\n{line}\n结尾\n", encoding, "a.txt")
    data = path.read_bytes()
    _, blocks, troubles = read_one(path)
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
