"""Marks stay on their values whatever is done to the cells."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from piiscan.synth.planted_cells import (
    Cells,
    blank_cells,
    join_cells,
    merge_cells,
    plant,
    take_cells,
)


def planted(cells: Cells) -> list[list[str]]:
    """The texts under the marks, by cell."""
    found: list[list[str]] = [[] for _ in range(len(cells))]
    texts = cells.text.to_pylist()
    for marks in cells.planted:
        for cell, start, end, value in zip(
            marks.cell, marks.start, marks.end, marks.value.to_pylist(), strict=True
        ):
            assert texts[cell][start:end] == value
            found[cell].append(value)
    return found


NAMES = plant(pa.array(["张三", "欧阳某某", "李四"]), "PERSON")
PHONES = plant(pa.array(["1", "22", "333"]), "CN_MOBILE")


def test_glued_cells_keep_their_values_at_code_points_behind_hanzi() -> None:
    glued = join_cells(["收：", NAMES, " 😀", PHONES, "。"], 3)
    assert glued.text.to_pylist()[1] == "收：欧阳某某 😀22。"
    assert planted(glued) == [["张三", "1"], ["欧阳某某", "22"], ["李四", "333"]]


def test_taken_cells_may_repeat_and_may_be_left_out() -> None:
    taken = take_cells(join_cells([NAMES, PHONES], 3), np.array([2, 2, 0]))
    assert planted(taken) == [["李四", "333"], ["李四", "333"], ["张三", "1"]]


def test_taking_passes_over_cells_without_a_mark() -> None:
    mixed = merge_cells(
        [
            (np.array([0]), Cells(pa.array(["x"]))),
            (np.array([1]), take_cells(NAMES, np.array([1]))),
        ],
        2,
    )
    assert planted(take_cells(mixed, np.array([1, 0, 1]))) == [["欧阳某某"], [], ["欧阳某某"]]


def test_mixed_parts_stand_at_their_places() -> None:
    parts = [
        (np.array([3, 0]), take_cells(NAMES, np.array([0, 1]))),
        (np.array([1, 2]), take_cells(PHONES, np.array([1, 2]))),
    ]
    assert planted(merge_cells(parts, 4)) == [["欧阳某某"], ["22"], ["333"], ["张三"]]


def test_blanked_cells_lose_text_and_mark() -> None:
    emptied = blank_cells(NAMES, np.array([True, False, True]))
    assert emptied.text.to_pylist() == ["", "欧阳某某", ""]
    assert planted(emptied) == [[], ["欧阳某某"], []]
