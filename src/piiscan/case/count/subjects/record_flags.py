"""What RECORDS says of the records that findings make, read beside them in the same order."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow.parquet as pq

from piiscan.arrays import AnyArray, Int32, Int64, UInt64
from piiscan.case.count.subjects.record_batches import (
    Batch,
    Flags,
    Lexicon,
    Numbers,
    digest_words,
    whole,
)
from piiscan.jit import kernel

_COLUMNS: Final = ("member", "row", "group", "combination", "doubts", "row_digest")


@dataclass(frozen=True, slots=True)
class Beside:
    """For each record: word numbers (-1: none), the digest of the row, whether RECORDS has it."""

    combination: Int32
    doubts: Int32
    row_digest: UInt64
    known: Flags


@dataclass(frozen=True, slots=True)
class _Rows:
    keys: Int64  # [n, 3]
    combination: Int32
    doubts: Int32
    row_digest: UInt64


class Reader:
    """The RECORDS shard of a source, walked once; without one every record is unknown.

    RECORDS leaves out records without a counted kind, and keeps the order of the rest.
    """

    def __init__(
        self, path: Path | None, words: Lexicon, combinations: Numbers, doubts: Numbers
    ) -> None:
        self._words, self._combinations, self._doubts = words, combinations, doubts
        self._groups = iter(()) if path is None else _tables(path)
        self._rows = self._next()
        self._at = 0

    def take(self, batch: Batch, starts: Int64) -> Beside:
        """What RECORDS says of the records of ``batch``, whose first findings are ``starts``."""
        keys = np.column_stack([batch.member[starts], batch.record[starts], batch.group[starts]])
        keys = np.ascontiguousarray(keys.astype(np.int64))
        count = len(starts)
        found = Beside(
            np.full(count, -1, np.int32),
            np.full(count, -1, np.int32),
            np.zeros((count, 2), np.uint64),
            np.zeros(count, np.bool_),
        )
        place = np.full(count, -1, np.int64)
        record = 0
        while self._rows is not None:
            rows = self._rows
            place[:] = -1
            record, self._at = _walk(keys, record, rows.keys, self._at, place)
            met = np.flatnonzero(place >= 0)
            at = place[met]
            found.combination[met] = rows.combination[at]
            found.doubts[met] = rows.doubts[at]
            found.row_digest[met] = rows.row_digest[at]
            found.known[met] = True
            if self._at < len(rows.keys):  # the rest is for later batches
                break
            self._rows, self._at = self._next(), 0
        return found

    def _next(self) -> _Rows | None:
        table = next(self._groups, None)
        if table is None:
            return None
        flat = {name: whole(table[name]) for name in _COLUMNS}
        member = self._words.member.encode(flat["member"]).astype(np.int64)
        keys = np.column_stack([member, flat["row"].to_numpy(), flat["group"].to_numpy()])
        return _Rows(
            np.ascontiguousarray(keys),
            self._combinations.encode(flat["combination"]),
            self._doubts.encode(flat["doubts"]),
            digest_words(flat["row_digest"]),
        )


def _tables(path: Path) -> Any:
    with pq.ParquetFile(path) as file:
        for number in range(file.num_row_groups):
            yield file.read_row_group(number, list(_COLUMNS))


@kernel
def _walk(
    keys: AnyArray, first: int, rows: AnyArray, at: int, place: AnyArray
) -> tuple[int, int]:  # pragma: no cover - compiled
    """The next record and row to go on with; ``place[record]`` is set to the row with its key.

    Both come in one order, and ``rows`` lack some records; rows that repeat a key (a record read in
    pieces) are passed over.  Ends with the records, or with the rows.
    """
    record = first
    while record < len(keys) and at < len(rows):
        same = True
        for field in range(3):
            same = same and keys[record, field] == rows[at, field]
        if same:
            if place[record] < 0:
                place[record] = at
            at += 1
        else:
            record += 1
    return record, at
