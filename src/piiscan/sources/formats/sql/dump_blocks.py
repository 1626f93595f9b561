"""What a stretch of a dump holds, as blocks: rows of each table, and lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int32, Int64
from piiscan.sources.block import Block
from piiscan.sources.formats.sql.dump_scanner import Found
from piiscan.sources.formats.sql.table_definitions import Head, Tables, Target
from piiscan.sources.rows.column_builder import gather, move
from piiscan.sources.rows.tokenizer import Cut

_CELLS: Final = 2 << 20
#: Rows that are worth a block of their own, and bytes of smaller blocks that wait for more.
_ENOUGH: Final = 2048
_HELD: Final = 16 << 20


def by_head(found: Found) -> Iterator[tuple[int, Int64]]:
    """Each head in a stretch with the numbers of its rows."""
    heads = found.harvest.heads()
    if not len(heads):
        return
    order = np.argsort(heads, kind="stable")
    bounds = np.flatnonzero(np.diff(heads[order])) + 1
    for part in np.split(order, bounds):
        yield int(heads[part[0]]), part


def number_rows(found: Found, tables: Tables, rows: list[int]) -> Int64:
    """The number of each row in its table, in the order of the file; ``rows`` counts on."""
    of_head = np.array([head.table for head in tables.heads], np.int64)
    table = of_head[found.harvest.heads()]
    numbers = np.empty(len(table), np.int64)
    order = np.argsort(table, kind="stable")
    for part in np.split(order, np.flatnonzero(np.diff(table[order])) + 1):
        if len(part):
            which = int(table[part[0]])
            numbers[part] = np.arange(rows[which] + 1, rows[which] + len(part) + 1)
            rows[which] += len(part)
    return numbers


def row_blocks(
    found: Found, head: Head, target: Target, chosen: Int64, numbers: Int64 | None, width: str
) -> list[Block]:
    """Blocks of the chosen rows; ``numbers`` are those of all rows of the stretch."""
    whole = len(chosen) == found.harvest.records
    cut = found.harvest.rows(None if whole else chosen)
    widest = int(np.diff(cut.firsts).max(initial=0))
    order = head.order(target) or list(range(len(target.columns)))
    if head.columns is None:
        order = list(range(max(widest, len(order))))
    else:
        order = order + list(range(len(head.columns), widest))
    step = max(_CELLS // max(len(order), 1), 1)
    blocks = []
    for begin in range(0, len(chosen), step):
        end = min(begin + step, len(chosen))
        rows = np.full(end - begin, -1) if numbers is None else numbers[chosen[begin:end]]
        blocks.append(_block(found, cut, order, (begin, end), rows, width, target.number or 0))
    return blocks


def _block(
    found: Found,
    cut: Cut,
    order: list[int],
    records: tuple[int, int],
    rows: Int64,
    width: str,
    number: int,
) -> Block:
    begin, end = records
    columns, starts = [], []
    for column in order:
        if column < 0:
            columns.append(pa.nulls(end - begin, pa.string()))
            starts.append(np.full(end - begin, -1, np.int64))
            continue
        cells, where = gather(found.harvest.cleaned(), cut, column, records, found.places)
        if found.places is None:
            move(where, found.base)
        columns.append(cells)
        starts.append(where)
    lines = found.lines_at(cut.lines[begin:end])
    kinds = np.zeros(end - begin, np.int8)
    return Block(columns, rows, lines, starts, width, kinds=kinds, table=number + 1)


def text_block(found: Found, width: str) -> Block:
    """All lines that are no rows, blank ones left out."""
    starts, ends = _lines(found)
    none = np.zeros(len(starts), np.uint8)
    firsts = np.arange(len(starts) + 1, dtype=np.int32)
    cut = Cut(starts, ends, none, firsts, starts, starts[:0], 0, 0, 0)
    cells, where = gather(found.harvest.text, cut, 0, (0, len(starts)), found.places)
    if found.places is None:
        move(where, found.base)
    lines = found.lines_at(starts)
    kinds = np.zeros(len(starts), np.int8)
    return Block([cells], lines, lines, [where], width, kinds=kinds, split=False)


def _lines(found: Found) -> tuple[Int32, Int32]:
    """Where the lines of the texts begin and end; those of blanks, commas and semicolons fall."""
    starts, ends = [], []
    text = found.harvest.text
    for begin, end in found.texts:
        inner = found.newlines
        inner = inner[np.searchsorted(inner, begin) : np.searchsorted(inner, end)]
        starts.append(np.concatenate([[begin], inner + 1]))
        ends.append(np.concatenate([inner, [end]]))
    if not starts:
        return np.empty(0, np.int32), np.empty(0, np.int32)
    first, last = np.concatenate(starts), np.concatenate(ends)
    solid = np.zeros(text.size + 1, np.int32)
    blank = (text <= 32) | (text == 44) | (text == 59)
    np.cumsum(~blank, out=solid[1:])
    kept = solid[last] > solid[first]
    first, last = first[kept], last[kept]
    last -= text[last - 1] == 13
    return first.astype(np.int32), last.astype(np.int32)


def join_blocks(blocks: list[Block], width: int) -> Block:
    """Blocks of one table as one of ``width`` columns or more."""
    width = max([width, *(len(block.columns) for block in blocks)])
    columns, starts = [], []
    for column in range(width):
        cells = [pa.nulls(0, pa.string())]
        where = [np.empty(0, np.int64)]
        for block in blocks:
            there = column < len(block.columns) and block.byte_starts is not None
            cells.append(block.columns[column] if there else pa.nulls(len(block.rows), pa.string()))
            where.append(
                (block.byte_starts or [])[column] if there else np.full(len(block.rows), -1)
            )
        columns.append(pa.concat_arrays(cells))
        starts.append(np.concatenate(where))
    none = np.empty(0, np.int64)
    rows = np.concatenate([none, *(block.rows for block in blocks)])
    lines = np.concatenate([none, *(b.lines for b in blocks if b.lines is not None)])
    kinds = np.zeros(len(rows), np.int8)
    width_of = blocks[0].width if blocks else None
    table = blocks[0].table if blocks else 0
    return Block(columns, rows, lines, starts, width_of, kinds=kinds, table=table)


@dataclass(slots=True)
class Waiting:
    """Small blocks, joined before they go on: a block has a price of its own."""

    _blocks: dict[int, list[Block]] = field(default_factory=dict)  # by head
    _size: int = 0

    def pass_on(self, head: int, block: Block) -> Iterator[Block]:
        """The block if it is large, or all that wait once they are much."""
        if len(block.rows) >= _ENOUGH and head not in self._blocks:
            yield block
            return
        self._blocks.setdefault(head, []).append(block)
        self._size += sum(column.nbytes + 8 * len(column) for column in block.columns)
        if self._size > _HELD:
            yield from self.empty()

    def empty(self) -> Iterator[Block]:
        """All that wait."""
        for blocks in self._blocks.values():
            yield blocks[0] if len(blocks) == 1 else join_blocks(blocks, 0)
        self._blocks, self._size = {}, 0
