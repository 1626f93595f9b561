"""Tokenizer: split delimited UTF-8 text into records and cells in one pass, without objects.

    张三,"示例路1号, 2栋"  -> cells 张三 (BARE), 示例路1号, 2栋 (QUOTED)

The text is decoded before, so every delimiter and quote is an ASCII byte (or the three bytes of ，)
and never half of another character.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from piiscan.arrays import Int32, UInt8
from piiscan.jit import inner, kernel
from piiscan.sources.rows.cell_scanner import (
    BARE,
    CR,
    LF,
    QUOTE,
    QUOTED,
    is_delimiter,
    scan_cell,
    scan_separator,
    skip_blanks,
)

#: Value of ``blanks`` for other delimiters. A literal would compile is_delimiter twice.
_FALSE: Final[Any] = np.bool_(False)
#: Maximum number of cells of one record; the last one takes the rest of the line.
MAX_CELLS: Final = 2048

_Out = tuple[Int32, Int32, UInt8, Int32, Int32, Int32]


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


@dataclass(frozen=True, slots=True)
class RecordCells:
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
        return self.lines.size


@inner
def _plain_quoted(text: UInt8, i: int, delimiter: UInt8) -> int:
    """Return the offset of the closing quote of a simple quoted cell at ``i``, else -1.

    A simple cell has no quote and no line end inside.
    """
    n = text.size
    j = i + 1
    while j < n and text[j] != QUOTE and text[j] != LF:
        j += 1
    if j + 1 >= n or text[j] != QUOTE:
        return -1
    k = j + 1
    if text[k] == CR and k + 1 < n:
        k += 1
    return j if text[k] == LF or is_delimiter(text, j + 1, delimiter, _FALSE) else -1


@inner
def _plain_record(
    text: UInt8, i: int, delimiter: UInt8, quotes: bool, cell: int, limit: int, out: _Out
) -> tuple[int, int]:
    """Scan a record without special cells at ``i``: (cells so far, next offset), else (-1, -1).

    Most records of most tables are simple, and this loop is several times faster than the general
    one.
    """
    starts, ends, styles = out[0], out[1], out[2]
    first = int(delimiter[0]) if delimiter.size > 0 else LF
    n = text.size
    start, stop, style = i, -1, BARE
    opening = quotes and text[i] == QUOTE
    while i < n:
        if opening:
            stop, style, opening = _plain_quoted(text, i, delimiter), QUOTED, False
            if stop < 0:
                return -1, -1
            start, i = start + 1, stop + 1
        c = text[i]
        if c == LF:
            end = i if style == BARE else stop
            while end > start and text[end - 1] == CR and style == BARE:
                end -= 1
            starts[cell], ends[cell], styles[cell] = start, end, style
            return cell + 1, i + 1
        if c == first and (delimiter.size == 1 or is_delimiter(text, i, delimiter, _FALSE)):
            starts[cell], ends[cell], styles[cell] = start, i if style == BARE else stop, style
            cell += 1
            i += delimiter.size
            start, style = i, BARE
            if cell == limit:
                return -1, -1
            opening = quotes and i < n and text[i] == QUOTE
            continue
        i += 1
    return -1, -1


@kernel
def _record(
    text: UInt8,
    i: int,
    delimiter: UInt8,
    options: tuple[bool, bool, bool, bool],
    limit: int,
    counts: tuple[int, int, int, int],
    out: _Out,
) -> tuple[int, int, int, int, int, int]:
    """Scan any delimited record at byte ``i`` and write its cells to ``out``.

    Return (status, next offset, cells, lines, unclosed quotes, one_line); status is -1 if the
    record is cut off, else 1.  ``counts`` are the last four values before the record.  ``limit`` is
    the number of the cell that takes the rest of the line.
    """
    starts, ends, styles, unclosed = out[0], out[1], out[2], out[5]
    blanks, _, cr, final = options
    cell, line, given_up, one_line = counts
    first_line = line
    literal_until: Any = np.int64(0)
    state = 0
    while state == 0:
        start, end, style, i, passed, gave_up, given_up_at = scan_cell(
            text, i, delimiter, options, cell >= limit, (one_line, literal_until)
        )
        if gave_up == 1:
            one_line = max(one_line, given_up_at)
            unclosed[given_up] = first_line
            given_up += 1
        elif gave_up == 2:
            literal_until = given_up_at
        if end < 0:
            return -1, i, cell, line, given_up, one_line
        line += passed
        starts[cell], ends[cell], styles[cell] = start, end, style
        cell += 1
        state, i = scan_separator(text, i, delimiter, blanks, cr, final)
    return state, i, cell, line + 1, given_up, one_line


@kernel
def _tokenize(
    text: UInt8,
    delimiter: UInt8,
    options: tuple[bool, bool, bool, bool],
    max_cells: int,
    one_line: int,
    out: _Out,
) -> tuple[int, int, int, int, int, int]:
    """Write the cells of all complete records to ``out``.

    Return (records, cells, unclosed quotes, bytes consumed, lines, one_line).
    """
    firsts, lines = out[3], out[4]
    blanks, quotes, cr, _ = options
    zero: Any = np.int64(0)  # a literal 0 would compile every function called with it twice
    position = cells = records = line = given_up = zero
    while position < text.size:
        limit = cells + max_cells - 1
        cell, i = -1, -1
        if not blanks and not cr:
            cell, i = _plain_record(text, position, delimiter, quotes, cells, limit, out)
        firsts[records], lines[records] = cells, line
        if i >= 0:
            line += 1
        else:
            i = skip_blanks(text, position) if blanks else position
            counts = (cells, line, given_up, one_line)
            state, i, cell, line_after, given_up_after, quote_limit = _record(
                text, i, delimiter, options, limit, counts, out
            )
            if state < 0:
                break
            line, given_up, one_line = line_after, given_up_after, quote_limit
        records, cells, position = records + 1, cell, i
    firsts[records] = cells
    return records, cells, given_up, position, line, one_line


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
    out = (
        np.empty(size, np.int32),
        np.empty(size, np.int32),
        np.empty(size, np.uint8),
        np.empty(size, np.int32),
        np.empty(size, np.int32),
        np.empty(size, np.int32),
    )
    delimiter = np.frombuffer(b"" if dialect.blanks else dialect.delimiter.encode(), np.uint8)
    options = (dialect.blanks, dialect.quotes, dialect.cr, final)
    result = _tokenize(text, delimiter, options, dialect.max_cells, one_line, out)
    records, cells, given_up, consumed, lines, one_line = result
    # copies, as the arrays are mostly empty and would occupy memory as long as the records
    return RecordCells(
        out[0][:cells].copy(),
        out[1][:cells].copy(),
        out[2][:cells].copy(),
        out[3][: records + 1].copy(),
        out[4][:records].copy(),
        out[5][:given_up].copy(),
        consumed,
        lines,
        max(one_line - consumed, 0),
    )
