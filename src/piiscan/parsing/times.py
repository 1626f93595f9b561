"""Times as tables hold them, in seconds since 1970 as written; what cannot be read is no time.

2023-07-12 10:05:30, 2023/7/12, 2023年7月12日 10时5分, 20230712, 20230712100530, Excel's day
numbers, and seconds or milliseconds since 1970 (UTC), which are told in Chinese time.  A time with
a zone is told in Chinese time too.  A day alone is its midnight.  Which of 7 and 12 in 7/12/2023
is the month is not guessed, nor is a century.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import Bool, Int64, UInt8
from piiscan.hashing.digest import string_buffers
from piiscan.jit import allocating, frozen, inner, kernel

#: No time, or none that can be read.
NONE: Final = np.iinfo(np.int64).min
_SLOW: Final = np.iinfo(np.int64).max
_CHINA: Final = 8 * 3600
_FIRST, _LAST = 1900, 2100
_EPOCHS: Final = (631_152_000, 4_102_444_800)  # 1990 to 2100
_DAYS: Final = (32_874, 73_050)  # 1990 to 2099, as Excel counts


@kernel
def _seconds(year: int, month: int, day: int, hour: int, minute: int, second: int) -> int:
    """Seconds since 1970; NONE where there is no such time."""
    if not (_FIRST <= year < _LAST and 1 <= month <= 12 and day >= 1):
        return NONE
    last = 31
    if month == 2:
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        last = 29 if leap else 28
    elif month in (4, 6, 9, 11):
        last = 30
    if day > last or hour > 23 or minute > 59 or second > 59:
        return NONE
    # days from civil: March begins the year, eras have 400 years
    y = year - 1 if month <= 2 else year
    era = y // 400
    of_era = y - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    days = era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468
    return days * 86_400 + hour * 3600 + minute * 60 + second


@inner
def _single(number: int, digits: int) -> int:
    """A time of digits alone."""
    if digits == 8:
        return _seconds(number // 10_000, number // 100 % 100, number % 100, 0, 0, 0)
    if digits == 14 or digits == 12:
        if digits == 12:
            number *= 100
        day, clock = number // 1_000_000, number % 1_000_000
        return _seconds(
            day // 10_000,
            day // 100 % 100,
            day % 100,
            clock // 10_000,
            clock // 100 % 100,
            clock % 100,
        )
    if digits == 13:
        number //= 1000
    if (digits == 10 or digits == 13) and _EPOCHS[0] <= number < _EPOCHS[1]:
        return number + _CHINA
    if digits == 5 and _DAYS[0] <= number < _DAYS[1]:
        return (number - 25_569) * 86_400
    return NONE


def _separators() -> Bool:
    """Which byte may stand behind the n-th number of a day and a clock."""
    table = np.zeros((7, 256), np.bool_)
    for place, signs in ((1, b"-/."), (2, b"-/."), (3, b" T"), (4, b":"), (5, b":")):
        table[place, list(signs)] = True
    table.setflags(write=False)
    return table


_SEPARATORS: Final = _separators()


@kernel
def _bounds(data: UInt8, low: int, high: int) -> tuple[int, int]:
    """The cell without blanks around it."""
    while low < high and data[low] <= 32:
        low += 1
    while high > low and data[high - 1] <= 32:
        high -= 1
    return low, high


@kernel
def _numbers(data: UInt8, low: int, high: int, numbers: Int64) -> tuple[int, int]:
    """How many numbers the cell has, the first of how many digits; (-1, 0): this cannot tell.

    A day of eight digits with a clock behind it is taken for three numbers.
    """
    found, first, digits, at = 0, 0, 0, low
    while at < high:
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
            elif not _SEPARATORS[found, byte]:
                return -1, 0
        elif found != 3 or byte != 32:  # blanks between day and clock
            return -1, 0
        at += 1
    return (found, first) if digits else (-1, 0)


@kernel
def _read(data: UInt8, low: int, high: int, numbers: Int64) -> int:
    """One cell in ASCII digits: the time, NONE, or _SLOW for what this does not know."""
    low, high = _bounds(data, low, high)
    if low == high:
        return NONE
    numbers[:] = 0
    found, first = _numbers(data, low, high, numbers)
    if found == 1:
        return _single(numbers[0], first)
    if first != 4 or found not in (3, 5, 6):
        return _SLOW
    return _seconds(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5])


@allocating
def _read_all(offsets: Any, data: UInt8, out: Int64) -> int:
    numbers = np.zeros(6, np.int64)
    slow = 0
    for i in range(len(out)):
        out[i] = _read(data, offsets[i], offsets[i + 1], numbers)
        slow += out[i] == _SLOW
    return slow


_NAMED: Final = re.compile(
    r"(?P<y>[0-9]{4}) ?[年./-] ?(?P<m>[0-9]{1,2}) ?[月./-] ?(?P<d>[0-9]{1,2})"
    r"(?: ?[日号] ?|[t ]|, ?|$)(?:[(]?(?:星期|周|礼拜).[)]? ?)?"
    r"(?:(?P<half>上午|下午|早上|凌晨|中午|晚上|am|pm) ?)?"
    r"(?:(?P<H>[0-9]{1,2})(?:[:时点]|(?= ?[ap]m))"
    r"(?:(?P<M>[0-9]{1,2})(?:[:分](?P<S>[0-9]{1,2})?秒?)?)?(?:\.[0-9]+)?)?"
    r" ?(?P<late>am|pm)?(?P<zone>z|[+-][0-9]{2}:?[0-9]{2})?"
)
_DAY: Final = re.compile(r"(?P<whole>[0-9]{5})\.(?P<part>[0-9]+)")


def read_time(text: str) -> int | None:
    """Seconds since 1970 as written, None if it is no time that can be read.

    >>> [read_time(each) for each in ("2023年7月12日 10:05", "2023/7/12 10:05:00", "45119.420139")]
    [1689156300, 1689156300, 1689156300]
    >>> read_time("7/12/2023") is read_time("昨天") is None
    True
    """
    value = int(read_times(pa.array([text], pa.string()))[0])
    return None if value == NONE else value


def read_times(cells: pa.Array) -> Int64:
    """``int64[n]``: the time of each cell, NONE where there is none."""
    out = np.empty(len(cells), np.int64)
    offsets, data = string_buffers(cells)
    slow = _read_all(frozen(np.ascontiguousarray(offsets, np.int64)), frozen(data), out)
    if cells.null_count:
        out[cells.is_null().to_numpy(zero_copy_only=False)] = NONE
    if slow:
        places = np.flatnonzero(out == _SLOW)
        encoded = cells.take(pa.array(places)).dictionary_encode()
        known = np.array([_read_slowly(t) for t in encoded.dictionary.to_pylist()], np.int64)
        out[places] = known[encoded.indices.to_numpy()]
    return out


def _read_slowly(text: str) -> int:
    """The time of what is not plainly digits."""
    plain = " ".join(unicodedata.normalize("NFKC", text).lower().split())
    excel = _DAY.fullmatch(plain)
    if excel is not None and _DAYS[0] <= int(excel["whole"]) < _DAYS[1]:
        clock = round(float(f"0.{excel['part']}") * 86_400)
        return (int(excel["whole"]) - 25_569) * 86_400 + clock
    found = _NAMED.fullmatch(plain)
    if found is None:
        return _again(plain) if plain != text else NONE
    hour = _hour(int(found["H"] or 0), found["half"] or found["late"])
    year, month, day = (int(found[name]) for name in ("y", "m", "d"))
    value = int(_seconds(year, month, day, hour, int(found["M"] or 0), int(found["S"] or 0)))
    return value if value == NONE else value - _shift(found["zone"])


def _again(text: str) -> int:
    out = np.empty(1, np.int64)
    data = np.frombuffer(text.encode(), np.uint8)
    slow = _read_all(frozen(np.array([0, len(data)])), frozen(data), out)
    return NONE if slow else int(out[0])


def _hour(hour: int, half: str | None) -> int:
    """The hour of 24; 99 where there is none."""
    if half in ("pm", "下午", "晚上"):
        return hour + 12 if hour < 12 else hour
    if half in ("am", "上午", "早上", "凌晨"):
        return 99 if hour > 12 else hour % 12
    return hour + 12 if half == "中午" and hour < 3 else hour


def _shift(zone: str | None) -> int:
    """How many seconds a zone is ahead of China's."""
    if zone is None:
        return 0
    if zone == "z":
        return -_CHINA
    sign = -1 if zone[0] == "-" else 1
    digits = zone[1:].replace(":", "")
    return sign * (int(digits[:2]) * 3600 + int(digits[2:]) * 60) - _CHINA


def as_moment(seconds: int) -> datetime.datetime:
    """The time as a datetime without a zone."""
    return datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)  # noqa: DTZ001
