r"""Unescape (kernels): SQL values without their escapes, written over their place in a copy.

O\'Brien -> O'Brien    0xE5BCA0 -> 张    COPY: a\tb -> a<TAB>b
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Bool, UInt8
from piiscan.jit import inner, kernel
from piiscan.sources.formats.sql.value_scanner import (
    BYTEA,
    COPIED,
    DIGITS,
    DOUBLED_QUOTES,
    ESCAPED,
    HEX,
    UNICODE,
)


def _hanzi() -> Bool:
    """Return True for the code points of GB 2312, the usual ones of names and addresses."""
    rows = bytes(x for a in range(0xA1, 0xF8) for b in range(0xA1, 0xFF) for x in (a, b))
    found = np.zeros(0x10000, np.bool_)
    found[[ord(each) for each in rows.decode("gb2312", "ignore")]] = True
    found.setflags(write=False)
    return found


_HANZI: Final = _hanzi()


@kernel
def _is_plain_utf8(text: UInt8, start: int, end: int) -> bool:
    """Return True if the bytes are UTF-8 without control characters except tab and line ends."""
    i = start
    while i < end:
        lead = text[i]
        if lead < 128:
            if lead < 32 and lead != 9 and lead != 10 and lead != 13 or lead == 127:  # noqa: RUF021
                return False
            i += 1
            continue
        width = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
        if lead < 0xC2 or lead > 0xF4 or i + width > end:
            return False
        for k in range(1, width):
            if text[i + k] & 0xC0 != 0x80:
                return False
        second = text[i + 1]
        if (
            (lead == 0xE0 and second < 0xA0)
            or (lead == 0xED and second > 0x9F)
            or (lead == 0xF0 and second < 0x90)
            or (lead == 0xF4 and second > 0x8F)
        ):
            return False
        i += width
    return True


@inner
def _nibble(c: int) -> int:
    """Return the value of the hexadecimal digit with ASCII code ``c``, -1 if it is none."""
    if 48 <= c <= 57:
        return c - 48
    c |= 32
    return c - 87 if 97 <= c <= 102 else -1


@inner
def _copy_raw(text: UInt8, start: int, end: int, target: UInt8) -> int:
    """Copy ``text[start:end]`` unchanged to the same place in ``target``; return ``end``."""
    for k in range(start, end):
        target[k] = text[k]
    return end


@inner
def _write_utf8(code: int, target: UInt8, o: int) -> int:
    """Write a code point as UTF-8 to ``target`` at ``o``; return the offset after it."""
    if code < 0x80:
        target[o] = code
        return o + 1
    if code < 0x800:
        target[o] = 0xC0 | code >> 6
    elif code < 0x10000:
        target[o] = 0xE0 | code >> 12
        o += 1
        target[o] = 0x80 | code >> 6 & 63
    else:
        target[o] = 0xF0 | code >> 18
        target[o + 1] = 0x80 | code >> 12 & 63
        o += 2
        target[o] = 0x80 | code >> 6 & 63
    target[o + 1] = 0x80 | code & 63
    return o + 2


@inner
def _hex_number(text: UInt8, i: int, width: int, end: int) -> int:
    """Return the number of ``width`` hexadecimal digits at ``i``, -1 if there are fewer."""
    value = 0
    for k in range(i, i + width):
        digit = _nibble(int(text[k])) if k < end else -1
        if digit < 0:
            return -1
        value = value * 16 + digit
    return value


@inner
def _write_utf16(text: UInt8, i: int, stop: int, target: UInt8, o: int) -> int:
    """Write UTF-16-LE in hexadecimal digits as UTF-8; return its end, -1 if it is no such text.

    Only ASCII and GB 2312 count: other bytes are rather binary.
    """
    if stop - i < 8 or (stop - i) % 4:
        return -1
    while i < stop:
        low, high = _hex_number(text, i, 2, stop), _hex_number(text, i + 2, 2, stop)
        code = high * 256 + low
        is_ascii = 32 <= code < 127 or code in (9, 10, 13)
        if low < 0 or high < 0 or not (is_ascii or _HANZI[code]):
            return -1
        o = _write_utf8(code, target, o)
        i += 4
    return o


@inner
def _write_unhexed(text: UInt8, start: int, end: int, style: int, target: UInt8) -> int:
    """Write the text of hexadecimal digits to ``target``; copy the literal if it is binary.

    ``style``: HEX (0x… or X'…'), BYTEA or DIGITS.  Return the end of the written text.
    """
    first = start if style == DIGITS else start + 2
    stop = end - 1 if style == HEX and text[start] != 48 else end  # X'…'
    i, o, controls = first, start, 0
    while i + 1 < stop:
        byte = _hex_number(text, i, 2, stop)
        if byte < 0:
            break
        controls += byte < 32
        target[o] = byte
        o += 1
        i += 2
    if i != stop:
        return _copy_raw(text, start, end, target)
    is_utf8 = _is_plain_utf8(target, start, o)
    if not is_utf8 or controls:
        wide = _write_utf16(text, first, stop, target, start)
        if wide >= 0:
            return wide
        if not is_utf8:
            return _copy_raw(text, start, end, target)
        for k in range(start, o):
            target[k] = _hex_number(text, first + 2 * (k - start), 2, stop)
    return o


@kernel
def _unescape_letter(c: int, is_copy: bool) -> int:
    """Return the byte that a backslash and this letter mean (``n`` -> LF), else the letter."""
    if c == 110:  # n -> LF
        return 10
    if c == 116:  # t -> TAB
        return 9
    if c == 114:  # r -> CR
        return 13
    if c == 98:  # b -> backspace
        return 8
    if is_copy:
        return 12 if c == 102 else 11 if c == 118 else c  # f, v
    return 0 if c == 48 else 26 if c == 90 else c  # 0, Z


@kernel
def _parse_numeric_escape(text: UInt8, i: int, end: int) -> tuple[int, int]:
    r"""Parse the escape of ``\x41`` or ``\101`` (COPY); ``i`` is the byte after the backslash.

    Return (byte or -1 if it is none, next offset).
    """
    value = -1
    j = i
    if text[i] == 120:  # x
        j += 1
        while j < end and j < i + 3 and _nibble(int(text[j])) >= 0:
            value = max(value, 0) * 16 + _nibble(int(text[j]))
            j += 1
        return value, j
    while j < end and j < i + 3 and 48 <= text[j] <= 55:  # 0-7
        value = max(value, 0) * 8 + int(text[j]) - 48
        j += 1
    return value & 255 if value >= 0 else -1, j


@inner
def _write_unicode(text: UInt8, start: int, end: int, style: int, target: UInt8) -> int:
    r"""Write a string with ``\u5f20`` (ESCAPED) or ``\5f20`` (UNICODE); return its end.

    Of ESCAPED also ``\xe5``, ``\345`` and ``\n``.
    """
    i, o, high = start, start, 0
    while i < end:
        c = text[i]
        if c != 92 or i + 1 >= end:  # \
            if c == 39 and i + 1 < end and text[i + 1] == 39:  # '
                i += 1
            target[o] = c
            o += 1
            i += 1
            continue
        letter, width = text[i + 1], 0
        if style == ESCAPED:
            width = 4 if letter == 117 else 8 if letter == 85 else 0  # u U
            at = i + 2
        else:
            width = 6 if letter == 43 else 4  # +
            at = i + 2 if letter == 43 else i + 1
        code = _hex_number(text, at, width, end) if width else -1
        if 0 <= code < 0x110000:
            i = at + width
            if 0xD800 <= code < 0xDC00:
                high = code
                continue
            if 0xDC00 <= code < 0xE000 and high:
                code = 0x10000 + (high - 0xD800) * 1024 + code - 0xDC00
            high = 0
            o = _write_utf8(code, target, o)
            continue
        value = -1
        if style == ESCAPED:
            value, i = _parse_numeric_escape(text, i + 1, end)
            if value < 0:
                value = _unescape_letter(int(letter), True)
                i += 1
        else:
            value = int(letter)
            i += 2
        target[o] = value
        o += 1
    return o if _is_plain_utf8(target, start, o) else _copy_raw(text, start, end, target)


@inner
def write_unescaped(text: UInt8, start: int, end: int, style: int, target: UInt8) -> int:
    """Write SQL value [start, end) without escapes to ``target[start:]``; return its end."""
    if style in (HEX, BYTEA, DIGITS):
        return _write_unhexed(text, start, end, style, target)
    if style in (ESCAPED, UNICODE):
        return _write_unicode(text, start, end, style, target)
    quote = text[start - 1] if start > 0 else 0
    o = start
    i = start
    while i < end:
        c = text[i]
        if c == 92 and style != DOUBLED_QUOTES and i + 1 < end:  # \
            value, after = -1, i
            if style == COPIED:
                value, after = _parse_numeric_escape(text, i + 1, end)
            if value >= 0:
                target[o] = value
                i = after
            else:
                target[o] = _unescape_letter(int(text[i + 1]), style == COPIED)
                i += 2
        else:
            if c == quote and style != COPIED and i + 1 < end and text[i + 1] == quote:
                i += 1
            target[o] = text[i]
            i += 1
        o += 1
    if style == COPIED and not _is_plain_utf8(target, start, o):
        return _copy_raw(text, start, end, target)
    return o
