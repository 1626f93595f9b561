"""Value matrices: the value characters of all candidates, in one matrix per recognizer.

Check modules work on matrices, ``uint8[k, 8 n]``, padded with 0. One pass over the text fills all
of them, because finding each candidate in memory costs most.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from piiscan.arrays import Bool, Int32, Int64, UInt8
from piiscan.detect.matching.matcher import Candidates
from piiscan.jit import kernel
from piiscan.prefetch import prefetch

#: Rows to prefetch the text ahead; the spans themselves are prefetched twice as far ahead.
_PREFETCH_ROWS: Final = 8


class _Slots(NamedTuple):
    """Next free entry and byte of each recognizer, and the width of its matrix."""

    next_entry: Int64
    next_byte: Int64
    width: Int64


class _Gathered(NamedTuple):
    """Rows sorted by recognizer, lengths of their values, and the bytes of all matrices."""

    order: Int64
    length: Int32
    data: UInt8


@dataclass(frozen=True, slots=True)
class ValueMatrices:
    """Rows sorted by recognizer, and the ``length`` of each value.

    ``end``, ``first``, ``width`` are indexed by recognizer: its rows end at ``end`` in ``rows``,
    and its matrix starts at ``first`` of the concatenated ``data`` and is ``width`` bytes wide.
    """

    rows: Int64
    length: Int32
    data: list[UInt8]  # first buffer: all matrices; the others: replacements
    end: Int64
    first: Int64
    width: Int64

    @classmethod
    def of(
        cls, folded: UInt8, candidates: Candidates, rows: Int64, value_chars: UInt8, unchanged: Bool
    ) -> ValueMatrices:
        """Build one value matrix per recognizer from the candidates ``rows``; set ``unchanged``.

        ``value_chars[recognizer, byte]``: character that a folded byte becomes in the value, 0 to
        drop it. Digits are always kept.
        ``unchanged``: True if the value equals the folded span.
        """
        end, first, width = np.zeros((3, len(value_chars)), np.int64)
        next_entry, next_byte = np.empty((2, len(value_chars)), np.int64)
        slots = _Slots(next_entry, next_byte, width)
        size = _lay_out(rows, candidates, slots, first, end)
        gathered = _Gathered(
            np.empty(len(rows), np.int64), np.empty(len(rows), np.int32), np.empty(size, np.uint8)
        )
        _gather(folded, rows, candidates, value_chars, slots, gathered, unchanged)
        return cls(gathered.order, gathered.length, [gathered.data], end, first, width)

    def by_recognizer(self) -> Iterator[tuple[int, slice, UInt8]]:
        """Yield (recognizer number, slice of its rows, its matrix); absent ones are skipped."""
        begin = 0
        for which in np.flatnonzero(self.width).tolist():
            end, first, width = (int(each[which]) for each in (self.end, self.first, self.width))
            matrix = self.data[0][first : first + (end - begin) * width]
            yield which, slice(begin, end), matrix.reshape(end - begin, width)
            begin = end

    def replace_matrix(self, recognizer: int, entries: slice, chars: UInt8, length: Int32) -> None:
        """Replace the matrix of a recognizer by ``chars``, and its lengths by ``length``."""
        self.first[recognizer] = sum(map(len, self.data))
        self.width[recognizer] = chars.shape[1]
        self.data.append(chars.reshape(-1))
        self.length[entries] = length

    def locate_values(self, start: Int64, end: Int64) -> UInt8:
        """Fill ``start`` and ``end`` of each row's value and return the buffer they index."""
        _locate_values(self.rows, self.length, self.end, self.first, self.width, start, end)
        return self.data[0] if len(self.data) == 1 else np.concatenate(self.data)


@kernel
def _lay_out(
    rows: Int64, candidates: Candidates, slots: _Slots, first: Int64, end: Int64
) -> int:  # pragma: no cover - compiled
    """Lay out one matrix per recognizer as wide as its longest span; return the bytes of all.

    ``first``, ``end``: outputs, the first byte of each matrix and the end of its rows.
    """
    width = slots.width
    for at in range(len(rows)):
        row = np.uint64(rows[at])
        which = np.uint64(candidates.recognizer[row])
        end[which] += 1
        width[which] = max(width[which], candidates.end[row] - candidates.start[row])
    entry = size = np.int64(0)
    for number in range(len(end)):
        width[number] = (width[number] + 7) // 8 * 8
        slots.next_entry[number], slots.next_byte[number] = entry, size
        first[number] = size
        size += end[number] * width[number]
        entry += end[number]
        end[number] = entry
    return int(size)


@kernel
def _gather(
    folded: UInt8,
    rows: Int64,
    candidates: Candidates,
    value_chars: UInt8,
    slots: _Slots,
    out: _Gathered,
    unchanged: Bool,
) -> None:  # pragma: no cover - compiled
    """Sort rows by recognizer, copy their value characters to the matrices, set ``unchanged``.

    ``slots`` is used up.
    """
    recognizer, start, end, _ = candidates
    width, data = slots.width, out.data
    for at in range(len(rows)):
        if at + 2 * _PREFETCH_ROWS < len(rows):
            next_row = np.uint64(rows[at + 2 * _PREFETCH_ROWS])
            prefetch(recognizer, next_row)
            prefetch(start, next_row)
            prefetch(end, next_row)
            prefetch(unchanged, next_row)
            prefetch(folded, start[np.uint64(rows[at + _PREFETCH_ROWS])])
        row = np.uint64(rows[at])
        which = np.uint64(recognizer[row])
        entry = np.uint64(slots.next_entry[which])
        slots.next_entry[which] += 1
        out.order[entry] = row
        first = np.uint64(slots.next_byte[which])
        slots.next_byte[which] += width[which]
        place, is_unchanged = first, True
        for position in range(np.uint64(start[row]), np.uint64(end[row])):
            byte = folded[position]
            char = value_chars[which, byte]
            data[place] = char
            place += np.uint64(char != 0)
            is_unchanged &= char == byte
        unchanged[row] = is_unchanged
        out.length[entry] = place - first
        for padding in range(place, first + np.uint64(width[which])):
            data[padding] = 0


@kernel
def _locate_values(
    rows: Int64, length: Int32, ends: Int64, first: Int64, width: Int64, start: Int64, end: Int64
) -> None:  # pragma: no cover - compiled
    """Fill ``start`` and ``end`` of every row's value from the first bytes and widths."""
    entry = 0
    for which in range(len(ends)):
        begin = first[which]
        while entry < ends[which]:
            row = rows[entry]
            start[row] = begin
            end[row] = begin + length[entry]
            begin += width[which]
            entry += 1
