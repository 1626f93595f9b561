"""Byte map: the offset in the original bytes of each byte of the decoded UTF-8 text.

GBK bytes  D5 C5 C8 FD 31       -> offsets of the UTF-8 bytes of 张三1: 0 0 0 2 2 2 4
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Int64, UInt8
from piiscan.sources.encoding.encoding_kernels import find_utf8_lines, map_bytes

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


def align_offsets(raw: UInt8, text: UInt8, encoding: str, base: int) -> Int64:
    """Return the file offset of the character of each byte of ``text``: ``int64[text.size]``.

    ``text`` is UTF-8 and must be the exact decoding of ``raw``.  Offsets are counted from ``base``.
    """
    byte_offsets = np.empty(text.size, np.int64)
    map_bytes(raw, text, _WIDTH_RULES[encoding], base, byte_offsets)
    return byte_offsets


def utf8_lines(raw: UInt8) -> Int64:
    r"""Return the numbers (from 0) of the lines of ``raw`` that are valid only as UTF-8.

    >>> utf8_lines(np.frombuffer("中文\nabc\n".encode(), np.uint8)).tolist()
    [0]
    """
    line_numbers = np.empty(raw.size // 4 + 2, np.int64)
    return line_numbers[: find_utf8_lines(raw, line_numbers)]
