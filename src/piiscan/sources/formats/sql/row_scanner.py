r"""Row scanner (kernels): the rows of INSERT statements and COPY blocks, in one pass.

    rows := row ("," row)* [";"];  row := "(" value ("," value)* ")";  blanks and comments between
    copy := (value (TAB value)* LF)* "\." LF

    VALUES ('张三',13800138000),('李四',NULL); -> 2 rows of 2 cells

Parameters: ``text`` (UTF-8 bytes), ``i`` (byte offset), ``slashes`` (a backslash escapes a quote),
``final`` (the text is complete).  ``out`` has eight arrays: start, end and style of each cell;
first cell, offset and statement head of each record; start and end of each gap (comment).
"""

from __future__ import annotations

from typing import Final

from piiscan.arrays import Int32, Int64, UInt8
from piiscan.jit import inner, kernel
from piiscan.sources.formats.sql.unescape import write_unescaped
from piiscan.sources.formats.sql.value_scanner import (
    BROKEN,
    COPIED,
    DONE,
    HEX,
    MORE,
    PLAIN,
    ends_value,
    hash_lower,
    hash_word,
    is_word_byte,
    scan_string,
    scan_value,
    skip_blanks,
    skip_comment,
)
from piiscan.sources.rows.row_kernels import BARE, QUOTE_BYTES, REWRITTEN
from piiscan.sources.rows.tokenizer import MAX_CELLS

#: Expected next in a statement: a row, or the comma or end after a row.
ROW, AFTER_ROW = 0, 1
#: Reason of the end of a scan: end of the text, end of the statement, invalid row.
CUT_OFF, ENDED, NOT_A_ROW = 0, 1, 2

_LF, _CR = 10, 13
_MAX_VALUES: Final = MAX_CELLS - 1

_WHERE, _AND = hash_lower("where"), hash_lower("and")

Out = tuple[Int32, Int32, UInt8, Int32, Int32, Int32, Int32, Int32]
Counts = tuple[int, int, int]  # records, cells, gaps


@inner
def _skip_gap(
    text: UInt8, i: int, slashes: bool, final: bool, gaps: int, out: Out
) -> tuple[int, int, int]:
    """Skip blanks and comments at ``i``; return (DONE or MORE, next offset, gap count).

    Comments are written to ``out`` as gaps.
    """
    while True:
        i = skip_blanks(text, i)
        if i >= text.size:
            return MORE, i, gaps
        c = text[i]
        if c != 45 and c != 47 and c != 35:  # - / #
            return DONE, i, gaps
        status, j = skip_comment(text, i, slashes, final)
        if status == MORE:
            return MORE, i, gaps
        if status == BROKEN:
            return DONE, i, gaps
        out[6][gaps], out[7][gaps] = i, j
        gaps += 1
        i = j


@inner
def _plain_row(  # noqa: C901 - one loop, its state in registers
    text: UInt8, i: int, slashes: bool, cell: int, starts: Int32, ends: Int32, styles: UInt8
) -> tuple[int, int]:
    """Scan a row without escapes at ``i``; return (next offset, cell count), else (-1, -1).

    A simple row has texts without escapes, numbers and NULL.  Most rows of most dumps are simple,
    and this loop is several times faster than the general one.
    """
    n = text.size
    limit = cell + _MAX_VALUES
    longest = min(n, i + QUOTE_BYTES)
    j = i + 1
    while j < longest and cell < limit:
        c = text[j]
        start = j
        if c == 39:  # '
            start = j + 1
            j += 1
            if j + 1 < longest and text[j] == 92 and text[j + 1] == 120:  # bytea
                return -1, -1
            while j < longest and text[j] != 39 and text[j] != 92 and text[j] != _LF:  # ' \
                j += 1
            if j + 1 >= longest or text[j] == _LF or (text[j] == 92 and slashes):
                return -1, -1
            while text[j] == 92:  # a backslash that is an ordinary character
                while j < longest and text[j] != 39 and text[j] != _LF:
                    j += 1
                if j + 1 >= longest or text[j] == _LF:
                    return -1, -1
            stop = j
            j += 1
        else:
            # a number: digits, "." and "-"
            while j < longest and (48 <= text[j] <= 57 or text[j] == 46 or text[j] == 45):
                j += 1
            stop = j
            if j == start:
                # NULL in capitals
                if j + 4 >= longest or text[j] != 78 or text[j + 1] != 85:
                    return -1, -1
                if text[j + 2] != 76 or text[j + 3] != 76:
                    return -1, -1
                stop = start
                j += 4
        if j >= longest:
            return -1, -1
        starts[cell], ends[cell], styles[cell] = start, stop, PLAIN
        cell += 1
        c = text[j]
        j += 1
        if c == 41:  # )
            return j, cell
        if c != 44:  # ,
            return -1, -1
        if j < longest and text[j] == 32:
            j += 1
    return -1, -1


@kernel
def _scan_row(
    text: UInt8, i: int, slashes: bool, final: bool, cell: int, gaps: int, out: Out
) -> tuple[int, int, int, int]:
    """Scan any SQL row whose bracket opens at ``i``; return (status, next offset, cells, gaps)."""
    starts, ends, styles = out[0], out[1], out[2]
    limit = cell + _MAX_VALUES
    j = i + 1
    while cell < limit:
        status, j, gaps = _skip_gap(text, j, slashes, final, gaps, out)
        if status == MORE:
            return (BROKEN if final else MORE), j, cell, gaps
        status, start, end, style, j = scan_value(text, j, slashes, final, False)
        if status != DONE:
            return status, j, cell, gaps
        starts[cell], ends[cell], styles[cell] = start, end, style
        cell += 1
        status, j, gaps = _skip_gap(text, j, slashes, final, gaps, out)
        if status == MORE:
            return (BROKEN if final else MORE), j, cell, gaps
        if text[j] == 41:  # )
            return DONE, j + 1, cell, gaps
        if text[j] != 44:  # ,
            return BROKEN, j, cell, gaps
        j += 1
    return BROKEN, j, cell, gaps


@kernel
def _unescape_row(text: UInt8, unescaped: UInt8, first: int, cell: int, out: Out) -> None:
    """Write the cells [first, cell) of a row to ``unescaped``; update their ends and styles."""
    starts, ends, styles = out[0], out[1], out[2]
    for k in range(first, cell):
        if styles[k] != PLAIN:
            end = write_unescaped(text, starts[k], ends[k], styles[k], unescaped)
            is_same = end == ends[k] and styles[k] >= HEX
            styles[k] = BARE if is_same else REWRITTEN
            ends[k] = end


@inner
def _skip_name(text: UInt8, i: int) -> int:
    """Return the offset after the name at ``i``, with its dots and quotes; ``i`` if none."""
    n = text.size
    j = i
    while j < n:
        c = text[j]
        close = 93 if c == 91 else c  # [ ]
        if c == 96 or c == 34 or c == 91:  # ` " [
            j += 1
            while j < n and text[j] != close and text[j] != _LF:
                j += 1
            if j >= n or text[j] == _LF:
                return i
            j += 1
        elif is_word_byte(c):
            while j < n and is_word_byte(text[j]):
                j += 1
        else:
            return i
        if j >= n or text[j] != 46:  # .
            return j
        j += 1
    return i


@kernel
def scan_items(  # noqa: C901 - one loop, its state in registers
    text: UInt8,
    unescaped: UInt8,
    i: int,
    named: bool,
    flags: tuple[bool, bool],
    cell: int,
    out: Out,
    names: Int32,
) -> tuple[int, int, int]:
    """Scan ``a = 1, b = 'x' WHERE c = 2`` (``named``) or ``'x' AS a, 1`` into cells from ``cell``.

    Return (status, offset after it, cells).  ``names``: start and end of each cell's name, equal
    if there is none.
    """
    starts, ends, styles = out[0], out[1], out[2]
    slashes, final = flags
    more = BROKEN if final else MORE
    first, j, n = cell, i, text.size
    end = i
    while cell - first < _MAX_VALUES:
        j = skip_blanks(text, j)
        name, stop = j, j
        if named:
            stop = _skip_name(text, j)
            k = skip_blanks(text, stop)
            if k >= n and not final:
                return more, i, first
            if stop == j or k >= n or text[k] != 61:  # =
                break
            j = skip_blanks(text, k + 1)
        if j >= n:
            return more, i, first
        status, start, after, style, j = scan_value(text, j, slashes, final, True)
        if status != DONE:
            return status, i, first
        j = skip_blanks(text, j)
        if not named:
            k = j
            while k < n and is_word_byte(text[k]):
                k += 1
            if k - j == 2 and text[j] | 32 == 97 and text[j + 1] | 32 == 115:  # as
                name = skip_blanks(text, k)
                stop = _skip_name(text, name)
                j = skip_blanks(text, stop)
            elif j < n and not ends_value(text, j):
                name, stop = j, _skip_name(text, j)
                j = skip_blanks(text, stop)
        if j >= n and not final:
            return more, i, first
        starts[cell], ends[cell], styles[cell] = start, after, style
        names[2 * (cell - first)], names[2 * (cell - first) + 1] = name, stop
        cell += 1
        end = j
        if j < n and text[j] == 44:  # ,
            j += 1
            continue
        k = j
        while k < n and is_word_byte(text[k]):
            k += 1
        word = hash_word(text, j, k)
        if not named or (word != _WHERE and word != _AND):
            break
        j = k
    if cell == first:
        return BROKEN, i, first
    _unescape_row(text, unescaped, first, cell, out)
    return DONE, end, cell


@inner
def _skip_go(text: UInt8, i: int) -> int:
    """Return the offset after blanks and ``GO`` lines (SQL Server) at ``i``."""
    while True:
        i = skip_blanks(text, i)
        if not (
            i + 2 < text.size
            and text[i] | 32 == 103  # g
            and text[i + 1] | 32 == 111  # o
            and (text[i + 2] == _LF or text[i + 2] == _CR)
        ):
            return i
        i += 2


@inner
def _find_head(text: UInt8, i: int, heads: UInt8, offsets: Int64, last_head: int) -> int:
    """Return the index of the statement head at ``i``, -1 if none; ``last_head`` is tried first."""
    for attempt in range(-1, offsets.size - 1):
        h = last_head if attempt < 0 else attempt
        begin, end = offsets[h], offsets[h + 1]
        if i + end - begin < text.size and end > begin:
            k = begin
            while k < end and heads[k] == text[i + k - begin]:
                k += 1
            if k == end:
                return h
    return -1


@kernel
def scan_rows(  # noqa: C901 - one loop, its state in registers
    text: UInt8,
    unescaped: UInt8,
    position: tuple[int, int, int],
    flags: tuple[bool, bool],
    packed_heads: tuple[UInt8, Int64, Int32],
    counts: Counts,
    out: Out,
) -> tuple[int, int, int, int, int, int, int, int]:
    """Scan INSERT rows from ``position`` on, also of following statements with known heads.

    Return (reason of the end, offset, expected, head slot, scanned to, records, cells, gaps).

    Args:
        unescaped: Copy of ``text`` for the cells without escapes.
        position: (offset, ROW or AFTER_ROW, slot of the statement head).
        flags: (slashes, final).
        packed_heads: Bytes of all known heads, offset of each, number of each.
        counts: Numbers of records, cells and gaps in ``out``.
    """
    i, expected, slot = position
    slashes, final = flags
    records, cells, gaps = counts
    heads, offsets, numbers = packed_heads
    n = text.size
    while True:
        if expected == ROW and i < n and text[i] == 40:  # (
            k, cell = _plain_row(text, i, slashes, cells, out[0], out[1], out[2])
            if k >= 0:
                out[3][records], out[4][records], out[5][records] = cells, i, numbers[slot]
                records, cells, i, expected = records + 1, cell, k, AFTER_ROW
                if i + 1 < n and text[i] == 44:  # ,
                    i, expected = i + 1, ROW
                    i += text[i] == _LF
                    continue
        status, j, next_gaps = _skip_gap(text, i, slashes, final, gaps, out)
        if status == MORE:
            reason = CUT_OFF if not final else ENDED if expected == AFTER_ROW else NOT_A_ROW
            return reason, i, expected, slot, text.size, records, cells, gaps
        if expected == ROW:
            if j + 3 < text.size and text[j] | 32 == 114 and text[j + 3] == 40:  # ROW(
                j += 3
            if text[j] != 40:  # (
                return NOT_A_ROW, j, expected, slot, j, records, cells, next_gaps
            status, k, cell, row_gaps = _scan_row(text, j, slashes, final, cells, next_gaps, out)
            if status == MORE:
                return CUT_OFF, i, expected, slot, text.size, records, cells, gaps
            if status == BROKEN:
                return NOT_A_ROW, j, expected, slot, k, records, cells, next_gaps
            _unescape_row(text, unescaped, cells, cell, out)
            out[3][records], out[4][records], out[5][records] = cells, j, numbers[slot]
            records, cells, gaps, i, expected = records + 1, cell, row_gaps, k, AFTER_ROW
            continue
        gaps = next_gaps
        if text[j] == 44:  # ,
            i, expected = j + 1, ROW
            continue
        end = j + 1 if text[j] == 59 else j  # ;
        j = _skip_go(text, end)
        h = _find_head(text, j, heads, offsets, slot)
        if h < 0:
            return ENDED, end, expected, slot, end, records, cells, gaps
        i, slot, expected = j + offsets[h + 1] - offsets[h], h, ROW


@kernel
def scan_copy(
    text: UInt8,
    unescaped: UInt8,
    i: int,
    final: bool,
    head: int,
    delimiter: int,
    counts: Counts,
    out: Out,
) -> tuple[int, int, int, int]:
    r"""Scan the lines of a COPY block from byte ``i`` on, up to its end mark.

    Return (reason of the end, offset, records, cells).  ``delimiter``: its byte.
    """
    starts, ends, styles = out[0], out[1], out[2]
    records, cells, _ = counts
    n = text.size
    while i < n:
        first, cell, start, j, slashes = cells, cells, i, i, False
        while j < n and text[j] != _LF:
            if text[j] == delimiter and cell - first < _MAX_VALUES:
                starts[cell], ends[cell], styles[cell] = start, j, COPIED if slashes else PLAIN
                cell, start, slashes = cell + 1, j + 1, False
            elif text[j] == 92:  # \
                slashes = True
                j += 1 if j + 1 < n and text[j + 1] != _LF else 0
            j += 1
        if j >= n and not final:
            return CUT_OFF, i, records, cells
        end = j - 1 if j > start and j <= n and text[j - 1] == _CR else min(j, n)
        if cell == first and end - start == 2 and text[start] == 92 and text[start + 1] == 46:
            return ENDED, min(j + 1, n), records, cells
        starts[cell], ends[cell], styles[cell] = start, end, COPIED if slashes else PLAIN
        cell += 1
        for k in range(first, cell):
            if ends[k] - starts[k] == 2 and text[starts[k]] == 92 and text[starts[k] + 1] == 78:
                ends[k], styles[k] = starts[k], PLAIN
        _unescape_row(text, unescaped, first, cell, out)
        out[3][records], out[4][records], out[5][records] = first, i, head
        records, cells, i = records + 1, cell, min(j + 1, n)
    return (NOT_A_ROW if final else CUT_OFF), i, records, cells


@kernel
def scan_copy_csv(  # noqa: C901 - one loop, its state in registers
    text: UInt8,
    unescaped: UInt8,
    i: int,
    final: bool,
    head: int,
    delimiter: int,
    counts: Counts,
    out: Out,
) -> tuple[int, int, int, int]:
    r"""Scan the lines of a COPY block in CSV as :func:`scan_copy` does; quotes may hold lines."""
    starts, ends, styles = out[0], out[1], out[2]
    records, cells, _ = counts
    n = text.size
    while i < n:
        first, cell, j = cells, cells, i
        while True:
            start, style, stop = j, PLAIN, -1
            if j < n and text[j] == 34:  # "
                status, end, style = scan_string(text, j, False, final)
                if status == MORE:
                    return CUT_OFF, i, records, cells
                if status == DONE:
                    start, stop, j = j + 1, end, end + 1
            while j < n and text[j] != _LF and text[j] != delimiter:
                j += 1
            if j >= n and not final:
                return CUT_OFF, i, records, cells
            last = j
            if last > start and text[last - 1] == _CR and (j >= n or text[j] == _LF):
                last -= 1
            if stop < 0 or stop + 1 < last:  # without quotes, or with text after them
                start, stop, style = start if stop < 0 else start - 1, last, PLAIN
            starts[cell], ends[cell], styles[cell] = start, stop, style
            cell += 1
            if j >= n or text[j] == _LF or cell - first >= _MAX_VALUES:
                break
            j += 1
        while j < n and text[j] != _LF:  # of a row with too many cells
            j += 1
        if cell - first == 1 and stop - start == 2 and text[start] == 92 and text[start + 1] == 46:
            return ENDED, min(j + 1, n), records, cells
        _unescape_row(text, unescaped, first, cell, out)
        out[3][records], out[4][records], out[5][records] = first, i, head
        records, cells, i = records + 1, cell, min(j + 1, n)
    return (NOT_A_ROW if final else CUT_OFF), i, records, cells
