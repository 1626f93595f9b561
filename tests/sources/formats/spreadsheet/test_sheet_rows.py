"""Rows of a loaded sheet: which are sampled, how they are cut into batches, what kind each is."""

import datetime
import random
from collections.abc import Iterator
from typing import Any

import pytest

from piiscan.sources.block import BLANK, DATA, HEADER, SUBTOTAL, TITLE
from piiscan.sources.formats.spreadsheet import sheet_rows
from piiscan.sources.formats.spreadsheet.sheet_rows import Row, cell_text, row_batches, sample_rows
from piiscan.sources.rows.header_row import HeaderLayout, classify_row
from piiscan.sources.rows.row_table import block_of_rows

LAYOUT = HeaderLayout(["姓名", "电话"], 2, [0, 0], ["姓名", "电话"])


class Sheet:
    """A sheet as the native reader gives it: rows from row 1, columns from the first used one."""

    def __init__(self, rows: list[list[Any]], start: tuple[int, int] | None = (0, 0)) -> None:
        self.rows, self.start, self.total_height = rows, start, len(rows)

    def iter_rows(self) -> Iterator[list[Any]]:
        return iter(self.rows)


@pytest.mark.parametrize("height", [1, 299, 300, 301, 600, 899, 900, 1000, 5000])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_sample_has_head_middle_and_tail_each_row_once(height: int, seed: int) -> None:
    rows = sample_rows(Sheet([[str(n)] for n in range(1, height + 1)]), seed, 10)
    numbers = [number for number, _ in rows]
    assert len(set(numbers)) == len(numbers)
    assert [cells for _, cells in rows] == [[str(number)] for number in numbers]
    assert numbers[:300] == list(range(1, min(height, 300) + 1))
    assert set(range(max(height - 299, 1), height + 1)) <= set(numbers)
    if height <= 600:
        assert len(numbers) == height
    if height == 5000:
        (middle,) = {numbers[300]}
        assert numbers[300:600] == list(range(middle, middle + 300))
        assert height // 4 <= middle < 3 * height // 4


def test_a_sheet_without_cells_has_no_sample() -> None:
    assert sample_rows(Sheet([], None), 0, 10) == []


def test_columns_count_from_a() -> None:
    assert sample_rows(Sheet([["x"]], (0, 2)), 0, 10) == [(1, [None, None, "x"])]


def batches(rows: list[list[Any]], width: int = 2, **more: Any) -> list[list[Row] | int]:
    found: list[list[Row] | int] = []
    for each in row_batches(Sheet(rows), LAYOUT, width, 3, **more):
        if isinstance(each, int):
            found.append(each)
            continue
        numbers, _, *columns = (column.to_pylist() for column in each)
        found.append([(n, list(row)) for n, *row in zip(numbers, *columns, strict=True)])
    return found


def test_blank_rows_are_left_out_and_numbers_stay() -> None:
    assert batches([["a"], [None], [], ["b"]]) == [[(1, ["a", None]), (4, ["b", None])]]
    assert batches([["a"], [None], ["b"], ["c"]], after=3) == [[(4, ["c", None])]]
    assert batches([[None]]) == []


def test_a_row_with_too_many_cells_keeps_them_all_and_the_first_is_named() -> None:
    rows = [["a", "b", "c"], ["a", "b", "c", None, "d"], [1, 2, 3, 4, 5], ["a", "b", None, None]]
    joined = [
        (1, ["a", "b", "c"]),
        (2, ["a", "b", "c\t\td"]),
        (3, ["1", "2", "3\t4\t5"]),
        (4, ["a", "b", None]),
    ]
    assert batches(rows) == [2, joined]
    assert batches(rows, wide=True) == [joined]


@pytest.mark.parametrize(
    ("limit", "value", "sizes"),
    [
        ("_BATCH_ROWS", 3, [3, 3, 1]),
        ("_BATCH_CELLS", 4, [2, 2, 2, 1]),
        ("_BATCH_CHARACTERS", 6, [3, 3, 1]),
        ("_BATCH_CHARACTERS", 5, [3, 3, 1]),
        ("_BATCH_CHARACTERS", 2, [1] * 7),
    ],
)
def test_a_batch_is_bounded_by_rows_cells_and_characters(
    limit: str, value: int, sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet_rows, limit, value)
    found = [part for part in batches([["ab"]] * 7) if not isinstance(part, int)]
    assert [len(part) for part in found] == sizes
    assert [number for part in found for number, _ in part] == list(range(1, 8))


def test_columns_have_the_texts_and_kinds_of_their_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(5)
    early = [
        "",
        None,
        " ",
        "a",
        "姓名",
        " 姓名",
        "电话",
        "合计",
        " 总计",
        "本人",
        0,
        0.0,
        False,
        True,
    ]
    late = [13800138000.0, 0.1, datetime.date(2020, 1, 2), "合肥", "x\ty", "姓名 "]
    values = [*early, *early[-5:], *late]
    for piece in (1, 3, 512):
        monkeypatch.setattr(sheet_rows, "_PIECE_ROWS", piece)
        for _ in range(60):
            widths = [rng.randint(0, 4) if piece < 512 else 4 for _ in range(30)]
            rows = [[rng.choice(values[: rng.randint(1, 20)]) for _ in range(n)] for n in widths]
            (batch,) = row_batches(Sheet([["x"] * 4, *rows]), LAYOUT, 2, 9)
            assert not isinstance(batch, int)
            numbers, kinds, *columns = (column.to_pylist() for column in batch)
            found = {n: list(row) for n, *row in zip(numbers, *columns, strict=True)}
            texts = {n: [cell_text(v) for v in row] for n, row in enumerate(rows, 2)}
            wanted = {n: row + [None] * (4 - len(row)) for n, row in texts.items() if any(row)}
            assert found == {1: ["x"] * 4, **wanted}
            assert kinds == [classify_row(n, found[n], LAYOUT) for n in numbers]


@pytest.mark.parametrize(
    ("number", "row", "kind"),
    [
        (1, ["名单", None], TITLE),
        (1, [None, None], BLANK),
        (1, [" ", "\t"], BLANK),
        (2, ["姓名", "电话"], HEADER),
        (3, ["张三", "1"], DATA),
        (9, ["姓名", "电话"], HEADER),
        (9, [" 姓名 ", "电话 "], HEADER),
        (9, ["姓名", None, "电话"], HEADER),
        (9, ["姓名", "13800138000"], DATA),
        (9, ["姓名", None], DATA),
        (9, ["合计", "1"], SUBTOTAL),
        (9, [None, "总  计：3人"], SUBTOTAL),
        (9, ["本页小计", None], SUBTOTAL),
        (9, ["累計12", None], SUBTOTAL),
        (9, ["合计13800138000", None], DATA),
        (9, ["计", "合计"], DATA),
    ],
)
def test_a_row_is_data_unless_it_is_plainly_something_else(
    number: int, row: list[str | None], kind: int
) -> None:
    assert classify_row(number, row, LAYOUT) == kind


def test_a_sheet_without_header_has_no_titles() -> None:
    layout = HeaderLayout(None, None, [0])
    kinds = [classify_row(1, [cell], layout) for cell in ("张三", "合计", "")]
    assert kinds == [DATA, SUBTOTAL, BLANK]


def test_rows_of_different_lengths_are_columns_of_one_length() -> None:
    block = block_of_rows([(1, ["a"]), (4, ["b", "c", "d"])], LAYOUT, 2)
    columns = [column.to_pylist() for column in block.columns]
    assert columns == [["a", "b"], [None, "c"], [None, "d"]]
    assert block.rows.tolist() == [1, 4]
    assert len(block_of_rows([(1, ["a"])], LAYOUT, 3).columns) == 3
