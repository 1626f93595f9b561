"""Where the cells of delimited UTF-8 text begin and end: one pass over the bytes, no objects.

The bytes are cut after decoding, so every delimiter and quote is one of UTF-8's own ASCII bytes
(or the three bytes of ，), never half of another character.
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
    after_cell,
    cut_cell,
    is_delimiter,
    skip_blanks,
)

#: A delimiter is not a run of blanks; a literal would compile is_delimiter twice.
_NO: Final[Any] = np.bool_(False)
#: Cells of one record; the last one takes whatever follows, delimiters and all.
MOST_CELLS: Final = 2048

_Out = tuple[Int32, Int32, UInt8, Int32, Int32, Int32]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How lines are split: the delimiter ("" none, "  " two or more blanks), quotes, line ends."""

    delimiter: str = ""
    quotes: bool = False
    cr: bool = False  # a lone \\r ends a line (only in texts without any \\n)
    most: int = MOST_CELLS

    @property
    def blanks(self) -> bool:
        """Whether any run of two or more blanks is one delimiter."""
        return self.delimiter == "  "


@dataclass(frozen=True, slots=True)
class Cut:
    """Cells of the whole records at the start of a text; record r has cells firsts[r]:firsts[r+1].

    ``lines`` are counted from 0 at the text's start; ``unclosed`` are lines with a quote given up.
    """

    starts: Int32
    ends: Int32
    styles: UInt8
    firsts: Int32
    lines: Int32
    unclosed: Int32
    consumed: int  # bytes of the text that the records take
    lines_passed: int
    one_line: int  # up to here (from ``consumed``) quotes may not span lines

    @property
    def records(self) -> int:
        """How many whole records were found."""
        return self.lines.size


@inner
def _plain_quoted(text: UInt8, i: int, mark: UInt8) -> int:
    """Where a quoted cell at ``i`` closes, if it holds no quote and no line end; else -1."""
    n = text.size
    j = i + 1
    while j < n and text[j] != QUOTE and text[j] != LF:
        j += 1
    if j + 1 >= n or text[j] != QUOTE:
        return -1
    k = j + 1
    if text[k] == CR and k + 1 < n:
        k += 1
    return j if text[k] == LF or is_delimiter(text, j + 1, mark, _NO) else -1


@inner
def _plain_record(
    text: UInt8, i: int, mark: UInt8, quotes: bool, cell: int, limit: int, out: _Out
) -> tuple[int, int]:
    """A record of simple cells at ``i``: (cells so far, next position), (-1, -1) if it is not one.

    Most records of most tables are, and this loop is several times faster than the general one.
    """
    starts, ends, styles = out[0], out[1], out[2]
    first = int(mark[0]) if mark.size > 0 else LF
    n = text.size
    start, stop, style = i, -1, BARE
    opening = quotes and text[i] == QUOTE
    while i < n:
        if opening:
            stop, style, opening = _plain_quoted(text, i, mark), QUOTED, False
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
        if c == first and (mark.size == 1 or is_delimiter(text, i, mark, _NO)):
            starts[cell], ends[cell], styles[cell] = start, i if style == BARE else stop, style
            cell += 1
            i += mark.size
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
    mark: UInt8,
    options: tuple[bool, bool, bool, bool],
    limit: int,
    counts: tuple[int, int, int, int],
    out: _Out,
) -> tuple[int, int, int, int, int, int]:
    """Any record at ``i``: (-1 if cut off else 1, next, cells, lines, unclosed quotes, one_line).

    ``counts`` are the last four as they were before it.
    """
    starts, ends, styles, unclosed = out[0], out[1], out[2], out[5]
    blanks, _, cr, final = options
    cell, line, ups, one_line = counts
    begun = line
    literal: Any = np.int64(0)
    state = 0
    while state == 0:
        start, end, style, i, passed, gave_up, where = cut_cell(
            text, i, mark, options, cell >= limit, (one_line, literal)
        )
        if gave_up == 1:
            one_line = max(one_line, where)
            unclosed[ups] = begun
            ups += 1
        elif gave_up == 2:
            literal = where
        if end < 0:
            return -1, i, cell, line, ups, one_line
        line += passed
        starts[cell], ends[cell], styles[cell] = start, end, style
        cell += 1
        state, i = after_cell(text, i, mark, blanks, cr, final)
    return state, i, cell, line + 1, ups, one_line


@kernel
def _cut_all(
    text: UInt8,
    mark: UInt8,
    options: tuple[bool, bool, bool, bool],
    most: int,
    one_line: int,
    out: _Out,
) -> tuple[int, int, int, int, int, int]:
    firsts, lines = out[3], out[4]
    blanks, quotes, cr, _ = options
    none: Any = np.int64(0)  # a literal 0 would compile whatever is called with it twice
    position = cells = records = line = given_up = none
    while position < text.size:
        limit = cells + most - 1
        cell, i = -1, -1
        if not blanks and not cr:
            cell, i = _plain_record(text, position, mark, quotes, cells, limit, out)
        firsts[records], lines[records] = cells, line
        if i >= 0:
            line += 1
        else:
            i = skip_blanks(text, position) if blanks else position
            counts = (cells, line, given_up, one_line)
            state, i, cell, after, ups, barrier = _record(
                text, i, mark, options, limit, counts, out
            )
            if state < 0:
                break
            line, given_up, one_line = after, ups, barrier
        records, cells, position = records + 1, cell, i
    firsts[records] = cells
    return records, cells, given_up, position, line, one_line


def cut(text: UInt8, dialect: Dialect, *, final: bool, one_line: int = 0) -> Cut:
    r"""The whole records at the start of ``text``; with ``final`` everything is.

    An unclosed quote is an ordinary character, and until where it was given up quotes may not
    span lines, so that one stray quote costs one look ahead and not one for each line.

    >>> found = cut(np.frombuffer(b'a,"b,""c",d\n', np.uint8), Dialect(",", True), final=True)
    >>> found.starts.tolist(), found.ends.tolist(), found.styles.tolist()
    ([0, 3, 10], [1, 8, 11], [0, 2, 0])
    """
    room = text.size + 2
    out = (
        np.empty(room, np.int32),
        np.empty(room, np.int32),
        np.empty(room, np.uint8),
        np.empty(room, np.int32),
        np.empty(room, np.int32),
        np.empty(room, np.int32),
    )
    mark = np.frombuffer(b"" if dialect.blanks else dialect.delimiter.encode(), np.uint8)
    options = (dialect.blanks, dialect.quotes, dialect.cr, final)
    found = _cut_all(text, mark, options, dialect.most, one_line, out)
    records, cells, given_up, consumed, lines, one_line = found
    # copies, as most of the room stays empty and would be held as long as the records are
    return Cut(
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
