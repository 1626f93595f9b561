"""Conflicts: rows whose identity number contradicts the sex, birth, age or province columns.

A conflict is a hint for people; no row is left out because of it.  The columns are chosen once for
a table (:mod:`piiscan.tabular.holder_traits`).
``430104190506150016 | 女 -> SEX_CONFLICT``
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import AnyArray, Bool
from piiscan.case.scan.block.flag_words import name_flags
from piiscan.case.scan.block.row_digests import DigestSlots
from piiscan.detect.attributes.identity_numbers import describe_resident
from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.transaction_terms import normalize_word
from piiscan.parsing.times import NONE, parse_times
from piiscan.schemas import RECORDS
from piiscan.tabular.hits import CodeBooks, Hits
from piiscan.tabular.holder_traits import (
    RESIDENT_ID,
    TRAIT_KINDS,
    cell_texts,
    day_number,
    read_ages,
    read_distinct,
    read_provinces,
)
from piiscan.tabular.layout import HolderTrait

#: Conflict of a difference, in the order of TRAIT_KINDS.
_CONFLICTS: Final = ("SEX_CONFLICT", "BIRTH_CONFLICT", "AGE_CONFLICT", "REGION_CONFLICT")
#: Years by which ages of one list may differ: 虚岁 (age by lunar year), a birthday in between.
_AGE_TOLERANCE: Final = 2
_DAY: Final = 86_400


def build_conflicts(
    columns: Sequence[pa.Array],
    traits: Sequence[tuple[int, int, HolderTrait]],
    hits: Hits,
    *,
    books: CodeBooks,
    digest_slots: DigestSlots,
    catalog: Catalog,
    as_of: datetime.date,
) -> pa.Array:
    """Return the column ``doubts``, the conflicts per record: ``SEX_CONFLICT+AGE_CONFLICT``.

    Args:
        columns: cells of the block, by column.
        traits: number, group and trait of each trait column.
        hits: findings of the block.
        books: their code books.
        digest_slots: record of each row and group.
        catalog: words for the sexes.
        as_of: day on which ages are computed.
    """
    if not traits:
        return pa.nulls(digest_slots.count, RECORDS.field("doubts").type)
    flags = np.zeros(digest_slots.count, np.int64)
    refuted = books.verdict.codes.get("refuted", -2)
    is_identity = hits.recognizer == books.recognizer.codes.get(RESIDENT_ID, -2)
    found = np.flatnonzero(is_identity & (hits.verdict != refuted))
    derived = describe_resident(
        hits.value.take(pa.array(found)), RESIDENT_ID, as_of=day_number(as_of)
    )
    rows = hits.record[found]
    for number, group, trait in traits:
        slot = digest_slots.slots[rows, group]
        differs = _find_differences(columns[number].take(pa.array(rows)), trait, derived, catalog)
        first = np.zeros(len(found), np.bool_)  # the first identity number of a row is its holder's
        first[np.unique(slot, return_index=True)[1]] = True
        flags[slot[differs & first & (slot >= 0)]] |= 1 << TRAIT_KINDS.index(trait.kind)
    return name_flags(flags, _CONFLICTS, RECORDS.field("doubts").type)


def _find_differences(
    cells: pa.Array, trait: HolderTrait, derived: dict[str, Any], catalog: Catalog
) -> Bool:
    """Return True per cell that contradicts the identity number of its row in ``trait``.

    ``derived``: attributes of the identity numbers, name -> Arrow array, one entry per cell.
    """
    if trait.kind == "sex":
        stated = _read_sexes(cells, catalog)
        actual = derived["sex"].fill_null("").to_numpy(zero_copy_only=False)
        return np.asarray((stated != "") & (actual != "") & (stated != actual))
    if trait.kind == "birth":
        days = parse_times(cell_texts(cells))
        iso = parse_times(derived["birth_date"].fill_null(""))
        return np.asarray((days != NONE) & (iso != NONE) & (days // _DAY != iso // _DAY))
    if trait.kind == "age":
        ages = read_ages(cells)
        actual = derived["age"].fill_null(-1).to_numpy(zero_copy_only=False)
        list_age = actual - ages
        off = (
            list_age < -1
            if trait.list_age is None
            else np.abs(list_age - trait.list_age) > _AGE_TOLERANCE
        )
        return np.asarray((ages >= 0) & (actual >= 0) & off)
    known, equal = read_provinces(cells, derived)
    return known & ~equal


def _read_sexes(cells: pa.Array, catalog: Catalog) -> AnyArray:
    """Return ``male``, ``female`` or "" for each cell: ``女 -> female``, ``未知 -> ""``."""
    listed = catalog.vocabulary.get("sexes", {})
    known = {normalize_word(str(word)): sex for sex, words in listed.items() for word in words}
    return read_distinct(cells, lambda text: known.get(normalize_word(text), ""), "", object)
