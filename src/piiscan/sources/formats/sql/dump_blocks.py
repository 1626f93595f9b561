"""Dump blocks: the scanned rows of a dump as blocks of each table, and its other lines as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int32, Int64
from piiscan.sources.block import Block
from piiscan.sources.formats.sql.dump_scanner import ScannedText
from piiscan.sources.formats.sql.table_definitions import DumpTable, DumpTables, StatementHead
from piiscan.sources.rows.column_builder import build_column, shift_offsets
from piiscan.sources.rows.tokenizer import RecordCells

_MAX_BLOCK_CELLS: Final = 2 << 20
#: Minimum rows of a block that is not queued, and maximum bytes of the queued smaller blocks.
_MIN_BLOCK_ROWS: Final = 2048
_MAX_QUEUED_BYTES: Final = 16 << 20


@dataclass(frozen=True, slots=True)
class HeadRows:
    """Rows of a scanned part of a dump below one statement head.

    ``number``: of the head. ``indices``: of the rows in the part.
    """

    scanned: ScannedText
    number: int
    head: StatementHead
    table: DumpTable
    indices: Int64


def group_by_head(scanned: ScannedText, tables: DumpTables) -> Iterator[HeadRows]:
    """Yield the rows of a scanned part of a dump, one statement head after the other."""
    heads = scanned.buffer.heads()
    if not len(heads):
        return
    order = np.argsort(heads, kind="stable")
    bounds = np.flatnonzero(np.diff(heads[order])) + 1
    for part in np.split(order, bounds):
        number = int(heads[part[0]])
        head = tables.heads[number]
        yield HeadRows(scanned, number, head, tables.tables[head.table], part)


def number_rows(scanned: ScannedText, tables: DumpTables, next_numbers: list[int]) -> Int64:
    """Number the rows of each dump table from 1 on, in the order of the file.

    ``next_numbers`` has the last number of each table and is updated.
    """
    table_of_head = np.array([head.table for head in tables.heads], np.int64)
    table = table_of_head[scanned.buffer.heads()]
    numbers = np.empty(len(table), np.int64)
    order = np.argsort(table, kind="stable")
    for part in np.split(order, np.flatnonzero(np.diff(table[order])) + 1):
        if len(part):
            number = int(table[part[0]])
            numbers[part] = np.arange(
                next_numbers[number] + 1, next_numbers[number] + len(part) + 1
            )
            next_numbers[number] += len(part)
    return numbers


def build_row_blocks(
    part: HeadRows, indices: Int64, numbers: Int64 | None = None
) -> Iterator[Block]:
    """Yield blocks of the dump rows at ``indices``, columns in the table's order.

    ``numbers`` are the row numbers of all scanned rows; None: unknown.
    """
    scanned, head, table = part.scanned, part.head, part.table
    whole = len(indices) == scanned.buffer.records
    record_cells = scanned.buffer.rows(None if whole else indices)
    widest = int(np.diff(record_cells.firsts).max(initial=0))
    # value per column, -1 for none
    order = head.column_order(table) or list(range(len(table.columns)))
    if head.columns is None:
        order = list(range(max(widest, len(order))))
    else:
        order = order + list(range(len(head.columns), widest))
    step = max(_MAX_BLOCK_CELLS // max(len(order), 1), 1)
    for begin in range(0, len(indices), step):
        end = min(begin + step, len(indices))
        columns, starts = [], []
        for column in order:
            if column < 0:
                columns.append(pa.nulls(end - begin, pa.string()))
                starts.append(np.full(end - begin, -1, np.int64))
                continue
            cells, starts_in_text = build_column(
                scanned.buffer.unescaped, record_cells, column, (begin, end), scanned.byte_offsets
            )
            if scanned.byte_offsets is None:
                shift_offsets(starts_in_text, scanned.base)
            columns.append(cells)
            starts.append(starts_in_text)
        yield Block(
            columns,
            np.full(end - begin, -1) if numbers is None else numbers[indices[begin:end]],
            scanned.lines_at(record_cells.lines[begin:end]),
            starts,
            scanned.encoding,
            kinds=np.zeros(end - begin, np.int8),
            table=(table.number or 0) + 1,
        )


def build_text_block(scanned: ScannedText) -> Block:
    """Build a Block of the dump's lines that are not table rows, without blank lines."""
    starts, ends = _line_ranges(scanned)
    none = np.zeros(len(starts), np.uint8)
    firsts = np.arange(len(starts) + 1, dtype=np.int32)
    record_cells = RecordCells(starts, ends, none, firsts, starts, starts[:0], 0, 0, 0)
    cells, starts_in_text = build_column(
        scanned.buffer.text, record_cells, 0, (0, len(starts)), scanned.byte_offsets
    )
    if scanned.byte_offsets is None:
        shift_offsets(starts_in_text, scanned.base)
    lines = scanned.lines_at(starts)
    kinds = np.zeros(len(starts), np.int8)
    starts_of_lines = [starts_in_text]
    return Block([cells], lines, lines, starts_of_lines, scanned.encoding, kinds=kinds, split=False)


def _line_ranges(scanned: ScannedText) -> tuple[Int32, Int32]:
    """Return start and end (bytes) of each line of a dump that is not a table row.

    Lines of blanks, commas and semicolons alone are left out.
    """
    starts, ends = [], []
    text = scanned.buffer.text
    for begin, end in scanned.text_ranges:
        inside = scanned.newlines
        inside = inside[np.searchsorted(inside, begin) : np.searchsorted(inside, end)]
        starts.append(np.concatenate([[begin], inside + 1]))
        ends.append(np.concatenate([inside, [end]]))
    if not starts:
        return np.empty(0, np.int32), np.empty(0, np.int32)
    first, last = np.concatenate(starts), np.concatenate(ends)
    visible = np.zeros(text.size + 1, np.int32)
    blank = (text <= 32) | (text == 44) | (text == 59)  # blanks , ;
    np.cumsum(~blank, out=visible[1:])
    is_visible = visible[last] > visible[first]
    first, last = first[is_visible], last[is_visible]
    last -= text[last - 1] == 13  # CR
    return first.astype(np.int32), last.astype(np.int32)


def join_blocks(blocks: list[Block], width: int) -> Block:
    """Join blocks of one table into one with at least ``width`` columns."""
    width = max([width, *(len(block.columns) for block in blocks)])
    columns, starts = [], []
    for column in range(width):
        cells = [pa.nulls(0, pa.string())]
        cell_starts = [np.empty(0, np.int64)]
        for block in blocks:
            is_present = column < len(block.columns) and block.byte_starts is not None
            cells.append(
                block.columns[column] if is_present else pa.nulls(len(block.rows), pa.string())
            )
            cell_starts.append(
                (block.byte_starts or [])[column] if is_present else np.full(len(block.rows), -1)
            )
        columns.append(pa.concat_arrays(cells))
        starts.append(np.concatenate(cell_starts))
    none = np.empty(0, np.int64)
    rows = np.concatenate([none, *(block.rows for block in blocks)])
    lines = np.concatenate([none, *(b.lines for b in blocks if b.lines is not None)])
    kinds = np.zeros(len(rows), np.int8)
    encoding = blocks[0].encoding if blocks else None
    table = blocks[0].table if blocks else 0
    return Block(columns, rows, lines, starts, encoding, kinds=kinds, table=table)


@dataclass(slots=True)
class BlockQueue:
    """Queue of small blocks, by statement head, which are joined before they are yielded.

    Each block has a fixed cost, so many small ones would be slow.
    """

    _blocks: dict[int, list[Block]] = field(default_factory=dict)  # by head
    _size: int = 0

    def add(self, head: int, block: Block) -> Iterator[Block]:
        """Yield the block if it is large; else queue it, and yield the queue if that is large."""
        if len(block.rows) >= _MIN_BLOCK_ROWS and head not in self._blocks:
            yield block
            return
        self._blocks.setdefault(head, []).append(block)
        self._size += sum(column.nbytes + 8 * len(column) for column in block.columns)
        if self._size > _MAX_QUEUED_BYTES:
            yield from self.flush()

    def flush(self) -> Iterator[Block]:
        """Yield all queued blocks, joined by head, and empty the queue."""
        for blocks in self._blocks.values():
            yield blocks[0] if len(blocks) == 1 else join_blocks(blocks, 0)
        self._blocks, self._size = {}, 0
