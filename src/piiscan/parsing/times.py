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
from typing import Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int64
from piiscan.arrow_strings import string_buffers
from piiscan.parsing import time_kernels
from piiscan.parsing.time_kernels import (
    CHINA_OFFSET,
    EXCEL_DAYS,
    NOT_PLAIN,
    parse_cells,
    to_seconds,
)

#: Result for a text that is no time, or cannot be parsed.
NONE: Final = time_kernels.NONE
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
    slow = parse_cells(np.ascontiguousarray(offsets, np.int64), data, out)
    if cells.null_count:
        out[cells.is_null().to_numpy(zero_copy_only=False)] = NONE
    if slow:
        slow_cells = np.flatnonzero(out == NOT_PLAIN)
        encoded = cells.take(pa.array(slow_cells)).dictionary_encode()
        parsed = np.array([_parse_text(t) for t in encoded.dictionary.to_pylist()], np.int64)
        out[slow_cells] = parsed[encoded.indices.to_numpy()]
    return out


def _parse_text(text: str) -> int:
    """Parse a time in words (2023年7月12日 上午10点) to seconds since 1970, or NONE."""
    normalized = " ".join(unicodedata.normalize("NFKC", text).lower().split())
    excel = _EXCEL_DAY.fullmatch(normalized)
    if excel is not None and int(excel["whole"]) in range(*EXCEL_DAYS):
        clock = round(float(f"0.{excel['part']}") * 86_400)
        return (int(excel["whole"]) - 25_569) * 86_400 + clock
    found = _DATE_AND_CLOCK.fullmatch(normalized)
    if found is None:
        return _parse_normalized(normalized) if normalized != text else NONE
    hour = _hour_of_day(int(found["H"] or 0), found["half"] or found["late"])
    year, month, day = (int(found[name]) for name in ("y", "m", "d"))
    value = to_seconds(year, month, day, hour, int(found["M"] or 0), int(found["S"] or 0))
    return value if value == NONE else value - _seconds_from_china(found["zone"])


def _parse_normalized(text: str) -> int:
    """Parse a half-width time in plain digits to seconds since 1970, or NONE."""
    out = np.empty(1, np.int64)
    data = np.frombuffer(text.encode(), np.uint8)
    slow = parse_cells(np.array([0, len(data)]), data, out)
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
        return -CHINA_OFFSET
    sign = -1 if zone[0] == "-" else 1
    digits = zone[1:].replace(":", "")
    return sign * (int(digits[:2]) * 3600 + int(digits[2:]) * 60) - CHINA_OFFSET


def to_datetime(seconds: int) -> datetime.datetime:
    """Convert seconds since 1970 to a datetime without a time zone."""
    return datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)  # noqa: DTZ001
