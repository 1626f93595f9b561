"""Result rows: plain columns of the reported findings, from resolved and isolated spans."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import Bool, Float64, Int8, Int16, Int32, Int64, UInt8
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
from piiscan.detect.checks import REASON
from piiscan.detect.matching.offsets import byte_at, text_at
from piiscan.detect.results.resolved import ResolvedSpans
from piiscan.detect.scoring.candidate_score import score_isolated
from piiscan.detect.scoring.isolated import IsolatedSpans
from piiscan.jit import kernel

if TYPE_CHECKING:
    from piiscan.detect.compiled_catalog import CompiledCatalog

#: Texts and values of rows.
Strings = tuple[pa.Array, pa.Array]

_AGAINST: Final = REASON["CONTEXT_AGAINST"]
#: Unsigned numbers, which index arrays without a test for negative indices.
_NONE: Final = np.uint64(0)
_ONE: Final = np.uint64(1)


@dataclass(frozen=True, slots=True)
class ResultRows:
    """Rows of a FOUND table in text order, as NumPy columns.

    ``word`` is the number of the context word, or of the contradicting word if that is the reason.
    It is -1 for none.
    """

    index: Int64
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
    def empty(cls, capacity: int) -> ResultRows:
        """Return uninitialised columns of ``capacity`` rows."""
        return cls(
            index=np.empty(capacity, np.int64),
            start=np.empty(capacity, np.int32),
            end=np.empty(capacity, np.int32),
            byte_start=np.empty(capacity, np.int32),
            entity=np.empty(capacity, np.int16),
            recognizer=np.empty(capacity, np.int16),
            verdict=np.empty(capacity, np.int16),
            score=np.empty(capacity, np.float64),
            reason=np.empty(capacity, np.int16),
            word=np.empty(capacity, np.int16),
        )

    def head(self, count: int) -> ResultRows:
        """Return the first ``count`` rows."""
        return ResultRows(*(getattr(self, each.name)[:count] for each in dataclasses.fields(self)))

    @classmethod
    def of(
        cls, resolved: ResolvedSpans, rows: Int64, isolated: IsolatedSpans,
        compiled: CompiledCatalog, first_index: int, min_score: float, strings: Strings,
    ) -> tuple[ResultRows, Int64, Strings]:  # fmt: skip
        """Build result rows from the resolved spans ``rows`` and all isolated spans.

        Isolated spans below ``min_score`` are left out.

        Args:
            resolved: resolved spans of a chunk
            rows: indices of the resolved spans to report
            isolated: isolated spans of the same chunk
            first_index: number of the first text of the chunk
            strings: texts and values of ``rows``

        Returns:
            the rows in text order, the row number of each of ``rows``, all texts and values
        """
        result, at = cls.empty(len(rows) + len(isolated)), np.arange(len(rows))
        count = len(rows)
        if len(isolated):
            other_rows = resolved, rows, strings
            count, strings = _write_isolated_rows(
                result, at, other_rows, isolated, compiled, first_index, min_score
            )
        span_offsets, context = resolved.span_offsets, resolved.context
        _write_resolved(
            rows, at, first_index, resolved.candidates.recognizer, span_offsets.text,
            span_offsets.text_byte, span_offsets.start, span_offsets.end, span_offsets.byte_start,
            resolved.judgement.verdict, resolved.scores.score, resolved.scores.reason, context.word,
            context.against, compiled.entity, result.index, result.start, result.end,
            result.byte_start, result.entity, result.recognizer, result.verdict, result.score,
            result.reason, result.word,
        )  # fmt: skip
        return result.head(count), at, strings


def _write_isolated_rows(
    result: ResultRows, at: Int64, other_rows: tuple[ResolvedSpans, Int64, Strings],
    isolated: IsolatedSpans, compiled: CompiledCatalog, first_index: int, min_score: float,
) -> tuple[int, Strings]:  # fmt: skip
    """Write the rows of ``isolated`` into ``result``; leave a row free for each resolved span.

    ``at``: output, the row number of each resolved span.  ``other_rows``: the resolved spans, the
    indices reported, their texts and values.  Return the number of all rows, and all texts and
    values.
    """
    resolved, rows, strings = other_rows
    candidates, judgement, rules = isolated.candidates, isolated.judgement, resolved.rules
    texts, values = map(string_bytes, strings)
    offsets = isolated.layout[1]
    most = min(
        4 * isolated.size, int(offsets[-1] - offsets[0])
    )  # a character has at most four bytes
    text = allocate_strings(most + len(texts[0]), len(result.index))
    value = allocate_strings(isolated.size + len(values[0]), len(result.index))
    count: int = _write_isolated(
        byte_source(isolated.layout[0]), byte_source(isolated.folded), *isolated.layout[1:],
        isolated.rows, candidates.start, candidates.end, candidates.recognizer, judgement.verdict,
        judgement.reason, judgement.strength, compiled.entity, rules.base_level, rules.own_label,
        rules.by_chance, resolved.other_label, min_score, first_index,
        resolved.candidates.start[rows], at, texts, values, text, value,
        result.index, result.start, result.end, result.byte_start, result.entity,
        result.recognizer, result.verdict, result.score, result.reason, result.word,
    )  # fmt: skip
    return count, (finish_strings(text, count), finish_strings(value, count))


@kernel
def _write_resolved(
    rows: Int64,
    row_numbers: Int64,
    first_index: int,
    recognizer: Int16,
    text: Int64,
    text_byte: Int64,
    start: Int32,
    end: Int32,
    byte_start: Int64,
    verdict: Int8,
    score: Float64,
    reason: Int16,
    word: Int32,
    against: Int32,
    entity_of: Int16,
    index: Int64,
    out_start: Int32,
    out_end: Int32,
    out_byte_start: Int32,
    entity: Int16,
    out_recognizer: Int16,
    out_verdict: Int16,
    out_score: Float64,
    out_reason: Int16,
    out_word: Int16,
) -> None:  # pragma: no cover - compiled
    """Write the resolved spans ``rows`` to ``row_numbers`` of the output columns."""
    for number in range(len(rows)):
        row, at = rows[number], row_numbers[number]
        index[at] = text[row] + first_index
        out_start[at] = start[row]
        out_end[at] = end[row]
        out_byte_start[at] = byte_start[row] - text_byte[row]
        entity[at] = entity_of[recognizer[row]]
        out_recognizer[at] = recognizer[row]
        out_verdict[at] = verdict[row]
        out_score[at] = score[row]
        out_reason[at] = reason[row]
        supporting = word[row]
        out_word[at] = against[row] if supporting < 0 and reason[row] == _AGAINST else supporting


@kernel
def _write_isolated(
    source: ByteSource,
    folded: ByteSource,
    offsets: Int64,
    starts: Int64,
    tail: Int32,
    rows: Int64,
    start: Int64,
    end: Int64,
    recognizer: Int16,
    verdict: Int8,
    check_reason: Int16,
    strength: Int8,
    entity_of: Int16,
    base_level: Int8,
    own_label: Bool,
    by_chance: Bool,
    other_label: bool,
    min_score: float,
    first_index: int,
    others: Int64,
    row_numbers: Int64,
    texts: tuple[UInt8, Int32],
    values: tuple[UInt8, Int32],
    text_buffers: StringBuffers,
    value_buffers: StringBuffers,
    index: Int64,
    out_start: Int32,
    out_end: Int32,
    out_byte_start: Int32,
    entity: Int16,
    out_recognizer: Int16,
    out_verdict: Int16,
    score: Float64,
    reason: Int16,
    word: Int16,
) -> int:  # pragma: no cover - compiled
    """Write rows of isolated spans; leave a row free for each resolved span start in ``others``.

    The texts and values of both are copied in row order.  Return the number of rows.

    Args:
        source, folded: bytes of the texts, and folded bytes, to copy from
        offsets, starts, tail: layout of the texts in both
        rows: indices of the isolated candidates
        others: code point at which each resolved span starts, in order
        row_numbers: output, the row number of each of ``others``
        texts, values: texts and values of ``others``
        text_buffers, value_buffers: outputs for the texts and values of all rows
    """
    out_row = other = text = text_end = value_end = _NONE
    data, left = source[0], np.uint64(len(others))
    place, byte = starts[0], offsets[0]  # last position located, and its byte offset
    for number in range(len(rows)):
        row = np.uint64(rows[number])
        begin, finish, which = start[row], end[row], np.uint64(recognizer[row])
        value, reason_code, is_refused = score_isolated(
            verdict[row], check_reason[row], strength[row], base_level[which],
            own_label[which], by_chance[which], other_label,
        )  # fmt: skip
        if is_refused or value < min_score:
            continue
        while other < left and others[other] < begin:
            row_numbers[other] = out_row
            text_end = append_string(texts, other, text_buffers, text_end, out_row)
            value_end = append_string(values, other, value_buffers, value_end, out_row)
            other += _ONE
            out_row += _ONE
        if begin >= starts[text + _ONE]:
            text = np.uint64(text_at(starts, np.int64(text), begin))
            place, byte = starts[text], offsets[text]
        byte = byte_at(data, offsets, starts, tail, text, begin, place, byte)
        place = begin
        index[out_row] = np.int64(text) + first_index
        out_start[out_row] = place - starts[text]
        out_end[out_row] = finish - starts[text]
        out_byte_start[out_row] = byte - offsets[text]
        entity[out_row] = entity_of[which]
        out_recognizer[out_row] = which
        out_verdict[out_row] = verdict[row]
        score[out_row] = value
        reason[out_row] = reason_code
        word[out_row] = -1
        finish_byte = byte_at(data, offsets, starts, tail, text, finish, place, byte)
        text_end = copy_bytes(
            *source,
            np.uint64(byte),
            np.uint64(finish_byte),
            text_buffers[0],
            text_buffers[1],
            text_end,
        )
        value_end = copy_bytes(
            *folded, np.uint64(place), np.uint64(finish),
            value_buffers[0], value_buffers[1], value_end,
        )  # fmt: skip
        place, byte = finish, finish_byte
        out_row += _ONE
        text_buffers[2][out_row] = text_end
        value_buffers[2][out_row] = value_end
    while other < left:
        row_numbers[other] = out_row
        text_end = append_string(texts, other, text_buffers, text_end, out_row)
        value_end = append_string(values, other, value_buffers, value_end, out_row)
        other += _ONE
        out_row += _ONE
    return int(out_row)
