"""Implausible columns: columns whose numbers no real list has (a run, equal endings), as alarms.

The numbers increase one by one (NUMBER_RUN) or share one ending (UNIFORM_TAIL).  The decision uses
the distinct numbers of a column at the end of a source, so shuffled rows are found too.  At most
_MAX_NUMBERS numbers are checked: this bounds memory and makes runs equal.
``13800000001, 13800000002, 13800000003, … -> NUMBER_RUN``
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import Bool, Int16, Int64
from piiscan.arrow_strings import string_buffers
from piiscan.case.scan.scan_kernels import parse_numbers
from piiscan.schemas import ALARMS
from piiscan.tabular.hits import CodeBooks, Hits

#: Kinds of numbers that are checked -> number of check digits at their end.
_CHECK_DIGITS: Final = {"CN_MOBILE": 0, "CN_IOT_NUMBER": 0, "QQ_NUMBER": 0, "CN_BANK_CARD": 1}
#: Most numbers of a source that are checked, at 16 bytes each.
_MAX_NUMBERS: Final = 4_000_000
#: First size of the buffer.
_INITIAL_SIZE: Final = 10_000
#: Least numbers for an alarm.
_MIN_NUMBERS: Final = 50
_TAIL: Final = 10_000


@dataclass(frozen=True, slots=True)
class ColumnNumbers:
    """Numbers of one entity in one column of a block, with their row numbers."""

    column: int  # as in FINDINGS
    entity: str
    values: Int64
    rows: Int64


def collect_numbers(
    hits: Hits, books: CodeBooks, *, rows: Int64, split: bool
) -> list[ColumnNumbers]:
    """Return the identity and phone numbers of a block, by column and entity.

    Refuted findings are left out.
    """
    found = []
    valid = hits.verdict != books.verdict.codes.get("refuted", -2)
    for entity, check_digits in _CHECK_DIGITS.items():
        rows_of_kind = np.flatnonzero(valid & (hits.entity == books.entity.codes.get(entity, -2)))
        if not len(rows_of_kind):
            continue
        offsets, data = string_buffers(hits.value)
        values = np.empty(len(rows_of_kind), np.int64)
        starts = np.ascontiguousarray(offsets, np.int64)
        parse_numbers(starts, data, rows_of_kind, check_digits, values)
        columns = hits.column[rows_of_kind] + 1 if split else hits.column[rows_of_kind] * 0
        for column in np.unique(columns).tolist():
            in_column = np.flatnonzero((columns == column) & (values >= 0))
            found.append(
                ColumnNumbers(
                    column, entity, values[in_column], rows[hits.record[rows_of_kind[in_column]]]
                )
            )
    return found


@dataclass(slots=True)
class Alarms:
    """Collector of a source's numbers by part, column and entity, and of alarms about them.

    All numbers are in one buffer: many small arrays would fragment the memory.
    """

    _slices: dict[tuple[int, int, str], list[slice]] = field(default_factory=dict)
    _buffer: Int64 = field(default_factory=lambda: np.empty((2, 0), np.int64))  # values, rows
    _count: int = 0
    _stored: int = 0

    @classmethod
    def of(cls, slices: dict[tuple[int, int, str], list[slice]], numbers: Int64) -> Alarms:
        """Return the collector with the ``slices`` and all numbers that were stored."""
        return cls(slices, numbers, numbers.shape[1], numbers.shape[1])

    def store(self) -> tuple[dict[tuple[int, int, str], list[slice]], Int64]:
        """Return the slices, and the numbers since the last call."""
        start, self._stored = self._stored, self._count
        return self._slices, self._buffer[:, start : self._count]

    def add(self, part: int, numbers: list[ColumnNumbers]) -> None:
        """Add the numbers of a block in part ``part``; drop those above _MAX_NUMBERS in all."""
        for each in numbers:
            target = slice(self._count, min(self._count + len(each.values), _MAX_NUMBERS))
            size = target.stop - target.start
            if not size:
                continue
            if target.stop > self._buffer.shape[1]:
                buffer = np.empty(
                    (2, min(max(2 * target.stop, _INITIAL_SIZE), _MAX_NUMBERS)), np.int64
                )
                buffer[:, : self._count] = self._buffer[:, : self._count]
                self._buffer = buffer
            self._buffer[0, target], self._buffer[1, target] = each.values[:size], each.rows[:size]
            slices = self._slices.setdefault((part, each.column, each.entity), [])
            if slices and slices[-1].stop == target.start:
                target = slice(slices.pop().start, target.stop)
            slices.append(target)
            self._count += size

    def _gather(self, row: int, slices: list[slice]) -> Int64:
        """Return the values (``row`` 0) or row numbers (``row`` 1) in ``slices`` as one array."""
        arrays = [self._buffer[row, each] for each in slices]
        return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)

    def build_table(self, source: int, members: list[str]) -> pa.Table:
        """Return the ALARMS rows of the source; ``members`` are the names of its parts."""
        if self._count > _MAX_NUMBERS // 2:  # sorting adds to unused memory of blocks
            pa.default_memory_pool().release_unused()
        rows: list[dict[str, Any]] = []
        for (part, column, entity), slices in sorted(self._slices.items()):
            values = self._gather(0, slices)
            if len(values) < _MIN_NUMBERS:
                continue
            location = {
                "source": source,
                "member": members[part],
                "column": column,
                "entity": entity,
            }
            # Sorting is faster than np.unique.
            ordered = np.sort(values)
            differs = ordered[1:] != ordered[:-1]
            distinct = ordered if differs.all() else ordered[np.append(True, differs)]
            for kind, find in (
                ("NUMBER_RUN", _find_number_run),
                ("UNIFORM_TAIL", _find_uniform_tail),
            ):
                alarm = find(values, distinct)
                if alarm is not None:
                    row_numbers = self._gather(1, slices)
                    rows.append(
                        {
                            **location,
                            "kind": kind,
                            "row": int(row_numbers[alarm[0]].min()),
                            "count": alarm[1],
                        }
                    )
        return pa.Table.from_pylist(rows, ALARMS)


def _true_stretches(mask: Bool, least: int) -> list[tuple[int, int]]:
    """Return [start, end) of each run of True in ``mask`` with at least ``least`` entries."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.view(np.int8), [0]])))
    pairs = edges.reshape(-1, 2)
    return [(a, b) for a, b in pairs.tolist() if b - a >= least]


def _find_number_run(values: Int64, distinct: Int64) -> tuple[Any, int] | None:
    """Find many consecutive values that rise by 1. Return (their mask, number) or None.

    Return None if there are too few.
    """
    spans = _true_stretches(distinct[1:] - 1 == distinct[:-1], _MIN_NUMBERS - 1)
    if not spans:
        return None
    in_run = np.zeros(len(values), np.bool_)
    for low, high in spans:
        in_run |= (values >= distinct[low]) & (values <= distinct[high])
    return in_run, sum(high - low + 1 for low, high in spans)


def _find_uniform_tail(values: Int64, distinct: Int64) -> tuple[Any, int] | None:
    """Find values whose last four digits are equal or rise by equal steps, or None.

    An ending is four digits. Return a mask or slice of them and their number; None if there are
    too few.
    """
    if len(distinct) < _MIN_NUMBERS:
        return None
    count = np.bincount(_last_four(distinct))
    often = int(count.argmax())
    if count[often] >= _MIN_NUMBERS and count[often] * 2 > len(distinct):
        return _last_four(values) == often, int(count[often])
    steps = np.diff(_last_four(values))
    steps += (steps < 0) * np.int16(_TAIL)
    even = (steps[1:] == steps[:-1]) & (steps[1:] != 0)
    if not _true_stretches(even, _MIN_NUMBERS - 2):
        return None
    spans = _true_stretches(even & (np.diff(values)[1:] != 1), _MIN_NUMBERS - 2)
    if not spans:
        return None
    return slice(spans[0][0], spans[0][0] + 1), sum(high - low + 2 for low, high in spans)


def _last_four(values: Int64) -> Int16:
    """Return the last four digits of each value as a number (``int16[n]``)."""
    tails = np.empty(len(values), np.int16)
    np.remainder(values, _TAIL, out=tails, casting="unsafe")
    return tails
