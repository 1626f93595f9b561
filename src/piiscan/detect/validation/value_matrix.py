"""The characters that values keep of their candidates, gathered: one matrix for each recognizer.

Checks work on matrices, uint8[k, 8 n] padded with 0.  All are filled in one walk over the text:
candidates are few and far between, and what costs most is coming to where one stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from piiscan.arrays import Bool, Int16, Int32, Int64, UInt8
from piiscan.detect.matching.matcher import Candidates
from piiscan.jit import kernel
from piiscan.prefetch import prefetch

#: So many rows ahead the text is fetched, and twice as far where in it a row stands.
_SOON: Final = 8


@dataclass(frozen=True, slots=True)
class Gathered:
    """``rows`` by recognizer, and what each keeps: ``length`` characters of its matrix.

    The last three are by recognizer: its entries in ``rows`` and ``length`` end at ``end``, and its
    matrix begins at ``first`` in all of ``data`` and is ``width`` wide.
    """

    rows: Int64
    length: Int32
    data: list[UInt8]  # one buffer for all, and behind it what :meth:`put` gave instead
    end: Int64
    first: Int64
    width: Int64

    @classmethod
    def of(
        cls, folded: UInt8, candidates: Candidates, rows: Int64, kept: UInt8, spelt: Bool
    ) -> Gathered:
        """Gather ``rows``, and fill ``spelt[rows]``: all characters are kept as they are.

        ``kept[recognizer, byte]`` is the ASCII character that a folded byte becomes in the value,
        0 if it is dropped; digits always stay digits.  A recognizer that keeps nothing is left
        out: its matrix is 0 wide.
        """
        which, start, end = candidates.recognizer, candidates.start, candidates.end
        counts, width = np.zeros((2, len(kept)), np.int64)
        _measure(rows, which, start, end, counts, width)
        width = -(-width // 8) * 8
        width[~kept[:, 48].astype(np.bool_)] = 0
        sizes = counts * width
        first, place = np.cumsum(sizes) - sizes, np.cumsum(counts) - counts
        order, length = np.empty(len(rows), np.int64), np.empty(len(rows), np.int32)
        data = np.empty(int(sizes.sum()), np.uint8)
        _gather(
            folded, rows, which, start, end, kept, place, first.copy(), width,
            order, length, data, spelt,
        )  # fmt: skip
        return cls(order, length, [data], place, first, width)

    def each(self) -> Iterator[tuple[int, slice, UInt8]]:
        """The number of each recognizer that occurs, its entries, and its matrix."""
        begin = 0
        ends = zip(self.end.tolist(), self.first.tolist(), self.width.tolist(), strict=True)
        for which, (end, first, width) in enumerate(ends):
            if end > begin:
                matrix = self.data[0][first : first + (end - begin) * width]
                yield which, slice(begin, end), matrix.reshape(end - begin, width)
            begin = end

    def put(self, which: int, entries: slice, chars: UInt8, length: Int32) -> None:
        """The matrix of a recognizer is now ``chars``, with ``length`` of each row."""
        self.first[which] = sum(map(len, self.data))
        self.width[which] = chars.shape[1]
        self.data.append(chars.reshape(-1))
        self.length[entries] = length

    def place(self, start: Int64, end: Int64) -> UInt8:
        """Fill in where the value of each row begins and ends in the buffer that is given."""
        _place(self.rows, self.length, self.end, self.first, self.width, start, end)
        return self.data[0] if len(self.data) == 1 else np.concatenate(self.data)


@kernel
def _measure(
    rows: Int64, recognizer: Int16, start: Int64, end: Int64, counts: Int64, widest: Int64
) -> None:  # pragma: no cover - compiled
    for at in range(len(rows)):
        row = np.uint64(rows[at])
        which = np.uint64(recognizer[row])
        counts[which] += 1
        widest[which] = max(widest[which], end[row] - start[row])


@kernel
def _gather(
    folded: UInt8,
    rows: Int64,
    recognizer: Int16,
    start: Int64,
    end: Int64,
    kept: UInt8,
    place: Int64,
    next_: Int64,
    width: Int64,
    order: Int64,
    length: Int32,
    data: UInt8,
    spelt: Bool,
) -> None:  # pragma: no cover - compiled
    """Sort by recognizer, and write what is kept to where its matrix goes on.

    ``place`` and ``next_``: where each recognizer's entries, and its matrix, go on.
    """
    for at in range(len(rows)):
        if at + 2 * _SOON < len(rows):
            soon = np.uint64(rows[at + 2 * _SOON])
            prefetch(recognizer, soon)
            prefetch(start, soon)
            prefetch(end, soon)
            prefetch(spelt, soon)
            prefetch(folded, start[np.uint64(rows[at + _SOON])])
        row = np.uint64(rows[at])
        which = np.uint64(recognizer[row])
        entry = np.uint64(place[which])
        place[which] += 1
        order[entry] = row
        if width[which] == 0:
            continue
        first = np.uint64(next_[which])
        next_[which] += width[which]
        out, same = first, True
        for position in range(np.uint64(start[row]), np.uint64(end[row])):
            byte = folded[position]
            char = kept[which, byte]
            data[out] = char
            out += np.uint64(char != 0)
            same &= char == byte
        spelt[row] = same
        length[entry] = out - first
        for rest in range(out, first + np.uint64(width[which])):
            data[rest] = 0


@kernel
def _place(
    rows: Int64, length: Int32, ends: Int64, first: Int64, width: Int64, start: Int64, end: Int64
) -> None:  # pragma: no cover - compiled
    entry = 0
    for which in range(len(ends)):
        begin = first[which]
        while entry < ends[which]:
            row = rows[entry]
            start[row] = begin
            end[row] = begin + length[entry]
            begin += width[which]
            entry += 1
