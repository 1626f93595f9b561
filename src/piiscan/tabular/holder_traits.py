"""Holder traits: columns that describe the holder of the row's identity number.

Sex, birth, age and province.  Ages are of the day the list was made, so the difference that most
rows of the sample have is the list's age; a province counts only where nearly all rows of the
sample agree, as people often live elsewhere than where their number was issued.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from statistics import median_low
from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import AnyArray, Bool, Int64
from piiscan.detect.address.parser import find_provinces
from piiscan.detect.attributes.identity_numbers import describe_resident
from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.headers import plain
from piiscan.detect.catalog.transaction_terms import as_compared
from piiscan.detect.columns.column_types import ColumnType
from piiscan.tabular.layout import Trait

#: Kinds of columns, in the order of the conflicts that they can raise.
KINDS: Final = ("sex", "birth", "age", "province")
RESIDENT_ID: Final = "cn.resident_id"
_AGE: Final = re.compile(r"([0-9]{1,3})(?:\.0)?(?:周?岁)?")
_FEWEST: Final = 5


def traits_of(
    catalog: Catalog,
    types: Sequence[ColumnType],
    cells: Sequence[pa.Array],
    groups: Sequence[int],
    *,
    as_of: datetime.date,
) -> list[Trait | None]:
    """The trait of each column, None for most; ``cells`` are those of the table's sample."""
    kinds = [_kind(catalog, column) for column in types]
    found: list[Trait | None] = [None] * len(types)
    for number, kind in enumerate(kinds):
        ids = [
            at
            for at, column in enumerate(types)
            if RESIDENT_ID in column.recognizers and groups[at] == groups[number]
        ]
        if kind is not None and ids:
            told = describe_resident(
                cell_texts(cells[ids[0]]), RESIDENT_ID, as_of=day_number(as_of)
            )
            found[number] = _trait(kind, cells[number], told)
    return found


def _kind(catalog: Catalog, column: ColumnType) -> str | None:
    names = catalog.vocabulary.get("doubt_columns", {}).get("province", ())
    if column.header and plain(column.header) in {plain(name) for name in names}:
        return "province"
    other = column.label.other if column.label is not None else None
    return other if other in KINDS else None


def _trait(kind: str, cells: pa.Array, told: dict[str, Any]) -> Trait | None:
    if kind == "age":
        ages = read_ages(cells)
        true = told["age"].fill_null(-1).to_numpy(zero_copy_only=False)
        both = (true >= 0) & (ages >= 0)
        since = (true - ages)[both].tolist()
        return Trait(kind, median_low(since) if len(since) >= _FEWEST else None)
    if kind == "province":
        known, equal = read_provinces(cells, told)
        agree = int((known & equal).sum())
        return Trait(kind) if known.sum() >= _FEWEST and agree * 5 >= known.sum() * 4 else None
    return Trait(kind)


def cell_texts(cells: pa.Array) -> pa.Array:
    """Return cells as strings, empty for null."""
    return cells.cast(pa.string()).fill_null("")


def read_each(cells: pa.Array, read: Any, none: Any, type_: Any) -> AnyArray:
    """``read`` of each cell, once for each distinct one."""
    encoded = cell_texts(cells).dictionary_encode()
    table = np.array([*map(read, encoded.dictionary.to_pylist()), none], type_)
    return np.asarray(table[encoded.indices.to_numpy(zero_copy_only=False)])


def read_ages(cells: pa.Array) -> Int64:
    """Return the ages in ``cells`` as years, -1 for none: ``35岁 -> 35``."""

    def read(text: str) -> int:
        found = _AGE.fullmatch(as_compared(text))
        return int(found[1]) if found and int(found[1]) <= 120 else -1

    return read_each(cells, read, -1, np.int64)


def read_provinces(cells: pa.Array, told: dict[str, Any]) -> tuple[Bool, Bool]:
    """Where both the cell and the number name a province, and where it is the same."""
    said = find_provinces(cell_texts(cells)).fill_null("").to_numpy(zero_copy_only=False)
    true = told["province"].fill_null("").to_numpy(zero_copy_only=False)
    return np.asarray((said != "") & (true != "")), np.asarray(said == true)


def day_number(day: datetime.date) -> int:
    """Return the day as a number: ``2026-01-31 -> 20260131``."""
    return day.year * 10_000 + day.month * 100 + day.day
