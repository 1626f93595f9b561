# mypy: ignore-errors
# cython: infer_types=True
"""Kernels of spreadsheets: measure sheets and find records without loading them.

<c r="B12"><v>1</v></c> -> 12 rows, 2 columns

Parameters: ``xml`` or ``data`` (bytes) and its ``size``, ``i`` (byte offset).
"""

import cython
from cython.cimports.libc.stdint import int64_t, uint8_t
from cython.cimports.piiscan.kernel_arrays import *

from piiscan import arrays

#: Overlap of two pieces of a sheet: longer than the start tag of a cell.
OVERLAP_BYTES = 256
_OVERLAP_BYTES = cython.declare(int64_t, OVERLAP_BYTES)
_PREFIX_BYTES = cython.declare(int64_t, 16)  # longest prefix of a name
_MAX_STRINGS = cython.declare(int64_t, 1 << 40)


def measure_xml(
    xml: bytes, end: int64_t, sizes: arrays.Int64, used: arrays.UInt8, largest: arrays.Int64
) -> None:
    """Raise ``largest`` by filled cells in worksheet XML before ``end``.

    ``largest``: row, column, number of formulas, bytes of shared strings (``sizes``: of each one),
    number of elements with texts that are no values, 1 inside of the cells, 1 if cells are damaged
    (no such string, or two at one place), place of the last cell.  ``used`` becomes 1 for each
    shared string of a cell.
    Grammar: ``<c r="AB12" …>`` with a value; ``<c … />`` has none.  ``<f>`` is a formula.  Names
    can have a prefix: ``<x:c …>``.
    """
    source: UInt8 = uint8(xml)
    size: int64_t = len(xml)
    of_string: Int64 = int64(sizes)
    strings: int64_t = len(sizes)
    is_used: UInt8Out = uint8_out(used)
    out: Int64Out = int64_out(largest)
    i: int64_t = 0
    is_closing: cython.bint
    with cython.nogil:
        while i < end:
            if source[i] != 60 or i + 3 >= size:  # <
                i += 1
                continue
            is_closing = source[i + 1] == 47  # </
            i = _skip_prefix(source, size, i)
            if is_closing:
                if _is_sheet_data(source, size, _skip_prefix(source, size, i + 1)):
                    out[5] = 0
            elif _is_sheet_data(source, size, i):
                out[5] = 1
            elif out[5] != 0 and _is_unusual(source, i):
                out[4] += 1
            if source[i + 1] == 102 and (
                source[i + 2] == 62 or source[i + 2] == 32 or source[i + 2] == 47
            ):  # <f
                out[2] += 1
                out[4] += _has_literal(source, size, i)
            if source[i + 1] != 99 or source[i + 2] != 32:  # <c and a blank
                i += 1
                continue
            close = i
            while close < size and source[close] != 62:  # >
                close += 1
            if close < size and source[close - 1] != 47:  # not <c … />, which has no value
                _read_cell_reference(source, i, close, out)
                number = _shared_string(source, size, i, close)
                if 0 <= number < strings:
                    out[3] += of_string[number]
                    is_used[number] = 1
                elif number >= strings > 0:
                    out[6] = 1
            i = max(close, i + 1)


@cython.cfunc
@cython.nogil
def _is_sheet_data(xml: UInt8, size: int64_t, i: int64_t) -> cython.bint:
    """Return True if ``sheetData`` comes after ``i``."""
    return i + 6 < size and xml[i + 1] == 115 and xml[i + 6] == 68  # s, D


@cython.cfunc
@cython.nogil
def _is_unusual(xml: UInt8, i: int64_t) -> cython.bint:
    """Return True unless the tag at ``i`` is row, c, v, f, is, t or r: 13 of them begin so."""
    first: uint8_t = xml[i + 1]
    if first == 114:  # r, row; not rPh, rPr
        return xml[i + 2] == 80
    return not (first == 99 or first == 118 or first == 102 or first == 116 or first == 105)


@cython.cfunc
@cython.nogil
def _has_literal(xml: UInt8, size: int64_t, i: int64_t) -> cython.bint:
    """Return True if the formula at ``i`` has a text or a number of five digits, or is cut off."""
    digits: cython.int = 0
    while i < size and xml[i] != 62:  # >
        i += 1
    if i < size and xml[i - 1] == 47:
        return False
    for at in range(i + 1, size):
        byte = xml[at]
        if byte == 60:  # <
            return False
        if byte == 34 or (byte == 38 and at + 1 < size and xml[at + 1] == 113):  # " or &q
            return True
        if 48 <= byte <= 57 and (digits > 0 or not _is_name(xml[at - 1])):
            digits += 1
            if digits == 5:
                return True
        else:
            digits = 0
    return True


@cython.cfunc
@cython.nogil
def _is_name(byte: uint8_t) -> cython.bint:
    """Return True for a letter, digit or ``$``: digits behind it belong to a reference."""
    return byte == 36 or 48 <= byte <= 57 or 65 <= byte <= 90 or 97 <= byte <= 122


@cython.cfunc
@cython.nogil
def _skip_prefix(xml: UInt8, size: int64_t, i: int64_t) -> int64_t:
    """Return the offset before a tag's name: of ``<`` at ``i``, or of the colon of ``<x:``."""
    for at in range(i + 1, min(i + _PREFIX_BYTES, size - 3)):
        if xml[at] == 58:  # :
            return at
        if xml[at] < 65:  # the name ends; no letter
            return i
    return i


@cython.cfunc
@cython.nogil
def _shared_string(xml: UInt8, size: int64_t, begin: int64_t, close: int64_t) -> int64_t:
    """Return the number in ``<v>12</v>`` of a cell with ``t="s"`` in its tag [begin, close); -1.

    It is too great if the text is no number.
    """
    i: int64_t = begin
    number: int64_t = -1
    stop: int64_t = min(close + _OVERLAP_BYTES, size)
    while i + 5 < close and not (
        xml[i] == 32 and xml[i + 1] == 116 and xml[i + 2] == 61 and xml[i + 4] == 115  #  t="s
    ):
        i += 1
    if i + 5 >= close:
        return -1
    i = close + 1
    while i + 1 < stop and (xml[i] == 60 or xml[i] <= 32):  # <, blanks
        if xml[i] == 60:
            if xml[i + 1] == 47:  # </: no value
                return -1
            while i + 1 < stop and xml[i] != 62:  # >
                i += 1
        i += 1
    if i < stop and not 48 <= xml[i] <= 57:
        return _MAX_STRINGS  # no number
    while i < size and 48 <= xml[i] <= 57 and number < _MAX_STRINGS:
        number = max(number, 0) * 10 + xml[i] - 48
        i += 1
    return number


@cython.cfunc
@cython.nogil
def _read_cell_reference(
    xml: UInt8, begin: int64_t, close: int64_t, largest: Int64Out
) -> cython.void:
    """Raise ``largest`` by the row and column of ``r="AB12"`` in a tag [begin, close).

    Cells that are not in order are taken for damaged.
    """
    i: int64_t = begin
    column: int64_t = 0
    row: int64_t = 0
    while i + 3 < close and not (
        xml[i] == 32 and xml[i + 1] == 114 and xml[i + 2] == 61 and xml[i + 3] == 34  #  r="
    ):
        i += 1
    i += 4
    while i < close and 65 <= xml[i] <= 90:
        column = column * 26 + xml[i] - 64
        i += 1
    while i < close and 48 <= xml[i] <= 57:
        row = row * 10 + xml[i] - 48
        i += 1
    largest[0] = max(largest[0], row)
    largest[1] = max(largest[1], column)
    if row > 0:
        place = (row << 15) + column
        if place <= largest[7]:
            largest[6] = 1
        largest[7] = place


def find_string_ends(xml: bytes, ends: arrays.Int64) -> int:
    """Write the offset behind each ``</si>`` and ``<si/>`` to ``ends``; return their number.

    Names can have a prefix: ``</x:si>``.
    """
    source: UInt8 = uint8(xml)
    size: int64_t = len(xml)
    out: Int64Out = int64_out(ends)
    count: int64_t = 0
    i: int64_t
    at: int64_t
    closes: cython.bint
    with cython.nogil:
        for i in range(size - 4):
            if source[i] != 60:  # <
                continue
            closes = source[i + 1] == 47  # /
            at = i + 2 if closes else i + 1
            colon = at
            stop = min(at + _PREFIX_BYTES, size)
            while colon < stop and (_is_name(source[colon]) or source[colon] == 95):  # _
                colon += 1
            if colon < size and source[colon] == 58 and colon > at:  # :
                at = colon + 1
            if at + 2 >= size or source[at] != 115 or source[at + 1] != 105:  # si
                continue
            at += 2
            while at < size and (source[at] == 32 or 9 <= source[at] <= 13):
                at += 1
            if not closes:
                if at >= size or source[at] != 47:
                    continue
                at += 1
            if at < size and source[at] == 62:  # >
                out[count] = at + 1
                count += 1
    return count


def measure_xlsb(data: bytes, largest: arrays.Int64) -> None:
    """Raise ``largest`` (row, column, formulas) by the cells of an xlsb sheet ([MS-XLSB] 2.1.4).

    The fourth is the number of rows that are too short: behind one, its reader sees no cell.
    """
    source: UInt8 = uint8(data)
    size: int64_t = len(data)
    out: Int64Out = int64_out(largest)
    with cython.nogil:
        _measure_xlsb(source, size, out)


@cython.cfunc
@cython.nogil
def _measure_xlsb(data: UInt8, size: int64_t, largest: Int64Out) -> cython.void:
    """Raise ``largest`` by the cells of an xlsb sheet."""
    i: int64_t = 0
    row: int64_t = 0
    k: int64_t
    while i + 2 < size:
        kind, length, i = _read_xlsb_head(data, size, i)
        if i + length > size:
            return
        if kind == 0 and length < 4:
            largest[3] += 1
        elif kind <= 11 and length >= 4:
            number = 0
            for k in range(4):
                number |= cython.cast(int64_t, data[i + k]) << (8 * k)
            if kind == 0:  # BrtRowHdr
                row = number + 1
                largest[3] += length < 12
            elif kind > 1:  # a cell that is not blank; 8 to 11 are results of formulas
                largest[0] = max(largest[0], row)
                largest[1] = max(largest[1], number + 1)
                largest[2] = max(largest[2], kind // 8)
        i += length


@cython.cfunc
@cython.nogil
def _read_xlsb_head(data: UInt8, size: int64_t, i: int64_t) -> tuple[int64_t, int64_t, int64_t]:
    """Return (type, length, offset of its bytes) of the xlsb record at ``i``."""
    kind: int64_t = data[i] & 0x7F
    length: int64_t = 0
    shift: cython.int = 0
    byte: int64_t
    if data[i] >= 0x80 and i + 1 < size:
        i += 1
        kind |= (data[i] & 0x7F) << 7
    i += 1
    while i < size and shift < 28:
        byte = data[i]
        length |= (byte & 0x7F) << shift
        shift += 7
        i += 1
        if byte < 0x80:
            break
    return kind, length, i


def find_record_spans(
    data: bytes, cells: arrays.Bool, is_xlsb: cython.bint, spans: arrays.Int64
) -> int:
    """Write (type, start, end) of each record that is no cell to ``spans``; return their number.

    ``cells``: True for the types of cells.  The number is greater than the rows of ``spans`` if
    these do not suffice.
    """
    source: UInt8 = uint8(data)
    size: int64_t = len(data)
    is_cell: Bool = boolean(cells)
    kinds: int64_t = len(cells)
    out: Int64Out = int64_out(spans)
    rows: int64_t = len(spans)
    i: int64_t = 0
    number: int64_t = 0
    last: int64_t = -1
    kind: int64_t
    length: int64_t
    filled: cython.bint
    with cython.nogil:
        while i + 2 <= size:
            if is_xlsb:
                kind, length, i = _read_xlsb_head(source, size, i)
            else:
                if i + 4 > size:
                    break
                kind = source[i] | source[i + 1] << 8
                length = source[i + 2] | source[i + 3] << 8
                i += 4
            end = min(i + length, size)
            filled = kind < kinds and is_cell[kind]
            if not is_xlsb and kind == 0x3C:  # goes on where the record before it ended
                filled = last == 0xFC
            else:
                last = kind
            if (not filled or (not is_xlsb and kind == 0x207)) and length > 0:
                if number < rows:
                    out[3 * number] = kind
                    out[3 * number + 1] = i
                    out[3 * number + 2] = end
                number += 1
            i = end
    return number
