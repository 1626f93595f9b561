"""Result rows: plain columns of the reported findings, from resolved and isolated spans."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from piiscan.arrays import Float64, Int16, Int32, Int64
from piiscan.arrow_strings import as_strings, string_bytes
from piiscan.bundles import empty_rows, take_rows
from piiscan.detect.results.result_kernels import write_isolated, write_resolved
from piiscan.detect.scoring.isolated import IsolatedSpans
from piiscan.detect.scoring.overlap_resolution import Resolved

#: Texts and values of rows.
Strings = tuple[pa.Array, pa.Array]


class ResultRows(NamedTuple):
    """Rows of a FOUND table in text order, as NumPy columns.

    ``text`` is the number of the text.  ``word`` is the number of the context word, or of the
    contradicting word if that is the reason.  It is -1 for none.
    """

    text: Int64
    start: Int32
    end: Int32
    byte_start: Int32
    entity: Int16
    recognizer: Int16
    verdict: Int16
    score: Float64
    reason: Int16
    word: Int16

    @classmethod
    def of(
        cls,
        reported: tuple[Resolved, Int64, Strings],
        isolated: IsolatedSpans | None,
        entity: Int16,
        first_index: int,
        min_score: float,
    ) -> WrittenRows:
        """Build rows from resolved spans and from isolated spans of at least ``min_score``.

        Args:
            reported: resolved spans of a chunk, the indices of those to report, their texts and
                values
            isolated: isolated spans of the same chunk, None for none
            entity: number of the entity of each recognizer
            first_index: number of the first text of the chunk
        """
        resolved, rows, strings = reported
        count = len(rows)
        row_numbers = np.arange(count)
        result = empty_rows(cls, count + len(isolated) if isolated else count)
        rules = RowRules(entity, first_index, min_score)
        if isolated:
            others = resolved.candidates.start[rows], row_numbers, strings
            count, strings = _write_isolated_rows(result, others, isolated, rules)
        if len(rows):
            annotated, validated = resolved.annotated, resolved.validated
            spans = (
                validated.candidates,
                validated.judgement,
                annotated.offsets,
                annotated.context,
                resolved.scores,
            )
            write_resolved(rows, row_numbers, spans, rules, result)
        return WrittenRows(take_rows(result, slice(count)), row_numbers, strings)


class WrittenRows(NamedTuple):
    """Rows of a FOUND table, the row number of each resolved span, all texts and values."""

    rows: ResultRows
    row_numbers: Int64
    strings: Strings


class RowRules(NamedTuple):
    """Entity of each recognizer, number of the first text, and lowest score reported."""

    entity: Int16
    first_index: int
    min_score: float


def _write_isolated_rows(
    result: ResultRows,
    reported: tuple[Int64, Int64, Strings],
    isolated: IsolatedSpans,
    rules: RowRules,
) -> tuple[int, Strings]:
    """Write the rows of ``isolated`` into ``result``; leave a row free for each resolved span.

    ``reported``: starts of the resolved spans, their row numbers (output), texts and values.
    Return the number of all rows, and all texts and values.
    """
    start, row_numbers, strings = reported
    validated, folded_texts = isolated.validated, isolated.validated.texts
    texts, values = map(string_bytes, strings)
    offsets = folded_texts.offsets
    # a character has at most four bytes
    most = min(4 * isolated.size, int(offsets[-1] - offsets[0]))
    all_texts, all_values = (
        (np.empty(size, np.uint8), np.zeros(len(result.text) + 1, np.int32))
        for size in (most + len(texts[0]), isolated.size + len(values[0]))
    )
    spans = (
        isolated.rows, validated.candidates, validated.judgement, isolated.tables, isolated.column
    )  # fmt: skip
    others = start, row_numbers, texts, values
    count = write_isolated(folded_texts, spans, rules, others, all_texts, all_values, result)
    return count, (as_strings(*all_texts, count), as_strings(*all_values, count))
