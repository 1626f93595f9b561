"""Arithmetic that several numbers share: digits by column, weighted sums, Luhn, calendar dates.

Values come as rows, uint8[k, w]; sums run over columns, so everything here turns the matrix once
and then works on contiguous rows of ``k`` numbers with small types (a few nanoseconds a value).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from piiscan.arrays import AnyArray, Bool, Int32, UInt8, UInt16
from piiscan.jit import kernel, woven

#: Longest day of each month, 0 where there is no such month.
DAYS: Final = np.zeros(256, np.uint8)
DAYS[1:13] = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
DAYS.flags.writeable = False


#: Eight ASCII digits as one number (first digit lowest): what turns them into their values, …
_ZEROS: Final = np.uint64(0x3030303030303030)
_LOW: Final = np.uint64(0x0F0F0F0F0F0F0F0F)
#: … what carries into the high bit of each byte above 9, …
_OVER: Final = np.uint64(0x7676767676767676)
_HIGH: Final = np.uint64(0x8080808080808080)
#: … what gives the number of a byte for a 1 in it, uppermost, …
_NUMBERS: Final = np.uint64(0x0001020304050607)
#: … and the steps that join pairs, fours and all eight (10 and 1, 100 and 1, 10,000 and 1).
_PAIRS: Final = np.uint64((10 << 8) + 1)
_FOURS: Final = np.uint64((100 << 16) + 1)
_EIGHT: Final = np.uint64((10_000 << 32) + 1)
_TWOS: Final = np.uint64(0x00FF00FF00FF00FF)
_HALVES: Final = np.uint64(0x0000FFFF0000FFFF)


@woven
def are_digits(word: np.uint64) -> bool:  # pragma: no cover - compiled
    """Whether eight characters are all digits."""
    values = word ^ _ZEROS
    return bool(((values + _OVER) | values) & _HIGH == np.uint64(0))


@woven
def digits_ahead(word: np.uint64) -> np.uint64:  # pragma: no cover - compiled
    """How many of eight characters are digits before the first that is none."""
    values = word ^ _ZEROS
    others = ((values + _OVER) | values) & _HIGH  # a sum may carry, but only behind the first
    if others == np.uint64(0):
        return np.uint64(8)
    first = (others & (~others + np.uint64(1))) >> np.uint64(7)  # 1 at the lowest bit of its byte
    return (first * _NUMBERS) >> np.uint64(56)


@woven
def eight_digits(word: np.uint64) -> np.uint32:  # pragma: no cover - compiled
    """The number that eight digits spell (Mula, "SIMD-ized atoi": three multiplications)."""
    pairs = ((word & _LOW) * _PAIRS) >> np.uint64(8)
    fours = ((pairs & _TWOS) * _FOURS) >> np.uint64(16)
    return np.uint32(((fours & _HALVES) * _EIGHT) >> np.uint64(32))


def eight_weights(weights: Sequence[int]) -> tuple[np.uint64, np.uint64]:
    """What :func:`eight_sum` multiplies eight digits by: for those at even and at odd places."""
    even, odd = (sum(w << 16 * at for at, w in enumerate(weights[6 + k :: -2])) for k in (0, 1))
    return np.uint64(even), np.uint64(odd)


@woven
def eight_sum(word: np.uint64, even: np.uint64, odd: np.uint64) -> np.uint64:  # pragma: no cover
    """The weighted sum of eight digits: of each product the uppermost 16 bits are four terms."""
    values = word & _LOW
    one = ((values & _TWOS) * even) >> np.uint64(48)
    return one + (((values >> np.uint64(8)) & _TWOS) * odd >> np.uint64(48))


def widened(chars: UInt8, width: int) -> UInt8:
    """``chars`` with at least ``width`` columns; new ones hold 0.

    >>> widened(np.frombuffer(b"12", np.uint8)[None], 3).tolist()
    [[49, 50, 0]]
    """
    missing = width - chars.shape[1]
    return chars if missing <= 0 else np.pad(chars, ((0, 0), (0, missing)))


def columns(chars: UInt8, count: int) -> UInt8:
    """The first ``count`` characters of each value, by column: uint8[count, k], 0 where none is.

    >>> columns(np.frombuffer(b"12345678", np.uint8).reshape(2, 4), 2).tolist()
    [[49, 53], [50, 54]]
    """
    width = min(count, chars.shape[1])
    turned = np.empty((count, len(chars)), np.uint8)  # never a view of chars
    turned[:width] = chars[:, :width].T
    turned[width:] = 0
    return turned


def digit_columns(chars: UInt8, count: int) -> UInt8:
    """Digit values of the first ``count`` characters, by column; above 9 where it is no digit."""
    turned = columns(chars, count)
    turned -= np.uint8(48)
    return turned


def is_among(values: AnyArray, few: Sequence[int]) -> Bool:
    """Which values are one of a few numbers; numpy's isin takes as long for ten as for a thousand.

    >>> is_among(np.array([3, 1, 2]), (1, 3)).tolist()
    [True, True, False]
    """
    result: Bool = values == few[0]
    for each in few[1:]:
        result |= values == each
    return result


def all_digits(digits: UInt8) -> Bool:
    """Which values have nothing but digits in ``digits`` (by column): bool[k]."""
    worst = np.maximum.reduce(digits, axis=0)
    result: Bool = worst <= 9
    return result


def weighted_sum(digits: UInt8, weights: Sequence[int]) -> UInt16:
    """The sum of digit times weight over the first columns: uint16[k]; each product is below 256.

    >>> weighted_sum(np.array([[1], [2]], np.uint8), (7, 9)).tolist()
    [25]
    """
    total = np.zeros(digits.shape[1], np.uint16)
    for column, weight in zip(digits, weights, strict=False):
        total += column * np.uint8(weight)
    return total


def number(digits: UInt8, kind: Any = np.int32) -> AnyArray:
    """The number that consecutive columns of digits spell: ``kind``[k].

    >>> number(np.array([[4], [2]], np.uint8)).tolist()
    [42]
    """
    value: AnyArray = digits[0].astype(kind)
    for column in digits[1:]:
        value *= 10
        value += column
    return value


def real_date(year: Int32, month: UInt8, day: UInt8) -> Bool:
    """Whether a day of the Gregorian calendar has that year, month and day: bool[k].

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
    """Whether each value of up to ``width`` digits passes Luhn (ISO/IEC 7812-1 Annex B): bool[k].

    >>> luhn(np.frombuffer(b"79927398713", np.uint8)[None], np.array([11], np.int32), 11)
    array([ True])
    """
    passed = np.empty(len(chars), np.bool_)
    flat = np.ascontiguousarray(chars).reshape(-1)
    _luhn(flat, chars.shape[1], np.minimum(length, width), passed)
    return passed


@woven
def luhn_one(chars: UInt8, at: int, count: Any) -> bool:  # pragma: no cover - compiled
    """Whether the ``count`` digits from ``at`` on pass Luhn."""
    first, total = np.uint64(at), np.uint64(0)
    for place in range(np.uint64(count)):
        digit = np.uint64(chars[first + place]) - np.uint64(48)
        if (np.uint64(count) - place) & np.uint64(1) == 0:  # twice a digit, its own digits added up
            digit += digit - (np.uint64(9) if digit > np.uint64(4) else np.uint64(0))
        total += digit
    return bool(total % np.uint64(10) == np.uint64(0))


@kernel
def _luhn(
    chars: UInt8, width: int, length: Int32, passed: Bool
) -> None:  # pragma: no cover - compiled
    for row in range(len(length)):
        passed[row] = luhn_one(chars, row * width, np.int64(length[row]))


@kernel
def _compact(
    chars: UInt8, keep: Bool, moved: UInt8, length: Int32
) -> None:  # pragma: no cover - compiled
    for row in range(len(chars)):
        count = 0
        for place in range(chars.shape[1]):
            if keep[row, place] and count < moved.shape[1]:
                moved[row, count] = chars[row, place]
                count += 1
        length[row] = count


def compact(chars: UInt8, keep: Bool, width: int) -> tuple[UInt8, Int32]:
    r"""The kept characters of each row moved to its left: uint8[k, width] and int32[k] lengths.

    >>> rows = np.frombuffer(b"0a1b2c", np.uint8)[None]
    >>> compact(rows, rows < 58, 4)[0].tobytes()
    b'012\x00'
    """
    moved, length = np.zeros((len(chars), width), np.uint8), np.empty(len(chars), np.int32)
    _compact(chars, keep, moved, length)
    return moved, length
