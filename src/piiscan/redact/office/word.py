"""Paragraphs and tables of a Word document's part, headers, footnotes and comments alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from piiscan.redact.office.xml_text import Mark, Runs, Texts, add_attributes, attribute, marks

_TEXTS: Final = frozenset((b"t", b"delText", b"instrText", b"delInstrText"))
_BLANKS: Final = {b"tab": "\t", b"br": "\n", b"cr": "\n"}
Row = list[Runs | None]


@dataclass(slots=True)
class _Grid:
    rows: list[Row] = field(default_factory=list)
    cell: Runs | None = None
    span: int = 1


@dataclass(slots=True)
class WordTexts:
    """What a part holds: its tables, and all other texts."""

    texts: Texts = field(default_factory=Texts)
    tables: list[list[Row]] = field(default_factory=list)


def word_texts(data: bytes) -> WordTexts:
    """Tables with their cells, a text for each paragraph outside of them; tables may be nested."""
    reader = _Reader(data)
    for each in marks(data):
        if isinstance(each, Mark):
            reader.take(each)
        elif reader.inside:
            reader.paragraph.pieces.append(each)
    return reader.found


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.found = WordTexts()
        self.inside = False
        self._data = data
        self._paragraphs: list[Runs] = [Runs(data)]
        self._grids: list[_Grid] = []

    @property
    def paragraph(self) -> Runs:
        return self._paragraphs[-1]

    def take(self, mark: Mark) -> None:
        """One tag."""
        if mark.opens:
            add_attributes(self._data, mark, self.found.texts)
            self._open(mark)
        if mark.closes:
            self._close(mark)

    def _open(self, mark: Mark) -> None:
        grid = self._grids[-1] if self._grids else None
        match mark.name:
            case b"p":
                self._paragraphs.append(Runs(self._data))
            case b"tbl":
                self._grids.append(_Grid())
            case b"tr" if grid is not None:
                grid.rows.append([])
            case b"tc" if grid is not None:
                grid.cell, grid.span = Runs(self._data), 1
            case b"gridSpan" if grid is not None:
                span = attribute(self._data, mark, b"val") or "1"
                grid.span = min(int(span), 64) if span.isdecimal() else 1
            case name if name in _BLANKS:
                self.paragraph.pieces.append(_BLANKS[name])
        self.inside = mark.name in _TEXTS

    def _close(self, mark: Mark) -> None:
        self.inside = False
        grid = self._grids[-1] if self._grids else None
        match mark.name:
            case b"p" if len(self._paragraphs) > 1:
                self._end_paragraph(self._paragraphs.pop(), grid)
            case b"tc" if grid is not None and grid.cell is not None and grid.rows:
                grid.rows[-1] += [grid.cell, *[None] * (grid.span - 1)]
                grid.cell = None
            case b"tbl" if grid is not None:
                self.found.tables.append(self._grids.pop().rows)

    def _end_paragraph(self, runs: Runs, grid: _Grid | None) -> None:
        if not runs.pieces:
            return
        if grid is not None and grid.cell is not None:
            if grid.cell.pieces:
                grid.cell.pieces.append("\n")
            grid.cell.pieces += runs.pieces
        else:
            self.found.texts.written.append(runs)
