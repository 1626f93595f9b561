"""Cells are cut as the csv module cuts well-formed text, and the same from any pieces."""

import csv
import io
import random

import numpy as np
import pytest

from piiscan.sources.block import Block, Trouble
from piiscan.sources.encoding.decoder import Piece
from piiscan.sources.rows.delimiter import read_rows
from piiscan.sources.rows.record_blocks import TextFormat, read_blocks
from piiscan.sources.rows.tokenizer import QUOTE_LINES, Dialect, tokenize
from tests.sources.tables import cells_of, numbers_of

DELIMITERS = [",", "\t", "|", ";", "----", "::", "，"]


def array(text: str) -> np.ndarray:
    return np.frombuffer(text.encode(), np.uint8)


def rows_of(text: str, dialect: Dialect) -> list[list[str]]:
    return read_rows(array(text), dialect, limit=10**6)


def in_pieces(text: str, form: TextFormat, size: int) -> list[Block | Trouble]:
    data = text.encode()
    parts = [
        Piece(np.frombuffer(data[at : at + size], np.uint8), at) for at in range(0, len(data), size)
    ]
    return list(read_blocks(parts, form))


def made_table(seed: int, delimiter: str, *, quotes: bool) -> tuple[str, list[list[str]]]:
    """Well-formed text with everything a cell may hold, and the cells in it."""
    rng = random.Random(seed)
    inside = ["张", "a", "1", " ", "é", "𠮷"] + ([delimiter, '"', "\n", "\r\n"] if quotes else [])
    rows, lines = [], []
    for _ in range(40):
        # a record of one empty cell and an empty line look alike, hence the x
        row = ["x"] + [
            "".join(rng.choice(inside) for _ in range(rng.randrange(6)))
            for _ in range(rng.randrange(1, 5))
        ]
        rows.append(row)
        cells = [
            '"' + c.replace('"', '""') + '"'
            if quotes and (rng.random() < 0.3 or set(c) & {'"', "\n", "\r"} or delimiter in c)
            else c
            for c in row
        ]
        lines.append(delimiter.join(cells) + rng.choice(["\n", "\r\n"]))
    return "".join(lines), rows


@pytest.mark.parametrize("delimiter", DELIMITERS)
@pytest.mark.parametrize("quotes", [False, True])
def test_cells_written_are_cells_read(delimiter: str, quotes: bool) -> None:
    for seed in range(20):
        text, rows = made_table(seed, delimiter, quotes=quotes)
        assert rows_of(text, Dialect(delimiter, quotes)) == rows


def test_quoted_text_is_read_as_the_csv_module_reads_it() -> None:
    for seed in range(50):
        text, _ = made_table(seed, ",", quotes=True)
        expected = list(csv.reader(io.StringIO(text, newline="")))
        assert rows_of(text, Dialect(",", True)) == expected


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000])
@pytest.mark.parametrize("delimiter", [",", "----", "  "])
def test_pieces_of_any_size_give_the_same_records(size: int, delimiter: str) -> None:
    stray = 'x,"open\ny,2\n"z",3\nq,"w\n' if delimiter == "," else ""
    for seed in range(4):
        text, _ = made_table(seed, delimiter, quotes=delimiter == ",")
        text = (text + stray) * 2
        form = TextFormat(Dialect(delimiter, delimiter == ","), "utf-8", True)
        whole, parts = in_pieces(text, form, 10**9), in_pieces(text, form, size)
        for pick in (cells_of, numbers_of):
            assert pick([b for b in parts if isinstance(b, Block)]) == pick(
                [b for b in whole if isinstance(b, Block)]
            )
        assert [t for t in parts if isinstance(t, Trouble)] == [
            t for t in whole if isinstance(t, Trouble)
        ]


def test_every_cell_stands_where_its_byte_start_says() -> None:
    text, _ = made_table(3, ",", quotes=True)
    data = text.encode()
    form = TextFormat(Dialect(",", True), "utf-8", True)
    checked = 0
    for block in in_pieces(text, form, 50):
        assert isinstance(block, Block)
        assert block.byte_starts is not None
        for cells, starts in zip(block.columns, block.byte_starts, strict=True):
            for cell, start in zip(cells.to_pylist(), starts.tolist(), strict=True):
                if cell is None or start < 0:
                    assert cell is None or '"' in cell
                    continue
                encoded = cell.encode()
                assert data[start : start + len(encoded)] == encoded
                checked += 1
    assert checked > 50


def test_an_unclosed_quote_is_an_ordinary_character() -> None:
    assert rows_of('a,"b\nc,d\n', Dialect(",", True)) == [["a", '"b'], ["c", "d"]]
    assert rows_of('a,"b"c,d\n', Dialect(",", True)) == [["a", '"b"c', "d"]]


def test_a_stray_quote_does_not_swallow_rows_up_to_the_next_quoted_cell() -> None:
    text = 'a,"b\nc,d\n"e",f\n'
    assert rows_of(text, Dialect(",", True)) == [["a", '"b'], ["c", "d"], ["e", "f"]]


def test_a_quoted_cell_is_given_up_after_its_lines() -> None:
    for lines, whole in ((QUOTE_LINES - 1, True), (QUOTE_LINES, False)):
        text = '"' + "x\n" * lines + 'x",y\n'
        found = tokenize(array(text), Dialect(",", True), final=True)
        assert (found.records == 1) is whole
        assert found.unclosed.tolist() == ([] if whole else [0])


def test_a_quote_opened_in_every_row_and_never_closed_costs_no_row() -> None:
    found = tokenize(array('"a,b\n' * 200_000), Dialect(",", True), final=True)
    assert found.records == 200_000
    assert found.starts.size == 400_000


def test_after_a_quote_was_given_up_cells_quoted_on_one_line_are_still_cells() -> None:
    text = '"' + "x\n" * QUOTE_LINES + 'a,"b,""c",d\n'
    rows = rows_of(text, Dialect(",", True))
    assert rows[0] == ['"x']
    assert rows[-1] == ["a", 'b,"c', "d"]


def test_a_lone_return_ends_lines_only_where_told() -> None:
    assert rows_of("a\rb\n", Dialect(",")) == [["a\rb"]]
    assert rows_of("a,1\rb,2\r", Dialect(",", False, True)) == [["a", "1"], ["b", "2"]]
    assert rows_of("a,1\r\r\nb,2", Dialect(",")) == [["a", "1"], ["b", "2"]]


def test_cells_beyond_the_cap_stay_together_in_the_last() -> None:
    assert rows_of("a,b,c,d\n", Dialect(",", max_cells=3)) == [["a", "b", "c,d"]]


def test_blank_runs_are_one_delimiter_and_margins_none() -> None:
    assert rows_of("  张三   138  地 址 \n\n", Dialect("  ")) == [["张三", "138", "地 址 "], [""]]


def test_ragged_rows_keep_every_cell() -> None:
    form = TextFormat(Dialect(","), "utf-8", True, columns=2)
    (block,) = in_pieces("a\nb,c,d\n\n", form, 100)
    assert isinstance(block, Block)
    assert [column.to_pylist() for column in block.columns] == [
        ["a", "b", ""],
        [None, "c", None],
        [None, "d", None],
    ]


def test_one_very_wide_row_does_not_widen_all_others() -> None:
    text = "a,b\n" * 5000 + ",".join("x" * 2000) + "\n" + "a,b\n" * 5000
    form = TextFormat(Dialect(","), "utf-8", True, columns=2)
    blocks = [b for b in in_pieces(text, form, 10**9) if isinstance(b, Block)]
    assert sum(len(b.rows) for b in blocks) == 10_001
    assert all(len(b.rows) * len(b.columns) <= 2 << 20 for b in blocks)
    assert len(blocks) > 1
