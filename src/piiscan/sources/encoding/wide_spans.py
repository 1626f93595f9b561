r"""Wide spans: find UTF-16 and UTF-32 inside other bytes, from ASCII characters with NULs.

"张三\n" in UTF-8, then "李四,138\r\n" in UTF-16 -> (7, 25, "utf-16-le")
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

import numpy as np

from piiscan.arrays import Int32
from piiscan.sources.encoding.plausibility import character_weight, is_good_text

#: Encoding -> type of its units.
_UNITS: Final = {"utf-16-le": "<u2", "utf-16-be": ">u2", "utf-32-le": "<u4", "utf-32-be": ">u4"}
#: Two characters of ASCII in UTF-16, one in UTF-32.
_LIKELY_SEED: Final = re.compile(
    rb"[\t\r\n -~]\0[\t\r\n -~]\0|\0[\t\r\n -~]\0[\t\r\n -~]"
    rb"|[\t\r\n -~]\0\0\0[^\0][\s\S]\0\0|\0\0\0[\t\r\n -~]\0\0[\s\S][^\0]"
)
#: The same, or one separator in UTF-16.
_SEED: Final = re.compile(
    _LIKELY_SEED.pattern + rb"|(?<!\0)[\t\n,: ]\0(?!\0)|(?<!\0)\0[\t\n,: ](?!\0)"
)
#: Seeds that may fail before separators alone are no seeds any more, and before nothing is.
_MAX_FAILED: Final = 200
_MAX_LIKELY_FAILED: Final = 1000
#: Weight: 2 for ASCII, 4 for frequent Hanzi. A span ends where its weight falls so far.
_DROP: Final = 48
_LEAST_WEIGHT: Final = 10
_LEAST_MEAN: Final = 0.9
_IMPOSSIBLE: Final = -8
_MISREAD: Final = -3
#: Units that a span may be longer or shorter up to a line end.
_NEAR: Final = 8
_MAX_LINE: Final = 4096
_LINE_END_BONUS: Final = 4


@cache
def unit_weights() -> Int32:
    """Return the weight of each UTF-16 code unit, ``int32[65536]``: how likely it is text.

    Negative for units that are two bytes of ASCII or GBK.
    """
    table = np.full(1 << 16, -2, np.int32)
    table[0x80:0x100] = 0
    table[0x2010:0x2040] = table[0x3000:0x3030] = table[0xFF01:0xFFF0] = 2
    table[0x2100:0x27C0] = table[0x3040:0x3100] = 0
    table[0x400:0x500] = table[0x600:0x700] = table[0xE00:0xE80] = table[0xF00:0x1000] = 1
    for code in range(0x4E00, 0xA000):
        table[code] = 2 * character_weight(chr(code))
    table[0xA000:0xE000] = -4  # Hangul: two bytes of GBK
    table[0xD800:0xE000] = -1
    table[0xE000:0xF900] = _IMPOSSIBLE
    ascii_bytes = np.arange(0x20, 0x7F)
    pairs = (ascii_bytes[:, None] << 8 | ascii_bytes).ravel()
    hanzi = pairs >= 0x4E00
    table[pairs] = np.where(hanzi, np.where(table[pairs] > 0, table[pairs] - 2, _MISREAD), -4)
    table[:0x20] = table[0x7F:0xA0] = table[0xFFFD:] = _IMPOSSIBLE
    table[[9, 10, 13]] = table[0x20:0x7F] = 2
    table[0xFEFF] = 0
    table.flags.writeable = False
    return table


def _weights(units: Any) -> Int32:
    """Return the weight of each code unit of UTF-16 or UTF-32: ``int32[n]``."""
    if units.dtype.itemsize == 2:
        weights: Int32 = unit_weights()[units]
        return weights
    is_rare = ((units >= 0x1F000) & (units < 0x1FB00)) | ((units >= 0x20000) & (units < 0x32400))
    found = np.where(is_rare, 0, unit_weights()[np.minimum(units, 0xFFFF)])
    return np.where((units > 0xFFFF) & ~is_rare, _IMPOSSIBLE, found)


def _heaviest_start(units: Any) -> tuple[int, int]:
    """Return (weight, length) of the heaviest prefix of code units, up to a steep fall of weight.

    The parts that are looked at grow, so that a short span costs little.
    """
    best = count = total = done = 0
    size = 256
    while done < len(units):
        sums = np.cumsum(_weights(units[done : done + size])) + total
        tops = np.maximum(np.maximum.accumulate(sums), best)
        falls = np.flatnonzero(tops - sums > _DROP)
        stop = int(falls[0]) if len(falls) else len(sums)
        if stop and (top := int(sums[:stop].max())) >= best:
            best, count = top, done + stop - int(np.argmax(sums[:stop][::-1]))
        if len(falls):
            break
        total, done, size = int(sums[-1]), done + size, min(size * 4, 1 << 16)
    return best, count


def _span_at(data: bytes, low: int, seed: int, encoding: str) -> tuple[int, int, int]:
    """Return (weight, start, end) of the wide text around byte offset ``seed``; weight 0 if none.

    The weight includes a bonus for line ends.
    """
    kind = np.dtype(_UNITS[encoding])
    width = kind.itemsize
    after = np.frombuffer(data, kind, (len(data) - seed) // width, seed)
    room = (seed - low) // width
    before = np.frombuffer(data, kind, room, seed - room * width)[::-1]
    (weight, count), (more, back) = _heaviest_start(after), _heaviest_start(before)
    weight, start, end = weight + more, seed - back * width, seed + count * width
    if weight < _LEAST_WEIGHT or weight < _LEAST_MEAN * (count + back):
        return 0, seed, seed
    start, end = _to_line_ends(data, low, start, end, encoding)
    begins = start == low or data[start - 1 : start] == b"\n"
    ends = end == len(data) or data[end - width : end] == "\n".encode(encoding)
    return weight + _LINE_END_BONUS * (begins + ends), start, end


def _to_line_ends(data: bytes, low: int, start: int, end: int, encoding: str) -> tuple[int, int]:
    """Move the ends of a wide span by a few code units to line ends, and include its BOM.

    Return (start, end) in bytes.
    """
    kind = np.dtype(_UNITS[encoding])
    width, line_end, mark = kind.itemsize, "\n".encode(encoding), "\ufeff".encode(encoding)
    for at in range(start + width, min(start + _NEAR * width, end) + 1, width):
        line = data[max(low, data.rfind(b"\n", low, at - 1) + 1) : at]
        is_odd = _weights(np.frombuffer(data, kind, 1, at - width))[0] < 0
        if line.endswith(b"\n") and is_odd and is_good_text(line):
            start = at
    for count in range(1, _NEAR + 1):
        at = start - count * width
        if at < low or _weights(np.frombuffer(data, kind, 1, at))[0] <= _MISREAD:
            break
        if at == low or (data[at - 1] == 10 and data[at - width : at] != line_end):
            start = at
            break
    if start - low >= width and data[start - width : start] == mark:
        start -= width
    last = data.rfind(line_end, max(start, end - _NEAR * width), end) + width
    if width <= last < end and is_good_text(data[last : last + _MAX_LINE].partition(b"\n")[0]):
        return start, last
    for count in range(1, _NEAR + 1):
        at = end + count * width
        if data[end - width : end] == line_end or at > len(data):
            break
        if _weights(np.frombuffer(data, kind, 1, at - width))[0] <= _MISREAD:
            break
        if at == len(data) or data[at - width : at] == line_end:
            end = at
            break
    return start, end


def wide_spans(data: bytes) -> list[tuple[int, int, str]]:
    r"""Find UTF-16 and UTF-32 in ``data``: return (start, end, encoding) in bytes, in order.

    >>> wide_spans("张三\n".encode() + "李四,138\r\n".encode("utf-16-le"))
    [(7, 23, 'utf-16-le')]
    """
    spans: list[tuple[int, int, str]] = []
    low = at = failed = 0
    pattern = _SEED
    while (found := pattern.search(data, at)) is not None:
        four = found[0].count(b"\0\0\0") > 0
        names = ("utf-32-le", "utf-32-be") if four else ("utf-16-le", "utf-16-be")
        places = range(max(found.start(), low), min(found.start() + (4 if four else 2), len(data)))
        best = max(
            (
                (*_span_at(data, low, seed, name), name)
                for name in names
                for seed in places
                if data[seed : seed + 4 if four else seed + 2]
            ),
            key=lambda each: each[0],
            default=(0, 0, 0, ""),
        )
        if best[0]:
            spans.append(best[1:])
            low = at = max(best[2], found.start() + 1)
            continue
        at, failed = found.end(), failed + 1
        if failed > _MAX_FAILED + 10 * len(spans):
            pattern = _LIKELY_SEED
        if failed > _MAX_LIKELY_FAILED + 10 * len(spans):
            break
    return spans
