"""Holder traits: columns that describe the holder of the identity number in the same row.

They are sex, birth, age and province, and are compared with the number later.  Ages refer to the
day of the list; the most common difference in the sample is the age of the list.  A province
column counts only if most rows of the sample agree, since many people live in another province.
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
from piiscan.detect.catalog.headers import normalize_header
from piiscan.detect.catalog.transaction_terms import normalize_word
from piiscan.detect.columns.column_types import ColumnType
from piiscan.tabular.layout import HolderTrait

#: Kinds of traits, in the order of their conflicts (SEX_CONFLICT, BIRTH_CONFLICT, …).
TRAIT_KINDS: Final = ("sex", "birth", "age", "province")
RESIDENT_ID: Final = "cn.resident_id"
_AGE: Final = re.compile(r"([0-9]{1,3})(?:\.0)?(?:周?岁)?")
_MIN_ROWS: Final = 5


def find_traits(
    catalog: Catalog,
    types: Sequence[ColumnType],
    cells: Sequence[pa.Array],
    groups: Sequence[int],
    *,
    as_of: datetime.date,
) -> list[HolderTrait | None]:
    """Return for each column the trait (sex, age, province) it gives of the ID holder, or None.

    Births and ages are traits without an identity number as well: they state who is a child.

    Args:
        catalog: vocabulary of headers and words.
        types: inferred column types.
        cells: cells of the table's sample, by column.
        groups: group of side-by-side tables of each column.
        as_of: day on which ages are computed.
    """
    kinds = [_trait_kind(catalog, column) for column in types]
    found: list[HolderTrait | None] = [None] * len(types)
    for number, kind in enumerate(kinds):
        ids = [
            at
            for at, column in enumerate(types)
            if RESIDENT_ID in column.recognizers and groups[at] == groups[number]
        ]
        if kind is not None and ids:
            derived = describe_resident(
                cell_texts(cells[ids[0]]), RESIDENT_ID, as_of=day_number(as_of)
            )
            found[number] = _trait(kind, cells[number], derived)
        elif kind in ("birth", "age"):
            found[number] = HolderTrait(kind)
    return found


def _trait_kind(catalog: Catalog, column: ColumnType) -> str | None:
    """Return the trait that a column's header names: ``性别 -> sex``; None for others."""
    names = catalog.vocabulary.get("doubt_columns", {}).get("province", ())
    if column.header and normalize_header(column.header) in {
        normalize_header(name) for name in names
    }:
        return "province"
    other = column.label.other if column.label is not None else None
    return other if other in TRAIT_KINDS else None


def _trait(kind: str, cells: pa.Array, derived: dict[str, Any]) -> HolderTrait | None:
    """Build the trait ``kind`` of a column; None if its provinces disagree with the ID numbers.

    For ``age`` add the age of the list, None if too few rows have both.  For ``province`` return
    None if fewer than four fifths of the rows agree.
    """
    if kind == "age":
        ages = read_ages(cells)
        actual = derived["age"].fill_null(-1).to_numpy(zero_copy_only=False)
        have_both = (actual >= 0) & (ages >= 0)
        list_ages = (actual - ages)[have_both].tolist()
        return HolderTrait(kind, median_low(list_ages) if len(list_ages) >= _MIN_ROWS else None)
    if kind == "province":
        known, equal = read_provinces(cells, derived)
        agree = int((known & equal).sum())
        return (
            HolderTrait(kind) if known.sum() >= _MIN_ROWS and agree * 5 >= known.sum() * 4 else None
        )
    return HolderTrait(kind)


def cell_texts(cells: pa.Array) -> pa.Array:
    """Return cells as strings, empty for null."""
    return cells.cast(pa.string()).fill_null("")


def read_distinct(cells: pa.Array, parse: Any, null_value: Any, type_: Any) -> AnyArray:
    """Apply ``parse`` to each distinct cell text; return its result per cell.

    ``null_value``: result for null; ``type_``: of the array.

    ``null_value`` is the entry of the numpy array, of ``type_``, that no cell uses.
    """
    encoded = cell_texts(cells).dictionary_encode()
    table = np.array([*map(parse, encoded.dictionary.to_pylist()), null_value], type_)
    return np.asarray(table[encoded.indices.to_numpy(zero_copy_only=False)])


def read_ages(cells: pa.Array) -> Int64:
    """Parse ages in years: ``35岁 -> 35``, -1 for others (``int64[n]``)."""

    def read(text: str) -> int:
        found = _AGE.fullmatch(normalize_word(text))
        return int(found[1]) if found and int(found[1]) <= 120 else -1

    return read_distinct(cells, read, -1, np.int64)


def read_provinces(cells: pa.Array, derived: dict[str, Any]) -> tuple[Bool, Bool]:
    """Compare the provinces in ``cells`` with those of the identity numbers in ``derived``.

    Return two masks: rows in which both have a province, and rows in which both are equal.
    """
    stated = find_provinces(cell_texts(cells)).fill_null("").to_numpy(zero_copy_only=False)
    actual = derived["province"].fill_null("").to_numpy(zero_copy_only=False)
    return np.asarray((stated != "") & (actual != "")), np.asarray(stated == actual)


def day_number(day: datetime.date) -> int:
    """Return the day as a number: ``2026-01-31 -> 20260131``."""
    return day.year * 10_000 + day.month * 100 + day.day
