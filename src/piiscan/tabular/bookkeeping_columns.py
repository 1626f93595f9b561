"""Bookkeeping columns: row numbers, import and export times, batches, follow-up states, remarks.

Copies of one row differ in them, so rows are compared without their cells (信息重复); a cell with a
finding is compared all the same.  The decision is made once for a table, from its headers and its
sample.  ``序号: 1, 2, 3, … -> True``, ``导入时间 -> True``
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence, Set
from itertools import pairwise
from typing import Final

import pyarrow as pa

from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.headers import SYSTEM_NUMBER, normalize_header
from piiscan.detect.columns.column_types import ColumnType

#: Headers of row-number columns; the cells must rise too, as such a column may be anything.
_NAMES: Final = frozenset(
    ["id", "_id", "no", "no.", "nr", "num", "#", "编号", "編號", "行号", "rowid", "bh", "pk", "key"]
)
_NUMBER: Final = re.compile(r"[0-9]{1,12}(?:\.0)?")
_MIN_NUMBERS: Final = 5


def with_bookkeeping(
    catalog: Catalog, types: Sequence[ColumnType], cells: Sequence[pa.Array]
) -> list[ColumnType]:
    """Return ``types`` with bookkeeping columns marked (``bookkeeping=True``).

    ``cells``: sample of each column. A column with a recognizer, a transaction or another known
    meaning is none.
    """
    listed = catalog.vocabulary.get("bookkeeping_columns", {}).get("names", ())
    names = frozenset(map(normalize_header, listed))
    return [
        dataclasses.replace(column, bookkeeping=_is_bookkeeping(column, texts, names))
        for column, texts in zip(types, cells, strict=True)
    ]


def _is_bookkeeping(column: ColumnType, cells: pa.Array, names: Set[str]) -> bool:
    """Return True if the header is in ``names``, or the cells are row numbers: 1, 2, 3."""
    if column.recognizers or column.transaction is not None:
        return False
    if column.header and normalize_header(column.header) in names:
        return True
    return _is_row_number(column, cells)


def _is_row_number(column: ColumnType, cells: pa.Array) -> bool:
    """Return True if the cells of a column are consecutive row numbers from any start."""
    label = column.label
    if label is not None and label.other == "sequence":
        return True
    if label is not None and (label.parts or label.other not in (None, SYSTEM_NUMBER)):
        return False
    numbers = _whole_numbers(cells.to_pylist())
    if numbers is None or len(numbers) < 2:
        return False
    if column.header and normalize_header(column.header) in _NAMES:
        return _nearly_all_follow(numbers, rising=True)
    return len(numbers) >= _MIN_NUMBERS and _nearly_all_follow(numbers, rising=False)


def _whole_numbers(cells: Sequence[str | None]) -> list[int] | None:
    """Parse the filled cells as integers; None if more than one in twenty is no number."""
    filled = [cell.strip() for cell in cells if cell and cell.strip()]
    found = [int(cell.partition(".")[0]) for cell in filled if _NUMBER.fullmatch(cell)]
    return found if len(found) * 20 >= len(filled) * 19 else None


def _nearly_all_follow(numbers: list[int], *, rising: bool) -> bool:
    """Return True if nine in ten numbers follow the one before by 1 (``rising``: or more)."""
    pairs = list(pairwise(numbers))
    follow = sum(b > a if rising else b == a + 1 for a, b in pairs)
    return follow * 10 >= len(pairs) * 9
