"""Where one cell of delimited UTF-8 text ends: quotes, delimiters and line ends, byte by byte."""

from __future__ import annotations

from typing import Final

from piiscan.arrays import UInt8
from piiscan.jit import inner

#: An open quote is given up after so many bytes or lines.
QUOTE_BYTES: Final = 1 << 20
QUOTE_LINES: Final = 1000

QUOTE, SPACE, LF, CR = 34, 32, 10, 13
#: How a cell stands in the text: bare, between quotes, between quotes with doubled quotes inside.
BARE, QUOTED, DOUBLED = 0, 1, 2
#: Its escapes are taken out already: the text is no image of the bytes.
REWRITTEN = 3


@inner
def is_delimiter(text: UInt8, i: int, mark: UInt8, blanks: bool) -> bool:
    """Whether the delimiter stands at ``i``: ``mark``, or two blanks."""
    if blanks:
        return bool(i + 1 < text.size and text[i] == SPACE and text[i + 1] == SPACE)
    if mark.size == 0 or i + mark.size > text.size:
        return False
    for k in range(mark.size):  # noqa: SIM110 - numba has no all()
        if text[i + k] != mark[k]:
            return False
    return True


@inner
def is_line_end(text: UInt8, i: int, cr: bool) -> bool:
    r"""Whether a line ends at ``i``: at a newline, with ``cr`` at a lone \r too."""
    return bool(text[i] == LF or (cr and text[i] == CR))


@inner
def ends_cell(text: UInt8, i: int, mark: UInt8, blanks: bool, cr: bool) -> bool:
    """Whether a closing quote may stand before ``i``: line end or delimiter follow."""
    if is_line_end(text, i, cr) or is_delimiter(text, i, mark, blanks):
        return True
    while i < text.size and text[i] == CR:
        i += 1
    return bool(i < text.size and text[i] == LF)


@inner
def _undecided(text: UInt8, i: int, mark: UInt8) -> bool:
    """Whether the text breaks off where a delimiter or line end may have begun at ``i``."""
    while i < text.size and text[i] == CR:
        i += 1
    return bool(i + max(mark.size, 2) > text.size)


@inner
def begins_cell(text: UInt8, i: int, mark: UInt8) -> bool:
    """Whether a quote at ``i`` looks like an opening one, so that the one before was a stray."""
    return bool(text[i - 1] == LF or (mark.size > 0 and text[i - 1] == mark[mark.size - 1]))


@inner
def close_quote(
    text: UInt8, i: int, mark: UInt8, blanks: bool, cr: bool, final: bool, one_line: bool
) -> tuple[int, int, int, int]:
    """For a quote at ``i``: (1 closed | 0 needs more text | -1 given up, where, lines, style)."""
    n = text.size
    lines = 0
    style = QUOTED
    j = i + 1
    while j < n:
        if text[j] == QUOTE:
            if j + 1 == n:
                return (1 if final else 0), j, lines, style
            if text[j + 1] == QUOTE:
                style = DOUBLED
                j += 1
            elif ends_cell(text, j + 1, mark, blanks, cr):
                return 1, j, lines, style
            elif not final and _undecided(text, j + 1, mark):
                return 0, j, lines, style
            elif lines > 0 and begins_cell(text, j, mark):
                return -1, j, 0, style
        elif is_line_end(text, j, cr):
            lines += 1
            if one_line or lines >= QUOTE_LINES:
                return -1, j, 0, style
        if j - i > QUOTE_BYTES:
            return -1, j, 0, style
        j += 1
    return (-1 if final else 0), n, 0, style


@inner
def end_bare(text: UInt8, i: int, mark: UInt8, blanks: bool, cr: bool, last: bool) -> int:
    """Where a bare cell that begins at ``i`` ends."""
    n = text.size
    first = -1
    if blanks and not last:
        first = SPACE
    elif mark.size > 0 and not last:
        first = int(mark[0])
    while i < n:
        c = text[i]
        if c == LF or (cr and c == CR):
            return i
        if c == first and is_delimiter(text, i, mark, blanks):
            return i
        i += 1
    return n


@inner
def skip_blanks(text: UInt8, i: int) -> int:
    """The first position from ``i`` on that is no blank."""
    while i < text.size and text[i] == SPACE:
        i += 1
    return i


@inner
def cut_cell(
    text: UInt8,
    i: int,
    mark: UInt8,
    options: tuple[bool, bool, bool, bool],
    last: bool,
    barriers: tuple[int, int],
) -> tuple[int, int, int, int, int, int, int]:
    """A cell at ``i``: (start, end or -1 if cut off, style, next, lines, given up 0|1|2, where)."""
    blanks, quotes, cr, final = options
    gave_up = 0
    where = 0
    if quotes and not last and i < text.size and text[i] == QUOTE and i >= barriers[1]:
        one_line = i < barriers[0]
        status, j, lines, style = close_quote(text, i, mark, blanks, cr, final, one_line)
        if status == 0:
            return i, -1, BARE, i, 0, 0, 0
        if status == 1:
            return i + 1, j, style, j + 1, lines, 0, 0
        gave_up = 2 if one_line else 1
        where = j
    end = end_bare(text, i, mark, blanks, cr, last)
    if end == text.size and not final:
        return i, -1, BARE, i, 0, gave_up, where
    stop = end
    if end == text.size or text[end] == LF:
        while stop > i and text[stop - 1] == CR:
            stop -= 1
    return i, stop, BARE, end, 0, gave_up, where


@inner
def _skip_returns(text: UInt8, i: int, final: bool) -> int:
    """Behind the carriage returns at ``i`` if a newline (or the text's end) follows, else ``i``."""
    j = i
    while j < text.size and text[j] == CR:
        j += 1
    if (j < text.size and text[j] == LF) or (j == text.size and final):
        return j
    return i


@inner
def after_cell(
    text: UInt8, i: int, mark: UInt8, blanks: bool, cr: bool, final: bool
) -> tuple[int, int]:
    """(1 record ends | 0 a cell follows | -1 cut off, next position) behind a cell's end."""
    n = text.size
    follows = i
    if blanks:
        follows = skip_blanks(text, i)
    elif i < n and not is_line_end(text, i, cr):
        follows = i + mark.size if is_delimiter(text, i, mark, blanks) else i
    end = follows if blanks else i
    if not cr:
        end = _skip_returns(text, end, final)
    if end >= n:
        return (1 if final else -1), n
    if is_line_end(text, end, cr):
        return 1, end + 1
    return 0, follows
