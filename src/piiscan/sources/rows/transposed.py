"""Transposed tables: labels in the first column, each further column a person.

姓名,张三,李四 / 手机,138…,139… -> columns 姓名, 手机; a row for each column of the text
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from piiscan.arrow_strings import string_column
from piiscan.sources.block import DATA, HEADER, Block, CountNames, Table, Trouble
from piiscan.sources.rows.header_row import MAX_LABELS, clean_header, is_transposed

#: End of the member of a turned table.
TURNED: Final = "#transposed"


def has_labels(
    rows: Sequence[tuple[int, Sequence[str | None]]], width: int, count_names: CountNames
) -> bool:
    """Return True if the first column of a small sheet's numbered ``rows`` has its labels."""
    if len(rows) > MAX_LABELS or rows[-1][0] > 2 * MAX_LABELS:
        return False
    cells = [[*(cell or "" for cell in row), *[""] * (width - len(row))] for _, row in rows]
    return is_transposed(cells, count_names)


def turned(table: Table) -> Table:
    """Return a table with rows and columns exchanged.

    Its member ends with TURNED.
    """
    blocks = table.blocks

    def read() -> Iterator[Block | Trouble]:
        """Yield the whole text as one block, with rows and columns exchanged."""
        return (_turn(each) if isinstance(each, Block) else each for each in blocks())

    sample = next(each for each in read() if isinstance(each, Block))
    headers = [clean_header(column[0].as_py() or "") or None for column in sample.columns]
    return replace(
        table,
        member=table.member + TURNED,
        headers=headers,
        header_row=1,
        groups=[0] * len(headers),
        sample=sample,
        blocks=read,
    )


def _turn(block: Block) -> Block:
    """Return a block with rows and columns exchanged; a missing row is an empty column."""
    size = len(block.columns)
    rows = zip(*(column.to_pylist() for column in block.columns), strict=True)
    by_number = dict(zip(block.rows.tolist(), rows, strict=True))
    cells = [by_number.get(number, (None,) * size) for number in range(1, max(by_number) + 1)]
    starts = None if block.byte_starts is None else list(np.array(block.byte_starts).T)
    return Block(
        [string_column(each) for each in cells],
        np.arange(1, size + 1, dtype=np.int64),
        None if block.lines is None else np.full(size, block.lines[0], np.int64),
        starts,
        block.encoding,
        kinds=np.array([HEADER, *[DATA] * (size - 1)], np.int8),
        split=block.split,
    )
