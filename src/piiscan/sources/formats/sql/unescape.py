r"""Unescape (kernels): SQL values without their escapes, written over their place in a copy.

O\'Brien -> O'Brien    0xE5BCA0 -> 张    COPY: a\tb -> a<TAB>b
"""

from __future__ import annotations

from piiscan.arrays import UInt8
from piiscan.jit import inner, kernel
from piiscan.sources.formats.sql.value_scanner import COPIED, DOUBLED_QUOTES, HEX


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
def _write_unhexed(text: UInt8, start: int, end: int, target: UInt8) -> int:
    """Write the text of a literal 0x… or X'…' to ``target``; copy the literal if it is binary.

    Return the end of the written text.
    """
    i = start + 2
    stop = end if text[start] == 48 else end - 1  # 0x… or X'…'
    o = start
    while i + 1 < stop:
        high, low = _nibble(int(text[i])), _nibble(int(text[i + 1]))
        if high < 0 or low < 0:
            break
        target[o] = high * 16 + low
        o += 1
        i += 2
    if i != stop or not _is_plain_utf8(target, start, o):
        return _copy_raw(text, start, end, target)
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
def write_unescaped(text: UInt8, start: int, end: int, style: int, target: UInt8) -> int:
    """Write SQL value [start, end) without escapes to ``target[start:]``; return its end."""
    if style == HEX:
        return _write_unhexed(text, start, end, target)
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
