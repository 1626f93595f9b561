"""How a line begins and ends: blanks, a time, a rule; for compiled code."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from piiscan.arrays import UInt8
from piiscan.jit import inner

#: A line that ends with a time and is no longer than this is the head of a message.
_HEAD_BYTES: Final = 120


@inner
def is_digit(data: UInt8, at: int, high: int) -> bool:
    """Whether a digit stands there."""
    return at < high and 48 <= data[at] <= 57


@inner
def three(data: UInt8, at: int, high: int) -> int:
    """The three bytes of a character of the Chinese plane as one number, 0 at the end."""
    if at + 2 >= high:
        return 0
    number: Any = np.int64(data[at]) << 16
    return int(number | (np.int64(data[at + 1]) << 8) | np.int64(data[at + 2]))


@inner
def skip_blanks(data: UInt8, at: int, high: int) -> int:
    """Behind blanks, ideographic ones and byte order marks too."""
    while at < high:
        if data[at] <= 32:
            at += 1
        elif three(data, at, high) == 0xE38080 or three(data, at, high) == 0xEFBBBF:
            at += 3
        elif data[at] == 0xC2 and at + 1 < high and data[at + 1] == 0xA0:
            at += 2
        else:
            break
    return at


@inner
def _two_digits(data: UInt8, at: int, high: int) -> int:
    """Behind one or two digits, -1 where there is none."""
    if not is_digit(data, at, high):
        return -1
    return at + 2 if is_digit(data, at + 1, high) else at + 1


@inner
def _after_day(data: UInt8, at: int, high: int) -> int:
    """Behind a day that begins at ``at`` (2023-7-12, 2023年7月12日), -1 where there is none."""
    century = at + 4 <= high and (
        (data[at] == 50 and data[at + 1] == 48) or (data[at] == 49 and data[at + 1] == 57)
    )
    if not century or not is_digit(data, at + 2, high) or not is_digit(data, at + 3, high):
        return -1
    at += 4
    for mark in (0xE5B9B4, 0xE69C88):  # 年, 月
        if at < high and (data[at] == 45 or data[at] == 47 or data[at] == 46):
            at += 1
        elif three(data, at, high) == mark:
            at += 3
        else:
            return -1
        at = _two_digits(data, at, high)
        if at < 0:
            return -1
    if is_digit(data, at, high):
        return -1
    return at + 3 if three(data, at, high) == 0xE697A5 else at  # 日


@inner
def _after_time(data: UInt8, at: int, high: int) -> int:
    """Behind a day and a clock that begin at ``at``, -1 where there are none."""
    at = _after_day(data, at, high)
    if at < 0:
        return -1
    begin = at
    while at < high and (data[at] == 32 or data[at] == 84 or data[at] == 9) and at - begin < 4:
        at += 1
    # no blank is needed behind 日
    if at == begin and not (at >= 3 and data[at - 3] == 0xE6 and data[at - 1] == 0xA5):
        return -1
    at = _two_digits(data, at, high)
    if at < 0 or at + 2 >= high or data[at] != 58:
        return -1
    if not is_digit(data, at + 1, high) or not is_digit(data, at + 2, high):
        return -1
    at += 3
    if at + 2 < high and data[at] == 58 and is_digit(data, at + 1, high):
        at += 3
    return -1 if is_digit(data, at, high) else at


@inner
def is_head(data: UInt8, low: int, high: int) -> bool:
    """Whether a line begins with a time, in brackets or not, or, being short, ends with one."""
    at = low
    if data[at] == 91 or data[at] == 40:
        at += 1
    elif three(data, at, high) == 0xE38090:  # 【
        at += 3
    if is_digit(data, at, high):
        return _after_time(data, at, high) >= 0
    if high - low > _HEAD_BYTES:
        return False
    end = high
    while end > low and (data[end - 1] == 93 or data[end - 1] == 41 or data[end - 1] == 58):
        end -= 1
    if not is_digit(data, end - 1, high) or end - low < 14:
        return False
    for at in range(max(low, end - 24), end - 13):
        if data[at] < 48 or data[at] > 57 or (at > low and 48 <= data[at - 1] <= 57):
            continue
        if _after_time(data, at, end) == end:
            return True
    return False


@inner
def is_rule(data: UInt8, low: int, high: int) -> bool:
    """Whether a line is one sign again and again: ----, ====, ————."""
    first = data[low]
    if high - low < 3:
        return False
    if first < 0x80:
        sign = first in (45, 61, 42, 95, 35, 126, 43)  # - = * _ # ~ +
        for at in range(low, high):
            if data[at] != first:
                return False
        return sign
    mark = three(data, low, high)
    if (mark >> 12) != 0xE28 and (mark >> 12) != 0xE29 and mark != 0xEFBC8D and mark != 0xEFBC9D:
        return False
    at = low
    while at < high:
        if three(data, at, high) != mark:
            return False
        at += 3
    return high - low >= 9
