"""Folding: convert UTF-8 to exactly one byte per code point.

An index into folded text is then a code-point offset, which needs no second map. Grammar:

    folded := BREAK (text BREAK)*    text := one byte per code point

    赵１３８ -> BREAK HAN "1" "3" "8" BREAK
"""

from __future__ import annotations

import numpy as np

from piiscan.arrays import Int32, Int64, UInt8
from piiscan.detect.matching.match_kernels import fold


def fold_texts(data: UInt8, offsets: Int64, table: UInt8) -> tuple[UInt8, Int64, Int32, bool]:
    """Fold the texts ``data[offsets[i]:offsets[i+1]]``: BREAK text BREAK text … BREAK.

    Return (folded bytes, starts, ascii_tail, has_zero_width). ``starts``: ``int64[n + 1]``, start
    of each text in the folded bytes, and their length. ``ascii_tail``: ``int32[n]``, number of
    ASCII characters at the end of each text. Malformed UTF-8 never reads past a text: a stray byte
    is one OTHER.
    """
    folded = np.empty(int(offsets[-1] - offsets[0]) + len(offsets) + 16, np.uint8)
    starts = np.empty(len(offsets), np.int64)
    ascii_tail = np.empty(len(offsets) - 1, np.int32)
    length, has_zero_width = fold(data, offsets, table, folded, starts, ascii_tail)
    return folded[:length], starts, ascii_tail, has_zero_width
