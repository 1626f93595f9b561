"""Where each byte of decoded text stood in the encoded bytes."""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Int64, UInt8
from piiscan.jit import kernel

#: A place p in a line of another encoding is kept as ``OTHER - p``.
OTHER: Final = -2
#: Encodings that lines of one file may be mixed of, as all end their lines with the same bytes.
UTF8_LIKE: Final = ("utf-8", "gb18030", "big5")
_STYLE: Final = {"utf-8": 0, "gb18030": 1, "big5": 2, "utf-16-le": 3, "utf-16-be": 3}


@kernel
def _align(raw: UInt8, text: UInt8, style: int, base: int, places: Int64) -> None:
    i = 0
    j = 0
    while j < text.size:
        lead = text[j]
        width = 1 if lead < 0x80 else 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
        for k in range(width):
            places[j + k] = base + i
        j += width
        if style == 3:
            i += 4 if width == 4 else 2
        elif style == 0:
            i += width
        elif raw[i] < 0x80:
            i += 1
        elif style == 1 and i + 1 < raw.size and 0x30 <= raw[i + 1] <= 0x39:
            i += 4
        else:
            i += 2


@kernel
def _utf8_lines(raw: UInt8, found: Int64) -> int:
    """Numbers of the lines that are valid UTF-8 and have a character of three or four bytes."""
    count = 0
    line = 0
    i = 0
    n = raw.size
    good = True
    wide = False
    while i <= n:
        if i == n or raw[i] == 10:
            if good and wide:
                found[count] = line
                count += 1
            line += 1
            i += 1
            good = True
            wide = False
            continue
        lead = raw[i]
        if lead < 0x80 or not good:
            i += 1
            continue
        width = 2 if 0xC2 <= lead < 0xE0 else 3 if lead < 0xF0 else 4
        good = 0xC2 <= lead <= 0xF4 and i + width <= n
        for k in range(1, width):
            good = good and i + k < n and 0x80 <= raw[i + k] <= 0xBF
        wide = wide or width > 2
        i += width if good else 1
    return count


def align(raw: UInt8, text: UInt8, encoding: str, base: int) -> Int64:
    """For each byte of UTF-8 ``text`` the place of its character in ``raw``, counted from ``base``.

    ``text`` must be the exact decode of ``raw``.
    """
    places = np.empty(text.size, np.int64)
    _align(raw, text, _STYLE[encoding], base, places)
    return places


def utf8_lines(raw: UInt8) -> Int64:
    r"""Numbers (from 0) of the lines of ``raw`` that are UTF-8 text beyond doubt.

    >>> utf8_lines(np.frombuffer("中文\nabc\n".encode(), np.uint8)).tolist()
    [0]
    """
    found = np.empty(raw.size // 4 + 2, np.int64)
    return found[: _utf8_lines(raw, found)]
