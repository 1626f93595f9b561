"""Splice: replace slices of a text, or of many at once, without a Python object per string.

``电话13800138000`` with 138****8000 for bytes 6 to 17 -> ``电话138****8000``
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.arrays import Int64
from piiscan.arrow_strings import string_buffers, strings_of_slices

#: Start and end in code points (end exclusive), replacement.
Change = tuple[int, int, str]


def splice(texts: pa.Array, rows: Int64, starts: Int64, ends: Int64, new: pa.Array) -> pa.Array:
    """Return ``texts`` with bytes [start, end) of string ``rows[i]`` replaced by ``new[i]``.

    Of two slices that overlap the first one wins, the longer one if both begin together; the
    other one loses the shared bytes. A null stays null.

    >>> splice(pa.array(["a12b", None]), *np.array([[0], [1], [3]]), pa.array(["**"])).to_pylist()
    ['a**b', None]
    """
    whole, count = texts.cast(pa.string()), len(texts)
    narrow, data = string_buffers(whole)
    offsets = narrow.astype(np.int64)
    start, end = offsets[rows] + starts, offsets[rows] + ends
    order = np.lexsort((-end, start))
    start, end, rows = start[order], end[order], rows[order]
    covered = np.maximum.accumulate(np.concatenate([[0], end]))[:-1]
    kept = np.flatnonzero(end > covered)
    start, end, rows = np.maximum(start, covered)[kept], end[kept], rows[kept]
    new_offsets, new_data = string_buffers(new.take(pa.array(order[kept])))
    # Pieces in the order of the result: before each slice, its new text; after the last, the rest.
    before = 2 * np.arange(len(rows)) + rows
    ends_of_rows = 2 * np.searchsorted(rows, np.arange(count), "right") + np.arange(count)
    first, last = np.zeros((2, 2 * len(rows) + count), np.int64)
    last[before] = start
    first[before + 1] = len(data) + new_offsets[:-1]
    last[before + 1] = len(data) + new_offsets[1:]
    last[ends_of_rows] = offsets[1:]
    first[np.concatenate([[0], ends_of_rows[:-1] + 1])[:count]] = offsets[:-1]
    first[before + 2] = end
    pieces = strings_of_slices(data, first, last, new_data)
    piece_ends = np.frombuffer(pieces.buffers()[1], np.int32)
    bounds = np.concatenate([[0], piece_ends[1:][ends_of_rows]]).astype(np.int32)
    spliced = pa.StringArray.from_buffers(count, pa.py_buffer(bounds), pieces.buffers()[2])
    return pc.if_else(texts.is_valid(), spliced, pa.scalar(None, pa.string()))


def apply_changes(text: str, changes: Iterable[Change]) -> str:
    """Apply (start, end, new) changes to ``text``; of two that overlap, the first one wins.

    >>> apply_changes("电话13800138000", [(2, 13, "138****8000")])
    '电话138****8000'
    """
    parts, at = [], 0
    for start, end, new in resolve_changes(changes):
        parts += [text[at:start], new]
        at = end
    return "".join([*parts, text[at:]])


def resolve_changes(changes: Iterable[Change]) -> list[Change]:
    """Sort changes and cut overlaps: the later change loses the shared characters."""
    resolved: list[Change] = []
    covered = 0
    for start, end, new in sorted(changes, key=lambda each: (each[0], -each[1])):
        if end <= covered:
            continue
        resolved.append((max(start, covered), end, new))
        covered = end
    return resolved
