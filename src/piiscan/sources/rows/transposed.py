"""Transposed tables: labels in the first column, each further column a person.

姓名,张三,李四 / 手机,138…,139… -> columns 姓名, 手机; a row for each column of the text
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from piiscan.arrow_strings import string_column
from piiscan.sources.block import DATA, HEADER, Block, Table, Trouble
from piiscan.sources.rows.header_row import clean_header


def turned(table: Table) -> Table:
    """Return a table with its rows as columns: row and column of a cell are exchanged.

    Its member ends with ``#transposed``.
    """
    blocks = table.blocks

    def read() -> Iterator[Block | Trouble]:
        """Yield the whole text as one block."""
        return (_turn(each) if isinstance(each, Block) else each for each in blocks())

    sample = next(each for each in read() if isinstance(each, Block))
    headers = [clean_header(column[0].as_py() or "") or None for column in sample.columns]
    return replace(
        table,
        member=f"{table.member}#transposed",
        headers=headers,
        header_row=1,
        groups=[0] * len(headers),
        sample=sample,
        blocks=read,
    )


def _turn(block: Block) -> Block:
    """Return a block with its rows as columns."""
    cells = zip(*(column.to_pylist() for column in block.columns), strict=True)
    size = len(block.columns)
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
