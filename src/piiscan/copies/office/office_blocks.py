"""Blocks of office files: texts of a part arranged as tables, for the scan to search."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby, zip_longest
from typing import Final

import numpy as np

from piiscan.arrow_strings import string_column
from piiscan.copies.office.word import Row
from piiscan.copies.office.xml_text import PartTexts, TextRuns
from piiscan.copies.read_table import ReadTable
from piiscan.copies.replacer import Replacer
from piiscan.copies.text_map import Edit
from piiscan.detect.columns.header_names import count_header_names
from piiscan.errors import SourceError
from piiscan.sources.block import Block, Table
from piiscan.sources.content import Content
from piiscan.sources.rows.form_rows import is_form
from piiscan.sources.rows.header_row import HeaderLayout, find_layout
from piiscan.sources.rows.row_table import block_of_rows
from piiscan.tabular.column_overrides import ColumnOverrides

#: Column header for the names in file properties.
_NAME_HEADER: Final = "姓名"


@dataclass(frozen=True, slots=True)
class Grid:
    """Table of texts of a part, with the text runs of each cell, for edits.

    ``cells``: rows of :class:`TextRuns`, one per record of the block.
    """

    table: Table
    block: Block
    cells: Sequence[Row]  # by record of the block

    def edits(
        self, replacer: Replacer, overrides: ColumnOverrides, *, is_copy: bool
    ) -> Iterator[list[Edit]]:
        """Yield the byte edits that redact the grid, one list per cell with findings.

        ``is_copy``: the grid is from a copy, so replacements in it are no findings.

        If a number becomes text, an edit of the tag name is added (``<n …>`` -> ``<s …>``).
        """
        found = replacer.find_replacements(
            self.block, self.read(replacer, overrides), is_copy=is_copy
        )
        for (record, column), group in groupby(found, key=lambda f: (f.record, f.column)):
            runs = self.cells[record][column]
            assert runs is not None
            edits = runs.edits([(f.start, f.end, f.new) for f in group])
            if runs.number_tag_offset >= 0:
                edits.append((runs.number_tag_offset, runs.number_tag_offset + 1, b"s"))
            yield edits

    def read(self, replacer: Replacer, overrides: ColumnOverrides) -> ReadTable:
        """Return the table with its layout, its column types inferred."""
        return ReadTable.of(self.table, replacer.search.engine, overrides)


def text_grid(member: str, runs: Sequence[TextRuns]) -> Grid:
    """Build a Grid of one column without a header from ``runs``: one record per text."""
    lines = np.arange(1, len(runs) + 1, dtype=np.int64)
    column = string_column([each.text for each in runs])
    kinds = np.zeros(len(runs), np.int8)
    block = Block([column], lines, lines, None, None, kinds=kinds, split=False)
    return Grid(_table(member, "text", block, None), block, [[each] for each in runs])


def name_grid(member: str, runs: Sequence[TextRuns]) -> Grid:
    """Build a Grid of one column with the header 姓名 from names in file properties."""
    lines = np.arange(1, len(runs) + 1, dtype=np.int64)
    column = string_column([each.text for each in runs])
    block = Block([column], lines, None, None, None, kinds=np.zeros(len(runs), np.int8))
    header_layout = HeaderLayout([_NAME_HEADER], None, [0])
    return Grid(_table(member, "sheet", block, header_layout), block, [[each] for each in runs])


def table_grid(member: str, rows: Sequence[Row], replacer: Replacer) -> Grid:
    """Build a Grid of a table in an office file; its header row is detected as in a sheet."""
    texts = [[None if cell is None else cell.text or None for cell in row] for row in rows]
    head = [[cell or "" for cell in row] for row in texts]
    header_layout = find_layout(head, partial(count_header_names, replacer.search.engine.catalog))
    width = max([1, len(header_layout.groups), *(len(row) for row in texts)])
    missing = width - len(header_layout.groups)
    header_layout = HeaderLayout(
        None if header_layout.headers is None else header_layout.headers + [None] * missing,
        header_layout.header_row,
        header_layout.groups + (header_layout.groups[-1:] or [0]) * missing,
        header_layout.raw,
    )
    block = block_of_rows(list(enumerate(texts, 1)), header_layout, width)
    return Grid(_table(member, "sheet", block, header_layout), block, rows)


def part_grids(
    member: str, texts: PartTexts, tables: Iterable[Sequence[Row]], replacer: Replacer
) -> Iterator[Grid]:
    """Yield the grids of an office file's part: its tables, its other texts, its names."""
    known = partial(count_header_names, replacer.search.engine.catalog)
    others = list(texts.other)
    for rows in filter(None, tables):
        cells = [[cell for cell in row if cell is not None] for row in rows]
        if is_form([[cell.text for cell in row] for row in cells], known):
            others += _form_texts(cells)
        else:
            yield table_grid(member, rows, replacer)
    if others:
        yield text_grid(member, others)
    if texts.names:
        yield name_grid(member, texts.names)


def _form_texts(rows: Sequence[Sequence[TextRuns]]) -> Iterator[TextRuns]:
    """Yield each cell of a form after its label: ``姓名：张三``."""
    for row in rows:
        for label, value in zip_longest(row[::2], row[1::2]):
            behind = [] if value is None else ["：", *value.pieces]
            yield TextRuns(label.data, [*label.pieces, *behind])


def _table(member: str, kind: str, block: Block, header_layout: HeaderLayout | None) -> Table:
    """Return the Table of one block; ``layout`` None means a table without a header."""
    return Table(
        member=member,
        kind=kind,
        encoding=None,
        delimiter=None,
        headers=None if header_layout is None else header_layout.headers,
        header_row=None if header_layout is None else header_layout.header_row,
        groups=[0] if header_layout is None else header_layout.groups,
        sample=block,
        blocks=lambda: iter((block,)),
    )


def held_bytes(content: Content) -> bytes:
    """Return the bytes of a content in memory. Raise SourceError if they are not in memory."""
    if content.data is None:
        raise SourceError("MEMBER_TOO_LARGE", f"{content.size} bytes to be held")
    return content.data


def grid_edits(
    grids: Iterable[Grid], replacer: Replacer, overrides: ColumnOverrides, *, is_copy: bool
) -> list[Edit]:
    """Return the byte edits that redact all ``grids``.

    ``is_copy``: the grids are from a copy, so replacements in them are no findings.
    """
    return [
        edit
        for grid in grids
        for some in grid.edits(replacer, overrides, is_copy=is_copy)
        for edit in some
    ]
