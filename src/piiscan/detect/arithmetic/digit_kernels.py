"""Kernels of digit arithmetic: Luhn, digits of texts as columns, characters without their gaps.

79927398713 -> passes Luhn
"""

import cython
from cython.cimports.libc.stdint import int64_t, uint8_t
from cython.cimports.piiscan.detect.arithmetic.digit_kernels import is_digit, passes_luhn
from cython.cimports.piiscan.kernel_arrays import (
    Bool,
    BoolOut,
    Int32,
    Int32Out,
    Int64,
    UInt8,
    UInt8Out,
    boolean,
    boolean_out,
    int32,
    int32_out,
    int64,
    uint8,
    uint8_out,
)


def check_luhn(chars: object, width: int64_t, length: object, passed: object) -> None:
    """Write to ``passed`` if the first ``length`` digits of each row of ``width`` bytes pass Luhn.

    79927398713 -> True
    """
    rows: cython.Py_ssize_t = len(length)
    row: cython.Py_ssize_t
    values: UInt8 = uint8(chars)
    lengths: Int32 = int32(length)
    out: BoolOut = boolean_out(passed)
    with cython.nogil:
        for row in range(rows):
            out[row] = passes_luhn(values + row * width, lengths[row])


def compact_rows(chars: object, mask: object, out: object, length: object) -> None:
    """Write each row's characters under ``mask`` left-aligned to ``out``; count in ``length``."""
    rows: cython.Py_ssize_t
    row: cython.Py_ssize_t
    width: int64_t
    rows, width = chars.shape
    room: int64_t = out.shape[1]
    place: int64_t
    count: int64_t
    source: UInt8 = uint8(chars)
    masks: Bool = boolean(mask)
    moved: UInt8Out = uint8_out(out)
    lengths: Int32Out = int32_out(length)
    with cython.nogil:
        for row in range(rows):
            count = 0
            for place in range(row * width, (row + 1) * width):
                if masks[place] and count < room:
                    moved[row * room + count] = source[place]
                    count += 1
            lengths[row] = cython.cast(cython.int, count)


def read_digits(starts: object, ends: object, data: object, out: object) -> None:
    """Write the digits of each text to a column of ``out`` (uint8[w, k]), 255 for non-digits."""
    rows: cython.Py_ssize_t = len(starts)
    row: cython.Py_ssize_t
    width: int64_t = len(out)
    column: int64_t
    place: int64_t
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
