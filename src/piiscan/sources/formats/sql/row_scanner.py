"""The rows of INSERT statements and COPY blocks in a piece of a dump: one pass, no objects."""

from __future__ import annotations

from typing import Final

from piiscan.arrays import Int32, Int64, UInt8
from piiscan.jit import inner, kernel
from piiscan.sources.formats.sql.unescape import write_plain
from piiscan.sources.formats.sql.value_scanner import (
    BROKEN,
    COPIED,
    DONE,
    HEX,
    MORE,
    PLAIN,
    cut_value,
    skip_blanks,
    skip_comment,
)
from piiscan.sources.rows.cell_scanner import BARE, QUOTE_BYTES, REWRITTEN
from piiscan.sources.rows.tokenizer import MOST_CELLS

#: What comes next in a statement: a row, or what follows one.
ROW, BEHIND = 0, 1
#: Why rows ended: the text did, the statement did, or what stands there is no row.
CUT, ENDED, SPOILT = 0, 1, 2

_LF, _CR, _TAB = 10, 13, 9
_MOST: Final = MOST_CELLS - 1

Out = tuple[Int32, Int32, UInt8, Int32, Int32, Int32, Int32, Int32]
Counts = tuple[int, int, int]  # records, cells, gaps


@inner
def _skip_gap(
    text: UInt8, i: int, slashes: bool, final: bool, gaps: int, out: Out
) -> tuple[int, int, int]:
    """Behind blanks and comments at ``i``: (DONE or MORE, next, gaps); comments become gaps."""
    while True:
        i = skip_blanks(text, i)
        if i >= text.size:
            return MORE, i, gaps
        c = text[i]
        if c != 45 and c != 47 and c != 35:
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
    """A row of texts without escapes, numbers and NULL at ``i``: (next, cells), or (-1, -1).

    Most rows of most dumps are, and this loop is several times faster than the general one.
    """
    n = text.size
    limit = cell + _MOST
    longest = min(n, i + QUOTE_BYTES)
    j = i + 1
    while j < longest and cell < limit:
        c = text[j]
        start = j
        if c == 39:
            start = j + 1
            j += 1
            while j < longest and text[j] != 39 and text[j] != 92 and text[j] != _LF:
                j += 1
            if j + 1 >= longest or text[j] == _LF or (text[j] == 92 and slashes):
                return -1, -1
            while text[j] == 92:  # a backslash that means itself
                while j < longest and text[j] != 39 and text[j] != _LF:
                    j += 1
                if j + 1 >= longest or text[j] == _LF:
                    return -1, -1
            stop = j
            j += 1
        else:
            while j < longest and (48 <= text[j] <= 57 or text[j] == 46 or text[j] == 45):
                j += 1
            stop = j
            if j == start:
                if j + 4 >= longest or text[j] != 78 or text[j + 1] != 85 or text[j + 3] != 76:
                    return -1, -1
                stop = start
                j += 4
        if j >= longest:
            return -1, -1
        starts[cell], ends[cell], styles[cell] = start, stop, PLAIN
        cell += 1
        c = text[j]
        j += 1
        if c == 41:
            return j, cell
        if c != 44:
            return -1, -1
        if j < longest and text[j] == 32:
            j += 1
    return -1, -1


@kernel
def _row(
    text: UInt8, i: int, slashes: bool, final: bool, cell: int, gaps: int, out: Out
) -> tuple[int, int, int, int]:
    """The row whose bracket opens at ``i``: (status, next, cells, gaps)."""
    starts, ends, styles = out[0], out[1], out[2]
    limit = cell + _MOST
    j = i + 1
    while cell < limit:
        status, j, gaps = _skip_gap(text, j, slashes, final, gaps, out)
        if status == MORE:
            return (BROKEN if final else MORE), j, cell, gaps
        status, start, end, style, j = cut_value(text, j, slashes, final)
        if status != DONE:
            return status, j, cell, gaps
        starts[cell], ends[cell], styles[cell] = start, end, style
        cell += 1
        status, j, gaps = _skip_gap(text, j, slashes, final, gaps, out)
        if status == MORE:
            return (BROKEN if final else MORE), j, cell, gaps
        if text[j] == 41:
            return DONE, j + 1, cell, gaps
        if text[j] != 44:
            return BROKEN, j, cell, gaps
        j += 1
    return BROKEN, j, cell, gaps


@kernel
def _settle(text: UInt8, clean: UInt8, first: int, cell: int, out: Out) -> None:
    """Escapes of the cells of a whole row are taken out, in ``clean``."""
    starts, ends, styles = out[0], out[1], out[2]
    for k in range(first, cell):
        if styles[k] != PLAIN:
            end = write_plain(text, starts[k], ends[k], styles[k], clean)
            same = end == ends[k] and (styles[k] == HEX or styles[k] == COPIED)
            styles[k] = BARE if same else REWRITTEN
            ends[k] = end


@inner
def _skip_go(text: UInt8, i: int) -> int:
    """Behind blanks and lines that say GO."""
    while True:
        i = skip_blanks(text, i)
        if not (
            i + 2 < text.size
            and text[i] | 32 == 103
            and text[i + 1] | 32 == 111
            and (text[i + 2] == _LF or text[i + 2] == _CR)
        ):
            return i
        i += 2


@inner
def _known_head(text: UInt8, i: int, heads: UInt8, offsets: Int64, last: int) -> int:
    """Which of the heads stands at ``i``, -1 if none; the last one is tried first."""
    for turn in range(-1, offsets.size - 1):
        h = last if turn < 0 else turn
        begin, end = offsets[h], offsets[h + 1]
        if i + end - begin < text.size and end > begin:
            k = begin
            while k < end and heads[k] == text[i + k - begin]:
                k += 1
            if k == end:
                return h
    return -1


@kernel
def cut_rows(
    text: UInt8,
    clean: UInt8,
    place: tuple[int, int, int],
    flags: tuple[bool, bool],
    known: tuple[UInt8, Int64, Int32],
    counts: Counts,
    out: Out,
) -> tuple[int, int, int, int, int, int, int, int]:
    """(why it ended, where, what comes next, head, how far was looked, records, cells, gaps)."""
    i, expected, slot = place
    slashes, final = flags
    records, cells, gaps = counts
    heads, offsets, numbers = known
    n = text.size
    while True:
        if expected == ROW and i < n and text[i] == 40:
            k, cell = _plain_row(text, i, slashes, cells, out[0], out[1], out[2])
            if k >= 0:
                out[3][records], out[4][records], out[5][records] = cells, i, numbers[slot]
                records, cells, i, expected = records + 1, cell, k, BEHIND
                if i + 1 < n and text[i] == 44:
                    i, expected = i + 1, ROW
                    i += text[i] == _LF
                    continue
        status, j, after = _skip_gap(text, i, slashes, final, gaps, out)
        if status == MORE:
            why = CUT if not final else ENDED if expected == BEHIND else SPOILT
            return why, i, expected, slot, text.size, records, cells, gaps
        if expected == ROW:
            if text[j] != 40:
                return SPOILT, j, expected, slot, j, records, cells, after
            status, k, cell, inner = _row(text, j, slashes, final, cells, after, out)
            if status == MORE:
                return CUT, i, expected, slot, text.size, records, cells, gaps
            if status == BROKEN:
                return SPOILT, j, expected, slot, k, records, cells, after
            _settle(text, clean, cells, cell, out)
            out[3][records], out[4][records], out[5][records] = cells, j, numbers[slot]
            records, cells, gaps, i, expected = records + 1, cell, inner, k, BEHIND
            continue
        gaps = after
        if text[j] == 44:
            i, expected = j + 1, ROW
            continue
        end = j + 1 if text[j] == 59 else j
        j = _skip_go(text, end)
        h = _known_head(text, j, heads, offsets, slot)
        if h < 0:
            return ENDED, end, expected, slot, end, records, cells, gaps
        i, slot, expected = j + offsets[h + 1] - offsets[h], h, ROW


@kernel
def cut_copy(
    text: UInt8, clean: UInt8, i: int, final: bool, head: int, counts: Counts, out: Out
) -> tuple[int, int, int, int]:
    r"""Lines of a COPY block up to ``\.``: (why it ended, where, records, cells)."""
    starts, ends, styles = out[0], out[1], out[2]
    records, cells, _ = counts
    n = text.size
    while i < n:
        first, cell, start, j, slashes = cells, cells, i, i, False
        while j < n and text[j] != _LF:
            if text[j] == _TAB and cell - first < _MOST:
                starts[cell], ends[cell], styles[cell] = start, j, COPIED if slashes else PLAIN
                cell, start, slashes = cell + 1, j + 1, False
            elif text[j] == 92:
                slashes = True
                j += 1 if j + 1 < n and text[j + 1] != _LF else 0
            j += 1
        if j >= n and not final:
            return CUT, i, records, cells
        end = j - 1 if j > start and j <= n and text[j - 1] == _CR else min(j, n)
        if cell == first and end - start == 2 and text[start] == 92 and text[start + 1] == 46:
            return ENDED, min(j + 1, n), records, cells
        starts[cell], ends[cell], styles[cell] = start, end, COPIED if slashes else PLAIN
        cell += 1
        for k in range(first, cell):
            if ends[k] - starts[k] == 2 and text[starts[k]] == 92 and text[starts[k] + 1] == 78:
                ends[k], styles[k] = starts[k], PLAIN
        _settle(text, clean, first, cell, out)
        out[3][records], out[4][records], out[5][records] = first, i, head
        records, cells, i = records + 1, cell, min(j + 1, n)
    return (SPOILT if final else CUT), i, records, cells
