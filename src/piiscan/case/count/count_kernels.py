# mypy: ignore-errors
"""Kernels of counting: persons as trees of linked subjects, and records merged with findings."""

import cython
from cython.cimports.libc.stdint import int64_t
from cython.cimports.piiscan.kernel_arrays import *

from piiscan import arrays

#: Forest of subjects: the parent of each, in 32 or 64 bits.
Parents = cython.fused_type(Int32Out, Int64Out)


@cython.cfunc
@cython.nogil
def _find_root(parents: Parents, node: int64_t) -> int64_t:
    """Return the root of the tree of ``node``. Shorten the path to it in ``parents``."""
    while parents[node] != node:
        parents[node] = parents[parents[node]]
        node = parents[node]
    return node


@cython.cfunc
@cython.nogil
def _link_subjects(
    parents: Parents, subjects: Int64, first_subjects: Int64, count: cython.Py_ssize_t
) -> cython.void:
    """Join the trees of two subjects; the lower root becomes the root of both."""
    link: cython.Py_ssize_t
    root: int64_t
    first_root: int64_t
    for link in range(count):
        root = _find_root(parents, subjects[link])
        first_root = _find_root(parents, first_subjects[link])
        parents[max(root, first_root)] = min(root, first_root)


@cython.cfunc
@cython.nogil
def _number_persons(parents: Parents, count: cython.Py_ssize_t) -> cython.void:
    """Replace each parent by the number of its tree; a parent comes before its subjects."""
    node: cython.Py_ssize_t
    persons: int64_t = 0
    for node in range(count):
        if parents[node] < 0:
            continue
        if parents[node] == node:
            parents[node] = persons
            persons += 1
        else:
            parents[node] = parents[parents[node]]


def link_subjects(parents: object, subjects: arrays.Int64, first_subjects: arrays.Int64) -> None:
    """Join the trees of ``subjects[i]`` and ``first_subjects[i]`` in the forest ``parents``.

    The lower root becomes the root of both. ``parents``: ``int32`` or ``int64``.
    """
    count: cython.Py_ssize_t = len(subjects)
    linked: Int64 = int64(subjects)
    firsts: Int64 = int64(first_subjects)
    narrow: Int32Out
    wide: Int64Out
    if parents.dtype.itemsize == 4:
        narrow = int32_out(parents)
        with cython.nogil:
            _link_subjects(narrow, linked, firsts, count)
    else:
        wide = int64_out(parents)
        with cython.nogil:
            _link_subjects(wide, linked, firsts, count)


def number_persons(parents: object) -> None:
    """Replace each parent in the forest ``parents`` by its person number, from 0 on.

    Subjects without a parent (-1) are no persons.
    """
    count: cython.Py_ssize_t = len(parents)
    narrow: Int32Out
    wide: Int64Out
    if parents.dtype.itemsize == 4:
        narrow = int32_out(parents)
        with cython.nogil:
            _number_persons(narrow, count)
    else:
        wide = int64_out(parents)
        with cython.nogil:
            _number_persons(wide, count)


def match_rows(
    keys: arrays.Int64, first: int, rows: arrays.Int64, row: int, matched_row: arrays.Int64
) -> tuple[int, int]:
    """Set ``matched_row``: the row of each record, by key. Return record and row to continue at.

    Both inputs are sorted alike, and ``rows`` lacks some records. Rows that repeat a key (a record
    read in pieces) are skipped. The scan ends with the records or with the rows.

    Args:
        keys: member, row and group of each record (``int64[n, 3]``).
        first: record to start at.
        rows: the same keys of the rows of RECORDS.
        row: row to start at.
        matched_row: output, row of each record; stays -1 where no row matches.
    """
    record: int64_t = first
    at: int64_t = row
    records: int64_t = len(keys)
    row_count: int64_t = len(rows)
    of_record: Int64 = int64(keys)
    of_row: Int64 = int64(rows)
    out: Int64Out = int64_out(matched_row)
    with cython.nogil:
        while record < records and at < row_count:
            if (
                of_record[3 * record] == of_row[3 * at]
                and of_record[3 * record + 1] == of_row[3 * at + 1]
                and of_record[3 * record + 2] == of_row[3 * at + 2]
            ):
                if out[record] < 0:
                    out[record] = at
                at += 1
            else:
                record += 1
    return record, at
