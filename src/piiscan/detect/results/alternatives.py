"""Alternatives of a finding: superseded spans of its place, and kinds that its value implies.

``10001@qq.com`` as e-mail address -> alternative: QQ number 10001.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute

from piiscan.arrays import AnyArray, Int16, Int64
from piiscan.arrow_strings import strings_of_slices
from piiscan.detect.checks import Verdict
from piiscan.detect.results.arrow_columns import dictionary_array
from piiscan.detect.results.result_tables import ResultTables
from piiscan.detect.scoring.overlap_resolution import Resolved
from piiscan.detect.scoring.score_kernels import LOW
from piiscan.schemas import ALTERNATIVE

#: No alternative, the values of empty lists.
_NO_ALTERNATIVE: Final = pa.nulls(0, ALTERNATIVE)


def alternatives_column(
    resolved: Resolved,
    tables: ResultTables,
    rows: Int64,
    row_numbers: Int64,
    count: int,
    superseded: Int64,
) -> pa.Array:
    """Return the last column of FOUND: a list of alternatives per row, best first.

    Args:
        resolved: resolved spans of a chunk
        rows: indices of the reported spans
        row_numbers: row number of each of ``rows`` in the table
        count: number of rows of the table
        superseded: indices of the superseded spans
    """
    which = resolved.candidates.recognizer
    by_kind = tables.implies[which]  # by its recognizer, else by its context word
    accounts = np.where(by_kind >= 0, by_kind, resolved.annotated.context.implied).astype(np.int16)
    implied = np.flatnonzero(accounts[rows] >= 0)
    if not (len(superseded) or len(implied)):
        return _empty_lists(count)
    ordered = np.arange(len(rows)) if (rows[:-1] < rows[1:]).all() else np.argsort(rows)
    at = np.searchsorted(rows[ordered], resolved.winner[superseded])
    kept = at < len(rows)
    at[kept] = ordered[at[kept]]
    kept[kept] = rows[at[kept]] == resolved.winner[superseded[kept]]
    superseded, at = superseded[kept], at[kept]
    columns: list[AnyArray] = [
        row_numbers[at],
        which[superseded],
        resolved.offsets.start[superseded],
        resolved.offsets.end[superseded],
        resolved.validated.judgement.verdict[superseded],
        resolved.scores.score[superseded],
        resolved.scores.reason[superseded],
    ]
    if len(implied):
        more = _implied_alternatives(resolved, accounts, tables, rows, row_numbers, implied)
        columns = [np.concatenate(pair) for pair in zip(columns, more, strict=True)]
    if not len(columns[0]):
        return _empty_lists(count)
    order = np.lexsort((columns[1], -columns[5], columns[0]))
    at, which, start, end, verdict, score, reason = (column[order] for column in columns)
    numbers = np.arange(len(at) + 1, dtype=np.int32)
    offsets = np.repeat(numbers, np.diff(at, prepend=-1, append=count))
    fields = [
        dictionary_array(tables.entity[which], tables.dictionaries.entities).dictionary_decode(),
        dictionary_array(which, tables.dictionaries.recognizers).dictionary_decode(),
        pa.array(start),
        pa.array(end),
        dictionary_array(verdict, tables.dictionaries.verdicts).dictionary_decode(),
        pa.array(score),
        dictionary_array(reason, tables.dictionaries.reasons, absent=0).dictionary_decode(),
    ]
    struct = pa.StructArray.from_arrays(fields, fields=list(ALTERNATIVE))
    return pa.ListArray.from_arrays(pa.array(offsets), struct)


def _empty_lists(count: int) -> pa.Array:
    """Return ``count`` empty lists of alternatives."""
    return pa.ListArray.from_arrays(pa.array(np.zeros(count + 1, np.int32)), _NO_ALTERNATIVE)


def _implied_alternatives(
    resolved: Resolved,
    accounts: Int16,
    tables: ResultTables,
    rows: Int64,
    row_numbers: Int64,
    implied: Int64,
) -> list[Any]:
    """Return the columns of implied alternatives.

    They are the leading digits of ``10001@qq.com``, or the whole span (``13800138000微信同号``).
    ``implied``: positions in ``rows``.
    """
    these = rows[implied]
    value = strings_of_slices(*resolved.validated.values.value_slices(these, resolved.candidates))
    digits = pa.compute.replace_substring_regex(value, r"[^0-9].*", "")
    start, end = resolved.offsets.start[these], resolved.offsets.end[these]
    by_kind = tables.implies[resolved.candidates.recognizer[these]] >= 0
    length = pa.compute.utf8_length(digits).to_numpy()
    return [
        row_numbers[implied],
        accounts[these],
        start,
        np.where(by_kind, start + length, end).astype(np.int32),
        np.full(len(these), Verdict.PLAUSIBLE, np.int8),
        np.full(len(these), LOW),
        np.zeros(len(these), np.int16),
    ]
