"""What else a finding could be: the losers of its place, and what it implies, as one column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from piiscan.arrays import AnyArray, Int16, Int64
from piiscan.arrow_strings import texts_of
from piiscan.detect.checks import Verdict
from piiscan.detect.results.resolved import Settled, coded
from piiscan.detect.scoring.candidate_score import LOW
from piiscan.jit import kernel
from piiscan.schemas import ALTERNATIVE

if TYPE_CHECKING:
    from piiscan.detect.compiled_catalog import Plan


def alternatives(
    settled: Settled, plan: Plan, rows: Int64, places: Int64, count: int, lost: Int64
) -> pa.Array:
    """Per row the losers of its place, best first, and what it implies; FOUND's last column.

    ``places``: where ``rows`` stand among the ``count`` of the table.
    """
    which = settled.candidates.recognizer
    ordered = np.arange(len(rows)) if (rows[:-1] < rows[1:]).all() else np.argsort(rows)
    at = np.searchsorted(rows[ordered], settled.winner[lost])
    kept = at < len(rows)
    at[kept] = ordered[at[kept]]
    kept[kept] = rows[at[kept]] == settled.winner[lost[kept]]
    lost, at = lost[kept], at[kept]
    columns: list[AnyArray] = [
        places[at],
        which[lost],
        settled.places.start[lost],
        settled.places.end[lost],
        settled.judged.verdict[lost],
        settled.weights.score[lost],
        settled.weights.reason[lost],
    ]
    implied = _implying(which, rows, plan.implies)
    if len(implied):
        more = _implied(settled, plan, rows, places, implied)
        columns = [np.concatenate(pair) for pair in zip(columns, more, strict=True)]
    if not len(columns[0]):
        return _none(count)
    order = np.lexsort((columns[1], -columns[5], columns[0]))
    at, which, start, end, verdict, score, reason = (column[order] for column in columns)
    numbers = np.arange(len(at) + 1, dtype=np.int32)
    offsets = np.repeat(numbers, np.diff(at, prepend=-1, append=count))
    fields = [
        coded(plan.entity[which], plan.names.entities).dictionary_decode(),
        coded(which, plan.names.recognizers).dictionary_decode(),
        pa.array(start),
        pa.array(end),
        coded(verdict, plan.names.verdicts).dictionary_decode(),
        pa.array(score),
        coded(reason, plan.names.reasons, absent=0).dictionary_decode(),
    ]
    struct = pa.StructArray.from_arrays(fields, fields=list(ALTERNATIVE))
    return pa.ListArray.from_arrays(pa.array(offsets), struct)


def _none(count: int) -> pa.Array:
    """For ``count`` rows that nothing lost to."""
    return pa.ListArray.from_arrays(
        pa.array(np.zeros(count + 1, np.int32)), pa.array([], ALTERNATIVE)
    )


@kernel
def _find_implying(
    which: Int16, rows: Int64, implies: Int16, found: Int64
) -> int:  # pragma: no cover - compiled
    count = 0
    for at in range(len(rows)):
        if implies[which[rows[at]]] >= 0:
            found[count] = at
            count += 1
    return count


def _implying(which: Int16, rows: Int64, implies: Int16) -> Int64:
    """Which of ``rows`` imply another finding."""
    found = np.empty(len(rows), np.int64)
    return found[: _find_implying(which, rows, implies, found)]


def _implied(settled: Settled, plan: Plan, rows: Int64, places: Int64, implied: Int64) -> list[Any]:
    """The alternatives that findings imply: the digits they start with (a QQ mail's QQ number)."""
    these = rows[implied]
    value = texts_of(*settled.values.of(these, settled.candidates))
    digits = pa.compute.replace_substring_regex(value, r"[^0-9].*", "")
    start = settled.places.start[these]
    length = pa.compute.utf8_length(digits).to_numpy()
    return [
        places[implied],
        plan.implies[settled.candidates.recognizer[these]],
        start,
        (start + length).astype(np.int32),
        np.full(len(these), Verdict.PLAUSIBLE, np.int8),
        np.full(len(these), LOW),
        np.zeros(len(these), np.int16),
    ]
