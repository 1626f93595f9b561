r"""Object lines: nested values of a data file as JSON lines, a member that the JSON reader reads.

{"姓名": "张三", "备注": b"\xc0\xee\xcb\xc4"} -> {"姓名": "张三", "备注": "李四"}

Bytes that are no text become members of their own.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from piiscan.sources.stored_values import cell_text

_WHOLE: Final = 1e21
#: Errors of libraries that parse damaged objects.
PARSE_ERRORS: Final = (
    *(ValueError, TypeError, EOFError, OverflowError, RecursionError, ArithmeticError),
    *(IndexError, KeyError, AttributeError),
)


def plain_value(value: Any, key: str, number: int, found: list[tuple[str, int, bytes]]) -> Any:
    """Return a value as JSON has it; add (key, number, bytes) of binary values to ``found``."""
    if isinstance(value, dict):
        plain: dict[str, Any] = {}
        for name, inner in value.items():
            plain[name] = plain_value(inner, name, number, found)
        return plain
    if isinstance(value, list | tuple | set | frozenset):
        return [plain_value(each, key, number, found) for each in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE:
        return int(value)  # 13800138000.0
    if value is None or isinstance(value, bool | int | float):
        return value
    text = cell_text(value)
    if text is None and isinstance(value, bytes) and value:
        found.append((key or "value", number, value))
    return text


def map_of(values: Sequence[Any]) -> dict[str, Any]:
    """Return the map of keys and values in turn; equal keys are numbered, others are no texts.

    >>> map_of(["姓名", "张三", 1, 2, "姓名", "李四"])
    {'姓名': '张三', '1': 2, '姓名#2': '李四'}
    """
    found: dict[str, Any] = {}
    counts: Counter[str] = Counter()
    for key, value in zip(values[::2], values[1::2], strict=True):
        name = (cell_text(key) if isinstance(key, str | bytes | int | float) else None) or ""
        shown = name
        while shown in found:
            counts[name] += 1
            shown = f"{name}#{counts[name] + 1}"
        found[shown] = value
    return found


def stored_text(data: bytes) -> str | bytes:
    """Decode UTF-8; return other bytes as they are."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def time_text(seconds: int) -> str:
    """Return a time since 1970 as text, or the number if it is no time of the calendar.

    >>> time_text(1700000000)
    '2023-11-14 22:13:20'
    """
    try:
        return str(datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds))  # noqa: DTZ001
    except OverflowError:
        return str(seconds)
