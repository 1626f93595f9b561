"""Line markers (kernels): blanks, times and separator signs at the start or end of a line.

    date := YYYY sep MM sep DD, or YYYY 年 MM 月 DD 日;  sep := - / .;  YYYY := 19xx or 20xx
    time := date (blank | "T"){1,4} H{1,2} ":" MM [":" SS];  no blank is needed after 日
    head := ["[" | "(" | "【"] time …   |   … time [")" | "]" | ":"]

    2023-07-12 10:05:30 张三(10000) -> message head     ------------ -> separator line

Parameters: ``data`` (UTF-8 bytes), ``low`` and ``high`` (byte range [low, high) of the line), and
``at`` (byte offset in it).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from piiscan.arrays import UInt8
from piiscan.jit import inner

#: Maximum bytes of a line that is a message head because it ends with a time.
_MAX_HEAD_BYTES: Final = 120


@inner
def is_digit(data: UInt8, at: int, high: int) -> bool:
    """Return True if an ASCII digit is at ``at``."""
    return at < high and 48 <= data[at] <= 57


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


@inner
def _skip_one_or_two_digits(data: UInt8, at: int, high: int) -> int:
    """Return the offset after one or two digits, -1 if there is none."""
    if not is_digit(data, at, high):
        return -1
    return at + 2 if is_digit(data, at + 1, high) else at + 1


@inner
def _skip_day(data: UInt8, at: int, high: int) -> int:
    """Return the offset after a day at ``at`` (2023-7-12, 2023年7月12日), -1 if there is none."""
    century = at + 4 <= high and (
        (data[at] == 50 and data[at + 1] == 48) or (data[at] == 49 and data[at + 1] == 57)
    )
    if not century or not is_digit(data, at + 2, high) or not is_digit(data, at + 3, high):
        return -1
    at += 4
    for separator in (0xE5B9B4, 0xE69C88):  # 年, 月
        if at < high and (data[at] == 45 or data[at] == 47 or data[at] == 46):  # - / .
            at += 1
        elif three_bytes(data, at, high) == separator:
            at += 3
        else:
            return -1
        at = _skip_one_or_two_digits(data, at, high)
        if at < 0:
            return -1
    if is_digit(data, at, high):
        return -1
    return at + 3 if three_bytes(data, at, high) == 0xE697A5 else at  # 日


@inner
def _skip_time(data: UInt8, at: int, high: int) -> int:
    """Return the offset after a day and a clock time at ``at``, -1 if there is none."""
    at = _skip_day(data, at, high)
    if at < 0:
        return -1
    begin = at
    # blanks, tabs or "T" between day and clock
    while at < high and (data[at] == 32 or data[at] == 84 or data[at] == 9) and at - begin < 4:
        at += 1
    # no blank is needed after 日 (E6 97 A5)
    if at == begin and not (at >= 3 and data[at - 3] == 0xE6 and data[at - 1] == 0xA5):
        return -1
    at = _skip_one_or_two_digits(data, at, high)
    if at < 0 or at + 2 >= high or data[at] != 58:
        return -1
    if not is_digit(data, at + 1, high) or not is_digit(data, at + 2, high):
        return -1
    at += 3
    if at + 2 < high and data[at] == 58 and is_digit(data, at + 1, high):
        at += 3
    return -1 if is_digit(data, at, high) else at


@inner
def is_message_head(data: UInt8, low: int, high: int) -> bool:
    """Return True if a line begins with a time, in brackets or not, or is short and ends in one."""
    at = low
    if data[at] == 91 or data[at] == 40:  # [ (
        at += 1
    elif three_bytes(data, at, high) == 0xE38090:  # 【
        at += 3
    if is_digit(data, at, high):
        return _skip_time(data, at, high) >= 0
    if high - low > _MAX_HEAD_BYTES:
        return False
    end = high
    # the line may end with "]", ")" or ":" after the time
    while end > low and (data[end - 1] == 93 or data[end - 1] == 41 or data[end - 1] == 58):
        end -= 1
    if not is_digit(data, end - 1, high) or end - low < 14:
        return False
    for at in range(max(low, end - 24), end - 13):
        if data[at] < 48 or data[at] > 57 or (at > low and 48 <= data[at - 1] <= 57):
            continue
        if _skip_time(data, at, end) == end:
            return True
    return False


@inner
def is_separator_line(data: UInt8, low: int, high: int) -> bool:
    """Return True if a line repeats one sign: ----, ====, ————, or is ``-[ RECORD 1 ]---``."""
    first = data[low]
    if high - low < 3:
        return False
    if first == 45 and data[low + 1] == 91:  # -[
        return data[low + 2] == 32 and data[high - 1] in (45, 43)  # - +
    if first < 0x80:
        is_sign = first in (45, 61, 42, 95, 35, 126, 43)  # - = * _ # ~ +
        for at in range(low, high):
            if data[at] != first:
                return False
        return is_sign
    character = three_bytes(data, low, high)
    if (
        (character >> 12) != 0xE28
        and (character >> 12) != 0xE29
        and character != 0xEFBC8D
        and character != 0xEFBC9D
    ):
        return False
    at = low
    while at < high:
        if three_bytes(data, at, high) != character:
            return False
        at += 3
    return high - low >= 9
