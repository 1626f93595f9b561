"""Table search: find the findings of one block, each column under its label.

Columns without a label are searched together in one call.  Everything is arrays: no Python object
is made per finding.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.arrays import Int64
from piiscan.bundles import take_rows
from piiscan.detect.catalog.headers import Label
from piiscan.detect.columns.split_fields import JoinedCells, relocate_to_last
from piiscan.detect.engine import Engine, find_batched
from piiscan.sources.block import DATA, HEADER, Block
from piiscan.tabular.byte_offsets import byte_offsets
from piiscan.tabular.hits import CodeBook, CodeBooks, Hits, hits_from_found, join_hits
from piiscan.tabular.layout import ColumnLayout, TableLayout

#: Most lines below a line of names that are read as its table.
_MAX_INLINE: Final = 5000
#: Cells to search without a label: column number, rows (None for all), True to find names too.
UnlabelledRows = tuple[int, Int64 | None, bool]


@dataclass(frozen=True, slots=True)
class TableSearch:
    """Detection engine with the options of one run; threads may share it."""

    engine: Engine
    min_score: float = 0.5
    names: bool = True
    reveal: bool = False

    def find(self, cells: pa.Array, label: Label | None, *, names: bool | None = None) -> pa.Table:
        """Find personal data in the ``cells`` of one column; return a FOUND table.

        ``names``: True to find names too, None for the setting of the run.
        """
        return self.engine.find_table(
            cells,
            label=label,
            min_score=self.min_score,
            names=self.names if names is None else names,
        )

    def code_books(self) -> CodeBooks:
        """Return new code books for one block, with the catalogue's entities and recognizers."""
        recognizers = self.engine.catalog.recognizers
        return CodeBooks(
            CodeBook.of(self.engine.catalog.entities), CodeBook.of([r.id for r in recognizers])
        )


def find_hits(block: Block, layout: TableLayout, search: TableSearch, books: CodeBooks) -> Hits:
    """Search ``block``: return hits by row, column and start, with texts if ``search.reveal``."""
    found: list[tuple[int, pa.Table]] = []
    unlabelled: list[UnlabelledRows] = []
    for number in range(len(block.columns)):
        column, cells = layout.column(number), block.columns[number]
        if cells.null_count == len(cells) and not column.prefix_columns:
            continue
        others = _rows_without_label(block, column)
        if column.label is not None or column.prefix_columns:
            found.append((number, _find_labelled(block, number, column, others, search)))
        if block.kinds is not None and len(others):  # a header is no name of a person
            headers = block.kinds[others] == HEADER
            unlabelled += [
                (number, others[headers], False),
                (number, others[~headers], search.names),
            ]
        elif column.label is None and not column.prefix_columns:
            unlabelled.append((number, None, search.names))
    for number, table in _find_unlabelled(block, unlabelled, search):
        found.append((number, table if block.split else _find_inline(block, number, table, search)))
    return join_hits(
        [
            _column_hits(block, number, layout.column(number), table, books, clear=search.reveal)
            for number, table in sorted(found, key=itemgetter(0))
        ]
    )


def _rows_without_label(block: Block, column: ColumnLayout) -> Int64:
    """Return the indices of rows that the label does not cover: titles, sums, headers."""
    if column.label is None or block.kinds is None:
        return np.zeros(0, np.int64)
    return np.flatnonzero(block.kinds != DATA)


def _find_labelled(
    block: Block, number: int, column: ColumnLayout, others: Int64, search: TableSearch
) -> pa.Table:
    """Find data in a column under its label, except in rows ``others``; return a FOUND table.

    Cells of ``prefix_columns`` are put before its own; the finding is located in its own cell.
    """
    cells, joined = block.columns[number], None
    if column.prefix_columns:
        joined = JoinedCells.of([block.columns[at] for at in column.prefix_columns], cells)
        cells = joined.cells
    if len(others):
        data = pa.array(np.isin(np.arange(len(cells)), others, invert=True))
        cells = pc.if_else(data, cells, pa.scalar("", cells.type))
    table = search.find(cells, column.label)
    return table if joined is None else relocate_to_last(table, joined)


def _find_unlabelled(
    block: Block, unlabelled: list[UnlabelledRows], search: TableSearch
) -> list[tuple[int, pa.Table]]:
    """Search cells without a label, all columns in one call; return (column, FOUND table) pairs.

    ``index`` of a table is the row in the block.
    """
    found = []
    for names in (False, True):
        selected = [
            (number, rows)
            for number, rows, named in unlabelled
            if named == names and (rows is None or len(rows))
        ]
        parts = [
            block.columns[number] if rows is None else block.columns[number].take(pa.array(rows))
            for number, rows in selected
        ]
        if not parts:
            continue
        tables = find_batched(partial(search.find, label=None, names=names), parts)
        for (number, rows), table in zip(selected, tables, strict=True):
            index = table["index"].to_numpy()
            rows_of_block = pa.array(index if rows is None else rows[index])
            found.append((number, table.set_column(0, "index", rows_of_block)))
    return found


def _find_inline(block: Block, number: int, found: pa.Table, search: TableSearch) -> pa.Table:
    """Search the rows of tables among the lines of a text again, each below its line of names.

    Such a line stands before lines with findings: ``姓名,微信`` before ``张三,demo_88``.
    """
    lines, names = block.columns[number], search.engine.compiled.inline_names
    tables = block.tables
    within = np.diff(tables, prepend=-1) == 0  # a line of the same text stands before it
    rows = np.unique(found["index"].to_numpy())
    done = -1
    prefixes: dict[int, str] = {}
    for first in rows[within[rows] & (np.diff(rows, prepend=-2) > 1)].tolist():
        head = lines[first - 1].as_py() if first > done else None
        if not head or not names.may_be_names(head):
            continue
        end = int(np.searchsorted(tables, tables[first], side="right"))
        table = names.read_table(head, partial(_lines_between, lines, first, end))
        if table is not None:
            done = first - 1 + len(table[1])
            prefixes |= dict.fromkeys(range(first, done), head)
    if not prefixes:
        return found
    index = pa.array(prefixes)
    heads = pa.array([f"{head}\n" for head in prefixes.values()], lines.type)
    cells = pc.binary_join_element_wise(
        heads, lines.take(index).fill_null(""), pa.scalar("", lines.type)
    )
    sizes = np.array([len(head) + 1 for head in prefixes.values()], np.int32)
    joined = JoinedCells(cells, sizes, pc.binary_length(heads).to_numpy().astype(np.int32))
    table = relocate_to_last(search.find(cells, None), joined)
    table = table.set_column(0, "index", index.take(table["index"]).cast(found["index"].type))
    kept = found.filter(pa.array(np.isin(found["index"].to_numpy(), [*prefixes], invert=True)))
    return pa.concat_tables([kept, table]).sort_by([("index", "ascending"), ("start", "ascending")])


def _lines_between(lines: pa.Array, first: int, end: int) -> list[str]:
    """Return the lines from number ``first`` before ``end``, as many as a table may have."""
    length = min(end - first, _MAX_INLINE)
    texts: list[str] = lines.slice(first, length).fill_null("").to_pylist()
    return texts


def _column_hits(
    block: Block,
    number: int,
    column: ColumnLayout,
    found: pa.Table,
    books: CodeBooks,
    *,
    clear: bool,
) -> Hits:
    """Convert the FOUND table of one column to Hits with byte offsets (-1 if unknown).

    Hits that start outside ``block.own_range`` belong to the next piece of a long record and are
    dropped.  The context of joined columns becomes their joined header.
    """
    index = found["index"].to_numpy()
    offset = np.full(len(index), -1, np.int64)
    if block.byte_starts is not None:
        offset = byte_offsets(
            block.columns[number],
            block.byte_starts[number],
            encoding=block.encoding,
            index=index,
            byte_start=found["byte_start"].to_numpy(),
        )
    hits = hits_from_found(found, books, column=number, byte_offset=offset, clear=clear)
    if block.own_range is not None:
        inside = (hits.start >= block.own_range[0]) & (hits.start < block.own_range[1])
        hits = take_rows(hits, np.flatnonzero(inside))
    label_role = column.label.role if column.label is not None else None
    if column.role not in (None, label_role):
        unnamed = (hits.role < 0) | (hits.role == books.role.codes.get(label_role or "", -1))
        hits.role[unnamed] = books.role.codes.setdefault(column.role, len(books.role.codes))
    header = column.joined_header or column.header
    if column.label is not None and header not in (None, column.label.header):
        hits.context[hits.context == books.context.codes.get(column.label.header, -2)] = (
            books.context.codes.setdefault(header or "", len(books.context.codes))
        )
    return hits
