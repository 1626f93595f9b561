"""Joined blocks: blocks of several small tables as one, and its rows as tables of each again.

The rows of table ``n`` have numbers from ``n << SHIFT`` on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.case.scan.implausible_columns import ColumnNumbers
from piiscan.sources.block import Block
from piiscan.tabular.layout import TableLayout

#: Bits of a row number.
SHIFT: Final = 40
_ROW: Final = (1 << SHIFT) - 1


def join_blocks(blocks: Sequence[Block]) -> Block:
    """Return blocks with equal columns as one; a single block unchanged."""
    if len(blocks) == 1:
        return blocks[0]
    first = blocks[0]

    def joined(name: str) -> Any:
        """Return the row numbers ``name`` of all blocks; None without them."""
        if getattr(first, name) is None:
            return None
        numbers = [getattr(block, name) + (n << SHIFT) for n, block in enumerate(blocks)]
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
    numbers = rows >> SHIFT
    members: dict[str, int] = {}
    codes = [members.setdefault(layout.member, len(members)) for layout in layouts]
    sources = np.array([layout.source for layout in layouts], np.int32)
    replaced = {
        "source": pa.array(sources[numbers]),
        "member": pa.DictionaryArray.from_arrays(
            pa.array(np.array(codes, np.int32)[numbers]), pa.array(list(members), pa.string())
        ),
        "row": pa.array(rows & _ROW),
    }
    if "record" in table.column_names:
        replaced["record"] = pa.array(table["record"].to_numpy() & _ROW)
    for name, column in replaced.items():
        at = table.schema.get_field_index(name)
        field = table.schema.field(at)
        table = table.set_column(at, field, column.cast(field.type))
    ends = np.searchsorted(numbers, np.arange(len(layouts) + 1)).tolist()
    return [table.slice(start, end - start) for start, end in pairwise(ends)]


def split_numbers(numbers: Sequence[ColumnNumbers], at: int, count: int) -> list[ColumnNumbers]:
    """Return the numbers of the columns of table ``at`` among ``count``."""
    if count == 1:
        return list(numbers)
    found = []
    for each in numbers:
        start, end = np.searchsorted(each.rows, [at << SHIFT, (at + 1) << SHIFT])
        if start < end:
            part = slice(start, end)
            found.append(replace(each, values=each.values[part], rows=each.rows[part] & _ROW))
    return found
