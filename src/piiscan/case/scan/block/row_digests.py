"""Row digests: keyed digests of rows, equal for copies of a row in any column order.

A row has two.  The digest of the whole row covers every cell that is not empty (逐字重复).  The
other leaves out the cells of bookkeeping columns without a finding: row numbers, import times,
remarks (信息重复).  If a table has columns of several people (收件人 …, 寄件人 …), a cell counts
with its role: a row with sender and recipient exchanged is another row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from piiscan.arrays import Int64
from piiscan.hashing.row_hash import RowColumn, RowHashes, hash_rows
from piiscan.sources.block import Block
from piiscan.tabular.hits import Hits
from piiscan.tabular.layout import TableLayout


@dataclass(frozen=True, slots=True)
class DigestSlots:
    """Rows to digest. ``slots[row, group]``: number of the row's digest, -1 for no digest."""

    slots: Int64
    count: int


def digest_rows(
    block: Block, layout: TableLayout, hits: Hits, *, digest_slots: DigestSlots, key: bytes
) -> RowHashes:
    """Return the keyed digests of each record's cells in ``digest_slots``."""
    compared, other = [], []
    for number, cells in enumerate(block.columns):
        column = layout.column(number)
        slots = digest_slots.slots[:, column.group]
        if cells.null_count:
            slots = np.where(cells.is_valid().to_numpy(zero_copy_only=False), slots, -1)
        role = column.role or "" if column.is_side else ""
        if column.is_bookkeeping:
            found = np.zeros(len(slots), np.bool_)
            found[hits.record[hits.column == number]] = True
            other.append(RowColumn(cells, np.where(found, -1, slots), role))
            slots = np.where(found, slots, -1)
        compared.append(RowColumn(cells, slots, role))
    return hash_rows(compared, other, count=digest_slots.count, key=key)
