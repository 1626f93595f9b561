"""Columns of numbers that no real list has: counted on one by one, or all with one ending.

Decided at the end of a source from the distinct numbers of each column, so that rows may have been
shuffled.  A fixed number of them is looked at, which bounds memory and is the same in every run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import Bool, Int16, Int64, UInt8
from piiscan.hashing.digest import string_buffers
from piiscan.jit import frozen, kernel
from piiscan.schemas import ALARMS
from piiscan.tabular.hits import Hits, Lexicons

#: Kinds of numbers that are looked at, and how many of their last digits follow from the others.
_NUMBERS: Final = {"CN_MOBILE": 0, "CN_IOT_NUMBER": 0, "QQ_NUMBER": 0, "CN_BANK_CARD": 1}
#: Numbers of a source that are looked at: 16 bytes each.
_MOST: Final = 4_000_000
#: Numbers of a small source.
_FEW: Final = 10_000
#: Numbers that make an alarm.
_FEWEST: Final = 50
_TAIL: Final = 10_000


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of one kind in one column of a block, and their rows."""

    column: int  # as in FINDINGS
    entity: str
    values: Int64
    rows: Int64


@kernel
def _parse(offsets: Int64, data: UInt8, chosen: Int64, cut: int, out: Int64) -> None:
    for i in range(len(chosen)):
        out[i] = 0
        for at in range(offsets[chosen[i]], offsets[chosen[i] + 1] - cut):
            if not 48 <= data[at] <= 57:
                out[i] = -1
                break
            out[i] = out[i] * 10 + (np.int64(data[at]) - 48)


def take_numbers(hits: Hits, words: Lexicons, *, rows: Int64, split: bool) -> list[Numbers]:
    """The numbers of a block, by column and kind; refuted ones are none."""
    found = []
    fine = hits.verdict != words.verdict.numbers.get("refuted", -2)
    for entity, cut in _NUMBERS.items():
        mine = np.flatnonzero(fine & (hits.entity == words.entity.numbers.get(entity, -2)))
        if not len(mine):
            continue
        offsets, data = string_buffers(hits.value)
        values = np.empty(len(mine), np.int64)
        places = frozen(np.ascontiguousarray(offsets, np.int64))
        _parse(places, frozen(data), mine, cut, values)
        columns = hits.column[mine] + 1 if split else hits.column[mine] * 0
        for column in np.unique(columns).tolist():
            some = np.flatnonzero((columns == column) & (values >= 0))
            found.append(Numbers(column, entity, values[some], rows[hits.record[mine[some]]]))
    return found


@dataclass(slots=True)
class Alarms:
    """The numbers of a source so far, by part, column and kind.

    All stand in one room: kept as the small arrays that they come as, they would leave gaps in
    everything else that is allocated meanwhile.
    """

    _slices: dict[tuple[int, int, str], list[slice]] = field(default_factory=dict)
    _room: Int64 = field(default_factory=lambda: np.empty((2, 0), np.int64))  # values, rows
    _count: int = 0

    def add(self, part: int, numbers: list[Numbers]) -> None:
        """Take the numbers of a block in, as long as there are not too many."""
        for each in numbers:
            here = slice(self._count, min(self._count + len(each.values), _MOST))
            size = here.stop - here.start
            if not size:
                continue
            self._grow(here.stop)
            self._room[0, here], self._room[1, here] = each.values[:size], each.rows[:size]
            own = self._slices.setdefault((part, each.column, each.entity), [])
            if own and own[-1].stop == here.start:
                here = slice(own.pop().start, here.stop)
            own.append(here)
            self._count += size

    def _grow(self, least: int) -> None:
        """Make room for at least so many, twice as many as before."""
        if least > self._room.shape[1]:
            room = np.empty((2, min(max(2 * least, _FEW), _MOST)), np.int64)
            room[:, : self._count] = self._room[:, : self._count]
            self._room = room

    def _of(self, which: int, slices: list[slice]) -> Int64:
        """The values (0) or rows (1) that stand there."""
        own = [self._room[which, each] for each in slices]
        return own[0] if len(own) == 1 else np.concatenate(own)

    def tell(self, source: int, members: list[str]) -> pa.Table:
        """The ALARMS rows of the source; ``members`` are the names of its parts."""
        if self._count > _MOST // 2:  # sorting them would stand beside what blocks have left
            pa.default_memory_pool().release_unused()
        rows: list[dict[str, Any]] = []
        for (part, column, entity), slices in sorted(self._slices.items()):
            values = self._of(0, slices)
            if len(values) < _FEWEST:
                continue
            place = {"source": source, "member": members[part], "column": column, "entity": entity}
            distinct = _distinct(values)
            for kind, found in (("NUMBER_RUN", _runs), ("UNIFORM_TAIL", _tails)):
                told = found(values, distinct)
                if told is not None:
                    where = self._of(1, slices)
                    rows.append(
                        {**place, "kind": kind, "row": int(where[told[0]].min()), "count": told[1]}
                    )
        return pa.Table.from_pylist(rows, ALARMS)


def _distinct(values: Int64) -> Int64:
    """The distinct values in ascending order; sorting alone is a fifth of ``np.unique``."""
    ordered = np.sort(values)
    fresh = ordered[1:] != ordered[:-1]
    return ordered if fresh.all() else ordered[np.append(True, fresh)]


def _spans(same: Bool, least: int) -> list[tuple[int, int]]:
    """Begin and end of each stretch of True of at least ``least``."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], same.view(np.int8), [0]])))
    pairs = edges.reshape(-1, 2)
    return [(a, b) for a, b in pairs.tolist() if b - a >= least]


def _runs(values: Int64, distinct: Int64) -> tuple[Any, int] | None:
    """Which of the values follow each other by one, many in a row, and how many there are."""
    spans = _spans(distinct[1:] - 1 == distinct[:-1], _FEWEST - 1)
    if not spans:
        return None
    mine = np.zeros(len(values), np.bool_)
    for low, high in spans:
        mine |= (values >= distinct[low]) & (values <= distinct[high])
    return mine, sum(high - low + 1 for low, high in spans)


def _tails(values: Int64, distinct: Int64) -> tuple[Any, int] | None:
    """Which values' last four digits are one, or where they begin to rise evenly; how many."""
    if len(distinct) < _FEWEST:
        return None
    count = np.bincount(_last_four(distinct))
    often = int(count.argmax())
    if count[often] >= _FEWEST and count[often] * 2 > len(distinct):
        return _last_four(values) == often, int(count[often])
    steps = np.diff(_last_four(values))
    steps += (steps < 0) * np.int16(_TAIL)
    even = (steps[1:] == steps[:-1]) & (steps[1:] != 0)
    if not _spans(even, _FEWEST - 2):
        return None
    spans = _spans(even & (np.diff(values)[1:] != 1), _FEWEST - 2)
    if not spans:
        return None
    return slice(spans[0][0], spans[0][0] + 1), sum(high - low + 2 for low, high in spans)


def _last_four(values: Int64) -> Int16:
    """The number that the last four digits of each are."""
    tails = np.empty(len(values), np.int16)
    np.remainder(values, _TAIL, out=tails, casting="unsafe")
    return tails
