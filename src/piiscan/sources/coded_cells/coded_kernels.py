# mypy: ignore-errors
# cython: infer_types=True
"""Kernels of coded cells: one pass over cells finds escapes, entities, hex and base64.

``decoded_cells`` decodes only the cells that are marked here: the others decode to nothing.

    &#24352;  MTM4MDAxMzgwMDA=  ->  marked        430104199003071234  ->  not marked
"""

import cython
from cython.cimports.libc.stdint import int64_t, uint8_t, uint64_t
from cython.cimports.piiscan.kernel_arrays import *

from piiscan import arrays

#: Least length of a word in base64, and of one in hexadecimal.
_BASE64_LENGTH = cython.declare(cython.int, 12)
_HEX_LENGTH = cython.declare(cython.int, 16)
#: Classes of bytes: parts of words (digit, letter, one of ``+/-_``), others, beginnings of escapes.
_DIGIT = cython.declare(uint8_t, 0)
_LETTER = cython.declare(uint8_t, 1)
_MARK = cython.declare(uint8_t, 2)
_OTHER = cython.declare(uint8_t, 3)
_ESCAPE = cython.declare(uint8_t, 4)  # a bit that no other class has
_CLASSES = cython.declare(uint8_t[256])
#: Value of each character in base64 and in hexadecimal; 255: none.
_BASE64 = cython.declare(uint8_t[256])
_HEX = cython.declare(uint8_t[256])


def _fill_tables() -> None:
    """Fill the tables of classes and values."""
    upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    for byte in range(256):
        _CLASSES[byte] = _OTHER
        _BASE64[byte] = _HEX[byte] = 255
    for number, char in enumerate(upper + upper.lower() + "0123456789+/"):
        _CLASSES[ord(char)] = _LETTER if number < 52 else _DIGIT if number < 62 else _MARK
        _BASE64[ord(char)] = number
    for number, char in enumerate("-_", 62):
        _CLASSES[ord(char)] = _MARK
        _BASE64[ord(char)] = number
    for char in " \\%&<=~\0\xc3:\"'\xef":
        _CLASSES[ord(char)] = _ESCAPE
    for number, char in enumerate("0123456789abcdef"):
        _HEX[ord(char)] = _HEX[ord(char.upper())] = number


_fill_tables()


@cython.cfunc
@cython.nogil
def _are_digits(word: uint64_t) -> cython.bint:
    """Return True if eight bytes are ASCII digits."""
    over: uint64_t = word + cython.cast(uint64_t, 0x4646464646464646)
    under: uint64_t = word - cython.cast(uint64_t, 0x3030303030303030)
    return (word | over | under) & cython.cast(uint64_t, 0x8080808080808080) == 0


@cython.cfunc
@cython.nogil
def _is_labelled(data: UInt8, at: int64_t, end: int64_t) -> cython.bint:
    """Return True if two Hanzi in base64 may follow: each begins with 5 or 6."""
    if at < end and data[at] == 32:
        at += 1
    return at + 8 <= end and 53 <= data[at] <= 54 and 53 <= data[at + 4] <= 54


@cython.cfunc
@cython.nogil
def _begins_escape(data: UInt8, at: int64_t, end: int64_t) -> cython.bint:
    """Return True if an escape, an entity, a tag or a labelled word may begin at ``at``."""
    byte: uint8_t = data[at]
    if byte == 0:
        return True
    if at + (1 if byte == 0xC3 else 2) >= end:
        return False
    following = data[at + 1]
    if byte == 0xEF:  # ：
        return data[at + 2] == 0x9A and _is_labelled(data, at + 3, end)
    if byte == 58 or byte == 34 or byte == 39:  # : or a quote
        return _is_labelled(data, at + 1, end)
    if byte == 0xC3:  # Â to ï: UTF-8 that was read as Western text
        return 0x82 <= following <= 0xAF
    if byte == 92:  # \u, \U, \x
        return following == 117 or following == 85 or following == 120
    if byte == 32:  # a space on both sides of a Hanzi: 王 小 明
        return 0xE4 <= following <= 0xE9 and at + 4 < end and data[at + 4] == 32
    if byte == 126:  # ~{
        return following == 123
    if byte == 38:  # &#, &a
        return following == 35 or _CLASSES[following] == _LETTER
    if byte == 60:  # </, <a
        return following == 47 or _CLASSES[following] == _LETTER
    if byte == 61:  # =?, =E5
        return following == 63 or _HEX[following] < 16 or _is_labelled(data, at + 1, end)
    return following == 117 or _HEX[following] < 16  # %u, %E5


@cython.cfunc
@cython.nogil
def _add_byte(
    byte: cython.int, utf8: cython.pointer[cython.int], gbk: cython.pointer[cython.int]
) -> cython.bint:
    """Set the states of two decoders to those after ``byte``; return False if it is no text.

    0 is the end of a character; of UTF-8 the state is the number of bytes that are missing.
    -1: the text is not in this encoding.
    """
    if (byte < 32 and byte != 9 and byte != 10 and byte != 13) or byte == 127:
        return False
    if utf8[0] > 0:
        utf8[0] = utf8[0] - 1 if 0x80 <= byte < 0xC0 else -1
    elif utf8[0] == 0 and byte >= 0x80:
        utf8[0] = -1 if byte < 0xC2 or byte > 0xF4 else 1 + (byte >= 0xE0) + (byte >= 0xF0)
    if gbk[0] == 0:
        gbk[0] = 0 if byte < 0x80 else -1 if byte == 0x80 or byte == 0xFF else 1
    elif gbk[0] == 1 and (byte < 0x30 or byte > 0x39):
        gbk[0] = 0 if byte >= 0x40 and byte != 0xFF else -1
    elif gbk[0] == 2:
        gbk[0] = 3 if 0x81 <= byte < 0xFF else -1
    elif gbk[0] > 0:
        gbk[0] = (gbk[0] + 1) % 4 if 0x30 <= byte <= 0x39 else -1
    return utf8[0] >= 0 or gbk[0] >= 0


@cython.cfunc
@cython.nogil
def _is_base64(data: UInt8, start: int64_t, end: int64_t) -> cython.bint:
    """Return True if a word of letters, digits and marks may be base64 of a text."""
    utf8: cython.int = 0
    gbk: cython.int = 0
    bits: cython.int = 0
    held: cython.int = 0
    if (end - start) % 4 == 1:
        return False
    for at in range(start, end):
        bits = (bits << 6 | _BASE64[data[at]]) & 0xFFFF
        held += 6
        if held >= 8:
            held -= 8
            if not _add_byte(bits >> held & 255, cython.address(utf8), cython.address(gbk)):
                return False
    return utf8 == 0 or gbk == 0


@cython.cfunc
@cython.nogil
def _is_packed(data: UInt8, start: int64_t) -> cython.bint:
    """Return True if a word begins like gzip or zlib in base64: ``H4``, ``eJ``, ``eN``, ``eA``."""
    first: uint8_t = data[start]
    second: uint8_t = data[start + 1]
    return (first == 72 and second == 52) or (
        first == 101 and (second == 74 or second == 78 or second == 65)
    )


@cython.cfunc
@cython.nogil
def _is_hex(data: UInt8, start: int64_t, end: int64_t, digits: cython.bint) -> cython.bint:
    """Return True if a word of letters and digits may be the bytes of a text in hexadecimal.

    ``digits``: it has no letters, and stands for digits alone.
    """
    utf8: cython.int = 0
    gbk: cython.int = 0
    high: cython.int
    low: cython.int
    if data[start] == 48 and (data[start + 1] == 120 or data[start + 1] == 88):  # 0x
        start += 2
    if (end - start) % 2 != 0 or end - start < _HEX_LENGTH:
        return False
    for at in range(start, end, 2):
        high, low = _HEX[data[at]], _HEX[data[at + 1]]
        if high > 15 or low > 15 or (digits and high != 3):
            return False
        if not _add_byte(high << 4 | low, cython.address(utf8), cython.address(gbk)):
            return False
    return utf8 == 0 or gbk == 0


@cython.cfunc
@cython.nogil
def _is_coded_word(
    data: UInt8, start: int64_t, end: int64_t, letters: int64_t, marks: int64_t
) -> cython.bint:
    """Return True if the word [start, end) may be base64, or a part between marks hexadecimal."""
    begin: int64_t = start
    digits: cython.bint = True
    if _is_packed(data, start) or (3 * letters >= end - start and _is_base64(data, start, end)):
        return True
    if end - start < _HEX_LENGTH or marks == 0:
        return end - start >= _HEX_LENGTH and _is_hex(data, start, end, letters == 0)
    for at in range(start, end + 1):
        kind = _MARK if at == end else _CLASSES[data[at]]
        if kind == _MARK:
            if at - begin >= _HEX_LENGTH and _is_hex(data, begin, at, digits):
                return True
            begin, digits = at + 1, True
        elif kind == _LETTER:
            digits = False
    return False


@cython.cfunc
@cython.nogil
def _has_escape_byte(data: UInt8, begin: int64_t, end: int64_t) -> cython.bint:
    """Return True if a byte of [begin, end) may begin an escape."""
    found: uint8_t = 0
    at: int64_t = begin
    index: cython.int
    while at + 8 <= end:
        for index in range(8):
            found |= _CLASSES[data[at + index]]
        if found & _ESCAPE:
            return True
        at += 8
    while at < end:
        found |= _CLASSES[data[at]]
        at += 1
    return found & _ESCAPE != 0


@cython.cfunc
@cython.nogil
def _is_coded(data: UInt8, at: int64_t, stop: int64_t) -> cython.bint:
    """Return True if a word or an escape of the cell [at, stop) may be coded."""
    start: int64_t = at
    letters: int64_t = 0
    marks: int64_t = 0
    while at < stop:
        if at + 8 <= stop and _are_digits(eight_bytes(data + at)):
            at += 8
            continue
        kind = _CLASSES[data[at]]
        if kind <= _MARK:
            letters += kind == _LETTER
            marks += kind == _MARK
        else:
            if at - start >= _BASE64_LENGTH and _is_coded_word(data, start, at, letters, marks):
                return True
            if kind == _ESCAPE and _begins_escape(data, at, stop):
                return True
            start, letters, marks = at + 1, 0, 0
        at += 1
    return stop - start >= _BASE64_LENGTH and _is_coded_word(data, start, stop, letters, marks)


def mark_coded(
    data: arrays.UInt8, ends: arrays.Int64, expressions: cython.bint, found: arrays.UInt8
) -> None:
    """Set ``found[row]`` to 1 if the cell ``[ends[row], ends[row + 1])`` may be coded.

    ``expressions``: also if it may be an expression of literals in SQL.
    """
    source: UInt8 = uint8(data)
    bounds: Int64 = int64(ends)
    out: UInt8Out = uint8_out(found)
    rows: cython.Py_ssize_t = len(found)
    with cython.nogil:
        escapes = _has_escape_byte(source, bounds[0], bounds[rows])
        for row in range(rows):
            at, stop = bounds[row], bounds[row + 1]
            if expressions and at < stop:
                last = source[stop - 1]
                out[row] = last == 39 or last == 34 or last == 41 or last <= 32  # ' " )
            if out[row] == 0 and (escapes or stop - at >= _BASE64_LENGTH):
                out[row] = _is_coded(source, at, stop)
