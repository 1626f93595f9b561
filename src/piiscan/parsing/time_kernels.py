# mypy: ignore-errors
"""Kernels of times: cells of ASCII digits and signs parsed to seconds since 1970.

2023-07-12 10:05:30 -> 1689156330    20230712 -> 1689120000    45119 (Excel) -> 1689120000
"""

import cython
from cython.cimports.libc.stdint import int64_t, uint8_t
from cython.cimports.piiscan.kernel_arrays import *

from piiscan import arrays

#: Result for a text that is no time, or cannot be parsed; for a cell that another parser must try.
NONE = -(2**63)
NOT_PLAIN = 2**63 - 1
#: Seconds by which Chinese time is ahead of UTC.
CHINA_OFFSET = 8 * 3600
#: Days that Excel counts from 1990 to 2099.
EXCEL_DAYS = (32_874, 73_050)

_NONE = cython.declare(int64_t, NONE)
_NOT_PLAIN = cython.declare(int64_t, NOT_PLAIN)
_CHINA_OFFSET = cython.declare(int64_t, CHINA_OFFSET)
_FIRST_YEAR = cython.declare(int64_t, 1900)
_END_YEAR = cython.declare(int64_t, 2100)
# Seconds of 1990 and 2100.
_FIRST_EPOCH = cython.declare(int64_t, 631_152_000)
_END_EPOCH = cython.declare(int64_t, 4_102_444_800)
_FIRST_EXCEL_DAY = cython.declare(int64_t, EXCEL_DAYS[0])
_END_EXCEL_DAY = cython.declare(int64_t, EXCEL_DAYS[1])
#: [n * 256 + byte]: 1 if the byte may follow the n-th number of a date and clock.
_SEPARATORS = cython.declare(uint8_t[7 * 256])


def _fill_table() -> None:
    """Fill the table of separators."""
    for place, signs in ((1, b"-/."), (2, b"-/."), (3, b" T"), (4, b":"), (5, b":")):
        for sign in signs:
            _SEPARATORS[place * 256 + sign] = 1


_fill_table()


def to_seconds(year: int, month: int, day: int, hour: int, minute: int, second: int) -> int:
    """Return the seconds from 1970 to a time of the years 1900 to 2099; NONE if there is no such.

    >>> to_seconds(2023, 7, 12, 10, 5, 30)
    1689156330
    """
    return _to_seconds(year, month, day, hour, minute, second)


@cython.cfunc
@cython.nogil
def _to_seconds(
    year: int64_t, month: int64_t, day: int64_t, hour: int64_t, minute: int64_t, second: int64_t
) -> int64_t:
    """Return the seconds since 1970; NONE if there is no such time. No number is negative."""
    last: cython.int = 31
    if not (_FIRST_YEAR <= year < _END_YEAR and 1 <= month <= 12 and day >= 1):
        return _NONE
    if month == 2:
        last = 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    elif month in (4, 6, 9, 11):
        last = 30
    if day > last or hour > 23 or minute > 59 or second > 59:
        return _NONE
    # number of days since 1970: years begin in March, eras have 400 years
    from_march: int64_t = year - 1 if month <= 2 else year
    era: int64_t = from_march // 400
    of_era: int64_t = from_march - era * 400
    of_year: int64_t = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    days: int64_t = era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468
    return days * 86_400 + hour * 3600 + minute * 60 + second


@cython.cfunc
@cython.nogil
def _parse_digits(number: int64_t, digits: int64_t) -> int64_t:
    """Parse digits alone as a time: date, date and clock, Unix time, or Excel's day number."""
    day: int64_t
    clock: int64_t
    if digits == 8:
        return _to_seconds(number // 10_000, number // 100 % 100, number % 100, 0, 0, 0)
    if digits == 14 or digits == 12:
        if digits == 12:
            number *= 100
        day, clock = number // 1_000_000, number % 1_000_000
        return _to_seconds(
            day // 10_000,
            day // 100 % 100,
            day % 100,
            clock // 10_000,
            clock // 100 % 100,
            clock % 100,
        )
    if digits == 13:
        number //= 1000
    if (digits == 10 or digits == 13) and _FIRST_EPOCH <= number < _END_EPOCH:
        return number + _CHINA_OFFSET
    if digits == 5 and _FIRST_EXCEL_DAY <= number < _END_EXCEL_DAY:
        return (number - 25_569) * 86_400
    return _NONE


@cython.cfunc
@cython.nogil
def _split_numbers(
    data: UInt8, low: int64_t, high: int64_t, numbers: Int64Out
) -> tuple[int64_t, int64_t]:
    """Write the numbers of a date cell; return (their count, digits of the first) or (-1, 0).

    (-1, 0): this kernel cannot parse the cell.  A day of eight digits before a clock becomes three
    numbers.
    """
    found: int64_t = 0
    first: int64_t = 0
    digits: int64_t = 0
    at: int64_t
    day: int64_t
    byte: uint8_t
    for at in range(low, high):
        byte = data[at]
        if 48 <= byte <= 57:
            if digits == 0:
                found += 1
                if found > 6:
                    return -1, 0
                numbers[found - 1] = 0
            numbers[found - 1] = numbers[found - 1] * 10 + (byte - 48)
            digits += 1
            if digits > (14 if found == 1 else 2):
                return -1, 0
            first = digits if found == 1 else first
        elif digits:
            digits = 0
            if found == 1 and first == 8 and (byte == 32 or byte == 84):
                day = numbers[0]
                numbers[0], numbers[1], numbers[2] = day // 10_000, day // 100 % 100, day % 100
                found, first = 3, 4
            elif not _SEPARATORS[found * 256 + byte]:
                return -1, 0
        elif found != 3 or byte != 32:  # blanks between day and clock
            return -1, 0
    if digits:
        return found, first
    return -1, 0


@cython.cfunc
@cython.nogil
def _parse_cell(data: UInt8, low: int64_t, high: int64_t) -> int64_t:
    """Parse one date cell in ASCII digits: seconds since 1970, NONE, or NOT_PLAIN."""
    numbers: int64_t[6]
    place: cython.int
    found: int64_t
    first: int64_t
    while low < high and data[low] <= 32:
        low += 1
    while high > low and data[high - 1] <= 32:
        high -= 1
    if low == high:
        return _NONE
    for place in range(6):
        numbers[place] = 0
    found, first = _split_numbers(data, low, high, numbers)
    if found == 1:
        return _parse_digits(numbers[0], first)
    if first != 4 or not (found == 3 or found == 5 or found == 6):
        return _NOT_PLAIN
    return _to_seconds(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5])


def parse_cells(offsets: arrays.Int64, data: arrays.UInt8, out: arrays.Int64) -> int:
    """Parse date cells to seconds in ``out``; return the number that are NOT_PLAIN."""
    rows: cython.Py_ssize_t = len(out)
    row: cython.Py_ssize_t
    places: Int64 = int64(offsets)
    bytes_: UInt8 = uint8(data)
    seconds: Int64Out = int64_out(out)
    slow: int64_t = 0
    with cython.nogil:
        for row in range(rows):
            seconds[row] = _parse_cell(bytes_, places[row], places[row + 1])
            slow += seconds[row] == _NOT_PLAIN
    return slow
