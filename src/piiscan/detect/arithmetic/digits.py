"""Digit arithmetic on columns of digits (uint8[w, k]): weighted sums, numbers, calendar dates.

Sums run over contiguous rows of ``k`` digits with small types.  The compiled checks have the same
arithmetic for one value in digit_kernels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from piiscan.arrays import AnyArray, Bool, Int32, UInt8, UInt16

#: Number of days of each month by month number, 0 if there is no such month.
DAYS: Final = np.zeros(256, np.uint8)
DAYS[1:13] = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
DAYS.flags.writeable = False


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
