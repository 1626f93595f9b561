# mypy: ignore-errors
# cython: infer_types=True
"""Kernel of digit arithmetic: the digits of texts as columns.

["12X", "9"] -> [[1, 9], [2, 255], [255, 255]]
"""

import cython
from cython.cimports.libc.stdint import int64_t, uint8_t
from cython.cimports.piiscan.kernel_arrays import *

from piiscan import arrays


def read_digits(
    starts: arrays.AnyArray, ends: arrays.AnyArray, data: arrays.UInt8, out: arrays.UInt8
) -> None:
    """Write the digits of each text to a column of ``out`` (uint8[w, k]), 255 for non-digits."""
    rows: cython.Py_ssize_t = len(starts)
    width: int64_t = len(out)
    digit: uint8_t
    first: Int64 = int64(starts)
    last: Int64 = int64(ends)
    source: UInt8 = uint8(data)
    digits: UInt8Out = uint8_out(out)
    with cython.nogil:
        for row in range(rows):
            for column in range(width):
                place = first[row] + column
                digit = 255
                if place < last[row] and is_digit(source[place]):
                    digit = source[place] - 48
                digits[column * rows + row] = digit
