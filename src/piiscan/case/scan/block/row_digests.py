"""Row digests: keyed digests of whole rows, equal for copies of a row in any order of columns.

A digest covers every cell that is not empty, except row numbers without a finding.  If a table has
columns of several people (收件人 …, 寄件人 …), a cell counts with its role: a row with sender and
recipient exchanged is another row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int64
from piiscan.hashing.row_hash import RowColumn, hash_rows
from piiscan.sources.block import Block
from piiscan.tabular.hits import Hits
from piiscan.tabular.layout import TableLayout


@dataclass(frozen=True, slots=True)
class DigestSlots:
    """Rows to digest: ``slots[row, group]`` is the number of the digest, -1 for none."""

    slots: Int64
    count: int


def digest_rows(
    block: Block, layout: TableLayout, hits: Hits, *, digest_slots: DigestSlots, key: bytes
) -> pa.Array:
    """Return the keyed digest of each record's cells in ``digest_slots`` (``binary(16)``)."""
    columns = []
    roles = _column_roles(layout, len(block.columns))
    for number, cells in enumerate(block.columns):
        column = layout.column(number)
        slots = digest_slots.slots[:, column.group]
        if column.is_row_number:
            slots = _slots_of_rows(slots, hits.record[hits.column == number])
        if cells.null_count:
            slots = np.where(cells.is_valid().to_numpy(zero_copy_only=False), slots, -1)
        columns.append(RowColumn(cells, slots, roles[number]))
    return hash_rows(columns, count=digest_slots.count, key=key)


def _slots_of_rows(slots: Int64, rows: Int64) -> Int64:
    """Return a copy of ``slots`` that is -1 in all rows except the row indices ``rows``."""
    selected = np.full(len(slots), -1, np.int64)
    selected[rows] = slots[rows]
    return selected


def _column_roles(layout: TableLayout, width: int) -> list[str]:
    """Return the role of each column, ``""`` for none; all ``""`` if no group has two roles."""
    columns = [layout.column(number) for number in range(width)]
    roles = [column.label.role if column.label else None for column in columns]
    if len({(c.group, r) for c, r in zip(columns, roles, strict=True) if r is not None}) <= len(
        {c.group for c, r in zip(columns, roles, strict=True) if r is not None}
    ):
        return [""] * width
    return [role or "" for role in roles]
