"""Persons under fourteen: records whose identity number, birth column or age column states it.

It is a fact for a person to weigh (PIPL art. 28); no rule of thresholds has a line for it.
``出生日期 2015-06-01`` on 2026-01-01 ``-> birth``; ``年龄 9 -> age``
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import Bool, Int64
from piiscan.arrow_strings import string_buffers
from piiscan.case.scan.block.flag_words import name_flags
from piiscan.case.scan.block.row_digests import DigestSlots
from piiscan.case.scan.scan_kernels import read_births
from piiscan.parsing.times import NONE, parse_times
from piiscan.schemas import RECORDS
from piiscan.tabular.hits import CodeBooks, Hits
from piiscan.tabular.holder_traits import cell_texts, day_number, read_ages
from piiscan.tabular.layout import HolderTrait

#: Years of age below which a person is a child.
AGE: Final = 14
#: Grounds in the order of their bits.
GROUNDS: Final = ("identity", "birth", "age")
_IDENTITY: Final = "CN_RESIDENT_ID"
_DAY: Final = 86_400


def find_minors(
    columns: Sequence[pa.Array],
    traits: Sequence[tuple[int, int, HolderTrait]],
    hits: Hits,
    *,
    books: CodeBooks,
    digest_slots: DigestSlots,
    groups: Sequence[int],
    as_of: datetime.date,
) -> pa.Array:
    """Return the column ``under_14``: the grounds per record, ``identity+birth``; null for none.

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
    latest = day_number(as_of)
    cutoff = latest - AGE * 10_000  # who was born on this day is fourteen
    refuted = books.verdict.codes.get("refuted", -2)
    entity = books.entity.codes.get(_IDENTITY, -2)
    found = np.flatnonzero((hits.entity == entity) & (hits.verdict != refuted))
    if len(found):
        born = _birth_days(hits.value, found)
        found = found[(born > cutoff) & (born <= latest)]
        _set(flags, digest_slots.slots[hits.record[found], np.take(groups, hits.column[found])], 0)
    for number, group, trait in traits:
        if trait.kind in ("birth", "age"):
            young = _young_rows(columns[number], trait.kind, cutoff, latest)
            _set(flags, digest_slots.slots[young, group], GROUNDS.index(trait.kind))
    return name_flags(flags, GROUNDS, RECORDS.field("under_14").type)


def _birth_days(values: pa.Array, chosen: Int64) -> Int64:
    """Return the birth days in identity numbers as ``20260131``, -1 for unusual numbers."""
    offsets, data = string_buffers(values)
    days = np.empty(len(chosen), np.int64)
    read_births(offsets.astype(np.int64), data, chosen, days)
    return days


def _young_rows(cells: pa.Array, kind: str, cutoff: int, latest: int) -> Int64:
    """Return the rows whose cell is a birth after ``cutoff``, or an age of 1 to 13 years.

    An age of 0 is mostly an empty field.
    """
    if kind == "age":
        ages = read_ages(cells)
        return np.flatnonzero((ages > 0) & (ages < AGE))
    seconds = parse_times(cell_texts(cells))
    known: Bool = seconds != NONE
    days = np.where(known, seconds // _DAY, 0).astype("datetime64[D]")
    first, last = (_day(number) for number in (cutoff, latest))
    return np.flatnonzero(known & (days > first) & (days <= last))


def _day(number: int) -> np.datetime64:
    """Return the day of a number: ``20260131 -> 2026-01-31``; 29 February becomes the 28th."""
    year, month, day = number // 10_000, number // 100 % 100, number % 100
    if (month, day) == (2, 29):
        day = 28
    return np.datetime64(f"{year:04d}-{month:02d}-{day:02d}")


def _set(flags: Int64, slots: Int64, bit: int) -> None:
    """Set ``bit`` in ``flags`` of the record slots ``slots``; -1 is ignored."""
    np.bitwise_or.at(flags, slots[slots >= 0], 1 << bit)
