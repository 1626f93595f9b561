"""SQL texts without their escapes, written over the places where they stood."""

from __future__ import annotations

from piiscan.arrays import UInt8
from piiscan.jit import inner, kernel
from piiscan.sources.formats.sql.value_scanner import COPIED, HEX, TWICE


@kernel
def _is_text(text: UInt8, start: int, end: int) -> bool:
    """Whether the bytes are UTF-8 without control characters but tab and line ends."""
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
    if 48 <= c <= 57:
        return c - 48
    c |= 32
    return c - 87 if 97 <= c <= 102 else -1


@inner
def _restore(text: UInt8, start: int, end: int, target: UInt8) -> int:
    for k in range(start, end):
        target[k] = text[k]
    return end


@inner
def _unhex(text: UInt8, start: int, end: int, target: UInt8) -> int:
    """A literal 0x… or X'…' as the text it holds; as it is written if it holds none."""
    i = start + 2
    stop = end if text[start] == 48 else end - 1
    o = start
    while i + 1 < stop:
        high, low = _nibble(int(text[i])), _nibble(int(text[i + 1]))
        if high < 0 or low < 0:
            break
        target[o] = high * 16 + low
        o += 1
        i += 2
    if i != stop or not _is_text(target, start, o):
        return _restore(text, start, end, target)
    return o


@kernel
def _letter(c: int, copied: bool) -> int:
    """What a backslash and this letter stand for."""
    if c == 110:
        return 10
    if c == 116:
        return 9
    if c == 114:
        return 13
    if c == 98:
        return 8
    if copied:
        return 12 if c == 102 else 11 if c == 118 else c
    return 0 if c == 48 else 26 if c == 90 else c


@kernel
def _code(text: UInt8, i: int, end: int) -> tuple[int, int]:
    r"""COPY's ``\x41`` or ``\101`` at the letter behind the backslash: (byte or -1, next)."""
    value = -1
    j = i
    if text[i] == 120:
        j += 1
        while j < end and j < i + 3 and _nibble(int(text[j])) >= 0:
            value = max(value, 0) * 16 + _nibble(int(text[j]))
            j += 1
        return value, j
    while j < end and j < i + 3 and 48 <= text[j] <= 55:
        value = max(value, 0) * 8 + int(text[j]) - 48
        j += 1
    return value & 255 if value >= 0 else -1, j


@inner
def write_plain(text: UInt8, start: int, end: int, style: int, target: UInt8) -> int:
    """The value between ``start`` and ``end`` into ``target`` from ``start`` on; where it ends."""
    if style == HEX:
        return _unhex(text, start, end, target)
    mark = text[start - 1] if start > 0 else 0
    o = start
    i = start
    while i < end:
        c = text[i]
        if c == 92 and style != TWICE and i + 1 < end:
            value, after = -1, i
            if style == COPIED:
                value, after = _code(text, i + 1, end)
            if value >= 0:
                target[o] = value
                i = after
            else:
                target[o] = _letter(int(text[i + 1]), style == COPIED)
                i += 2
        else:
            if c == mark and style != COPIED and i + 1 < end and text[i + 1] == mark:
                i += 1
            target[o] = text[i]
            i += 1
        o += 1
    if style == COPIED and not _is_text(target, start, o):
        return _restore(text, start, end, target)
    return o
