"""Tokenizer: split delimited UTF-8 text into records and cells in one pass, without objects.

    张三,"示例路1号, 2栋"  -> cells 张三 (BARE), 示例路1号, 2栋 (QUOTED)

The text is decoded before, so every delimiter and quote is an ASCII byte (or the three bytes of ，)
and never half of another character.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from piiscan.arrays import Int32, UInt8
from piiscan.sources.rows.row_kernels import scan_records

#: Maximum number of cells of one record; the last one takes the rest of the line.
MAX_CELLS: Final = 2048


@dataclass(frozen=True, slots=True)
class Dialect:
    """Format of the lines of a table: delimiter, quotes, line ends and maximum number of cells.

    ``delimiter`` is "" for none and "  " for two or more blanks.
    """

    delimiter: str = ""
    quotes: bool = False
    cr: bool = False  # a lone \\r ends a line (only in texts without any \\n)
    max_cells: int = MAX_CELLS

    @property
    def blanks(self) -> bool:
        """Return True if the delimiter is any run of two or more blanks."""
        return self.delimiter == "  "


# Styles of a cell.
BARE: Final = 0
QUOTED: Final = 1
DOUBLED: Final = 2  # in quotes, with doubled quotes inside
REWRITTEN: Final = 3  # of SQL, with escapes removed: its text is not an image of the bytes

# An opening quote without a closing one within them is an ordinary character.
QUOTE_BYTES: Final = 1 << 20
QUOTE_LINES: Final = 1000


@dataclass(frozen=True, slots=True)
class TextFormat:
    """Format of decoded text: dialect, encoding, columns, header; plain lines if not ``table``."""

    dialect: Dialect
    encoding: str  # as in Block
    table: bool
    columns: int = 1
    header: list[str] = field(default_factory=list)  # trimmed header cells
    header_row: int | None = None


class RecordCells(NamedTuple):
    """Cells of the complete records at the start of a text, as byte offsets.

    Cell c is ``text[starts[c]:ends[c]]``; record r has the cells ``firsts[r]`` to ``firsts[r +
    1]``. ``lines[r]`` is the line, from 0, on which record r begins.  ``unclosed`` are the lines of
    quotes without a closing one.
    """

    starts: Int32
    ends: Int32
    styles: UInt8
    firsts: Int32
    lines: Int32
    unclosed: Int32
    consumed: int  # number of bytes of the records
    lines_passed: int
    one_line: int  # offset from ``consumed`` up to which quotes must close on their line

    @property
    def records(self) -> int:
        """Return the number of complete records."""
        return len(self.lines)


def tokenize(text: UInt8, dialect: Dialect, *, final: bool, one_line: int = 0) -> RecordCells:
    r"""Split ``text`` into records and cells; without ``final`` only complete records count.

    A quote without a closing one is an ordinary character.  Up to the end of the search for it,
    quotes must close on their line (``one_line``).  So a stray quote costs one search, not one for
    each line.

    >>> found = tokenize(np.frombuffer(b'a,"b,""c",d\n', np.uint8), Dialect(",", True), final=True)
    >>> found.starts.tolist(), found.ends.tolist(), found.styles.tolist()
    ([0, 3, 10], [1, 8, 11], [0, 2, 0])
    """
    size = text.size + 2
    starts, ends, firsts, starting_lines, unclosed = np.empty((5, size), np.int32)
    out = RecordCells(
        starts, ends, np.empty(size, np.uint8), firsts, starting_lines, unclosed, 0, 0, 0
    )
    delimiter = np.frombuffer(b"" if dialect.blanks else dialect.delimiter.encode(), np.uint8)
    options = (dialect.blanks, dialect.quotes, dialect.cr, final)
    result = scan_records(text, delimiter, options, dialect.max_cells, one_line, out)
    records, cells, given_up, consumed, lines, one_line = result
    # copies, as the arrays are mostly empty and would occupy memory as long as the records
    return RecordCells(
        out.starts[:cells].copy(),
        out.ends[:cells].copy(),
        out.styles[:cells].copy(),
        out.firsts[: records + 1].copy(),
        out.lines[:records].copy(),
        out.unclosed[:given_up].copy(),
        consumed,
        lines,
        max(one_line - consumed, 0),
    )
