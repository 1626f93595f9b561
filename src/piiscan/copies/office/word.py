"""Document texts: paragraphs and tables of a part of a Word, PowerPoint or OpenDocument file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from piiscan.copies.office.xml_text import (
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
_BLANKS: Final = {b"tab": "\t", b"br": "\n", b"cr": "\n", b"line-break": "\n"}
#: Elements of OpenDocument by those of Word; texts beside a paragraph are paragraphs of their own.
_BESIDE: Final = (
    *(b"h", b"note", b"note-body", b"note-citation", b"annotation", b"creator", b"date", b"desc"),
    *(b"title", b"initials"),
)
_ODF: Final = {
    b"table": b"tbl", b"table-row": b"tr", b"table-cell": b"tc", b"covered-table-cell": b"tc",
    b"s": b"tab", **dict.fromkeys(_BESIDE, b"p"),
}  # fmt: skip
#: Number of equal cells that a cell of OpenDocument stands for; most that are read.
_REPEATED: Final = b"number-columns-repeated"
_MAX_SPAN: Final = 64
Row = list[TextRuns | None]
#: Pieces of a paragraph: as ever, inserted, deleted.
_OLD, _NEW, _GONE = range(3)


@dataclass(slots=True)
class _OpenTable:
    """Open table: finished rows, current cell, and number of columns it spans."""

    rows: list[Row] = field(default_factory=list)
    cell: TextRuns | None = None
    span: int = 1


@dataclass(slots=True)
class WordTexts:
    """Texts of a document part: ``tables`` as rows of cells, ``texts`` for all others."""

    texts: PartTexts = field(default_factory=PartTexts)
    tables: list[list[Row]] = field(default_factory=list)


def word_texts(data: bytes, *, is_odf: bool = False) -> WordTexts:
    """Extract the tables (also nested) of a part, and one text per paragraph outside.

    ``is_odf``: the part is one of OpenDocument, in whose paragraphs all characters are text.
    """
    reader = _WordParser(data, is_odf=is_odf)
    for each in tokenize(data):
        if isinstance(each, Tag):
            reader.read_tag(each._replace(name=_ODF.get(each.name, each.name)) if is_odf else each)
        elif isinstance(each, Aside):
            add_aside(data, each, reader.result.texts)
        elif reader.in_text:
            reader.add(each)
        elif data[each[0] : each[1]].strip():
            reader.result.texts.other.append(TextRuns(data, [each]))
    if reader.paragraph.pieces:  # text outside of every paragraph
        reader.result.texts.other.append(reader.paragraph)
    return reader.result


def _span(text: str) -> int:
    """Return the columns that a cell spans by its ``gridSpan`` value: at most 64, else 1."""
    return min(int(text), _MAX_SPAN) if text.isdecimal() else 1


class _WordParser:
    """Parser of a Word part, fed with one tag or text range after another."""

    def __init__(self, data: bytes, *, is_odf: bool) -> None:
        """Create a parser of the part ``data``."""
        self.result = WordTexts()
        self.in_text = False
        self._data, self._is_odf = data, is_odf
        self._paragraphs: list[TextRuns] = [TextRuns(data)]
        self._states: list[list[int]] = [[]]
        self._deleted, self._inserted = False, 0
        self._grids: list[_OpenTable] = []

    @property
    def paragraph(self) -> TextRuns:
        """Return the innermost open paragraph."""
        return self._paragraphs[-1]

    def add(self, piece: tuple[int, int] | str) -> None:
        """Add a text run (byte range or literal) to the innermost open paragraph."""
        self.paragraph.pieces.append(piece)
        self._states[-1].append(_GONE if self._deleted else _NEW if self._inserted else _OLD)

    def read_tag(self, tag: Tag) -> None:
        """Process one XML tag: update the open tables and paragraphs."""
        add_tag(self._data, tag, self.result.texts)
        if tag.opens:
            self._open(tag)
        if tag.closes:
            self._close(tag)
        if self._is_odf:
            self.in_text = len(self._paragraphs) > 1

    def _open(self, tag: Tag) -> None:
        """Start the paragraph, table, row or cell of an opening tag; add a tab or line break."""
        grid = self._grids[-1] if self._grids else None
        match tag.name:
            case b"p":
                self._paragraphs.append(TextRuns(self._data))
                self._states.append([])
            case b"ins":
                self._inserted += 1
            case b"tbl":
                self._grids.append(_OpenTable())
            case b"tr" if grid is not None:
                grid.rows.append([])
            case b"tc" if grid is not None:
                repeated = (self._is_odf and attribute_value(self._data, tag, _REPEATED)) or "1"
                grid.cell, grid.span = TextRuns(self._data), _span(repeated)
            case b"gridSpan" if grid is not None:
                grid.span = _span(attribute_value(self._data, tag, b"val") or "1")
            case name if name in _BLANKS:
                self.add(_BLANKS[name])
        self.in_text = tag.name in _TEXT_ELEMENTS
        self._deleted = tag.name == b"delText"

    def _close(self, tag: Tag) -> None:
        """End the paragraph, table or cell of a closing tag."""
        self.in_text = False
        grid = self._grids[-1] if self._grids else None
        match tag.name:
            case b"p" if len(self._paragraphs) > 1:
                runs = self._paragraphs.pop()
                runs.pieces = self._with_deleted(runs, self._states.pop())
                self._end_paragraph(runs, grid)
            case b"ins":
                self._inserted = max(self._inserted - 1, 0)
            case b"tc" if grid is not None and grid.cell is not None and grid.rows:
                grid.rows[-1] += [grid.cell, *[None] * (grid.span - 1)]
                grid.cell = None
            case b"tbl" if grid is not None:
                self.result.tables.append(self._grids.pop().rows)

    @staticmethod
    def _with_deleted(runs: TextRuns, states: list[int]) -> list[tuple[int, int] | str]:
        """Return the runs of the current text, then of the text before deletions, if any.

        What is in both has its bytes in the first one.
        """
        if _GONE not in states:
            return runs.pieces
        now: list[tuple[int, int] | str] = []
        before: list[tuple[int, int] | str] = ["\t"]
        for piece, state in zip(runs.pieces, states, strict=True):
            if state != _GONE:
                now.append(piece)
            if state != _NEW:
                before.append(piece if state == _GONE else TextRuns(runs.data, [piece]).text)
        return now + before

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
