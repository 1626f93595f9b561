"""Repeated mentions: other places in a text with a name that the model found there once.

``王建国…后来王建国`` -> the second mention too.  The search stays within one text, so that results
do not depend on the other texts of a batch.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Float64, Int8, Int64, UInt32
from piiscan.detect.ner.model.tagger import ORGANIZATION, PERSON
from piiscan.detect.ner.name_spans import NameSpans, NameText, Proposal
from piiscan.jit import allocating, kernel

#: Leading characters by which names are looked up.
_HEAD: Final = 3
#: Fewest characters of a confident name, and its lowest score.
MIN_REPEATED: Final = 3
_MIN_FIRM: Final = 4
_MIN_PERSON_SCORE: Final = 0.85
_MIN_FIRM_SCORE: Final = 0.7


def propose_repeated_mentions(text: NameText, spans: NameSpans) -> NameSpans:
    """Propose the further mentions of confident names in the same text, outside all spans."""
    codes, offsets, begin, stop = text.codes, text.offsets, spans.begin, spans.stop
    rows = np.empty(len(spans), np.int64)
    rows = rows[: _write_sure(offsets, begin, stop, spans.kind, spans.score, rows)]
    if not len(rows):
        return spans
    starts, names = np.empty(len(codes), np.int64), np.empty(len(codes), np.int64)
    count = _find_mentions(codes, offsets, begin, stop, rows, starts, names)
    if not count:
        return spans
    return spans.propose(
        Proposal(
            start,
            start + int(stop[name] - begin[name]),
            float(spans.score[name]),
            int(spans.kind[name]),
        )
        for start, name in zip(starts[:count].tolist(), names[:count].tolist(), strict=True)
    )


@kernel
def _write_sure(
    offsets: Int64, begin: Int64, stop: Int64, kind: Int8, score: Float64, rows: Int64
) -> int:  # pragma: no cover - compiled
    """Write the confident names that their text may repeat to ``rows``; return their number.

    A text shorter than two names, such as a cell, cannot repeat one.
    """
    count = text = 0
    for row in range(len(begin)):
        length = stop[row] - begin[row]
        person = kind[row] == PERSON and length >= MIN_REPEATED and score[row] >= _MIN_PERSON_SCORE
        firm = kind[row] == ORGANIZATION and length >= _MIN_FIRM and score[row] >= _MIN_FIRM_SCORE
        if person or firm:
            while offsets[text + 1] <= begin[row]:
                text += 1
            if offsets[text + 1] - offsets[text] >= 2 * length:
                rows[count] = row
                count += 1
    return count


@kernel
def _find_mentions(
    codes: UInt32,
    offsets: Int64,
    begin: Int64,
    stop: Int64,
    rows: Int64,
    starts: Int64,
    names: Int64,
) -> int:  # pragma: no cover - compiled
    """Write starts of further mentions to ``starts`` and their names' rows to ``names``.

    Of several names with the same first three characters only the first is searched.  So the cost
    is linear in the length of the text.  Return the number of mentions.

    Args:
        begin, stop: all spans, in order
        rows: spans to search for
        starts, names: outputs
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
        table = _names_by_head(codes, begin, rows[at:last])
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
            if (
                name >= 0
                and place + length <= room
                and _equal_chars(codes, begin[name], place, length)
            ):
                starts[count] = place
                names[count] = name
                count += 1
                place += length
            else:
                place += 1
        at = last
    return count


@allocating
def _names_by_head(
    codes: UInt32, begin: Int64, rows: Int64
) -> Int64:  # pragma: no cover - compiled
    """Build a hash table of the names ``rows``, keyed by their first three characters."""
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
    """Return the slot of the name that starts like the text at ``place``, or a free slot."""
    mixed = np.uint64(0)
    for each in range(_HEAD):
        mixed = (mixed ^ np.uint64(codes[place + each])) * np.uint64(0x9E3779B97F4A7C15)
    slot = np.int64((mixed >> np.uint64(40)) & np.uint64(len(table) - 1))
    while table[slot] >= 0 and not _equal_chars(codes, begin[table[slot]], place, _HEAD):
        slot = (slot + 1) & (len(table) - 1)
    return slot  # type: ignore[return-value]


@kernel
def _equal_chars(
    codes: UInt32, one: int, other: int, length: int
) -> bool:  # pragma: no cover - compiled
    """Return True if ``length`` code points at ``one`` and at ``other`` are equal."""
    each = 0
    while each < length and codes[one + each] == codes[other + each]:
        each += 1
    return each == length
