"""Text files: what to replace, in places of their view."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from itertools import groupby
from typing import Final

from piiscan.detect.columns.column_types import count_names
from piiscan.redact.replacer import Found, Pen, cell_of
from piiscan.redact.text.escaped_cells import quoted, valued
from piiscan.redact.text.json_positions import (
    Cells,
    cell_edits,
    cell_text,
    document_cells,
    line_cells,
)
from piiscan.redact.text.utf8_view import TextView, ViewEdit
from piiscan.redact.text_map import Change
from piiscan.sources.block import Block, Table, Trouble
from piiscan.sources.content import Content
from piiscan.sources.encoding.byte_map import OTHER
from piiscan.sources.formats.json.open import looks_like_json_lines
from piiscan.sources.read import open_text_tables
from piiscan.tabular.column_overrides import Corrections
from piiscan.tabular.layout import Frame
from piiscan.tabular.typed_table import type_table

#: A cell can take so many times its bytes before its escapes are taken out.
_WIDEST: Final = 6
_NUMBER: Final = re.compile(r"[-+]?[0-9][0-9.]*")
_BOM: Final = 3


def text_blocks(
    content: Content, pen: Pen, corrections: Corrections
) -> Iterator[tuple[Block, Frame, Table] | Trouble]:
    """The blocks of a text with the frames and tables that a scan gives them."""
    engine = pen.search.engine
    for table in open_text_tables(content, count_names=partial(count_names, engine.catalog)):
        if isinstance(table, Trouble):
            yield table
            continue
        tables = (table, *table.beside)
        frames = [
            type_table(0, part, each, engine, corrections).frame for part, each in enumerate(tables)
        ]
        for block in table.blocks():
            if isinstance(block, Trouble):
                yield block
            else:
                yield block, frames[block.table], tables[block.table]
        yield from table.troubles


def text_edits(
    view: TextView, pen: Pen, corrections: Corrections, *, again: bool
) -> Iterator[list[ViewEdit] | Trouble]:
    """What to replace in the view, a block at a time."""
    content = view.content()
    lines = looks_like_json_lines(content.head[_BOM:].decode("utf-8", "replace"))
    document: _Document | None = None
    for item in text_blocks(content, pen, corrections):
        if isinstance(item, Trouble):
            yield item
            continue
        block, frame, table = item
        found = pen.write(block, frame, again=again)
        if not block.keys:
            yield list(_cell_edits(view, block, table, found))
        elif lines:
            yield list(_line_edits(view, block, found))
        else:
            document = document or _Document(view)
            yield list(document.edits(block, found))


def _cell_edits(
    view: TextView, block: Block, table: Table, found: list[Found]
) -> Iterator[ViewEdit]:
    """Edits of cells that stand in the text as they are, or behind escapes."""
    for _, group in groupby(found, key=lambda each: (each.record, each.column)):
        cell = list(group)
        if all(each.offset >= 0 for each in cell):
            if table.kind == "sql" and block.split and _NUMBER.fullmatch(cell_of(block, cell[0])):
                yield from _quotes(view, block, cell[0])
            for each in cell:
                yield each.offset, each.offset + len(each.item.text.encode()), each.new
            continue
        assert block.byte_starts is not None
        at = OTHER - int(block.byte_starts[cell[0].column][cell[0].record])
        if at < 0:
            continue
        text = cell_of(block, cell[0])
        begin = max(at - 1, 0)
        data = view.read(begin, at + _WIDEST * len(text.encode()) + 16)
        reader = valued if table.kind == "sql" else quoted
        passage = reader(data, at - begin, text)
        if passage is None:
            continue
        changes = [(each.start, each.end, each.new) for each in cell]
        for first, last, new in passage.edits(changes):
            yield begin + first, begin + last, new.decode()


def _quotes(view: TextView, block: Block, found: Found) -> Iterator[ViewEdit]:
    """Quotes around a number of an INSERT that is one no longer; COPY has none."""
    assert block.byte_starts is not None
    at = int(block.byte_starts[found.column][found.record])
    size = len(cell_of(block, found).encode())
    before, behind = view.read(at - 1, at), view.read(at + size, at + size + 1)
    if before in b"'\"" or (before in b"\t\n" and behind in (b"\t", b"\n", b"\r", b"")):
        return
    yield at, at, "'"
    yield at + size, at + size, "'"


def _line_edits(view: TextView, block: Block, found: list[Found]) -> Iterator[ViewEdit]:
    assert block.lines is not None
    for record, group in groupby(found, key=lambda each: each.record):
        begin, raw = view.line(int(block.lines[record]))
        text = raw.decode("utf-8", "replace")
        yield from _in_bytes(text, _record_edits(text, line_cells(text), block, list(group)), begin)


class _Document:
    """A JSON document, its records read beside the reader's."""

    def __init__(self, view: TextView) -> None:
        parts = [piece.text.tobytes() for _, piece in view.pieces()]
        self._text = b"".join(parts).decode("utf-8", "replace")
        self._records = document_cells(self._text)
        self._point, self._byte = 0, _BOM

    def edits(self, block: Block, found: list[Found]) -> Iterator[ViewEdit]:
        """Edits of one block; blocks come in their order."""
        by_record = {r: list(group) for r, group in groupby(found, key=lambda each: each.record)}
        for record in range(len(block.rows)):
            cells = next(self._records, {})
            if record in by_record:
                changes = _record_edits(self._text, cells, block, by_record[record])
                yield from self._placed(changes)

    def _placed(self, changes: list[Change]) -> Iterator[ViewEdit]:
        for start, end, new in sorted(changes):
            if start < self._point:
                self._point, self._byte = 0, _BOM
            self._byte += len(self._text[self._point : start].encode())
            self._point = start
            yield self._byte, self._byte + len(self._text[start:end].encode()), new


def _record_edits(text: str, cells: Cells, block: Block, found: list[Found]) -> list[Change]:
    """What to change in ``text`` for what was found in one record's cells."""
    made: list[Change] = []
    for column, group in groupby(found, key=lambda each: each.column):
        own = list(group)
        scalars = cells.get(block.keys[column], [])
        if cell_text(scalars) == cell_of(block, own[0]):
            made += cell_edits(text, scalars, [(each.start, each.end, each.new) for each in own])
            continue
        # keys beyond the most that a table has: by what is written there
        for each in own:
            for scalar in (scalar for listed in cells.values() for scalar in listed):
                at = scalar.text.find(each.item.text)
                if at >= 0:
                    place = (at, at + len(each.item.text), each.new)
                    made += cell_edits(text, [scalar], [place])
    return made


def _in_bytes(text: str, changes: list[Change], base: int) -> Iterator[ViewEdit]:
    for start, end, new in changes:
        begin = base + len(text[:start].encode())
        yield begin, begin + len(text[start:end].encode()), new
