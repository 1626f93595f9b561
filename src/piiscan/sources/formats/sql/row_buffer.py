"""Row buffer: the rows found in one text of a dump, from any number of statements."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from piiscan.arrays import Int32, Int64, UInt8
from piiscan.sources.formats.sql.sql_kernels import scan_copy, scan_items, scan_rows
from piiscan.sources.formats.sql.statements import CopyForm
from piiscan.sources.rows.tokenizer import MAX_CELLS, RecordCells

# Status of a scan: not SQL, cut off by the end of the text, value found.
BROKEN: Final = -1
MORE: Final = 0
DONE: Final = 1
# Expected next in a statement: a row, or the comma or end after a row.
ROW: Final = 0
AFTER_ROW: Final = 1
# Reason of the end of a scan: end of the text, end of the statement, invalid row.
CUT_OFF: Final = 0
ENDED: Final = 1
NOT_A_ROW: Final = 2


class RowArrays(NamedTuple):
    """Arrays of a row buffer.

    Attributes:
        starts, ends, styles: of each cell
        firsts, begins, heads: first cell, offset and statement head of each record
        gap_begins, gap_ends: of each comment
    """

    starts: Int32
    ends: Int32
    styles: UInt8
    firsts: Int32
    begins: Int32
    heads: Int32
    gap_begins: Int32
    gap_ends: Int32


@dataclass(slots=True)
class RowBuffer:
    """Rows found so far in a text: cells, first cells, statement heads and comments.

    ``unescaped``: the text with the escapes in its rows' cells resolved.
    """

    text: UInt8
    unescaped: UInt8 = field(init=False)
    records: int = 0
    cells: int = 0
    gaps: int = 0
    _out: RowArrays = field(init=False)

    def __post_init__(self) -> None:
        size = self.text.size + 2
        self.unescaped = self.text.copy()
        starts, ends, *others = np.empty((7, size), np.int32)
        self._out = RowArrays(starts, ends, np.empty(size, np.uint8), *others)

    def read_rows(
        self,
        position: tuple[int, int, int],
        flags: tuple[bool, bool],
        packed_heads: tuple[UInt8, Int64, Int32],
    ) -> tuple[int, int, int, int, int]:
        """Scan INSERT rows from ``position`` on and add them to the buffer.

        Return (reason of the end, offset, expected, head slot, scanned to).

        Args:
            position: (offset, ROW or AFTER_ROW, slot of the statement head).
            flags: (a backslash escapes a quote, the text is complete).
            packed_heads: Known statement heads: bytes, offsets, number of each.
        """
        counts = (self.records, self.cells, self.gaps)
        result = scan_rows(
            self.text, self.unescaped, position, flags, packed_heads, counts, self._out
        )
        self.records, self.cells, self.gaps = result[5:]
        return result[:5]

    def read_copy(
        self, position: int, head: int, form: CopyForm, *, final: bool
    ) -> tuple[int, int]:
        """Scan COPY lines from byte ``position`` on; return (reason of the end, offset)."""
        counts = (self.records, self.cells, self.gaps)
        result = scan_copy(
            self.text, self.unescaped, position, final, head, form.delimiter, form.csv, counts,
            self._out,
        )  # fmt: skip
        self.records, self.cells = result[2:]
        return result[:2]

    def read_items(
        self, position: int, named: bool, flags: tuple[bool, bool]
    ) -> tuple[int, int, int, list[bytes]]:
        """Scan assignments (``named``) or a SELECT list; return (status, offset, cells, names).

        :meth:`add_items` adds them as a row. ``flags``: as in :meth:`read_rows`.
        """
        names = np.empty(2 * MAX_CELLS, np.int32)
        status, end, cells = scan_items(
            self.text, self.unescaped, position, named, flags, self.cells, self._out, names
        )
        bounds = names[: 2 * (cells - self.cells)].reshape(-1, 2).tolist()
        return status, end, cells, [self.text[a:b].tobytes() for a, b in bounds]

    def add_items(self, position: int, head: int, cells: int) -> None:
        """Add the cells of :meth:`read_items`, up to number ``cells``, as a row."""
        out, row = self._out, self.records
        out.firsts[row], out.begins[row], out.heads[row] = self.cells, position, head
        self.records, self.cells = self.records + 1, cells

    def comments(self) -> list[tuple[int, int]]:
        """Return the byte ranges [start, end) of the comments between the rows."""
        begins, ends = self._out.gap_begins[: self.gaps], self._out.gap_ends[: self.gaps]
        return list(zip(begins.tolist(), ends.tolist(), strict=True))

    def heads(self) -> Int32:
        """Return the statement head number of each row: int32[rows]."""
        return self._out.heads[: self.records]

    def rows(self, row_indices: Int64 | None) -> RecordCells:
        """Return the cells of the rows at ``row_indices`` (None: all), in any order."""
        starts, ends, styles, firsts, begins = self._out[:5]
        firsts[self.records] = self.cells
        firsts, begins = firsts[: self.records + 1], begins[: self.records]
        cells: slice | Int64 = slice(0, self.cells)
        if row_indices is not None:
            widths = np.diff(firsts)[row_indices]
            bounds = np.zeros(len(row_indices) + 1, np.int32)
            np.cumsum(widths, out=bounds[1:])
            cells = np.repeat(firsts[row_indices] - bounds[:-1], widths) + np.arange(bounds[-1])
            firsts, begins = bounds, begins[row_indices]
        arrays = (starts[cells], ends[cells], styles[cells], firsts, begins, begins[:0])
        return RecordCells(*arrays, 0, 0, 0)
