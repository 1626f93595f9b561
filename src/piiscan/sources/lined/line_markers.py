"""Line markers: blanks and signs of a line, for kernels in numba.

    "　张三" -> skip_blanks 3        年 -> three_bytes 0xE5B9B4

numba: until case.scan.messages has moved; line_kernels.pxd has both.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from piiscan.arrays import UInt8
from piiscan.jit import inner


@inner
def three_bytes(data: UInt8, at: int, high: int) -> int:
    """Return the three bytes at ``at`` as one number (0xE5B9B4 for 年), 0 if fewer are left."""
    if at + 2 >= high:
        return 0
    number: Any = np.int64(data[at]) << 16
    return int(number | (np.int64(data[at + 1]) << 8) | np.int64(data[at + 2]))


@inner
def skip_blanks(data: UInt8, at: int, high: int) -> int:
    """Return the offset after white space, NBSP, ideographic spaces and byte order marks."""
    while at < high:
        if data[at] <= 32:
            at += 1
        elif three_bytes(data, at, high) == 0xE38080 or three_bytes(data, at, high) == 0xEFBBBF:
            at += 3
        elif data[at] == 0xC2 and at + 1 < high and data[at + 1] == 0xA0:
            at += 2
        else:
            break
    return at
