"""Digests of whole rows: equal for two copies of a row, whatever else they are beside.

Over every cell that is not empty, in any order; not over columns that number the rows, unless
something was found in them.  Where a table has columns of several people (收件人 …, 寄件人 …), a
cell counts with its role, so that sender and recipient exchanged are another row.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int64, UInt64
from piiscan.hashing.digest import string_buffers
from piiscan.hashing.row_hash import add_cells
from piiscan.sources.block import Block
from piiscan.tabular.hits import Hits
from piiscan.tabular.layout import Frame


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows to digest: ``slots[row, group]`` is the number of its digest, -1 for none."""

    slots: Int64
    count: int


def digest_rows(block: Block, frame: Frame, hits: Hits, *, wanted: Wanted, key: UInt64) -> pa.Array:
    """``binary(16)``, one for each row (or record of several lines) that is wanted."""
    out = np.zeros((wanted.count, 2), np.uint64)
    tags = _tags(frame, len(block.columns))
    for number, cells in enumerate(block.columns):
        column = frame.column(number)
        slots = wanted.slots[:, column.group]
        if column.running:
            slots = _where(slots, hits.record[hits.column == number])
        if cells.null_count:
            slots = np.where(cells.is_valid().to_numpy(zero_copy_only=False), slots, -1)
        offsets, data = string_buffers(cells)
        add_cells(
            np.ascontiguousarray(offsets, np.int64),
            data,
            slots=np.ascontiguousarray(slots),
            out=out,
            key=key,
            tag=tags[number],
        )
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), wanted.count, [None, pa.py_buffer(out)]
    )


def _where(slots: Int64, rows: Int64) -> Int64:
    """The slots of ``rows`` alone."""
    kept = np.full(len(slots), -1, np.int64)
    kept[rows] = slots[rows]
    return kept


def _tags(frame: Frame, width: int) -> list[int]:
    """A number for the role of each column, 0 where roles tell nothing apart."""
    columns = [frame.column(number) for number in range(width)]
    roles = [column.label.role if column.label else None for column in columns]
    if len({(c.group, r) for c, r in zip(columns, roles, strict=True) if r is not None}) <= len(
        {c.group for c, r in zip(columns, roles, strict=True) if r is not None}
    ):
        return [0] * width
    return [0 if role is None else _tag(role) for role in roles]


def _tag(role: str) -> int:
    made = hashlib.blake2b(role.encode(), digest_size=8).digest()
    return int.from_bytes(made, "little") | 1
