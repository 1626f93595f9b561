"""Value matrices: the value characters of all candidates, in one matrix per recognizer.

Check modules work on matrices, ``uint8[k, 8 n]``, padded with 0. One pass over the text fills all
of them, because finding each candidate in memory costs most.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from piiscan.arrays import Bool, Int32, Int64, UInt8
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.validation.validation_kernels import gather, lay_out, locate_values


class Slots(NamedTuple):
    """Next free entry and byte of each recognizer, and the width of its matrix."""

    next_entry: Int64
    next_byte: Int64
    width: Int64


class Gathered(NamedTuple):
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
        slots = Slots(next_entry, next_byte, width)
        size = lay_out(rows, candidates, slots, first, end)
        gathered = Gathered(
            np.empty(len(rows), np.int64), np.empty(len(rows), np.int32), np.empty(size, np.uint8)
        )
        gather(folded, rows, candidates, value_chars, slots, gathered, unchanged)
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
        locate_values(self.rows, self.length, self.end, self.first, self.width, start, end)
        return self.data[0] if len(self.data) == 1 else np.concatenate(self.data)
