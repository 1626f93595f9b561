"""Findings -> records and, in each, whose information it is: candidates.

A row with a sender and a recipient is one record and two candidates.  What has no role belongs to
the only person of the record that has one, or is a candidate of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from piiscan.arrays import Int64
from piiscan.case.count.subjects.elements import TELLING
from piiscan.case.count.subjects.record_batches import Batch, Flags


@dataclass(frozen=True, slots=True)
class Grouped:
    """``record[c]`` and ``role[c]`` of each candidate, by record, then role.

    ``starts[r]``: the first finding of a record; ``of[f]``: the candidate of a finding, -1 where
    it is no element of anybody; ``firsts[r]``: the first candidate of a record.
    """

    starts: Int64
    record: Int64
    role: Int64
    of: Int64
    firsts: Int64

    def __len__(self) -> int:
        return len(self.record)

    def leading(self, rank: Int64) -> Flags:
        """The candidate of each record with the highest rank; of equal ones the first."""
        best = np.maximum.reduceat(rank, self.firsts) if len(rank) else rank
        fitting = np.flatnonzero(rank == best[self.record])
        _, places = np.unique(self.record[fitting], return_index=True)
        chosen = np.zeros(len(rank), np.bool_)
        chosen[fitting[places]] = True
        return chosen


def group(batch: Batch, element: Int64, kept: Flags) -> Grouped:
    """The records of ``batch`` and their candidates; only ``kept`` findings tell of a person.

    ``element[f]`` is what each finding stands for (:mod:`piiscan.case.count.subjects.elements`).
    """
    starts = batch.starts()
    record = np.zeros(len(batch), np.int64)
    record[starts] = 1
    record = np.cumsum(record) - 1
    telling = kept & (element < TELLING)
    role = _shared(batch.role.astype(np.int64), record, telling, len(starts))
    width = int(role.max(initial=-1)) + 2
    code = record * width + role + 1
    known = np.zeros(len(starts), np.bool_)
    known[record[telling]] = True
    nobody = np.flatnonzero(~known) * width
    codes = np.unique(np.concatenate([code[telling], nobody]))
    of = np.full(len(batch), -1, np.int64)
    of[telling] = np.searchsorted(codes, code[telling])
    owner = codes // width
    firsts = np.searchsorted(owner, np.arange(len(starts)))
    return Grouped(starts, owner, codes % width - 1, of, firsts)


def _shared(role: Int64, record: Int64, telling: Flags, count: int) -> Int64:
    """The roles of findings; those without one get it from the only role of their record."""
    named = telling & (role >= 0)
    if not named.any():
        return role
    low = np.full(count, np.iinfo(np.int64).max)
    high = np.full(count, -1, np.int64)
    np.minimum.at(low, record[named], role[named])
    np.maximum.at(high, record[named], role[named])
    alone = low == high
    fill = (role < 0) & alone[record]
    return np.where(fill, high[record], role)


def first_places(of: Int64, element: Int64, chosen: Flags, count: int) -> Int64:
    """``int64[count, TELLING]``: the first chosen finding of each candidate and element, or -1."""
    first = np.full((count, TELLING), -1, np.int64)
    places = np.flatnonzero(chosen)[::-1]  # the first one is written last
    first[of[places], element[places]] = places
    return first
