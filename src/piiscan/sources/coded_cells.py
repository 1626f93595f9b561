"""Coded cells: one pass over cells tells which may hold escapes, entities, hex or base64.

``decoded_cells`` looks at these alone: what is left out here decodes to nothing.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int64, UInt8
from piiscan.arrow_strings import ByteSource, byte_source, string_buffers
from piiscan.jit import frozen, inner, kernel

#: Least length of a word in base64, and of one in hexadecimal.
_BASE64_LENGTH: Final = 12
_HEX_LENGTH: Final = 16
#: Classes of bytes: parts of words (digit, letter, one of ``+/-_``), others, beginnings of escapes.
_DIGIT, _LETTER, _MARK, _OTHER, _ESCAPE = range(5)
_CLASSES: Final = np.full(256, _OTHER, np.uint8)
_CLASSES[np.frombuffer(b"0123456789", np.uint8)] = _DIGIT
_CLASSES[np.frombuffer(b"+/-_", np.uint8)] = _MARK
_CLASSES[65:91] = _CLASSES[97:123] = _LETTER
_CLASSES[np.frombuffer(b"\\%&<=\0\xc3:\"'\xef", np.uint8)] = _ESCAPE
#: Value of each character in base64 and in hexadecimal; 255: none.
_BASE64: Final = np.full(256, 255, np.uint8)
for _number, _char in enumerate(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
):
    _BASE64[_char] = _number
_BASE64[ord("-")], _BASE64[ord("_")] = 62, 63
_HEX: Final = np.full(256, 255, np.uint8)
for _number, _char in enumerate(b"0123456789abcdef"):
    _HEX[_char] = _HEX[ord(chr(_char).upper())] = _number


@inner
def _are_digits(word: int) -> bool:
    """Return True if eight bytes are ASCII digits."""
    high = np.uint64(0x8080808080808080)
    over = word + np.uint64(0x4646464646464646)
    under = word - np.uint64(0x3030303030303030)
    return bool(((word | over | under) & high) == np.uint64(0))


@inner
def _is_labelled(data: UInt8, at: int, end: int) -> bool:
    """Return True if two Hanzi in base64 may follow: each begins with 5 or 6."""
    at += at < end and data[at] == 32
    if at + 8 > end:
        return False
    return bool(53 <= data[at] <= 54 and 53 <= data[at + 4] <= 54)


@inner
def _begins_escape(data: UInt8, at: int, end: int) -> bool:
    """Return True if an escape, an entity, a tag or a labelled word may begin at ``at``."""
    byte = data[at]
    if byte == 0:
        return True
    if at + 2 >= end and byte != 0xC3:
        return False
    following = data[at + 1]
    if byte == 0xEF:  # ：
        return bool(data[at + 2] == 0x9A) and _is_labelled(data, at + 3, end)
    if byte == 58 or byte == 34 or byte == 39:  # : or a quote
        return _is_labelled(data, at + 1, end)
    if byte == 0xC3:  # Â to ï: UTF-8 that was read as Western text
        return bool(0x82 <= following <= 0xAF)
    if byte == 92:  # \u, \x
        return bool(following == 117 or following == 120)
    if byte == 38:  # &#, &a
        return bool(following == 35 or _CLASSES[following] == _LETTER)
    if byte == 60:  # </, <a
        return bool(following == 47 or _CLASSES[following] == _LETTER)
    if byte == 61:  # =?, =E5
        return bool(following == 63 or _HEX[following] < 16) or _is_labelled(data, at + 1, end)
    return bool(following == 117 or _HEX[following] < 16)  # %u, %E5


@inner
def _add_byte(byte: int, utf8: int, gbk: int) -> tuple[int, int]:
    """Return the states of two decoders after ``byte``; -1: it is no text.

    0 is the end of a character; of UTF-8 the state is the number of bytes that are missing.
    """
    if (byte < 32 and byte != 9 and byte != 10 and byte != 13) or byte == 127:
        return -1, -1
    if utf8 > 0:
        utf8 = utf8 - 1 if 0x80 <= byte < 0xC0 else -1
    elif utf8 == 0 and byte >= 0x80:
        utf8 = -1 if byte < 0xC2 or byte > 0xF4 else 1 + (byte >= 0xE0) + (byte >= 0xF0)
    if gbk == 0:
        gbk = 0 if byte < 0x80 else -1 if byte == 0x80 or byte == 0xFF else 1
    elif gbk == 1 and (byte < 0x30 or byte > 0x39):
        gbk = 0 if byte >= 0x40 and byte != 0xFF else -1
    elif gbk == 2:
        gbk = 3 if 0x81 <= byte < 0xFF else -1
    elif gbk > 0:
        gbk = (gbk + 1) % 4 if 0x30 <= byte <= 0x39 else -1
    return utf8, gbk


@inner
def _is_base64(data: UInt8, start: int, end: int) -> bool:
    """Return True if a word of letters, digits and marks may be base64 of a text."""
    if (end - start) % 4 == 1:
        return False
    utf8, gbk, bits, held = 0, 0, 0, 0
    for at in range(start, end):
        bits = (bits << 6 | int(_BASE64[data[at]])) & 0xFFFF
        held += 6
        if held >= 8:
            held -= 8
            utf8, gbk = _add_byte(bits >> held & 255, utf8, gbk)
            if utf8 < 0 and gbk < 0:
                return False
    return utf8 == 0 or gbk == 0


@inner
def _is_packed(data: UInt8, start: int) -> bool:
    """Return True if a word begins like gzip or zlib in base64: ``H4``, ``eJ``, ``eN``, ``eA``."""
    first, second = data[start], data[start + 1]
    return bool(
        (first == 72 and second == 52)
        or (first == 101 and (second == 74 or second == 78 or second == 65))
    )


@inner
def _is_hex(data: UInt8, start: int, end: int, digits: bool) -> bool:
    """Return True if a word of letters and digits may be the bytes of a text in hexadecimal.

    ``digits``: it has no letters, and stands for digits alone.
    """
    if data[start] == 48 and (data[start + 1] == 120 or data[start + 1] == 88):  # 0x
        start += 2
    if (end - start) % 2 or end - start < _HEX_LENGTH:
        return False
    utf8, gbk = 0, 0
    for at in range(start, end, 2):
        high, low = int(_HEX[data[at]]), int(_HEX[data[at + 1]])
        if high > 15 or low > 15 or (digits and high != 3):
            return False
        utf8, gbk = _add_byte(high << 4 | low, utf8, gbk)
        if utf8 < 0 and gbk < 0:
            return False
    return utf8 == 0 or gbk == 0


@inner
def _is_coded_word(data: UInt8, start: int, end: int, letters: int, marks: int) -> bool:
    """Return True if the word [start, end) may be base64, or a part between marks hexadecimal."""
    if _is_packed(data, start) or (3 * letters >= end - start and _is_base64(data, start, end)):
        return True
    if end - start < _HEX_LENGTH or marks == 0:
        return end - start >= _HEX_LENGTH and _is_hex(data, start, end, letters == 0)
    begin, digits = start, True
    for at in range(start, end + 1):
        kind = _MARK if at == end else _CLASSES[data[at]]
        if kind == _MARK:
            if at - begin >= _HEX_LENGTH and _is_hex(data, begin, at, digits):
                return True
            begin, digits = at + 1, True
        elif kind == _LETTER:
            digits = False
    return False


@inner
def _has_escape_byte(data: UInt8, begin: int, end: int) -> bool:
    """Return True if a byte of [begin, end) may begin an escape; compiled to vectors."""
    found = np.uint8(0)
    for at in range(begin, end):
        byte = data[at]
        found |= np.uint8(
            (byte == 0) | (byte == 37) | (byte == 38) | (byte == 60) | (byte == 61) | (byte == 92)
        ) | np.uint8((byte == 34) | (byte == 39) | (byte == 58) | (byte == 0xC3) | (byte == 0xEF))
    return bool(found != 0)


@kernel
def _mark_coded(source: ByteSource, ends: Any, expressions: bool, found: UInt8) -> None:
    """Set ``found[row]`` to 1 if the cell ``[ends[row], ends[row + 1])`` may be coded."""
    data, words = source
    escapes = _has_escape_byte(data, ends[0], ends[-1])
    for row in range(len(found)):
        at, stop = int(ends[row]), int(ends[row + 1])
        if expressions and at < stop:
            last = data[stop - 1]
            found[row] = last == 39 or last == 34 or last == 41 or last <= 32  # ' " )
        if not escapes and stop - at < _BASE64_LENGTH:
            continue
        start, letters, marks = at, 0, 0
        while at < stop:
            if at + 8 <= stop and _are_digits(words[at]):
                at += 8
                continue
            kind = _CLASSES[data[at]]
            if kind <= _MARK:
                letters += kind == _LETTER
                marks += kind == _MARK
            else:
                if at - start >= _BASE64_LENGTH:
                    found[row] |= _is_coded_word(data, start, at, letters, marks)
                if kind == _ESCAPE:
                    found[row] |= _begins_escape(data, at, stop)
                start, letters, marks = at + 1, 0, 0
            at += 1
        if stop - start >= _BASE64_LENGTH:
            found[row] |= _is_coded_word(data, start, stop, letters, marks)


def coded_rows(texts: pa.Array, *, expressions: bool = False) -> Int64:
    r"""Return the numbers of the texts that may stand for others.

    ``expressions``: also of those that may be expressions of literals in SQL.

    >>> coded_rows(pa.array(["&#24352;", "430104199003071234", "MTM4MDAxMzgwMDA="])).tolist()
    [0, 2]
    """
    ends, data = string_buffers(texts)
    found = np.zeros(len(texts), np.uint8)
    _mark_coded(byte_source(data), frozen(ends), expressions, found)
    return np.flatnonzero(found)
