"""Rows of bundles of columns are taken and joined, whatever the columns are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pytest

from piiscan.arrays import Int64
from piiscan.bundles import join_rows, take_rows


@dataclass(frozen=True, slots=True)
class Finding:
    start: Int64
    value: pa.Array
    text: pa.Array | None = None


class Span(NamedTuple):
    begin: Int64
    digest: Int64


def test_rows_of_numpy_and_arrow_columns_are_taken_together() -> None:
    taken = take_rows(Finding(np.array([5, 6, 7]), pa.array(["a", "b", "c"])), np.array([2, 0]))
    assert taken.start.tolist() == [7, 5]
    assert taken.value.to_pylist() == ["c", "a"]
    assert taken.text is None


@pytest.mark.parametrize("rows", [np.array([1, 2]), np.array([False, True, True]), slice(1, None)])
def test_rows_are_indices_a_mask_or_a_slice(rows: object) -> None:
    span = Span(np.array([1, 2, 3]), np.array([[1, 1], [2, 2], [3, 3]]))
    taken = take_rows(span, rows)
    assert isinstance(taken, Span)
    assert (taken.begin.tolist(), taken.digest.tolist()) == ([2, 3], [[2, 2], [3, 3]])


def test_bundles_are_joined_in_order() -> None:
    parts = [Finding(np.array([1]), pa.array(["a"])), Finding(np.array([2]), pa.array(["b"]))]
    joined = join_rows(parts)
    assert (joined.start.tolist(), joined.value.to_pylist()) == ([1, 2], ["a", "b"])
    assert joined.text is None
