"""Record flags: combination, doubts and row digest of each record, read from RECORDS.

RECORDS and FINDINGS have the same order, so both are read once, side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow.parquet as pq

from piiscan.arrays import AnyArray, Int32, Int64, UInt64
from piiscan.case.count.subjects.record_batches import (
    ColumnCodes,
    FindingBatch,
    Flags,
    WordCodes,
    digest_words,
    one_chunk,
)
from piiscan.jit import kernel

_COLUMNS: Final = ("member", "row", "group", "combination", "doubts", "row_digest")


@dataclass(frozen=True, slots=True)
class RecordFlags:
    """Flags of each record: word codes (-1 for none), digest of the row, True if RECORDS has it."""

    combination: Int32
    doubts: Int32
    row_digest: UInt64
    in_records: Flags


@dataclass(frozen=True, slots=True)
class _RecordRows:
    """Rows of one row group of RECORDS; ``keys``: member, row and group."""

    keys: Int64  # [n, 3]
    combination: Int32
    doubts: Int32
    row_digest: UInt64


class RecordFlagReader:
    """Reader of the RECORDS shard of a source, front to back. Without a shard no record has flags.

    RECORDS omits records without a counted kind. Its rows are in the order of FINDINGS.
    """

    def __init__(
        self,
        path: Path | None,
        column_codes: ColumnCodes,
        combinations: WordCodes,
        doubts: WordCodes,
    ) -> None:
        """Open the shard ``path`` (None: no shard) and read its first row group.

        ``combinations``, ``doubts``: codes of the words in these columns.
        """
        self._column_codes, self._combinations, self._doubts = column_codes, combinations, doubts
        self._groups = iter(()) if path is None else _read_tables(path)
        self._rows = self._next_rows()
        self._row = 0

    def read(self, batch: FindingBatch, record_starts: Int64) -> RecordFlags:
        """Return combination, doubts and row digest of each record of ``batch``, from RECORDS.

        Batches must come in reading order.
        """
        keys = np.column_stack(
            [batch.member[record_starts], batch.record[record_starts], batch.group[record_starts]]
        )
        keys = np.ascontiguousarray(keys.astype(np.int64))
        count = len(record_starts)
        flags = RecordFlags(
            np.full(count, -1, np.int32),
            np.full(count, -1, np.int32),
            np.zeros((count, 2), np.uint64),
            np.zeros(count, np.bool_),
        )
        matched_row = np.full(count, -1, np.int64)
        record = 0
        while self._rows is not None:
            rows = self._rows
            matched_row[:] = -1
            record, self._row = _match_rows(keys, record, rows.keys, self._row, matched_row)
            found_records = np.flatnonzero(matched_row >= 0)
            row = matched_row[found_records]
            flags.combination[found_records] = rows.combination[row]
            flags.doubts[found_records] = rows.doubts[row]
            flags.row_digest[found_records] = rows.row_digest[row]
            flags.in_records[found_records] = True
            if self._row < len(rows.keys):  # remaining rows belong to later batches
                break
            self._rows, self._row = self._next_rows(), 0
        return flags

    def _next_rows(self) -> _RecordRows | None:
        """Return the RECORDS rows of the next row group; None after the last one."""
        table = next(self._groups, None)
        if table is None:
            return None
        columns = {name: one_chunk(table[name]) for name in _COLUMNS}
        member = self._column_codes.member.encode(columns["member"]).astype(np.int64)
        keys = np.column_stack([member, columns["row"].to_numpy(), columns["group"].to_numpy()])
        return _RecordRows(
            np.ascontiguousarray(keys),
            self._combinations.encode(columns["combination"]),
            self._doubts.encode(columns["doubts"]),
            digest_words(columns["row_digest"]),
        )


def _read_tables(path: Path) -> Any:
    """Yield each Parquet row group of the RECORDS shard ``path`` as a table."""
    with pq.ParquetFile(path) as file:
        for index in range(file.num_row_groups):
            yield file.read_row_group(index, list(_COLUMNS))


@kernel
def _match_rows(
    keys: AnyArray, first: int, rows: AnyArray, row: int, matched_row: AnyArray
) -> tuple[int, int]:  # pragma: no cover - compiled
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
    record = first
    while record < len(keys) and row < len(rows):
        same = True
        for field in range(3):
            same = same and keys[record, field] == rows[row, field]
        if same:
            if matched_row[record] < 0:
                matched_row[record] = row
            row += 1
        else:
            record += 1
    return record, row
