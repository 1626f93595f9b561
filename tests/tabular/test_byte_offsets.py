"""Byte offsets of findings, and alternatives as JSON."""

import json
import random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from piiscan.schemas import ALTERNATIVE
from piiscan.tabular.byte_offsets import byte_offsets
from piiscan.tabular.hits import alternatives_json

ALPHABET = "a1 ,张三丰·é×Ж€㐀😀𠀀ⅷ"


def ask(cells: list[str], starts: list[int], width: str | None, at: list[tuple[int, int]]):
    return byte_offsets(
        pa.array(cells),
        np.array(starts, np.int64),
        encoding=width,
        index=np.array([cell for cell, _ in at]),
        byte_start=np.array([len(cells[cell][:char].encode()) for cell, char in at]),
    ).tolist()


@pytest.mark.parametrize(
    ("width", "codec"), [("utf-8", "utf-8"), ("gb18030", "gb18030"), ("utf-16", "utf-16-le")]
)
def test_offsets_are_the_length_of_the_encoded_prefix(width: str, codec: str) -> None:
    random.seed(3)
    cells = ["".join(random.choices(ALPHABET, k=random.randrange(12))) for _ in range(300)]
    at = [(n, random.randrange(len(cell) + 1)) for n, cell in enumerate(cells)]
    starts = [1000 * n for n in range(300)]
    assert ask(cells, starts, width, at) == [
        1000 * n + len(cells[n][:char].encode(codec)) for n, char in at
    ]


def test_big5_gives_an_offset_only_where_every_character_has_a_big5_code() -> None:
    assert ask(["王小明 09", "张三 09", "a😀b"], [5, 5, 5], "big5", [(0, 4), (1, 3), (2, 2)]) == [
        5 + len("王小明 ".encode("big5")),
        -1,  # simplified 张 is not in Big5
        -1,
    ]


def test_a_cell_without_an_exact_place_gives_no_offset() -> None:
    assert ask(["张1", "张1"], [-1, 7], "gb18030", [(0, 1), (1, 1)]) == [-1, 9]
    assert ask(["张1", "张1"], [-1, 7], "utf-8", [(0, 1), (1, 1)]) == [-1, 10]


def test_an_unknown_width_gives_no_offset() -> None:
    assert ask(["abc"], [0], None, [(0, 1)]) == [-1]


def test_cells_of_a_slice() -> None:
    cells = pa.array(["xx", "张三1", "李1"])[1:]
    got = byte_offsets(
        cells, np.array([10, 20]), encoding="gb18030", index=np.array([0, 1]),
        byte_start=np.array([6, 3]),
    )  # fmt: skip
    assert got.tolist() == [14, 22]


ONE = st.fixed_dictionaries(
    {
        "entity": st.sampled_from(["CN_MOBILE", "QQ_NUMBER"]),
        "recognizer": st.sampled_from(["cn.mobile", "qq.number"]),
        "start": st.integers(0, 2**31 - 1),
        "end": st.integers(0, 2**31 - 1),
        "verdict": st.sampled_from(["verified", "plausible", "refuted"]),
        "score": st.sampled_from([0.3, 0.5, 0.6, 0.85, 0.9]),
        "reason": st.sampled_from([None, "CHECK_FAIL"]),
    }
)


@given(st.lists(st.lists(ONE, max_size=3), max_size=5), st.integers(0, 5))
def test_json_holds_what_the_lists_hold(lists: list[list[dict[str, Any]]], first: int) -> None:
    array = pa.array(lists, pa.list_(ALTERNATIVE)).slice(first)
    texts = alternatives_json(array).to_pylist()
    assert [json.loads(text) if text else [] for text in texts] == lists[first:]
    assert all(text is None for text, each in zip(texts, lists[first:], strict=True) if not each)
