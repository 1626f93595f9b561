"""Cell scanner (kernels): find the end of one cell of delimited UTF-8 text, byte by byte.

    record := cell (delimiter cell)* line_end
    cell   := '"' (any byte | '""')* '"'  |  any bytes but delimiter and line end
    line_end := CR* LF, or CR alone with ``cr``

    "张三, 经理",13800138000 -> cell 张三, 经理 (QUOTED), cell 13800138000 (BARE)

Parameters of all functions: ``text`` (bytes) and ``i`` (byte offset).  ``delimiter``: its bytes,
empty if none.  ``blanks``: the delimiter is a run of two or more blanks.  ``cr``: a lone CR ends a
line.  ``final``: the text is complete.
"""

from __future__ import annotations

from typing import Final

from piiscan.arrays import UInt8
from piiscan.jit import inner

#: An opening quote without a closing one within so many bytes or lines is an ordinary character.
QUOTE_BYTES: Final = 1 << 20
QUOTE_LINES: Final = 1000

QUOTE, SPACE, LF, CR = 34, 32, 10, 13
#: Styles of a cell: without quotes, in quotes, in quotes with doubled quotes inside.
BARE, QUOTED, DOUBLED = 0, 1, 2
#: Style of an SQL cell whose escapes are removed: its text is not an image of the bytes.
REWRITTEN = 3


@inner
def is_delimiter(text: UInt8, i: int, delimiter: UInt8, blanks: bool) -> bool:
    """Return True if the delimiter, or two blanks with ``blanks``, is at ``i``."""
    if blanks:
        return bool(i + 1 < text.size and text[i] == SPACE and text[i + 1] == SPACE)
    if delimiter.size == 0 or i + delimiter.size > text.size:
        return False
    for k in range(delimiter.size):  # noqa: SIM110 - numba has no all()
        if text[i + k] != delimiter[k]:
            return False
    return True


@inner
def is_line_end(text: UInt8, i: int, cr: bool) -> bool:
    """Return True if a line ends at ``i``: at LF, or with ``cr`` also at a lone CR."""
    return bool(text[i] == LF or (cr and text[i] == CR))


@inner
def ends_cell(text: UInt8, i: int, delimiter: UInt8, blanks: bool, cr: bool) -> bool:
    """Return True if a delimiter or line end is at ``i``, so that a quote before it is closing."""
    if is_line_end(text, i, cr) or is_delimiter(text, i, delimiter, blanks):
        return True
    while i < text.size and text[i] == CR:
        i += 1
    return bool(i < text.size and text[i] == LF)


@inner
def _is_cut_off(text: UInt8, i: int, delimiter: UInt8) -> bool:
    """Return True if a delimiter or line end at ``i`` may continue after the end of the text."""
    while i < text.size and text[i] == CR:
        i += 1
    return bool(i + max(delimiter.size, 2) > text.size)


@inner
def begins_cell(text: UInt8, i: int, delimiter: UInt8) -> bool:
    """Return True if a quote at ``i`` follows a delimiter or line end, as an opening quote does."""
    return bool(
        text[i - 1] == LF or (delimiter.size > 0 and text[i - 1] == delimiter[delimiter.size - 1])
    )


@inner
def close_quote(
    text: UInt8, i: int, delimiter: UInt8, blanks: bool, cr: bool, final: bool, one_line: bool
) -> tuple[int, int, int, int]:
    """Find the closing quote of the quoted cell at ``i``: (status, offset, lines, style).

    Status 1: closed at the offset; 0: more text is needed; -1: no closing quote up to the offset.
    ``one_line``: the cell must end on this line.
    """
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
            elif ends_cell(text, j + 1, delimiter, blanks, cr):
                return 1, j, lines, style
            elif not final and _is_cut_off(text, j + 1, delimiter):
                return 0, j, lines, style
            elif lines > 0 and begins_cell(text, j, delimiter):
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
def find_bare_end(text: UInt8, i: int, delimiter: UInt8, blanks: bool, cr: bool, last: bool) -> int:
    """Return the end of the unquoted cell that begins at ``i``.

    ``last``: the cell is the last one of its record and takes the rest of the line.
    """
    n = text.size
    first = -1
    if blanks and not last:
        first = SPACE
    elif delimiter.size > 0 and not last:
        first = int(delimiter[0])
    while i < n:
        c = text[i]
        if c == LF or (cr and c == CR):
            return i
        if c == first and is_delimiter(text, i, delimiter, blanks):
            return i
        i += 1
    return n


@inner
def skip_blanks(text: UInt8, i: int) -> int:
    """Return the first offset from ``i`` on that is not a blank."""
    while i < text.size and text[i] == SPACE:
        i += 1
    return i


@inner
def scan_cell(
    text: UInt8,
    i: int,
    delimiter: UInt8,
    options: tuple[bool, bool, bool, bool],
    last: bool,
    quote_limits: tuple[int, int],
) -> tuple[int, int, int, int, int, int, int]:
    """Find start, end and style of the delimited-text cell at byte ``i``.

    Return (start, end or -1 if cut off, style, next offset, lines passed, quote status, offset).
    Quote status 0: no problem; 1 or 2: the opening quote has no closing one up to the last offset
    (2: on its line).

    Args:
        options: (blanks, quotes, cr, final); ``quotes``: cells may be in quotes.
        last: The cell takes the rest of the line.
        quote_limits: (a, b): before a, quotes must close on their line; before b, quotes are
            ordinary characters.
    """
    blanks, quotes, cr, final = options
    gave_up = 0
    given_up_at = 0
    if quotes and not last and i < text.size and text[i] == QUOTE and i >= quote_limits[1]:
        one_line = i < quote_limits[0]
        status, j, lines, style = close_quote(text, i, delimiter, blanks, cr, final, one_line)
        if status == 0:
            return i, -1, BARE, i, 0, 0, 0
        if status == 1:
            return i + 1, j, style, j + 1, lines, 0, 0
        gave_up = 2 if one_line else 1
        given_up_at = j
    end = find_bare_end(text, i, delimiter, blanks, cr, last)
    if end == text.size and not final:
        return i, -1, BARE, i, 0, gave_up, given_up_at
    trimmed = end
    if end == text.size or text[end] == LF:
        while trimmed > i and text[trimmed - 1] == CR:
            trimmed -= 1
    return i, trimmed, BARE, end, 0, gave_up, given_up_at


@inner
def _skip_returns(text: UInt8, i: int, final: bool) -> int:
    """Return the offset after the CRs at ``i`` if LF or the end follows, else ``i``."""
    j = i
    while j < text.size and text[j] == CR:
        j += 1
    if (j < text.size and text[j] == LF) or (j == text.size and final):
        return j
    return i


@inner
def scan_separator(
    text: UInt8, i: int, delimiter: UInt8, blanks: bool, cr: bool, final: bool
) -> tuple[int, int]:
    """Scan the delimiter or line end after a cell: return (status, next offset).

    Status 1: the record ends; 0: a cell follows; -1: the text is cut off.
    """
    n = text.size
    next_cell = i
    if blanks:
        next_cell = skip_blanks(text, i)
    elif i < n and not is_line_end(text, i, cr):
        next_cell = i + delimiter.size if is_delimiter(text, i, delimiter, blanks) else i
    end = next_cell if blanks else i
    if not cr:
        end = _skip_returns(text, end, final)
    if end >= n:
        return (1 if final else -1), n
    if is_line_end(text, end, cr):
        return 1, end + 1
    return 0, next_cell
