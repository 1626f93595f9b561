"""Times as tables store them, parsed to seconds since 1970 as written; others are no time.

    date := YYYY sep M{1,2} sep D{1,2};  time := date (" " | "T") h{1,2} ":" mm [":" ss]
    2023-07-12 10:05:30    2023/7/12    2023年7月12日 10时5分    20230712100530    45119.42 (Excel)

Seconds or milliseconds since 1970 (UTC) and times with a zone are converted to Chinese time.  A day
alone is its midnight.  A month that could be a day (7/12/2023) is not guessed, nor is a century.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import Bool, Int64, UInt8
from piiscan.arrow_strings import string_buffers
from piiscan.jit import allocating, frozen, inner, kernel

#: Result for a text that is no time, or cannot be parsed.
NONE: Final = np.iinfo(np.int64).min
_NOT_PLAIN: Final = np.iinfo(np.int64).max
_CHINA_OFFSET: Final = 8 * 3600
_FIRST_YEAR, _END_YEAR = 1900, 2100
_EPOCH_RANGE: Final = (631_152_000, 4_102_444_800)  # 1990 to 2100
_EXCEL_DAY_RANGE: Final = (32_874, 73_050)  # 1990 to 2099, as Excel counts


@kernel
def _to_seconds(year: int, month: int, day: int, hour: int, minute: int, second: int) -> int:
    """Return the seconds since 1970; NONE if there is no such time."""
    if not (_FIRST_YEAR <= year < _END_YEAR and 1 <= month <= 12 and day >= 1):
        return NONE
    last = 31
    if month == 2:
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        last = 29 if leap else 28
    elif month in (4, 6, 9, 11):
        last = 30
    if day > last or hour > 23 or minute > 59 or second > 59:
        return NONE
    # number of days since 1970: years begin in March, eras have 400 years
    y = year - 1 if month <= 2 else year
    era = y // 400
    of_era = y - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    days = era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468
    return days * 86_400 + hour * 3600 + minute * 60 + second


@inner
def _parse_digits(number: int, digits: int) -> int:
    """Parse digits alone as a time: date, date and clock, Unix time, or Excel's day number."""
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
    if (digits == 10 or digits == 13) and _EPOCH_RANGE[0] <= number < _EPOCH_RANGE[1]:
        return number + _CHINA_OFFSET
    if digits == 5 and _EXCEL_DAY_RANGE[0] <= number < _EXCEL_DAY_RANGE[1]:
        return (number - 25_569) * 86_400
    return NONE


def _separators() -> Bool:
    """Return ``bool[7, 256]``: bytes that may follow the n-th number of a date and clock."""
    table = np.zeros((7, 256), np.bool_)
    for place, signs in ((1, b"-/."), (2, b"-/."), (3, b" T"), (4, b":"), (5, b":")):
        table[place, list(signs)] = True
    table.setflags(write=False)
    return table


_SEPARATORS: Final = _separators()


@kernel
def _trim(data: UInt8, low: int, high: int) -> tuple[int, int]:
    """Return the bounds of the cell without blanks around it."""
    while low < high and data[low] <= 32:
        low += 1
    while high > low and data[high - 1] <= 32:
        high -= 1
    return low, high


@kernel
def _split_numbers(data: UInt8, low: int, high: int, numbers: Int64) -> tuple[int, int]:
    """Write the numbers of a date cell; return (their count, digits of the first) or (-1, 0).

    (-1, 0): this kernel cannot parse the cell.  A day of eight digits before a clock becomes three
    numbers.
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
def _parse_cell(data: UInt8, low: int, high: int, numbers: Int64) -> int:
    """Parse one date cell in ASCII digits: seconds since 1970, NONE, or _NOT_PLAIN.

    _NOT_PLAIN: another parser must try.
    """
    low, high = _trim(data, low, high)
    if low == high:
        return NONE
    numbers[:] = 0
    found, first = _split_numbers(data, low, high, numbers)
    if found == 1:
        return _parse_digits(numbers[0], first)
    if first != 4 or found not in (3, 5, 6):
        return _NOT_PLAIN
    return _to_seconds(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5])


@allocating
def _parse_all(offsets: Any, data: UInt8, out: Int64) -> int:
    """Parse date cells to seconds in ``out``; return the number that are _NOT_PLAIN."""
    numbers = np.zeros(6, np.int64)
    slow = 0
    for i in range(len(out)):
        out[i] = _parse_cell(data, offsets[i], offsets[i + 1], numbers)
        slow += out[i] == _NOT_PLAIN
    return slow


_DATE_AND_CLOCK: Final = re.compile(
    r"(?P<y>[0-9]{4}) ?[年./-] ?(?P<m>[0-9]{1,2}) ?[月./-] ?(?P<d>[0-9]{1,2})"
    r"(?: ?[日号] ?|[t ]|, ?|$)(?:[(]?(?:星期|周|礼拜).[)]? ?)?"
    r"(?:(?P<half>上午|下午|早上|凌晨|中午|晚上|am|pm) ?)?"
    r"(?:(?P<H>[0-9]{1,2})(?:[:时点]|(?= ?[ap]m))"
    r"(?:(?P<M>[0-9]{1,2})(?:[:分](?P<S>[0-9]{1,2})?秒?)?)?(?:\.[0-9]+)?)?"
    r" ?(?P<late>am|pm)?(?P<zone>z|[+-][0-9]{2}:?[0-9]{2})?"
)
_EXCEL_DAY: Final = re.compile(r"(?P<whole>[0-9]{5})\.(?P<part>[0-9]+)")


def parse_time(text: str) -> int | None:
    """Parse a time as written to seconds since 1970; return None if it is no known form.

    >>> [parse_time(each) for each in ("2023年7月12日 10:05", "2023/7/12 10:05:00", "45119.420139")]
    [1689156300, 1689156300, 1689156300]
    >>> parse_time("7/12/2023") is parse_time("昨天") is None
    True
    """
    value = int(parse_times(pa.array([text], pa.string()))[0])
    return None if value == NONE else value


def parse_times(cells: pa.Array) -> Int64:
    """Parse each cell to seconds since 1970 (``int64[n]``), NONE if it is no time."""
    out = np.empty(len(cells), np.int64)
    offsets, data = string_buffers(cells)
    slow = _parse_all(frozen(np.ascontiguousarray(offsets, np.int64)), frozen(data), out)
    if cells.null_count:
        out[cells.is_null().to_numpy(zero_copy_only=False)] = NONE
    if slow:
        slow_cells = np.flatnonzero(out == _NOT_PLAIN)
        encoded = cells.take(pa.array(slow_cells)).dictionary_encode()
        parsed = np.array([_parse_text(t) for t in encoded.dictionary.to_pylist()], np.int64)
        out[slow_cells] = parsed[encoded.indices.to_numpy()]
    return out


def _parse_text(text: str) -> int:
    """Parse a time in words (2023年7月12日 上午10点) to seconds since 1970, or NONE."""
    normalized = " ".join(unicodedata.normalize("NFKC", text).lower().split())
    excel = _EXCEL_DAY.fullmatch(normalized)
    if excel is not None and _EXCEL_DAY_RANGE[0] <= int(excel["whole"]) < _EXCEL_DAY_RANGE[1]:
        clock = round(float(f"0.{excel['part']}") * 86_400)
        return (int(excel["whole"]) - 25_569) * 86_400 + clock
    found = _DATE_AND_CLOCK.fullmatch(normalized)
    if found is None:
        return _parse_normalized(normalized) if normalized != text else NONE
    hour = _hour_of_day(int(found["H"] or 0), found["half"] or found["late"])
    year, month, day = (int(found[name]) for name in ("y", "m", "d"))
    value = int(_to_seconds(year, month, day, hour, int(found["M"] or 0), int(found["S"] or 0)))
    return value if value == NONE else value - _seconds_from_china(found["zone"])


def _parse_normalized(text: str) -> int:
    """Parse a half-width time in plain digits to seconds since 1970, or NONE."""
    out = np.empty(1, np.int64)
    data = np.frombuffer(text.encode(), np.uint8)
    slow = _parse_all(frozen(np.array([0, len(data)])), frozen(data), out)
    return NONE if slow else int(out[0])


def _hour_of_day(hour: int, half: str | None) -> int:
    """Return the hour of the day in 24 hours; 99 if there is no such hour."""
    if half in ("pm", "下午", "晚上"):
        return hour + 12 if hour < 12 else hour
    if half in ("am", "上午", "早上", "凌晨"):
        return 99 if hour > 12 else hour % 12
    return hour + 12 if half == "中午" and hour < 3 else hour


def _seconds_from_china(zone: str | None) -> int:
    """Return the seconds by which time zone ``zone`` is ahead of China's; 0 for None."""
    if zone is None:
        return 0
    if zone == "z":
        return -_CHINA_OFFSET
    sign = -1 if zone[0] == "-" else 1
    digits = zone[1:].replace(":", "")
    return sign * (int(digits[:2]) * 3600 + int(digits[2:]) * 60) - _CHINA_OFFSET


def to_datetime(seconds: int) -> datetime.datetime:
    """Convert seconds since 1970 to a datetime without a time zone."""
    return datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)  # noqa: DTZ001
