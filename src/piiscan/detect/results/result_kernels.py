# mypy: ignore-errors
# cython: infer_types=True
"""Kernels of results: rows, texts and values of the findings of a chunk."""

from typing import TYPE_CHECKING

import cython
from cython.cimports.libc.stdint import int64_t
from cython.cimports.libc.string import memcpy
from cython.cimports.piiscan.detect.checks import CONTEXT_AGAINST
from cython.cimports.piiscan.kernel_arrays import *

from piiscan import arrays
from piiscan.detect.scoring.score_kernels import LOW

if TYPE_CHECKING:
    from piiscan.detect.matching import offsets
    from piiscan.detect.results import result_rows

_LOW = cython.declare(cython.double, LOW)


def split_winners(
    recognizer: arrays.Int16,
    winner: arrays.Int64,
    score: arrays.Float64,
    min_score: float,
    rows: arrays.Int64,
    superseded: arrays.Int64,
) -> tuple[int, int]:
    """Write indices of reported winners and of superseded spans; return both counts.

    A winner is reported from ``min_score`` on, a superseded span above LOW.

    A superseded span of the winner's own recognizer is left out.
    """
    count: cython.Py_ssize_t = len(winner)
    which: Int16 = int16(recognizer)
    winners: Int64 = int64(winner)
    scores: Float64 = float64(score)
    lowest: cython.double = min_score
    won: Int64Out = int64_out(rows)
    lost: Int64Out = int64_out(superseded)
    won_count: int64_t = 0
    lost_count: int64_t = 0
    with cython.nogil:
        for row in range(count):
            if winners[row] == row:
                if scores[row] >= lowest:
                    won[won_count] = row
                    won_count += 1
            elif winners[row] >= 0 and scores[row] >= _LOW:
                if which[row] != which[winners[row]]:  # the same number with and without +86
                    lost[lost_count] = row
                    lost_count += 1
    return won_count, lost_count


def write_resolved(
    rows: arrays.Int64,
    row_numbers: arrays.Int64,
    spans: tuple,
    rules: result_rows.RowRules,
    out: result_rows.ResultRows,
) -> None:
    """Write the resolved spans ``rows`` to ``row_numbers`` of the output columns.

    Args:
        spans: candidates, judgements, offsets, context and scores
    """
    count: cython.Py_ssize_t = len(rows)
    chosen: Int64 = int64(rows)
    places: Int64 = int64(row_numbers)
    candidates: Candidates = candidates_of(spans[0])
    judgement: Judgement = judgement_of(spans[1])
    offsets: Offsets = offsets_of(spans[2])
    context: Context = context_of(spans[3])
    score: Float64 = float64(spans[4][0])
    reason: Int16 = int16(spans[4][1])
    rule: RowRules = row_rules_of(rules)
    result: ResultRowsOut = result_rows_out(out)
    with cython.nogil:
        for number in range(count):
            row, at = chosen[number], places[number]
            result.text[at] = offsets.text[row] + rule.first_index
            result.start[at] = offsets.start[row]
            result.end[at] = offsets.end[row]
            result.byte_start[at] = cython.cast(
                cython.int, offsets.byte_start[row] - offsets.text_byte[row]
            )
            result.entity[at] = rule.entity[candidates.recognizer[row]]
            result.recognizer[at] = candidates.recognizer[row]
            result.verdict[at] = judgement.verdict[row]
            result.score[at] = score[row]
            result.reason[at] = reason[row]
            if context.word[row] < 0 and reason[row] == CONTEXT_AGAINST:
                result.word[at] = cython.cast(cython.short, context.against[row])
            else:
                result.word[at] = cython.cast(cython.short, context.word[row])


def write_isolated(
    texts: offsets.FoldedTexts,
    spans: tuple,
    rules: result_rows.RowRules,
    others: tuple,
    text_buffers: tuple,
    value_buffers: tuple,
    out: result_rows.ResultRows,
) -> int:
    """Write isolated spans of at least the lowest score, with a free row for each of ``others``.

    The texts and values of both are copied in row order.  Return the number of rows.

    Args:
        spans: indices of the isolated candidates, all candidates and judgements, scoring tables,
            traits of the column
        others: start of each resolved span, its row number (output), texts and values
        text_buffers, value_buffers: outputs, bytes and end offsets of all texts and values
    """
    folded: FoldedTexts = folded_texts_of(texts)
    chosen: Int64 = int64(spans[0])
    count: cython.Py_ssize_t = len(spans[0])
    candidates: Candidates = candidates_of(spans[1])
    judgement: Judgement = judgement_of(spans[2])
    tables: ScoringTables = scoring_tables_of(spans[3])
    column: ColumnTraits = column_traits_of(spans[4])
    rule: RowRules = row_rules_of(rules)
    other_starts: Int64 = int64(others[0])
    other_count: cython.Py_ssize_t = len(others[0])
    row_numbers: Int64Out = int64_out(others[1])
    other_texts: Strings = strings_of(others[2])
    other_values: Strings = strings_of(others[3])
    all_texts: StringsOut = strings_out(text_buffers)
    all_values: StringsOut = strings_out(value_buffers)
    result: ResultRowsOut = result_rows_out(out)
    starts: Int64 = folded.starts
    offsets: Int64 = folded.offsets
    other: cython.Py_ssize_t = 0
    out_row: int64_t = 0
    text: int64_t = 0
    which: int64_t
    place: int64_t = starts[0]  # last position located, and its byte offset
    byte: int64_t = offsets[0]
    with cython.nogil:
        for number in range(count):
            row = chosen[number]
            begin, finish, which = (
                candidates.start[row],
                candidates.end[row],
                candidates.recognizer[row],
            )
            found = score_isolated(
                cython.address(judgement),
                row,
                which,
                cython.address(tables),
                cython.address(column),
            )
            if found.refused or found.score < rule.min_score:
                continue
            while other < other_count and other_starts[other] < begin:
                row_numbers[other] = out_row
                _append_other(cython.address(all_texts), cython.address(other_texts), other)
                _append_other(cython.address(all_values), cython.address(other_values), other)
                other += 1
                out_row += 1
            if begin >= starts[text + 1]:
                text = text_at(starts, folded.texts, text, begin)
                place, byte = starts[text], offsets[text]
            byte = byte_at(cython.address(folded), text, begin, place, byte)
            finish_byte = byte_at(cython.address(folded), text, finish, begin, byte)
            result.text[out_row] = text + rule.first_index
            result.start[out_row] = cython.cast(cython.int, begin - starts[text])
            result.end[out_row] = cython.cast(cython.int, finish - starts[text])
            result.byte_start[out_row] = cython.cast(cython.int, byte - offsets[text])
            result.entity[out_row] = rule.entity[which]
            result.recognizer[out_row] = cython.cast(cython.short, which)
            result.verdict[out_row] = judgement.verdict[row]
            result.score[out_row] = found.score
            result.reason[out_row] = found.reason
            result.word[out_row] = -1
            _append(cython.address(all_texts), folded.data + byte, finish_byte - byte)
            _append(cython.address(all_values), folded.folded + begin, finish - begin)
            place, byte = finish, finish_byte
            out_row += 1
        while other < other_count:
            row_numbers[other] = out_row
            _append_other(cython.address(all_texts), cython.address(other_texts), other)
            _append_other(cython.address(all_values), cython.address(other_values), other)
            other += 1
            out_row += 1
    return out_row


@cython.cfunc
@cython.nogil
def _append(
    to: cython.pointer[StringsOut], data: cython.pointer[cython.const[cython.uchar]], size: int64_t
) -> cython.void:
    """Append ``size`` bytes as the next string."""
    memcpy(to.data + to.size, data, size)
    to.size += size
    to.count += 1
    to.offsets[to.count] = cython.cast(cython.int, to.size)


@cython.cfunc
@cython.nogil
def _append_other(
    to: cython.pointer[StringsOut], strings: cython.pointer[Strings], number: int64_t
) -> cython.void:
    """Append string ``number`` of others as the next string."""
    first: int64_t = strings.offsets[number]
    _append(to, strings.data + first, strings.offsets[number + 1] - first)
