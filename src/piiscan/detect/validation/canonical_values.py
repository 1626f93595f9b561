"""Canonical values of candidates, and the judgement of each recognizer's check.

The canonical value is the form that is compared, masked and stored. Example:

    span 430104-19050615-001x -> value 43010419050615001X, with the verdict of resident_id
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from piiscan.arrays import Bool, Int32, Int64, UInt8
from piiscan.detect.catalog.recognizer import Value
from piiscan.detect.checks import Judgement
from piiscan.detect.checks.check_kernels import put_judgements
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.matching.offsets import FoldedTexts
from piiscan.detect.validation.validation_kernels import keep_slice
from piiscan.detect.validation.validation_tables import ValidationTables
from piiscan.detect.validation.value_matrix import ValueMatrices


@dataclass(frozen=True, slots=True)
class CanonicalValues:
    """ASCII values of candidates, as slices of folded text or of a separate buffer.

    ``is_text``: the value is the text itself. ``unchanged``: the value equals the folded span. The
    other values are ``data[start:end]``.
    """

    folded: UInt8
    data: UInt8
    start: Int64
    end: Int64
    is_text: Bool
    unchanged: Bool

    def value_slices(
        self, rows: Int64, candidates: Candidates
    ) -> tuple[UInt8, Int64, Int64, UInt8]:
        """Return (buffer, start, end, second buffer): byte ranges of the values of ``rows``.

        The ranges are [start, end) in the two buffers joined. A range is empty if the value is the
        text itself.
        """
        unchanged, first = self.unchanged[rows], len(self.folded)
        start = np.where(unchanged, candidates.start[rows], self.start[rows] + first)
        end = np.where(unchanged, candidates.end[rows], self.end[rows] + first)
        is_text = self.is_text[rows]
        start[is_text] = end[is_text] = 0
        return self.folded, start, end, self.data


@dataclass(frozen=True, slots=True)
class Validated:
    """Candidates of a chunk with their canonical values and the judgements of their checks."""

    texts: FoldedTexts
    candidates: Candidates
    values: CanonicalValues
    judgement: Judgement

    def __len__(self) -> int:
        return len(self.candidates.start)


def check_values(
    folded: UInt8,
    candidates: Candidates,
    rows: Int64,
    tables: ValidationTables,
    as_of: int,
    judgement: Judgement,
    unchanged: Bool,
    start: Int64,
    end: Int64,
) -> UInt8:
    """Make the canonical values of candidates ``rows`` and check them; return their buffer.

    ``judgement``, ``unchanged``, and the bounds ``start`` and ``end`` of each value are outputs.
    """
    matrices = ValueMatrices.of(folded, candidates, rows, tables.value_chars, unchanged)
    _check_matrices(matrices, tables, as_of, judgement, unchanged)
    return matrices.locate_values(start, end)


def _check_matrices(
    matrices: ValueMatrices,
    tables: ValidationTables,
    as_of: int,
    judgement: Judgement,
    unchanged: Bool,
) -> None:
    """Make the canonical values in ``matrices``; set ``judgement`` and ``unchanged`` of rows."""
    for which, entries, matrix in matrices.by_recognizer():
        rows, chars, length = matrices.rows[entries], matrix, matrices.length[entries]
        value, functions = tables.values[which], tables.checks[which]
        if value.first is not None or value.last is not None:
            full_length = length.copy()
            _truncate(chars, length, value)
            unchanged[rows] &= length == full_length
        if functions.canonical is not None:
            chars, length = functions.canonical(chars, length)
            matrices.replace_matrix(which, entries, chars, length)
            unchanged[rows] = False
        if functions.check is not None:
            put_judgements(rows, functions.check(chars, length, as_of=as_of), judgement)


def _truncate(chars: UInt8, length: Int32, value: Value) -> None:
    """Cut each value in place to the first or last characters that its rule allows."""
    if value.first is not None:
        keep_slice(chars, length, np.zeros(len(length), np.int32), value.first)
    elif value.last is not None and (length > value.last).any():
        keep_slice(chars, length, np.maximum(length - np.int32(value.last), 0), value.last)
