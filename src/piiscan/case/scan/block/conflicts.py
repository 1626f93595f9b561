"""What in a row speaks against itself: its identity number against sex, birth, age and province.

Doubts are for people to look at; nothing is left out because of them.  The columns are chosen once
for a table (``tabular.holder_traits``).
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import AnyArray, Bool, Int64
from piiscan.case.scan.block.row_digests import Wanted
from piiscan.detect.attributes.identity_numbers import describe_resident
from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.transaction_terms import as_compared
from piiscan.parsing.times import NONE, read_times
from piiscan.schemas import RECORDS
from piiscan.tabular.hits import Hits, Lexicons
from piiscan.tabular.holder_traits import (
    KINDS,
    RESIDENT_ID,
    cell_texts,
    day_number,
    read_ages,
    read_each,
    read_provinces,
)
from piiscan.tabular.layout import Trait

#: The doubt that a difference raises, in the order of KINDS.
_DOUBTS: Final = ("SEX_CONFLICT", "BIRTH_CONFLICT", "AGE_CONFLICT", "REGION_CONFLICT")
#: Years by which ages of one list may differ: 虚岁, and a birthday in between.
_YEARS: Final = 2
_DAY: Final = 86_400


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
    mine = hits.recognizer == words.recognizer.numbers.get(RESIDENT_ID, -2)
    own = np.flatnonzero(mine & (hits.verdict != refuted))
    told = describe_resident(hits.value.take(pa.array(own)), RESIDENT_ID, as_of=day_number(as_of))
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
        days = read_times(cell_texts(cells))
        iso = read_times(told["birth_date"].fill_null(""))
        return np.asarray((days != NONE) & (iso != NONE) & (days // _DAY != iso // _DAY))
    if trait.kind == "age":
        ages = read_ages(cells)
        true = told["age"].fill_null(-1).to_numpy(zero_copy_only=False)
        since = true - ages
        off = since < -1 if trait.since is None else np.abs(since - trait.since) > _YEARS
        return np.asarray((ages >= 0) & (true >= 0) & off)
    known, equal = read_provinces(cells, told)
    return known & ~equal


def _sexes(cells: pa.Array, catalog: Catalog) -> AnyArray:
    listed = catalog.vocabulary.get("sexes", {})
    known = {as_compared(str(word)): sex for sex, words in listed.items() for word in words}
    return read_each(cells, lambda text: known.get(as_compared(text), ""), "", object)


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
