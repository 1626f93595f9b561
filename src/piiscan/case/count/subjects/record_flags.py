"""Record flags: combination, doubts and row digests of each record, read from RECORDS.

RECORDS and FINDINGS have the same order, so both are read once, side by side.  RECORDS omits
records without a counted kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int32, Int64, UInt64
from piiscan.case.count.count_kernels import match_rows
from piiscan.case.count.subjects.record_batches import (
    ColumnCodes,
    FindingBatch,
    Flags,
    WordCodes,
    one_chunk,
)
from piiscan.hashing.digest_rows import digest_words

#: Columns of RECORDS that a count reads.
RECORD_COLUMNS: Final = (
    "source",
    "member",
    "row",
    "group",
    "combination",
    "doubts",
    "row_digest",
    "content_digest",
)


@dataclass(frozen=True, slots=True)
class RecordFlags:
    """Flags of each record: word codes (-1 for none), digests, True if RECORDS has it."""

    combination: Int32
    doubts: Int32
    row_digest: UInt64
    content_digest: UInt64
    in_records: Flags


@dataclass(frozen=True, slots=True)
class _RecordRows:
    """Rows of one row group of RECORDS; ``keys``: member, row and group."""

    keys: Int64  # [n, 3]
    combination: Int32
    doubts: Int32
    row_digest: UInt64
    content_digest: UInt64


def read_flags(
    batches: Iterable[FindingBatch],
    records: Iterable[pa.Table],
    *,
    column_codes: ColumnCodes,
    combinations: WordCodes,
    doubts: WordCodes,
) -> Iterator[tuple[FindingBatch, RecordFlags]]:
    """Yield each batch with combination, doubts and row digests of its records, from RECORDS.

    ``batches``: findings of a source in reading order.  ``records``: its rows of RECORDS, tables
    with RECORD_COLUMNS.  ``combinations``, ``doubts``: codes of the words in these columns.
    """
    row_groups = _encode_records(records, column_codes, combinations, doubts)
    rows, row = next(row_groups, None), 0
    for batch in batches:
        starts = batch.record_starts()
        keys = np.column_stack([batch.member[starts], batch.record[starts], batch.group[starts]])
        keys = np.ascontiguousarray(keys.astype(np.int64))
        count = len(starts)
        flags = RecordFlags(
            np.full(count, -1, np.int32),
            np.full(count, -1, np.int32),
            np.zeros((count, 2), np.uint64),
            np.zeros((count, 2), np.uint64),
            np.zeros(count, np.bool_),
        )
        record = 0
        while rows is not None:
            matched_row = np.full(count, -1, np.int64)
            record, row = match_rows(keys, record, rows.keys, row, matched_row)
            found_records = np.flatnonzero(matched_row >= 0)
            found_rows = matched_row[found_records]
            flags.combination[found_records] = rows.combination[found_rows]
            flags.doubts[found_records] = rows.doubts[found_rows]
            flags.row_digest[found_records] = rows.row_digest[found_rows]
            flags.content_digest[found_records] = rows.content_digest[found_rows]
            flags.in_records[found_records] = True
            if row < len(rows.keys):  # remaining rows belong to later batches
                break
            rows, row = next(row_groups, None), 0
        yield batch, flags


def _encode_records(
    records: Iterable[pa.Table],
    column_codes: ColumnCodes,
    combinations: WordCodes,
    doubts: WordCodes,
) -> Iterator[_RecordRows]:
    """Yield the rows of each table of RECORDS, with words as codes."""
    for table in records:
        columns = {name: one_chunk(table[name]) for name in RECORD_COLUMNS}
        member = column_codes.member.encode(columns["source"], columns["member"]).astype(np.int64)
        keys = np.column_stack([member, columns["row"].to_numpy(), columns["group"].to_numpy()])
        yield _RecordRows(
            np.ascontiguousarray(keys),
            combinations.encode(columns["combination"]),
            doubts.encode(columns["doubts"]),
            digest_words(columns["row_digest"]),
            digest_words(columns["content_digest"]),
        )
