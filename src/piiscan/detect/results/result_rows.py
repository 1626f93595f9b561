"""Result rows: plain columns of the reported findings, from resolved and isolated spans."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from piiscan.arrays import Float64, Int16, Int32, Int64, UInt8
from piiscan.arrow_strings import (
    ByteSource,
    StringBuffers,
    allocate_strings,
    append_string,
    byte_source,
    copy_bytes,
    finish_strings,
    string_bytes,
)
from piiscan.bundles import empty_rows, take_rows
from piiscan.detect.catalog.column import ColumnTraits
from piiscan.detect.checks import REASON, Judgement
from piiscan.detect.context.context_words import Context
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.matching.offsets import FoldedTexts, Offsets, byte_at, text_at
from piiscan.detect.scoring.candidate_score import CandidateScores, ScoringTables, score_isolated
from piiscan.detect.scoring.isolated import IsolatedSpans
from piiscan.detect.scoring.overlap_resolution import Resolved
from piiscan.jit import kernel

#: Texts and values of rows.
Strings = tuple[pa.Array, pa.Array]

_AGAINST: Final = REASON["CONTEXT_AGAINST"]
#: Unsigned numbers, which index arrays without a test for negative indices.
_NONE: Final = np.uint64(0)
_ONE: Final = np.uint64(1)


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
            spans = _ResolvedArrays(
                validated.candidates,
                validated.judgement,
                annotated.offsets,
                annotated.context,
                resolved.scores,
            )
            _write_resolved(rows, row_numbers, spans, rules, result)
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


class _ResolvedArrays(NamedTuple):
    """Resolved spans as arrays."""

    candidates: Candidates
    judgement: Judgement
    offsets: Offsets
    context: Context
    scores: CandidateScores


class _IsolatedArrays(NamedTuple):
    """Isolated spans as arrays: their indices in all candidates, and all candidates."""

    rows: Int64
    candidates: Candidates
    judgement: Judgement
    tables: ScoringTables
    column: ColumnTraits


class _Others(NamedTuple):
    """Resolved spans among which isolated ones are written.

    ``start``: code point at which each starts, in order.  ``row_numbers``: output, the row number
    of each.  ``texts``, ``values``: bytes and end offsets.
    """

    start: Int64
    row_numbers: Int64
    texts: tuple[UInt8, Int32]
    values: tuple[UInt8, Int32]


class _TextsAndValues(NamedTuple):
    """Buffers for the texts and values of all rows, and the bytes they are copied from."""

    text_source: ByteSource
    value_source: ByteSource
    texts: StringBuffers
    values: StringBuffers


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
    validated, folded_texts = isolated.validated, isolated.validated.chunk.texts
    others = _Others(start, row_numbers, *map(string_bytes, strings))
    offsets = folded_texts.offsets
    # a character has at most four bytes
    most = min(4 * isolated.size, int(offsets[-1] - offsets[0]))
    buffers = _TextsAndValues(
        byte_source(folded_texts.data),
        byte_source(folded_texts.folded),
        allocate_strings(most + len(others.texts[0]), len(result.text)),
        allocate_strings(isolated.size + len(others.values[0]), len(result.text)),
    )
    spans = _IsolatedArrays(
        isolated.rows, validated.candidates, validated.judgement, isolated.tables, isolated.column
    )
    count: int = _write_isolated(folded_texts, spans, rules, others, buffers, result)
    return count, (finish_strings(buffers.texts, count), finish_strings(buffers.values, count))


@kernel
def _write_resolved(
    rows: Int64, row_numbers: Int64, spans: _ResolvedArrays, rules: RowRules, out: ResultRows
) -> None:  # pragma: no cover - compiled
    """Write the resolved spans ``rows`` to ``row_numbers`` of the output columns."""
    offsets, scores, context = spans.offsets, spans.scores, spans.context
    recognizer, verdict = spans.candidates.recognizer, spans.judgement.verdict
    for number in range(len(rows)):
        row, at = rows[number], row_numbers[number]
        out.text[at] = offsets.text[row] + rules.first_index
        out.start[at] = offsets.start[row]
        out.end[at] = offsets.end[row]
        out.byte_start[at] = offsets.byte_start[row] - offsets.text_byte[row]
        out.entity[at] = rules.entity[recognizer[row]]
        out.recognizer[at] = recognizer[row]
        out.verdict[at] = verdict[row]
        out.score[at] = scores.score[row]
        reason = scores.reason[row]
        out.reason[at] = reason
        word = context.word[row]
        out.word[at] = context.against[row] if word < 0 and reason == _AGAINST else word


@kernel
def _write_isolated(
    texts: FoldedTexts,
    spans: _IsolatedArrays,
    rules: RowRules,
    others: _Others,
    buffers: _TextsAndValues,
    out: ResultRows,
) -> int:  # pragma: no cover - compiled
    """Write isolated spans of at least the lowest score, with a free row for each of ``others``.

    The texts and values of both are copied in row order.  Return the number of rows.
    """
    rows, judgement, tables, column = spans.rows, spans.judgement, spans.tables, spans.column
    recognizer, start, end, _ = spans.candidates
    offsets, starts = texts.offsets, texts.starts
    out_row = other = text = text_end = value_end = _NONE
    left = np.uint64(len(others.start))
    place, byte = starts[0], offsets[0]  # last position located, and its byte offset
    for number in range(len(rows)):
        row = np.uint64(rows[number])
        begin, finish, which = start[row], end[row], np.uint64(recognizer[row])
        score, reason, is_refused = score_isolated(judgement, row, which, tables, column)
        if is_refused or score < rules.min_score:
            continue
        while other < left and others.start[other] < begin:
            others.row_numbers[other] = out_row
            text_end = append_string(others.texts, other, buffers.texts, text_end, out_row)
            value_end = append_string(others.values, other, buffers.values, value_end, out_row)
            other += _ONE
            out_row += _ONE
        if begin >= starts[text + _ONE]:
            text = np.uint64(text_at(starts, np.int64(text), begin))
            place, byte = starts[text], offsets[text]
        byte = byte_at(texts, text, begin, place, byte)
        place = begin
        out.text[out_row] = np.int64(text) + rules.first_index
        out.start[out_row] = place - starts[text]
        out.end[out_row] = finish - starts[text]
        out.byte_start[out_row] = byte - offsets[text]
        out.entity[out_row] = rules.entity[which]
        out.recognizer[out_row] = which
        out.verdict[out_row] = judgement.verdict[row]
        out.score[out_row] = score
        out.reason[out_row] = reason
        out.word[out_row] = -1
        finish_byte = byte_at(texts, text, finish, place, byte)
        text_end = copy_bytes(
            *buffers.text_source, np.uint64(byte), np.uint64(finish_byte),
            buffers.texts[0], buffers.texts[1], text_end,
        )  # fmt: skip
        value_end = copy_bytes(
            *buffers.value_source, np.uint64(place), np.uint64(finish),
            buffers.values[0], buffers.values[1], value_end,
        )  # fmt: skip
        place, byte = finish, finish_byte
        out_row += _ONE
        buffers.texts[2][out_row] = text_end
        buffers.values[2][out_row] = value_end
    while other < left:
        others.row_numbers[other] = out_row
        text_end = append_string(others.texts, other, buffers.texts, text_end, out_row)
        value_end = append_string(others.values, other, buffers.values, value_end, out_row)
        other += _ONE
        out_row += _ONE
    return int(out_row)
