"""Joined blocks: blocks of several small tables as one, and its rows as tables of each again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int64
from piiscan.case.scan.implausible_columns import ColumnNumbers
from piiscan.sources.block import ROW_BITS, Block
from piiscan.tabular.layout import TableLayout


def join_blocks(blocks: Sequence[Block]) -> Block:
    """Return blocks with equal columns as one; a single block unchanged."""
    if len(blocks) == 1:
        return blocks[0]
    first = blocks[0]

    def joined(name: str) -> Any:
        """Return the row numbers ``name`` of all blocks; None without them."""
        if getattr(first, name) is None:
            return None
        numbers = [getattr(block, name) + (n << ROW_BITS) for n, block in enumerate(blocks)]
        return np.concatenate(numbers)

    kinds = [block.kinds for block in blocks]
    zeros = [np.zeros(len(block.rows), np.int8) for block in blocks]
    return replace(
        first,
        columns=[
            pa.concat_arrays([block.columns[at] for block in blocks])
            for at in range(len(first.columns))
        ],
        rows=joined("rows"),
        lines=None if first.lines is None else np.concatenate([b.lines for b in blocks]),
        byte_starts=None
        if first.byte_starts is None
        else [
            np.concatenate([(block.byte_starts or [])[at] for block in blocks])
            for at in range(len(first.columns))
        ],
        kinds=None
        if all(each is None for each in kinds)
        else np.concatenate(
            [zero if each is None else each for each, zero in zip(kinds, zeros, strict=True)]
        ),
        record_starts=joined("record_starts"),
    )


def split_rows(
    table: pa.Table | None, layouts: Sequence[TableLayout]
) -> Sequence[pa.Table] | Sequence[None]:
    """Return the rows of each table of ``layouts``, with its row numbers, source and member."""
    if table is None or len(layouts) == 1:
        return [table] * len(layouts)
    rows = table["row"].to_numpy()
    numbers = rows >> ROW_BITS
    members: dict[str, int] = {}
    codes = [members.setdefault(layout.member, len(members)) for layout in layouts]
    sources = np.array([layout.source for layout in layouts], np.int32)
    replaced = {
        "source": pa.array(sources[numbers]),
        "member": pa.DictionaryArray.from_arrays(
            pa.array(np.array(codes, np.int32)[numbers]), pa.array(list(members), pa.string())
        ),
        "row": pa.array(_own(rows)),
    }
    if "record" in table.column_names:
        replaced["record"] = pa.array(_own(table["record"].to_numpy()))
    for name, column in replaced.items():
        at = table.schema.get_field_index(name)
        field = table.schema.field(at)
        table = table.set_column(at, field, column.cast(field.type))
    return split_at(table, numbers, len(layouts))


def split_at(table: pa.Table, numbers: Int64, count: int) -> list[pa.Table]:
    """Return the rows of each of ``count`` tables; ``numbers``: that of each row, ascending."""
    ends = np.searchsorted(numbers, np.arange(count + 1)).tolist()
    return [table.slice(start, end - start) for start, end in pairwise(ends)]


def _own(rows: Int64) -> Int64:
    """Return the numbers of rows in their own tables."""
    return rows & ((1 << ROW_BITS) - 1)


def split_numbers(numbers: Sequence[ColumnNumbers], at: int, count: int) -> list[ColumnNumbers]:
    """Return the numbers of the columns of table ``at`` among ``count``."""
    if count == 1:
        return list(numbers)
    found = []
    for each in numbers:
        start, end = np.searchsorted(each.rows, [at << ROW_BITS, (at + 1) << ROW_BITS])
        if start < end:
            part = slice(start, end)
            found.append(replace(each, values=each.values[part], rows=_own(each.rows[part])))
    return found
