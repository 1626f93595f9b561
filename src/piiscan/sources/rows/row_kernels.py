# mypy: ignore-errors
# cython: infer_types=True
"""Kernels of rows: split delimited UTF-8 text into cells, copy cells into columns, class rows.

record := cell (delimiter cell)* line_end
cell   := '"' (any byte | '""')* '"'  |  any bytes but delimiter and line end
line_end := CR* LF, or CR alone with ``cr``

"张三, 经理",13800138000 -> cell 张三, 经理 (QUOTED), cell 13800138000 (BARE)
"""

from typing import TYPE_CHECKING

import cython
from cython.cimports.libc.stdint import int64_t, uint8_t
from cython.cimports.libc.string import memcpy
from cython.cimports.piiscan.kernel_arrays import *

from piiscan import arrays
from piiscan.sources import block
from piiscan.sources.encoding.byte_map import OTHER_ENCODING

if TYPE_CHECKING:
    from piiscan.sources.rows import column_builder, tokenizer

_OTHER_ENCODING = cython.declare(int64_t, OTHER_ENCODING)
_DATA = cython.declare(cython.schar, block.DATA)
_HEADER = cython.declare(cython.schar, block.HEADER)
_SUBTOTAL = cython.declare(cython.schar, block.SUBTOTAL)
_BLANK = cython.declare(cython.schar, block.BLANK)


@cython.cfunc
@cython.nogil
@cython.inline
def _is_delimiter(lines: cython.pointer[Lines], i: int64_t) -> cython.bint:
    """Return True if the delimiter is at ``i``."""
    if lines.blanks:
        return i + 1 < lines.size and lines.text[i] == SPACE and lines.text[i + 1] == SPACE
    if lines.delimiter_size == 0 or i + lines.delimiter_size > lines.size:
        return False
    for k in range(lines.delimiter_size):
        if lines.text[i + k] != lines.delimiter[k]:
            return False
    return True


@cython.cfunc
@cython.nogil
@cython.inline
def _is_line_end(lines: cython.pointer[Lines], i: int64_t) -> cython.bint:
    """Return True if a line ends at ``i``: at LF, or with ``cr`` also at a lone CR."""
    return lines.text[i] == LF or (lines.cr and lines.text[i] == CR)


@cython.cfunc
@cython.nogil
@cython.inline
def _skip(lines: cython.pointer[Lines], i: int64_t, byte: uint8_t) -> int64_t:
    """Return the first offset from ``i`` on with another byte than ``byte``."""
    while i < lines.size and lines.text[i] == byte:
        i += 1
    return i


@cython.cfunc
@cython.nogil
def _ends_cell(lines: cython.pointer[Lines], i: int64_t) -> cython.bint:
    """Return True if a delimiter or line end is at ``i``, so that a quote before it is closing."""
    if _is_line_end(lines, i) or _is_delimiter(lines, i):
        return True
    i = _skip(lines, i, CR)
    return i < lines.size and lines.text[i] == LF


@cython.cfunc
@cython.nogil
def _is_cut_off(lines: cython.pointer[Lines], i: int64_t) -> cython.bint:
    """Return True if a delimiter or line end at ``i`` may continue after the end of the text."""
    return _skip(lines, i, CR) + max(lines.delimiter_size, 2) > lines.size


@cython.cfunc
@cython.nogil
def _begins_cell(lines: cython.pointer[Lines], i: int64_t) -> cython.bint:
    """Return True if a quote at ``i`` follows a delimiter or line end, as an opening quote does."""
    before: uint8_t = lines.text[i - 1]
    size: int64_t = lines.delimiter_size
    return before == LF or (size > 0 and before == lines.delimiter[size - 1])


@cython.cfunc
@cython.nogil
def _close_quote(
    lines: cython.pointer[Lines], i: int64_t, one_line: cython.bint, cell: cython.pointer[Cell]
) -> cython.int:
    """Find the closing quote of the quoted cell at ``i``: write its end, style and lines.

    Return 1 if it is closed, 0 if more text is needed, -1 if no closing quote comes up to the end
    that was written. ``one_line``: the cell must end on this line.
    """
    j: int64_t = i + 1
    n: int64_t = lines.size
    text: UInt8 = lines.text
    cell.lines = 0
    cell.style = QUOTED
    while j < n:
        cell.end = j
        if text[j] == QUOTE:
            if j + 1 == n:
                return 1 if lines.final else 0
            if text[j + 1] == QUOTE:
                cell.style = DOUBLED
                j += 1
            elif _ends_cell(lines, j + 1):
                return 1
            elif not lines.final and _is_cut_off(lines, j + 1):
                return 0
            elif cell.lines > 0 and _begins_cell(lines, j):
                return -1
        elif _is_line_end(lines, j):
            cell.lines += 1
            if one_line or cell.lines >= QUOTE_LINES:
                return -1
        if j - i > QUOTE_BYTES:
            cell.end = j
            return -1
        j += 1
    cell.end = n
    return -1 if lines.final else 0


@cython.cfunc
@cython.nogil
def _find_bare_end(lines: cython.pointer[Lines], i: int64_t, last: cython.bint) -> int64_t:
    """Return the end of the unquoted cell that begins at ``i``.

    ``last``: the cell is the last one of its record and takes the rest of the line.
    """
    n: int64_t = lines.size
    text: UInt8 = lines.text
    cr: cython.bint = lines.cr
    first: cython.int = -1
    if lines.blanks and not last:
        first = SPACE
    elif lines.delimiter_size > 0 and not last:
        first = lines.delimiter[0]
    while i < n:
        byte = text[i]
        if byte == LF or (cr and byte == CR):
            return i
        if byte == first and _is_delimiter(lines, i):
            return i
        i += 1
    return n


@cython.cfunc
@cython.nogil
def _scan_cell(
    lines: cython.pointer[Lines],
    i: int64_t,
    last: cython.bint,
    one_line_until: int64_t,
    literal_until: int64_t,
) -> Cell:
    """Return the cell at byte ``i``; ``last``: it takes the rest of the line.

    Before ``one_line_until``, quotes must close on their line; before ``literal_until``, quotes
    are ordinary characters.
    """
    cell: Cell
    one_line: cython.bint = i < one_line_until
    status: cython.int
    cell.start = cell.next = i
    cell.status = cell.open_until = 0
    if (
        lines.quotes and not last and i < lines.size
        and lines.text[i] == QUOTE and i >= literal_until
    ):  # fmt: skip
        status = _close_quote(lines, i, one_line, cython.address(cell))
        if status == 0:
            cell.end = -1
            return cell
        if status == 1:
            cell.start = i + 1
            cell.next = cell.end + 1
            return cell
        cell.status = 2 if one_line else 1
        cell.open_until = cell.end
    cell.lines, cell.style = 0, BARE
    cell.end = cell.next = _find_bare_end(lines, i, last)
    if cell.end == lines.size and not lines.final:
        cell.end = -1
        return cell
    if cell.end == lines.size or lines.text[cell.end] == LF:
        while cell.end > i and lines.text[cell.end - 1] == CR:
            cell.end -= 1
    return cell


@cython.cfunc
@cython.nogil
def _skip_returns(lines: cython.pointer[Lines], i: int64_t) -> int64_t:
    """Return the offset after the CRs at ``i`` if LF or the end follows, else ``i``."""
    j: int64_t = _skip(lines, i, CR)
    if (j < lines.size and lines.text[j] == LF) or (j == lines.size and lines.final):
        return j
    return i


@cython.cfunc
@cython.nogil
def _scan_separator(lines: cython.pointer[Lines], i: int64_t) -> tuple[int64_t, int64_t]:
    """Scan the delimiter or line end after a cell: return (status, next offset).

    Status 1: the record ends; 0: a cell follows; -1: the text is cut off.
    """
    n: int64_t = lines.size
    next_cell: int64_t = i
    end: int64_t = i
    if lines.blanks:
        next_cell = end = _skip(lines, i, SPACE)
    elif i < n and not _is_line_end(lines, i) and _is_delimiter(lines, i):
        next_cell = i + lines.delimiter_size
    if not lines.cr:
        end = _skip_returns(lines, end)
    if end >= n:
        return (1 if lines.final else -1), n
    if _is_line_end(lines, end):
        return 1, end + 1
    return 0, next_cell


@cython.cfunc
@cython.nogil
def _plain_quoted(lines: cython.pointer[Lines], i: int64_t) -> int64_t:
    """Return the offset of the closing quote of a simple quoted cell at ``i``, else -1.

    A simple cell has no quote and no line end inside.
    """
    n: int64_t = lines.size
    text: UInt8 = lines.text
    j: int64_t = i + 1
    while j < n and text[j] != QUOTE and text[j] != LF:
        j += 1
    if j + 1 >= n or text[j] != QUOTE:
        return -1
    k = j + 1
    if text[k] == CR and k + 1 < n:
        k += 1
    return j if text[k] == LF or _is_delimiter(lines, j + 1) else -1


@cython.cfunc
@cython.nogil
def _plain_record(
    lines: cython.pointer[Lines],
    progress: cython.pointer[Progress],
    limit: int64_t,
    out: cython.pointer[RecordCellsOut],
) -> cython.bint:
    """Scan a record without special cells, add it to ``progress``; return False if it has some.

    Most records of most tables are simple, and this loop is several times faster than the general
    one.
    """
    starts: Int32Out = out.starts
    ends: Int32Out = out.ends
    styles: UInt8Out = out.styles
    text: UInt8 = lines.text
    n: int64_t = lines.size
    delimiter_size: int64_t = lines.delimiter_size
    first: uint8_t = lines.delimiter[0] if delimiter_size > 0 else LF
    i: int64_t = progress.position
    start: int64_t = i
    stop: int64_t = -1  # of a quoted cell
    cell: int64_t = progress.cells
    opening: cython.bint = lines.quotes and text[i] == QUOTE
    while i < n:
        if opening:
            stop = _plain_quoted(lines, i)
            if stop < 0:
                return False
            start, i, opening = start + 1, stop + 1, False
        while i < n and text[i] != first and text[i] != LF:
            i += 1
        if i == n:
            break
        byte = text[i]
        if byte == LF:
            styles[cell] = BARE if stop < 0 else QUOTED
            if stop < 0:
                stop = i
                while stop > start and text[stop - 1] == CR:
                    stop -= 1
            starts[cell], ends[cell] = start, stop
            progress.cells = cell + 1
            progress.position = i + 1
            progress.lines += 1
            progress.records += 1
            return True
        if byte == first and (delimiter_size == 1 or _is_delimiter(lines, i)):
            styles[cell] = BARE if stop < 0 else QUOTED
            starts[cell], ends[cell] = start, i if stop < 0 else stop
            cell += 1
            i += delimiter_size
            start, stop = i, -1
            if cell == limit:
                return False
            opening = lines.quotes and i < n and text[i] == QUOTE
            continue
        i += 1
    return False


@cython.cfunc
@cython.nogil
def _scan_record(
    lines: cython.pointer[Lines],
    progress: cython.pointer[Progress],
    limit: int64_t,
    out: cython.pointer[RecordCellsOut],
) -> cython.bint:
    """Scan any delimited record, add it to ``progress``; return False if it is cut off.

    ``limit``: the number of the cell that takes the rest of the line.
    """
    after: Progress = progress[0]
    literal_until: int64_t = 0
    state: int64_t = 0
    i: int64_t = _skip(lines, after.position, SPACE) if lines.blanks else after.position
    while state == 0:
        cell = _scan_cell(lines, i, after.cells >= limit, after.one_line, literal_until)
        if cell.status == 1:
            after.one_line = max(after.one_line, cell.open_until)
            out.unclosed[after.unclosed] = progress.lines
            after.unclosed += 1
        elif cell.status == 2:
            literal_until = cell.open_until
        if cell.end < 0:
            return False
        after.lines += cell.lines
        out.starts[after.cells], out.ends[after.cells] = cell.start, cell.end
        out.styles[after.cells] = cell.style
        after.cells += 1
        state, i = _scan_separator(lines, cell.next)
    if state < 0:
        return False
    after.records += 1
    after.lines += 1
    after.position = i
    progress[0] = after
    return True


def scan_records(
    text: arrays.UInt8,
    delimiter: arrays.UInt8,
    options: tuple,
    max_cells: int64_t,
    one_line: int64_t,
    out: tokenizer.RecordCells,
) -> tuple[int, int, int, int, int, int]:
    """Write the cells of all complete records to ``out``.

    Return (records, cells, unclosed quotes, bytes consumed, lines, one_line). ``options``:
    (blanks, quotes, cr, final). Before offset ``one_line``, quotes must close on their line.
    """
    lines: Lines
    lines.text, lines.size = uint8(text), len(text)
    lines.delimiter, lines.delimiter_size = uint8(delimiter), len(delimiter)
    lines.blanks, lines.quotes, lines.cr, lines.final = options
    cells: RecordCellsOut = record_cells_out(out)
    done: Progress
    done.records = done.cells = done.unclosed = done.position = done.lines = 0
    done.one_line = one_line
    limit: int64_t
    plain: cython.bint = not lines.blanks and not lines.cr
    with cython.nogil:
        while done.position < lines.size:
            limit = done.cells + max_cells - 1
            cells.firsts[done.records] = done.cells
            cells.lines[done.records] = done.lines
            if not (
                plain
                and _plain_record(
                    cython.address(lines), cython.address(done), limit, cython.address(cells)
                )
            ):
                if not _scan_record(
                    cython.address(lines), cython.address(done), limit, cython.address(cells)
                ):
                    break
        cells.firsts[done.records] = done.cells
    return done.records, done.cells, done.unclosed, done.position, done.lines, done.one_line


def split_runs(
    firsts: arrays.Int32, narrow: int64_t, max_cells: int64_t, ends: arrays.Int64
) -> int:
    """Split records into runs of at most ``max_cells`` cells at the widest record's width.

    Write the end of each run to ``ends`` and return their number.  ``narrow`` is the minimum width.
    """
    bounds: Int32 = int32(firsts)
    records: int64_t = len(firsts) - 1
    out: Int64Out = int64_out(ends)
    count: int64_t = 0
    begin: int64_t = 0
    widest: int64_t = narrow
    width: int64_t
    with cython.nogil:
        for r in range(records):
            width = bounds[r + 1] - bounds[r]
            widest = max(widest, width)
            if r > begin and (r + 1 - begin) * widest > max_cells:
                out[count] = r
                count += 1
                begin = r
                widest = max(narrow, width)
        out[count] = records
    return count + 1


def measure_column(
    text: arrays.UInt8,
    cells: tokenizer.RecordCells,
    column: int64_t,
    begin: int64_t,
    offsets: arrays.Int32,
    starts: arrays.Int64,
    is_present: arrays.Bool,
) -> int:
    """Write a column's Arrow offsets, text offsets and presence; return the absent cells.

    ``begin`` is the first record.  A record without such a cell has the text offset -1.  A cell
    with text that is not an exact image of the bytes has ``OTHER_ENCODING - offset``.
    """
    source: Cells = cells_of(text, cells)
    records: cython.Py_ssize_t = len(offsets) - 1
    out: Int32Out = int32_out(offsets)
    out_starts: Int64Out = int64_out(starts)
    present: BoolOut = boolean_out(is_present)
    absent: int64_t = 0
    total: int64_t = 0
    j: int64_t
    end: int64_t
    with cython.nogil:
        out[0] = 0
        for r in range(records):
            k = source.firsts[begin + r] + column
            present[r] = k < source.firsts[begin + r + 1]
            if present[r]:
                j, end = source.starts[k], source.ends[k]
                out_starts[r] = j if source.styles[k] < DOUBLED else _OTHER_ENCODING - j
                total += end - j
                while source.styles[k] == DOUBLED and j < end:
                    if source.text[j] == QUOTE and j + 1 < end and source.text[j + 1] == QUOTE:
                        total -= 1
                        j += 1
                    j += 1
            else:
                out_starts[r] = -1
                absent += 1
            out[r + 1] = total
    return absent


def copy_column(
    text: arrays.UInt8,
    cells: tokenizer.RecordCells,
    column: int64_t,
    begin: int64_t,
    data: arrays.UInt8,
    offsets: arrays.Int32,
) -> None:
    """Copy the bytes of one column's cells to ``data``, with doubled quotes undone.

    ``begin``: the first record; ``offsets``: the offset of each cell in ``data``.
    """
    source: Cells = cells_of(text, cells)
    records: cython.Py_ssize_t = len(offsets) - 1
    out: UInt8Out = uint8_out(data)
    places: Int32 = int32(offsets)
    at: int64_t
    j: int64_t
    with cython.nogil:
        for r in range(records):
            if places[r] == places[r + 1]:
                continue
            k = source.firsts[begin + r] + column
            j = source.starts[k]
            if source.styles[k] != DOUBLED:
                memcpy(out + places[r], source.text + j, places[r + 1] - places[r])
                continue
            for at in range(places[r], places[r + 1]):
                out[at] = source.text[j]
                j += 2 if source.text[j] == QUOTE and source.text[j + 1] == QUOTE else 1


def map_starts(
    byte_offsets: arrays.Int64, offsets: arrays.Int32, data: arrays.UInt8, starts: arrays.Int64
) -> None:
    """Map cell offsets ``starts`` from the UTF-8 text to file bytes, in place.

    In lines of another encoding only cells of pure ASCII have an offset; others become -1.
    ``offsets``: the offset of each cell in ``data``.
    """
    byte_map: Int64 = int64(byte_offsets)
    size: int64_t = len(byte_offsets)
    places: Int32 = int32(offsets)
    source: UInt8 = uint8(data)
    out: Int64Out = int64_out(starts)
    records: cython.Py_ssize_t = len(starts)
    with cython.nogil:
        for r in range(records):
            # an empty cell at the end of the text has no byte in the map
            byte_offset = byte_map[out[r]] if 0 <= out[r] < size else -1
            if byte_offset <= _OTHER_ENCODING:
                byte_offset = _OTHER_ENCODING - byte_offset
                if not _is_ascii(source, places[r], places[r + 1]):
                    byte_offset = -1
            out[r] = byte_offset


@cython.cfunc
@cython.nogil
def _is_ascii(data: UInt8, start: int64_t, end: int64_t) -> cython.bint:
    """Return True if all bytes of [start, end) are ASCII."""
    for at in range(start, end):
        if data[at] >= 0x80:
            return False
    return True


@cython.cfunc
@cython.nogil
def _skip_space(text: UInt8, start: int64_t, end: int64_t) -> int64_t:
    """Return the offset after the white space at the start of [start, end).

    White space is ASCII, NBSP (C2 A0), the ideographic space (E3 80 80), and the BOM (EF BB BF) of
    a file behind another one.
    """
    while start < end:
        if text[start] <= 32:
            start += 1
        elif text[start] == 0xC2 and start + 1 < end and text[start + 1] == 0xA0:
            start += 2
        elif (
            text[start] == 0xE3 and start + 2 < end
            and text[start + 1] == 0x80 and text[start + 2] == 0x80
        ) or (
            text[start] == 0xEF and start + 2 < end
            and text[start + 1] == 0xBB and text[start + 2] == 0xBF
        ):  # fmt: skip
            start += 3
        else:
            break
    return start


@cython.cfunc
@cython.nogil
def _trim_space(text: UInt8, start: int64_t, end: int64_t) -> int64_t:
    """Return the offset before the white space at the end of [start, end)."""
    while end > start:
        last = text[end - 1]
        if last <= 32:
            end -= 1
        elif last == 0xA0 and start + 1 < end and text[end - 2] == 0xC2:
            end -= 2
        elif last == 0x80 and start + 2 < end and text[end - 2] == 0x80 and text[end - 3] == 0xE3:
            end -= 3
        else:
            break
    return end


@cython.cfunc
@cython.nogil
def _begins_with_word(
    text: UInt8, start: int64_t, end: int64_t, words: cython.pointer[EncodedWords]
) -> cython.bint:
    """Return True if a cell begins with one of the words and at most 12 bytes follow.

    Blanks are ignored: ``合 计``.
    """
    data: UInt8 = words.data
    word: cython.Py_ssize_t
    k: int64_t
    for word in range(words.words):
        k = words.offsets[word]
        i = start
        if text[start + 1] != data[k + 1]:  # of the first letter, which differs for most
            continue
        while i < end and k < words.offsets[word + 1]:
            i = _skip_space(text, i, end)
            if i >= end or text[i] != data[k]:
                break
            i += 1
            k += 1
        if k == words.offsets[word + 1] and end - i <= 12:
            return True
    return False


@cython.cfunc
@cython.nogil
def _equals_header(
    cells: cython.pointer[Cells], record: int64_t, header: cython.pointer[EncodedWords]
) -> cython.bint:
    """Return True if the record's cells, trimmed, equal the header's."""
    first: int64_t = cells.firsts[record]
    column: cython.Py_ssize_t
    at: int64_t
    if cells.firsts[record + 1] - first != header.words:
        return False
    for column in range(header.words):
        start, end = cells.starts[first + column], cells.ends[first + column]
        start = _skip_space(cells.text, start, end)
        end = _trim_space(cells.text, start, end)
        at = header.offsets[column]
        if end - start != header.offsets[column + 1] - at:
            return False
        while start < end:
            if cells.text[start] != header.data[at]:
                return False
            start += 1
            at += 1
    return True


def write_row_kinds(
    text: arrays.UInt8,
    cells: tokenizer.RecordCells,
    words: column_builder.EncodedWords,
    header: column_builder.EncodedWords,
    kinds: arrays.Int8,
) -> None:
    """Write the row kind of each record to ``kinds``: BLANK, SUBTOTAL, HEADER or DATA.

    ``words``: first words of a SUBTOTAL; ``header``: cells of the header.
    """
    source: Cells = cells_of(text, cells)
    subtotals: EncodedWords = encoded_words_of(words)
    names: EncodedWords = encoded_words_of(header)
    out: Int8Out = int8_out(kinds)
    records: cython.Py_ssize_t = len(kinds)
    with cython.nogil:
        for record in range(records):
            out[record] = _row_kind(
                cython.address(source), record, cython.address(subtotals), cython.address(names)
            )


@cython.cfunc
@cython.nogil
def _row_kind(
    cells: cython.pointer[Cells],
    record: cython.Py_ssize_t,
    words: cython.pointer[EncodedWords],
    header: cython.pointer[EncodedWords],
) -> cython.schar:
    """Return the row kind of a record."""
    text: UInt8 = cells.text
    cell: int64_t
    for cell in range(cells.firsts[record], cells.firsts[record + 1]):
        end = cells.ends[cell]
        start = _skip_space(text, cells.starts[cell], end)
        if start == end:
            continue
        end = _trim_space(text, start, end)
        # a word has at least six bytes; E5 to E7 are the first bytes of 合小总共累本總
        if end - start >= 6 and 0xE5 <= text[start] <= 0xE7:
            if _begins_with_word(text, start, end, words):
                return _SUBTOTAL
        if header.words > 0 and _equals_header(cells, record, header):
            return _HEADER
        return _DATA
    return _BLANK
