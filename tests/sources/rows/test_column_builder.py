"""Columns of cells are the cells; rows are of the kind that their first cell and the header say."""

import random

import numpy as np
import pytest

from piiscan.sources.block import BLANK, DATA, HEADER, SUBTOTAL
from piiscan.sources.rows.column_builder import build_column, classify_rows
from piiscan.sources.rows.tokenizer import Dialect, RecordCells, tokenize

DIALECT = Dialect(",", quotes=True)


def cells_of(text: str) -> tuple[np.ndarray, RecordCells]:
    data = np.frombuffer(text.encode(), np.uint8)
    return data, tokenize(data, DIALECT, final=True)


def kinds_of(text: str, header: list[str]) -> list[int]:
    return classify_rows(*cells_of(text), header).tolist()


SPACES = ["", " ", "\t", "\u00a0", "\u3000", " \u3000\u00a0"]
BOM = "\ufeff"  # before the rows of a file that was appended to another one


@pytest.mark.parametrize("before", [*SPACES, BOM])
@pytest.mark.parametrize("after", SPACES)
def test_spaces_around_a_cell_change_no_kind(before: str, after: str) -> None:
    rows = ["", "张三", "合计", "小 计", "姓名", "a"]
    text = "".join(f"{before}{cell}{after},{before}{cell and 'x'}{after}\n" for cell in rows)
    header = ["姓名", "x"]
    assert kinds_of(text, header) == [BLANK, DATA, SUBTOTAL, SUBTOTAL, HEADER, DATA]
    assert kinds_of(text, []) == [BLANK, DATA, SUBTOTAL, SUBTOTAL, DATA, DATA]


@pytest.mark.parametrize(
    "word",
    [
        "合计",
        "小计",
        "总计",
        "共计",
        "累计",
        "总合计",
        "本页小计",
        "本页合计",
        "合計",
        "小計",
        "總計",
    ],
)
def test_rows_that_sum_others_up(word: str) -> None:
    sums = [word, f"{word}：3人", f",{word}", f",,{' '.join(word)},x", f"\u3000{word}"]
    sums.append(f"{word}123456789012")
    assert kinds_of("\n".join(sums), []) == [SUBTOTAL] * len(sums)
    others = [f"x{word}", f"张三,{word}", word[:-1], f"{word[0]}x{word[1:]}"]
    others.append(f"{word}1234567890123")
    assert kinds_of("\n".join(others), []) == [DATA] * len(others)


def test_a_row_is_a_header_only_if_every_cell_is() -> None:
    headers = ["姓名,,电话", " 姓名 ,\u3000,电话\t"]
    others = ["姓名,,电话号", "姓名,,电", "姓名,x,电话", "姓名,,电话,", "姓名,", "姓名,,电舌"]
    kinds = kinds_of("\n".join([*headers, *others]), ["姓名", "", "电话"])
    assert kinds == [HEADER] * 2 + [DATA] * 6
    assert kinds_of("a\nb\n", ["a"]) == [HEADER, DATA]


@pytest.mark.parametrize("char", ["䀀", "à", "ā", "瀀"])
def test_letters_whose_bytes_end_like_a_space_are_letters(char: str) -> None:
    kinds = kinds_of(f"{char}\n姓名{char}\n{char}姓名\n姓名\n", ["姓名"])
    assert kinds == [DATA, DATA, DATA, HEADER]


def test_columns_are_the_cells_with_their_places() -> None:
    rng = random.Random(1)
    parts = ["张", "a", "", '"', ",", "é", '""', " "]
    rows = [["".join(rng.choices(parts, k=rng.randrange(5))) for _ in range(3)] for _ in range(200)]
    rows = [row[: rng.randrange(1, 4)] for row in rows]
    quoted = [
        [
            f'"{cell.replace(chr(34), chr(34) * 2)}"' if set(cell) & {'"', ","} else cell
            for cell in row
        ]
        for row in rows
    ]
    lines = [",".join(row) for row in quoted]
    data, cells = cells_of("x," + "\nx,".join(lines) + "\n")
    text = data.tobytes()
    places = np.arange(1000, 1000 + len(text), dtype=np.int64)
    for begin, end in ((0, 200), (50, 51), (199, 200)):
        for column in range(4):
            expected = [["x", *row, *[None] * 3][column] for row in rows[begin:end]]
            found, starts = build_column(data, cells, column, (begin, end), None)
            assert found.to_pylist() == expected
            mapped = build_column(data, cells, column, (begin, end), places)[1]
            for cell, start, place in zip(expected, starts.tolist(), mapped.tolist(), strict=True):
                if cell is None:
                    assert (start, place) == (-1, -1)
                elif '"' in cell:
                    quoted = cell.replace('"', '""').encode()
                    assert text[-2 - start :].startswith(quoted)
                    assert place == -1
                else:
                    assert text[start:].startswith(cell.encode())
                    assert place == 1000 + start


def test_in_lines_of_another_encoding_only_ascii_has_a_place() -> None:
    data, cells = cells_of("ab,张a,é,,c\nab,x")
    places = -2 - np.arange(len(data), dtype=np.int64)  # the first line's
    places[-4:] *= -1
    found = [build_column(data, cells, c, (0, 2), places)[1].tolist() for c in range(5)]
    assert found[0] == [0, int(places[-4])]
    assert [starts[0] for starts in found] == [0, -1, -1, len(data) - 7, len(data) - 6]
