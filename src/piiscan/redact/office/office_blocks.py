"""Texts of office files as blocks, so that they are searched as everything else is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Final

import numpy as np

from piiscan.arrow_strings import string_column
from piiscan.detect.columns.column_types import count_names
from piiscan.redact.office.word import Row
from piiscan.redact.office.xml_text import Runs, Texts
from piiscan.redact.replacer import Pen
from piiscan.redact.text_map import Edit
from piiscan.sources.block import Block, Table
from piiscan.sources.formats.spreadsheet.open import block_of_rows
from piiscan.sources.rows.header_row import Layout, find_layout
from piiscan.tabular.column_overrides import Corrections
from piiscan.tabular.layout import Frame
from piiscan.tabular.typed_table import type_table

#: What a name stands under that is written in a property of the file.
_NAME: Final = "姓名"


@dataclass(frozen=True, slots=True)
class Grid:
    """Some texts of a part as a table, and where each cell stands in the part."""

    table: Table
    block: Block
    cells: Sequence[Row]  # by record of the block

    def edits(self, pen: Pen, corrections: Corrections, *, again: bool) -> Iterator[list[Edit]]:
        """What to replace in the part's bytes, a cell at a time."""
        found = pen.write(self.block, self.frame(pen, corrections), again=again)
        for (record, column), group in groupby(found, key=lambda f: (f.record, f.column)):
            runs = self.cells[record][column]
            assert runs is not None
            made = runs.passage().edits([(f.start, f.end, f.new) for f in group])
            if runs.number >= 0:
                made.append((runs.number, runs.number + 1, b"s"))
            yield made

    def frame(self, pen: Pen, corrections: Corrections) -> Frame:
        """What its columns hold."""
        return type_table(0, 0, self.table, pen.search.engine, corrections).frame


def text_grid(member: str, runs: Sequence[Runs]) -> Grid:
    """Texts that stand for themselves."""
    lines = np.arange(1, len(runs) + 1, dtype=np.int64)
    column = string_column([each.text for each in runs])
    kinds = np.zeros(len(runs), np.int8)
    block = Block([column], lines, lines, None, None, kinds=kinds, split=False)
    return Grid(_table(member, "text", block, None), block, [[each] for each in runs])


def name_grid(member: str, runs: Sequence[Runs]) -> Grid:
    """Names of people in properties."""
    lines = np.arange(1, len(runs) + 1, dtype=np.int64)
    column = string_column([each.text for each in runs])
    block = Block([column], lines, None, None, None, kinds=np.zeros(len(runs), np.int8))
    layout = Layout([_NAME], None, [0])
    return Grid(_table(member, "sheet", block, layout), block, [[each] for each in runs])


def table_grid(member: str, rows: Sequence[Row], pen: Pen) -> Grid:
    """A table with a header, as in a sheet."""
    texts = [[None if cell is None else cell.text or None for cell in row] for row in rows]
    head = [[cell or "" for cell in row] for row in texts]
    layout = find_layout(head, partial(count_names, pen.search.engine.catalog))
    width = max([1, len(layout.groups), *(len(row) for row in texts)])
    more = width - len(layout.groups)
    layout = Layout(
        None if layout.headers is None else layout.headers + [None] * more,
        layout.header_row,
        layout.groups + (layout.groups[-1:] or [0]) * more,
        layout.raw,
    )
    block = block_of_rows(list(enumerate(texts, 1)), layout, width)
    return Grid(_table(member, "sheet", block, layout), block, rows)


def grids_of(
    member: str, texts: Texts, tables: Iterable[Sequence[Row]], pen: Pen
) -> Iterator[Grid]:
    """All that a part holds."""
    for rows in tables:
        if rows:
            yield table_grid(member, rows, pen)
    if texts.written:
        yield text_grid(member, texts.written)
    if texts.names:
        yield name_grid(member, texts.names)


def _table(member: str, kind: str, block: Block, layout: Layout | None) -> Table:
    return Table(
        member=member,
        kind=kind,
        encoding=None,
        delimiter=None,
        headers=None if layout is None else layout.headers,
        header_row=None if layout is None else layout.header_row,
        groups=[0] if layout is None else layout.groups,
        sample=block,
        blocks=lambda: iter((block,)),
    )
