"""Byte map: the offset in the original bytes of each byte of the decoded UTF-8 text.

GBK bytes  D5 C5 C8 FD 31       -> offsets of the UTF-8 bytes of 张三1: 0 0 0 2 2 2 4
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Int64, UInt8
from piiscan.jit import kernel

#: An offset p in a line of another encoding than the file's is stored as ``OTHER_ENCODING - p``.
OTHER_ENCODING: Final = -2
#: Encodings that may alternate between the lines of one file: their line ends are the same bytes.
ASCII_COMPATIBLE: Final = ("utf-8", "gb18030", "big5")
_WIDTH_RULES: Final = {
    "utf-8": 0,
    "gb18030": 1,
    "big5": 2,
    "utf-16-le": 3,
    "utf-16-be": 3,
    "utf-32-le": 4,
    "utf-32-be": 4,
}


@kernel
def _align(raw: UInt8, text: UInt8, rule: int, base: int, byte_offsets: Int64) -> None:
    """Write to ``byte_offsets[i]`` the file offset of the character of byte ``text[i]``.

    Offsets are positions in ``raw`` plus ``base``.  ``rule``: 0 UTF-8, 1 GB18030, 2 Big5, 3 UTF-16,
    4 UTF-32.
    """
    i = 0
    j = 0
    while j < text.size:
        lead = text[j]
        width = 1 if lead < 0x80 else 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
        for k in range(width):
            byte_offsets[j + k] = base + i
        j += width
        if rule == 3:
            i += 4 if width == 4 else 2
        elif rule == 4:
            i += 4
        elif rule == 0:
            i += width
        elif raw[i] < 0x80:
            i += 1
        elif rule == 1 and i + 1 < raw.size and 0x30 <= raw[i + 1] <= 0x39:
            i += 4
        else:
            i += 2


@kernel
def _utf8_lines(raw: UInt8, line_numbers: Int64) -> int:
    """Write numbers of lines with valid UTF-8 characters of 3 or 4 bytes; return their count."""
    count = 0
    line = 0
    i = 0
    n = raw.size
    valid = True
    has_wide = False
    while i <= n:
        if i == n or raw[i] == 10:
            if valid and has_wide:
                line_numbers[count] = line
                count += 1
            line += 1
            i += 1
            valid = True
            has_wide = False
            continue
        lead = raw[i]
        if lead < 0x80 or not valid:
            i += 1
            continue
        width = 2 if 0xC2 <= lead < 0xE0 else 3 if lead < 0xF0 else 4
        valid = 0xC2 <= lead <= 0xF4 and i + width <= n
        for k in range(1, width):
            valid = valid and i + k < n and 0x80 <= raw[i + k] <= 0xBF
        has_wide = has_wide or width > 2
        i += width if valid else 1
    return count


def align_offsets(raw: UInt8, text: UInt8, encoding: str, base: int) -> Int64:
    """Return the file offset of the character of each byte of ``text``: ``int64[text.size]``.

    ``text`` is UTF-8 and must be the exact decoding of ``raw``.  Offsets are counted from ``base``.
    """
    byte_offsets = np.empty(text.size, np.int64)
    _align(raw, text, _WIDTH_RULES[encoding], base, byte_offsets)
    return byte_offsets


def utf8_lines(raw: UInt8) -> Int64:
    r"""Return the numbers (from 0) of lines of ``raw`` that only UTF-8 explains.

    >>> utf8_lines(np.frombuffer("中文\nabc\n".encode(), np.uint8)).tolist()
    [0]
    """
    line_numbers = np.empty(raw.size // 4 + 2, np.int64)
    return line_numbers[: _utf8_lines(raw, line_numbers)]
