"""Flags of a record's holder: conflicts with his identity number, and persons under fourteen.

A conflict is an identity number that contradicts the sex, birth, age or province columns.  Both are
hints for people (PIPL art. 28): no row is left out because of them, and no rule of thresholds has a
line for them.  The columns are chosen once for a table (:mod:`piiscan.tabular.holder_traits`).
The day on which a person turns fourteen is stored too, under the key of the case, for counts that
know the day of a transfer.
``430104190506150016 | 女 -> SEX_CONFLICT``; ``出生日期 2015-06-01`` on 2026-01-01 ``-> birth``
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import AnyArray, Bool, Int64, UInt64
from piiscan.arrow_strings import string_buffers
from piiscan.case.scan.block.records import DigestSlots
from piiscan.case.scan.scan_kernels import read_births
from piiscan.detect.attributes.identity_numbers import describe_resident
from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.transaction_terms import normalize_word
from piiscan.hashing.digest import cover_numbers
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


#: Years of age below which a person is a child.
AGE: Final = 14
#: Grounds in the order of their bits.
GROUNDS: Final = ("identity", "birth", "age")
#: First day on which an act can fall under the law (刑法修正案（七）). Who was fourteen before is
#: under fourteen on no day that matters.
_FIRST_DAY: Final = np.datetime64("2009-02-28")
#: First day of birth that matters then, as digits.
_FIRST_BIRTH: Final = 19950228
_IDENTITY: Final = "CN_RESIDENT_ID"


def find_minors(
    columns: Sequence[pa.Array],
    traits: Sequence[tuple[int, int, HolderTrait]],
    hits: Hits,
    *,
    books: CodeBooks,
    digest_slots: DigestSlots,
    groups: Sequence[int],
    as_of: datetime.date,
) -> tuple[pa.Array, UInt64]:
    """Return the column ``under_14``, grounds per record (``identity+birth``), and birthdays.

    The birthdays (``uint64[records]``) are days since 1970 on which the youngest person of a record
    turns fourteen: by identity number in the lower half, by birth column in the upper, 0 for none.
    On that day a person is still under fourteen (法释〔2006〕1号 art. 2, by analogy).

    Args:
        columns: cells of the block, by column.
        traits: number, group and trait of each trait column.
        hits: findings of the block.
        books: their code books.
        digest_slots: record of each row and group.
        groups: group of each column.
        as_of: day on which the age is taken.
    """
    flags = np.zeros(digest_slots.count, np.int64)
    birthdays = np.zeros((digest_slots.count, 2), np.uint32)
    refuted = books.verdict.codes.get("refuted", -2)
    entity = books.entity.codes.get(_IDENTITY, -2)
    found = np.flatnonzero((hits.entity == entity) & (hits.verdict != refuted))

    def note(slots: Int64, born: AnyArray, ground: int) -> None:
        """Note the births (``datetime64[D]``) of the record slots ``slots``; -1 is ignored."""
        turned = turn_fourteen(born)
        near = (slots >= 0) & (turned >= _FIRST_DAY) & (born <= np.datetime64(as_of))
        slots, turned = slots[near], turned[near]
        np.maximum.at(birthdays[:, ground], slots, turned.astype(np.int64).astype(np.uint32))
        _set(flags, slots[turned >= np.datetime64(as_of)], ground)

    if len(found):
        offsets, data = string_buffers(hits.value)
        days = np.empty(len(found), np.int64)
        read_births(offsets.astype(np.int64), data, found, days)
        real = (days >= _FIRST_BIRTH) & (days % 10_000 // 100 - 1 < 12) & (days % 10_000 >= 101)
        found, days = found[real], days[real]
        months = (days // 10_000 - 1970) * 12 + days // 100 % 100 - 1
        born = months.astype("datetime64[M]").astype("datetime64[D]") + (days % 100 - 1)
        note(digest_slots.slots[hits.record[found], np.take(groups, hits.column[found])], born, 0)
    for number, group, trait in traits:
        if trait.kind == "age":
            ages = read_ages(columns[number])  # an age of 0 is mostly an empty field
            young = np.flatnonzero((ages > 0) & (ages < AGE))
            _set(flags, digest_slots.slots[young, group], GROUNDS.index("age"))
        elif trait.kind == "birth":
            seconds = parse_times(cell_texts(columns[number]))
            known = np.flatnonzero(seconds != NONE)
            born = (seconds[known] // _DAY).astype("datetime64[D]")
            note(digest_slots.slots[known, group], born, GROUNDS.index("birth"))
    grounds = name_flags(flags, GROUNDS, RECORDS.field("under_14").type)
    return grounds, birthdays.view(np.uint64)[:, 0]


def turn_fourteen(born: AnyArray) -> AnyArray:
    """Return the fourteenth birthdays of births, both ``datetime64[D]``.

    A birth on 29 February has it on the 28th, the last day of the month (民法典 art. 204).

    >>> turn_fourteen(np.array(["2010-05-31", "2012-02-29"], "datetime64[D]")).tolist()
    [datetime.date(2024, 5, 31), datetime.date(2026, 2, 28)]
    """
    months = born.astype("datetime64[M]")
    turned = months + 12 * AGE
    last = (turned + 1).astype("datetime64[D]") - 1
    days = turned.astype("datetime64[D]") + (born - months.astype("datetime64[D]"))
    return np.asarray(np.minimum(days, last))


def cover_birthdays(birthdays: UInt64, row_digests: pa.Array, key: bytes) -> pa.Array:
    """Return the column ``birthdays`` of RECORDS: covered numbers, null for 0.

    Args:
        birthdays: as ``find_minors`` returns them.
        row_digests: digest of each record's row (``binary(16)``).
        key: key of the case.
    """
    known = np.flatnonzero(birthdays)
    covered = np.zeros(len(birthdays), np.uint64)
    if len(known):
        covered[known] = cover_numbers(birthdays[known], row_digests.take(known), key=key)
    return pa.array(covered, mask=birthdays == 0)


def _set(flags: Int64, slots: Int64, bit: int) -> None:
    """Set ``bit`` in ``flags`` of the record slots ``slots``; -1 is ignored."""
    np.bitwise_or.at(flags, slots[slots >= 0], 1 << bit)


def name_flags(flags: Int64, names: Sequence[str], type_: pa.DictionaryType) -> pa.Array:
    """Return the names of the bits set in each of ``flags``, joined by ``+``, null for none.

    ``names``: name of each bit, from the lowest.  ``type_``: type of the column returned.

    >>> name_flags(np.array([5, 0]), ("a", "b", "c"), pa.dictionary(pa.int8(), pa.string()))[0]
    <pyarrow.DictionaryScalar: 'a+c'>
    """
    if not flags.any():
        return pa.nulls(len(flags), type_)
    sets, set_of_record = np.unique(flags, return_inverse=True)
    words = [
        "+".join(name for bit, name in enumerate(names) if mask >> bit & 1)
        for mask in sets.tolist()
    ]
    filled = [word for word in words if word]
    word_index = np.array([filled.index(word) if word else -1 for word in words], np.int64)
    numbers = word_index[set_of_record]
    indices = pa.array(numbers, mask=numbers < 0).cast(type_.index_type)
    return pa.DictionaryArray.from_arrays(indices, pa.array(filled, pa.string()))
