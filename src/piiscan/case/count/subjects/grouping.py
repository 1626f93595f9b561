"""Grouping: findings -> records, and in each record its subjects, one per role.

``寄件人 张三 13800138000 | 收件人 李四 13900139000 -> 1 record, 2 subjects``. Findings without a
role belong to the only role of their record. If the record has several roles or none, they form a
subject of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from piiscan.arrays import Int64
from piiscan.case.count.subjects.elements import N_IDENTIFYING
from piiscan.case.count.subjects.record_batches import FindingBatch, Flags


@dataclass(frozen=True, slots=True)
class SubjectGroups:
    """Subjects of a batch, by record, then role: ``record[s]`` and ``role[s]`` of subject ``s``.

    ``record_starts[r]``: first finding of record ``r``. ``subject_of[f]``: subject of finding
    ``f``, -1 if it is no element of a person. ``first_subjects[r]``: first subject of record ``r``.
    """

    record_starts: Int64
    record: Int64
    role: Int64
    subject_of: Int64
    first_subjects: Int64

    def __len__(self) -> int:
        return len(self.record)

    def main_subjects(self, rank: Int64) -> Flags:
        """Return a mask per subject: True for the one with the highest rank in its record.

        The first of equals is chosen.
        """
        best = np.maximum.reduceat(rank, self.first_subjects) if len(rank) else rank
        best_subjects = np.flatnonzero(rank == best[self.record])
        _, first_indices = np.unique(self.record[best_subjects], return_index=True)
        chosen = np.zeros(len(rank), np.bool_)
        chosen[best_subjects[first_indices]] = True
        return chosen


def group_subjects(batch: FindingBatch, element: Int64, included: Flags) -> SubjectGroups:
    """Group the included findings of ``batch`` into records and subjects, one subject per role.

    Only ``included`` findings form subjects. ``element``: the element of each finding. A record
    without an identifying element has one subject without role.
    """
    record_starts = batch.record_starts()
    record = np.zeros(len(batch), np.int64)
    record[record_starts] = 1
    record = np.cumsum(record) - 1
    identifying = included & (element < N_IDENTIFYING)
    role = _fill_roles(batch.role.astype(np.int64), record, identifying, len(record_starts))
    width = int(role.max(initial=-1)) + 2
    code = record * width + role + 1
    occupied = np.zeros(len(record_starts), np.bool_)
    occupied[record[identifying]] = True
    empty = np.flatnonzero(~occupied) * width
    codes = np.unique(np.concatenate([code[identifying], empty]))
    subject_of = np.full(len(batch), -1, np.int64)
    subject_of[identifying] = np.searchsorted(codes, code[identifying])
    subject_record = codes // width
    first_subjects = np.searchsorted(subject_record, np.arange(len(record_starts)))
    return SubjectGroups(
        record_starts, subject_record, codes % width - 1, subject_of, first_subjects
    )


def _fill_roles(role: Int64, record: Int64, identifying: Flags, count: int) -> Int64:
    """Return the role per finding; a missing one becomes its record's role if that has only one.

    Args:
        role: role of each finding, -1 for none.
        record: record of each finding.
        identifying: findings whose role counts.
        count: number of records.
    """
    named = identifying & (role >= 0)
    if not named.any():
        return role
    low = np.full(count, np.iinfo(np.int64).max)
    high = np.full(count, -1, np.int64)
    np.minimum.at(low, record[named], role[named])
    np.maximum.at(high, record[named], role[named])
    single = low == high
    fill = (role < 0) & single[record]
    return np.where(fill, high[record], role)


def first_findings(subject_of: Int64, element: Int64, chosen: Flags, count: int) -> Int64:
    """Return the index of the first chosen finding by subject and element, -1 for none.

    The shape is ``int64[count, N_IDENTIFYING]``.

    Args:
        subject_of: subject of each finding.
        element: element of each finding.
        chosen: findings to use.
        count: number of subjects.
    """
    first = np.full((count, N_IDENTIFYING), -1, np.int64)
    findings = np.flatnonzero(chosen)[::-1]  # reversed: the first finding is written last
    first[subject_of[findings], element[findings]] = findings
    return first
