"""Columns that number the rows: 序号, No., an id that counts up.

They tell two copies of a row apart that are one and the same, so the digest of a row leaves them
out.  Decided once for a table, from its sample.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import pyarrow as pa

from piiscan.detect.catalog.headers import plain
from piiscan.detect.columns.column_types import ColumnType

#: Names of columns that number rows where their cells rise, and may be anything where they do not.
_NAMES: Final = frozenset(
    ["id", "_id", "no", "no.", "nr", "num", "#", "编号", "編號", "行号", "rowid", "bh", "pk", "key"]
)
_NUMBER: Final = re.compile(r"[0-9]{1,12}(?:\.0)?")
_FEWEST: Final = 5


def is_running(column: ColumnType, cells: pa.Array) -> bool:
    """Whether a column's cells (of data rows, in order) number the rows.

    A column that holds what a recognizer names is none, though its numbers may follow each other.
    """
    label = column.label
    if label is not None and label.other == "sequence":
        return True
    if label is not None and (label.recognizers or label.parts or label.other is not None):
        return False
    numbers = _numbers(cells.to_pylist())
    if numbers is None or len(numbers) < 2:
        return False
    if column.header and plain(column.header) in _NAMES:
        return _share(numbers, rising=True)
    return len(numbers) >= _FEWEST and _share(numbers, rising=False)


def _numbers(cells: Sequence[str | None]) -> list[int] | None:
    """The filled cells as whole numbers; None if they are not nearly all of them some."""
    filled = [cell.strip() for cell in cells if cell and cell.strip()]
    found = [int(cell.partition(".")[0]) for cell in filled if _NUMBER.fullmatch(cell)]
    return found if len(found) * 20 >= len(filled) * 19 else None


def _share(numbers: list[int], *, rising: bool) -> bool:
    """Whether nearly every number follows the one before it: by one, or (``rising``) above it."""
    pairs = list(pairwise(numbers))
    follow = sum(b > a if rising else b == a + 1 for a, b in pairs)
    return follow * 10 >= len(pairs) * 9
