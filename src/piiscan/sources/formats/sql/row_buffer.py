"""The rows found in a piece of a dump, whichever statements brought them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from piiscan.arrays import Int32, Int64, UInt8
from piiscan.jit import frozen
from piiscan.sources.formats.sql.row_scanner import Out, cut_copy, cut_rows
from piiscan.sources.rows.tokenizer import Cut


@dataclass(slots=True)
class Harvest:
    """The rows found so far in a text."""

    text: UInt8
    _clean: UInt8 = field(init=False)
    records: int = 0
    cells: int = 0
    gaps: int = 0
    _out: Out = field(init=False)

    def __post_init__(self) -> None:
        room = self.text.size + 2
        self.text = frozen(self.text)
        self._clean = self.text.copy()
        starts, ends, firsts, begins, heads, gaps, gap_ends = np.empty((7, room), np.int32)
        styles = np.empty(room, np.uint8)
        self._out = (starts, ends, styles, firsts, begins, heads, gaps, gap_ends)

    def take_rows(
        self,
        place: tuple[int, int, int],
        flags: tuple[bool, bool],
        known: tuple[UInt8, Int64, Int32],
    ) -> tuple[int, int, int, int, int]:
        """Rows from ``place`` (where, what comes next, slot of the head) on.

        Said are why they end, the place there, and how far the text was looked at.

        ``flags``: whether backslashes escape, whether the text is the last.  ``known``: heads of
        statements, which of them begins where, and the number of each.
        """
        counts = (self.records, self.cells, self.gaps)
        found = cut_rows(self.text, self._clean, place, flags, known, counts, self._out)
        self.records, self.cells, self.gaps = found[5:]
        return found[:5]

    def take_copy(self, place: int, head: int, *, final: bool) -> tuple[int, int]:
        """Lines of a COPY block from ``place`` on: why they end, and where."""
        counts = (self.records, self.cells, self.gaps)
        found = cut_copy(self.text, self._clean, place, final, head, counts, self._out)
        self.records, self.cells = found[2:]
        return found[:2]

    def cleaned(self) -> UInt8:
        """The text with escapes taken out of the cells of its rows."""
        return frozen(self._clean)

    def comments(self) -> list[tuple[int, int]]:
        """Where comments stand among the rows."""
        begins, ends = self._out[6][: self.gaps].tolist(), self._out[7][: self.gaps].tolist()
        return list(zip(begins, ends, strict=True))

    def heads(self) -> Int32:
        """The number of the head of each row."""
        return self._out[5][: self.records]

    def begins(self) -> Int32:
        """Where each row begins."""
        return self._out[4][: self.records]

    def rows(self, chosen: Int64 | None) -> Cut:
        """Cells of the chosen rows (None: all), which need not follow one another."""
        starts, ends, styles, firsts, begins = self._out[:5]
        firsts[self.records] = self.cells
        firsts, begins = firsts[: self.records + 1], begins[: self.records]
        if chosen is None:
            cells = slice(0, self.cells)
            return _cut(starts[cells], ends[cells], styles[cells], firsts, begins)
        widths = np.diff(firsts)[chosen]
        bounds = np.zeros(len(chosen) + 1, np.int32)
        np.cumsum(widths, out=bounds[1:])
        which = np.repeat(firsts[chosen] - bounds[:-1], widths) + np.arange(bounds[-1])
        return _cut(starts[which], ends[which], styles[which], bounds, begins[chosen])


def _cut(starts: Int32, ends: Int32, styles: UInt8, firsts: Int32, lines: Int32) -> Cut:
    return Cut(starts, ends, styles, firsts, lines, lines[:0], 0, 0, 0)
