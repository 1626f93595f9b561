"""What in a row speaks against itself: its identity number against sex, birth, age and province.

Doubts are for people to look at; nothing is left out because of them.  Which columns are meant is
decided once for a table: ages are of the day the list was made, so the difference that most rows
of the sample have is the list's age; a province counts only where nearly all rows of the sample
agree, as where someone lives is not where his number was given out.
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
from piiscan.case.scan.block.row_digests import Wanted
from piiscan.detect.address.parser import find_provinces
from piiscan.detect.attributes.identity_numbers import describe_resident
from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.headers import plain
from piiscan.detect.catalog.transaction_terms import as_compared
from piiscan.detect.columns.column_types import ColumnType
from piiscan.parsing.times import NONE, read_times
from piiscan.schemas import RECORDS
from piiscan.tabular.hits import Hits, Lexicons
from piiscan.tabular.layout import Trait

#: Kinds of columns, and the doubt that a difference raises; in the order of their names.
KINDS: Final = ("sex", "birth", "age", "province")
_DOUBTS: Final = ("SEX_CONFLICT", "BIRTH_CONFLICT", "AGE_CONFLICT", "REGION_CONFLICT")
_ID: Final = "cn.resident_id"
_AGE: Final = re.compile(r"([0-9]{1,3})(?:\.0)?(?:周?岁)?")
#: Years by which ages of one list may differ: 虚岁, and a birthday in between.
_YEARS: Final = 2
_FEWEST: Final = 5
_DAY: Final = 86_400


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
            if _ID in column.recognizers and groups[at] == groups[number]
        ]
        if kind is not None and ids:
            told = describe_resident(_texts(cells[ids[0]]), _ID, as_of=_number(as_of))
            found[number] = _trait(kind, cells[number], told)
    return found


def _kind(catalog: Catalog, column: ColumnType) -> str | None:
    names = catalog.vocabulary.get("doubt_columns", {}).get("province", ())
    if column.header and plain(column.header) in {plain(name) for name in names}:
        return "province"
    other = column.label.other if column.label is not None else None
    return other if other in KINDS else None


def _texts(cells: pa.Array) -> pa.Array:
    return cells.cast(pa.string()).fill_null("")


def _trait(kind: str, cells: pa.Array, told: dict[str, Any]) -> Trait | None:
    if kind == "age":
        ages = _ages(cells)
        true = told["age"].fill_null(-1).to_numpy(zero_copy_only=False)
        both = (true >= 0) & (ages >= 0)
        since = (true - ages)[both].tolist()
        return Trait(kind, median_low(since) if len(since) >= _FEWEST else None)
    if kind == "province":
        known, equal = _provinces(cells, told)
        agree = int((known & equal).sum())
        return Trait(kind) if known.sum() >= _FEWEST and agree * 5 >= known.sum() * 4 else None
    return Trait(kind)


def tell_doubts(
    columns: Sequence[pa.Array],
    traits: Sequence[tuple[int, int, Trait]],
    hits: Hits,
    *,
    words: Lexicons,
    wanted: Wanted,
    catalog: Catalog,
    as_of: datetime.date,
) -> pa.Array:
    """The column ``doubts`` of the records that are ``wanted``.

    ``traits``: number, group and trait of columns.
    """
    if not traits:
        return pa.nulls(wanted.count, RECORDS.field("doubts").type)
    flags = np.zeros(wanted.count, np.int64)
    refuted = words.verdict.numbers.get("refuted", -2)
    mine = hits.recognizer == words.recognizer.numbers.get(_ID, -2)
    own = np.flatnonzero(mine & (hits.verdict != refuted))
    told = describe_resident(hits.value.take(pa.array(own)), _ID, as_of=_number(as_of))
    rows = hits.record[own]
    for number, group, trait in traits:
        slot = wanted.slots[rows, group]
        wrong = _differs(columns[number].take(pa.array(rows)), trait, told, catalog)
        first = np.zeros(len(own), np.bool_)  # the first number of a row is its holder's
        first[np.unique(slot, return_index=True)[1]] = True
        flags[slot[wrong & first & (slot >= 0)]] |= 1 << KINDS.index(trait.kind)
    return _words(flags)


def _differs(cells: pa.Array, trait: Trait, told: dict[str, Any], catalog: Catalog) -> Bool:
    if trait.kind == "sex":
        said = _sexes(cells, catalog)
        true = told["sex"].fill_null("").to_numpy(zero_copy_only=False)
        return np.asarray((said != "") & (true != "") & (said != true))
    if trait.kind == "birth":
        days = read_times(_texts(cells))
        iso = read_times(told["birth_date"].fill_null(""))
        return np.asarray((days != NONE) & (iso != NONE) & (days // _DAY != iso // _DAY))
    if trait.kind == "age":
        ages = _ages(cells)
        true = told["age"].fill_null(-1).to_numpy(zero_copy_only=False)
        since = true - ages
        off = since < -1 if trait.since is None else np.abs(since - trait.since) > _YEARS
        return np.asarray((ages >= 0) & (true >= 0) & off)
    known, equal = _provinces(cells, told)
    return known & ~equal


def _each(cells: pa.Array, read: Any, none: Any, type_: Any) -> AnyArray:
    """``read`` of each cell, once for each distinct one."""
    encoded = _texts(cells).dictionary_encode()
    table = np.array([*map(read, encoded.dictionary.to_pylist()), none], type_)
    return np.asarray(table[encoded.indices.to_numpy(zero_copy_only=False)])


def _sexes(cells: pa.Array, catalog: Catalog) -> AnyArray:
    listed = catalog.vocabulary.get("sexes", {})
    known = {as_compared(str(word)): sex for sex, words in listed.items() for word in words}
    return _each(cells, lambda text: known.get(as_compared(text), ""), "", object)


def _ages(cells: pa.Array) -> Int64:
    def read(text: str) -> int:
        found = _AGE.fullmatch(as_compared(text))
        return int(found[1]) if found and int(found[1]) <= 120 else -1

    return _each(cells, read, -1, np.int64)


def _provinces(cells: pa.Array, told: dict[str, Any]) -> tuple[Bool, Bool]:
    """Where both the cell and the number name a province, and where it is the same."""
    said = find_provinces(_texts(cells)).fill_null("").to_numpy(zero_copy_only=False)
    true = told["province"].fill_null("").to_numpy(zero_copy_only=False)
    return np.asarray((said != "") & (true != "")), np.asarray(said == true)


def _words(flags: Int64) -> pa.Array:
    """The names of the doubts of each record, null where there are none."""
    type_ = RECORDS.field("doubts").type
    sets, which = np.unique(flags, return_inverse=True)
    names = [
        "+".join(name for bit, name in enumerate(_DOUBTS) if mask >> bit & 1)
        for mask in sets.tolist()
    ]
    filled = [name for name in names if name]
    place = np.array([filled.index(name) if name else -1 for name in names] or [-1], np.int64)
    numbers = place[which] if len(flags) else np.zeros(0, np.int64)
    indices = pa.array(numbers, mask=numbers < 0).cast(type_.index_type)
    return pa.DictionaryArray.from_arrays(indices, pa.array(filled, pa.string()))


def _number(day: datetime.date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day
