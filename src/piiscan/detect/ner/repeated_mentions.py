"""Names that a text says again: found surely in one place, they are found in its others.

Only within one text: what is found in it must not depend on the texts beside it in a batch.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from piiscan.arrays import Float64, Int8, Int64, UInt32
from piiscan.detect.ner.model.tagger import ORGANIZATION, PERSON
from piiscan.jit import allocating, kernel

#: How many characters begin every name that is looked for again, and tell it from others.
_HEAD: Final = 3
#: Characters and score from which a name is sure enough, by kind.
_LEAST: Final = {PERSON: (3, 0.85), ORGANIZATION: (4, 0.7)}


def said_again(
    codes: UInt32, offsets: Int64, held: tuple[Int64, Int64, Int8, Float64]
) -> Iterator[tuple[int, int, float, int]]:
    """Begin, end, score and kind of names that are held, where they stand once more.

    ``held`` are begin, end, kind and score of spans in order; where one of them stands nothing is
    looked for.
    """
    begin, stop, kind, score = held
    sure = np.zeros(len(begin), np.bool_)
    for which, (least, score_least) in _LEAST.items():
        sure |= (kind == which) & (stop - begin >= least) & (score >= score_least)
    rows = np.flatnonzero(sure)
    text = np.searchsorted(offsets, begin[rows], "right") - 1
    # Where a name is all that a text has, as in a cell, it stands there once.
    rows = rows[offsets[text + 1] - offsets[text] >= 2 * (stop[rows] - begin[rows])]
    if not len(rows):
        return
    starts, names = np.empty(len(codes), np.int64), np.empty(len(codes), np.int64)
    count = _look(codes, offsets, begin, stop, rows, starts, names)
    for start, name in zip(starts[:count].tolist(), names[:count].tolist(), strict=True):
        end = start + int(stop[name] - begin[name])
        yield start, end, float(score[name]), int(kind[name])


@kernel
def _look(
    codes: UInt32,
    offsets: Int64,
    begin: Int64,
    stop: Int64,
    rows: Int64,
    starts: Int64,
    names: Int64,
) -> int:  # pragma: no cover - compiled
    """Fill where a name of ``rows`` stands between the spans of its text, and which; how many.

    Of several names that begin with the same characters the first is looked for, so that no text
    costs more than its length.
    """
    count = 0
    at = 0
    span = 0
    while at < len(rows):
        text = np.searchsorted(offsets, begin[rows[at]], "right") - 1
        end = offsets[text + 1]
        last = at
        while last < len(rows) and begin[rows[last]] < end:
            last += 1
        table = _table(codes, begin, rows[at:last])
        place = offsets[text]
        while place + _HEAD <= end:
            while span < len(begin) and stop[span] <= place:
                span += 1
            if span < len(begin) and begin[span] <= place:
                place = stop[span]
                continue
            room = min(end, begin[span]) if span < len(begin) else end
            name = table[_slot(codes, begin, table, place)]
            length = stop[name] - begin[name] if name >= 0 else 0
            if name >= 0 and place + length <= room and _same(codes, begin[name], place, length):
                starts[count] = place
                names[count] = name
                count += 1
                place += length
            else:
                place += 1
        at = last
    return count


@allocating
def _table(codes: UInt32, begin: Int64, rows: Int64) -> Int64:  # pragma: no cover - compiled
    """The rows by what their names begin with."""
    size = 4
    while size < 2 * len(rows):
        size *= 2
    table = np.full(size, -1, np.int64)
    for row in rows:
        slot = _slot(codes, begin, table, begin[row])
        if table[slot] < 0:
            table[slot] = row
    return table


@kernel
def _slot(
    codes: UInt32, begin: Int64, table: Int64, place: int
) -> int:  # pragma: no cover - compiled
    """Where the table has a name that begins as the text does at ``place``, or room for one."""
    mixed = np.uint64(0)
    for each in range(_HEAD):
        mixed = (mixed ^ np.uint64(codes[place + each])) * np.uint64(0x9E3779B97F4A7C15)
    slot = np.int64((mixed >> np.uint64(40)) & np.uint64(len(table) - 1))
    while table[slot] >= 0 and not _same(codes, begin[table[slot]], place, _HEAD):
        slot = (slot + 1) & (len(table) - 1)
    return slot  # type: ignore[return-value]


@kernel
def _same(codes: UInt32, one: int, other: int, length: int) -> bool:  # pragma: no cover - compiled
    each = 0
    while each < length and codes[one + each] == codes[other + each]:
        each += 1
    return each == length
