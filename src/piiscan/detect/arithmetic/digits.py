"""Digit arithmetic shared by checks: digit columns, weighted sums, Luhn, calendar dates.

Values are rows of uint8[k, w].  Sums run over columns, so the functions transpose the matrix once
and then work on contiguous rows of ``k`` numbers with small types.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from piiscan.arrays import AnyArray, Bool, Int32, UInt8, UInt16
from piiscan.detect.arithmetic.digit_kernels import check_luhn, compact_rows

#: Number of days of each month by month number, 0 if there is no such month.
DAYS: Final = np.zeros(256, np.uint8)
DAYS[1:13] = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
DAYS.flags.writeable = False


def pad_columns(chars: UInt8, width: int) -> UInt8:
    """Return ``chars`` with at least ``width`` columns; new columns are 0.

    >>> pad_columns(np.frombuffer(b"12", np.uint8)[None], 3).tolist()
    [[49, 50, 0]]
    """
    missing = width - chars.shape[1]
    return chars if missing <= 0 else np.pad(chars, ((0, 0), (0, missing)))


def columns(chars: UInt8, count: int) -> UInt8:
    """Transpose the first ``count`` characters of each value: uint8[k, w] -> uint8[count, k].

    0 beyond the end of a value.

    >>> columns(np.frombuffer(b"12345678", np.uint8).reshape(2, 4), 2).tolist()
    [[49, 53], [50, 54]]
    """
    width = min(count, chars.shape[1])
    transposed = np.empty((count, len(chars)), np.uint8)  # callers change it, so no view of chars
    transposed[:width] = chars[:, :width].T
    transposed[width:] = 0
    return transposed


def digit_columns(chars: UInt8, count: int) -> UInt8:
    """Return the first ``count`` characters of each value as digits, by column: uint8[count, k].

    A character that is no digit gives a number above 9.
    """
    values = columns(chars, count)
    values -= np.uint8(48)
    return values


def is_among(values: AnyArray, members: Sequence[int]) -> Bool:
    """Return ``bool[k]``: True for each of ``values`` that is one of a few ``members``.

    It is faster than numpy's ``isin`` for a short list.

    >>> is_among(np.array([3, 1, 2]), (1, 3)).tolist()
    [True, True, False]
    """
    result: Bool = values == members[0]
    for each in members[1:]:
        result |= values == each
    return result


def all_digits(digits: UInt8) -> Bool:
    """Return a mask of the values whose columns in ``digits`` are all digits: bool[k]."""
    largest = np.maximum.reduce(digits, axis=0)
    result: Bool = largest <= 9
    return result


def weighted_sum(digits: UInt8, weights: Sequence[int]) -> UInt16:
    """Return digit times weight summed over the first columns of ``digits``: uint16[k].

    Each product must be below 256.

    >>> weighted_sum(np.array([[1], [2]], np.uint8), (7, 9)).tolist()
    [25]
    """
    total = np.zeros(digits.shape[1], np.uint16)
    for column, weight in zip(digits, weights, strict=False):
        total += column * np.uint8(weight)
    return total


def number(digits: UInt8, dtype: Any = np.int32) -> AnyArray:
    """Convert digit columns (uint8[w, k], first digit first) to integers: ``dtype``[k].

    >>> number(np.array([[4], [2]], np.uint8)).tolist()
    [42]
    """
    value: AnyArray = digits[0].astype(dtype)
    for column in digits[1:]:
        value *= 10
        value += column
    return value


def real_date(year: Int32, month: UInt8, day: UInt8) -> Bool:
    """Return a mask of the dates that exist in the Gregorian calendar: bool[k].

    >>> real_date(np.array([1900, 2000]), np.array([2, 2], np.uint8), np.array([29, 29], np.uint8))
    array([False,  True])
    """
    real = (day >= 1) & (day <= DAYS[month]) & (year > 0)
    leap_day = (month == 2) & (day == 29)
    if leap_day.any():
        common = (year % 4 != 0) | ((year % 100 == 0) & (year % 400 != 0))
        real &= ~(leap_day & common)
    result: Bool = real
    return result


def luhn(chars: UInt8, length: Int32, width: int) -> Bool:
    """Return a mask of the values of up to ``width`` digits that pass Luhn: bool[k].

    The rule is ISO/IEC 7812-1 Annex B.

    >>> luhn(np.frombuffer(b"79927398713", np.uint8)[None], np.array([11], np.int32), 11)
    array([ True])
    """
    passed = np.empty(len(chars), np.bool_)
    check_luhn(chars, chars.shape[1], np.minimum(length, width), passed)
    return passed


def compact(chars: UInt8, mask: Bool, width: int) -> tuple[UInt8, Int32]:
    r"""Drop characters outside ``mask`` and close the gaps.  Return (rows, lengths).

    Return uint8[k, width], padded with 0, and the int32[k] lengths.

    >>> rows = np.frombuffer(b"0a1b2c", np.uint8)[None]
    >>> compact(rows, rows < 58, 4)[0].tobytes()
    b'012\x00'
    """
    moved, length = np.zeros((len(chars), width), np.uint8), np.empty(len(chars), np.int32)
    compact_rows(chars, mask, moved, length)
    return moved, length
