"""Row-number columns: 序号, No. or an id that increases by one a row.

Copies of one row differ in them, so the digest of a row leaves them out.  The decision is made
once for a table, from its sample.  ``序号: 1, 2, 3, … -> True``
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import pyarrow as pa

from piiscan.detect.catalog.headers import normalize_header
from piiscan.detect.columns.column_types import ColumnType

#: Headers of row-number columns; the cells must rise too, as such a column may be anything.
_NAMES: Final = frozenset(
    ["id", "_id", "no", "no.", "nr", "num", "#", "编号", "編號", "行号", "rowid", "bh", "pk", "key"]
)
_NUMBER: Final = re.compile(r"[0-9]{1,12}(?:\.0)?")
_MIN_NUMBERS: Final = 5


def is_row_number_column(column: ColumnType, cells: pa.Array) -> bool:
    """Return True if the cells of a column count its rows: 1, 2, 3.

    A column with a recognizer is none, even if its numbers increase by one.
    """
    label = column.label
    if label is not None and label.other == "sequence":
        return True
    if label is not None and (label.recognizers or label.parts or label.other is not None):
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
    """Return True if nine in ten numbers are their predecessor plus one (``rising``: or more)."""
    pairs = list(pairwise(numbers))
    follow = sum(b > a if rising else b == a + 1 for a, b in pairs)
    return follow * 10 >= len(pairs) * 9
