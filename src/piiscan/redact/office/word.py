"""Word texts: paragraphs and tables of a document part, header, footnote or comment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from piiscan.redact.office.xml_text import (
    Aside,
    PartTexts,
    Tag,
    TextRuns,
    add_aside,
    add_tag,
    attribute_value,
    tokenize,
)

_TEXT_ELEMENTS: Final = frozenset((b"t", b"delText", b"instrText", b"delInstrText"))
_BLANKS: Final = {b"tab": "\t", b"br": "\n", b"cr": "\n"}
Row = list[TextRuns | None]


@dataclass(slots=True)
class _OpenTable:
    """Table under construction: finished rows, current cell and number of columns it spans."""

    rows: list[Row] = field(default_factory=list)
    cell: TextRuns | None = None
    span: int = 1


@dataclass(slots=True)
class WordTexts:
    """Texts of a part: ``tables`` as rows of cells, ``texts`` for all other texts."""

    texts: PartTexts = field(default_factory=PartTexts)
    tables: list[list[Row]] = field(default_factory=list)


def word_texts(data: bytes) -> WordTexts:
    """Extract the tables (also nested) of a Word part, and one text per paragraph outside."""
    reader = _WordParser(data)
    for each in tokenize(data):
        if isinstance(each, Tag):
            reader.read_tag(each)
        elif isinstance(each, Aside):
            add_aside(data, each, reader.result.texts)
        elif reader.in_text:
            reader.paragraph.pieces.append(each)
        elif data[each[0] : each[1]].strip():
            reader.result.texts.other.append(TextRuns(data, [each]))
    if reader.paragraph.pieces:  # text outside of every paragraph
        reader.result.texts.other.append(reader.paragraph)
    return reader.result


class _WordParser:
    """Parser of a Word part, fed with one tag or text range after another."""

    def __init__(self, data: bytes) -> None:
        """Create a parser of the part ``data``."""
        self.result = WordTexts()
        self.in_text = False
        self._data = data
        self._paragraphs: list[TextRuns] = [TextRuns(data)]
        self._grids: list[_OpenTable] = []

    @property
    def paragraph(self) -> TextRuns:
        """Return the innermost open paragraph."""
        return self._paragraphs[-1]

    def read_tag(self, tag: Tag) -> None:
        """Update the open tables and paragraphs for one XML tag."""
        add_tag(self._data, tag, self.result.texts)
        if tag.opens:
            self._open(tag)
        if tag.closes:
            self._close(tag)

    def _open(self, tag: Tag) -> None:
        """Start the paragraph, table, row or cell of an opening tag; add a tab or line break."""
        grid = self._grids[-1] if self._grids else None
        match tag.name:
            case b"p":
                self._paragraphs.append(TextRuns(self._data))
            case b"tbl":
                self._grids.append(_OpenTable())
            case b"tr" if grid is not None:
                grid.rows.append([])
            case b"tc" if grid is not None:
                grid.cell, grid.span = TextRuns(self._data), 1
            case b"gridSpan" if grid is not None:
                span = attribute_value(self._data, tag, b"val") or "1"
                grid.span = min(int(span), 64) if span.isdecimal() else 1
            case name if name in _BLANKS:
                self.paragraph.pieces.append(_BLANKS[name])
        self.in_text = tag.name in _TEXT_ELEMENTS

    def _close(self, tag: Tag) -> None:
        """End the paragraph, table or cell of a closing tag."""
        self.in_text = False
        grid = self._grids[-1] if self._grids else None
        match tag.name:
            case b"p" if len(self._paragraphs) > 1:
                self._end_paragraph(self._paragraphs.pop(), grid)
            case b"tc" if grid is not None and grid.cell is not None and grid.rows:
                grid.rows[-1] += [grid.cell, *[None] * (grid.span - 1)]
                grid.cell = None
            case b"tbl" if grid is not None:
                self.result.tables.append(self._grids.pop().rows)

    def _end_paragraph(self, runs: TextRuns, grid: _OpenTable | None) -> None:
        """Add a finished paragraph to the current table cell, or to the other texts."""
        if not runs.pieces:
            return
        if grid is not None and grid.cell is not None:
            if grid.cell.pieces:
                grid.cell.pieces.append("\n")
            grid.cell.pieces += runs.pieces
        else:
            self.result.texts.other.append(runs)
