"""Where candidates stand in their texts, and the bytes and characters that stand there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from piiscan.arrays import Bool, Int32, Int64, UInt8
from piiscan.jit import inner, kernel, woven

#: How texts lie: their bytes, where each begins in them and in folded text, and how many
#: characters at its end are ASCII.
Laid = tuple[UInt8, Int64, Int64, Int32]


@dataclass(frozen=True, slots=True)
class Places:
    """Where candidates stand: text number, code points in it, and UTF-8 bytes in the buffer.

    ``base`` is where the text itself begins in the buffer.
    """

    text: Int64
    base: Int64
    start: Int32
    end: Int32
    byte_start: Int64
    byte_end: Int64


@kernel
def _locate(
    data: UInt8,
    offsets: Int64,
    starts: Int64,
    tail: Int32,
    begin: Int64,
    finish: Int64,
    text_of: Int64,
    base: Int64,
    start: Int32,
    end: Int32,
    byte_start: Int64,
    byte_end: Int64,
) -> None:  # pragma: no cover - compiled
    """Walk the bytes once, in step with candidates that are ordered by start."""
    text: Any = np.int64(0)  # a literal 0 would compile text_at twice
    place = starts[0]
    at = offsets[0]
    passed = place  # the end of the last span, and its byte
    beyond = at
    for index in range(len(begin)):
        wanted = begin[index]
        if wanted >= starts[text + 1]:
            text = text_at(starts, text, wanted)
            passed = place = starts[text]
            at = offsets[text]
        if place < passed <= wanted:  # go on behind the last span, if that is nearer
            at = beyond
            place = passed
        at = byte_at(data, offsets, starts, tail, text, wanted, place, at)
        place, passed = wanted, finish[index]
        beyond = byte_at(data, offsets, starts, tail, text, passed, place, at)
        text_of[index] = text
        base[index] = offsets[text]
        start[index] = wanted - starts[text]
        end[index] = passed - starts[text]
        byte_start[index] = at
        byte_end[index] = beyond


@woven
def text_at(starts: Int64, text: Any, wanted: int) -> Any:  # pragma: no cover - compiled
    """The text behind ``text`` that holds the place ``wanted``, which is rarely far away."""
    low, last = text + 1, len(starts) - 2
    step = 1
    while low + step <= last and starts[low + step] <= wanted:
        low += step
        step *= 2
    high = min(low + step, last)
    while low < high:
        middle = (low + high + 1) // 2
        if starts[middle] <= wanted:
            low = middle
        else:
            high = middle - 1
    return low


@woven
def byte_at(
    data: UInt8, offsets: Int64, starts: Int64, tail: Int32, text: Any, wanted: int,
    place: int, at: int,
) -> int:  # pragma: no cover - compiled  # fmt: skip
    """The byte of the character ``wanted`` of a text; that of ``place`` before it is ``at``."""
    left = starts[text + 1] - 1 - wanted
    if left <= tail[text]:  # nothing but ASCII from there on
        return int(offsets[text + 1] - left)
    return advance(data, at, offsets[text + 1], wanted - place) if wanted > place else at


@inner
def advance(data: UInt8, at: int, limit: int, points: int) -> int:  # pragma: no cover - compiled
    """The offset ``points`` code points on from ``at``, counted exactly as folding counts."""
    while points > 0 and at < limit:
        byte = data[at]
        if byte < 0x80:
            at += 1
        elif 0xE0 <= byte < 0xF0 and at + 2 < limit:
            at += 3
        elif 0xC0 <= byte < 0xE0 and at + 1 < limit:
            at += 2
        elif byte >= 0xF0 and at + 3 < limit:
            at += 4
        else:
            at += 1
        points -= 1
    return at


def locate(laid: Laid, begin: Int64, finish: Int64) -> Places:
    """The text, code-point span and byte span of each candidate (ordered by ``begin``)."""
    count = len(begin)
    places = Places(
        np.empty(count, np.int64),
        np.empty(count, np.int64),
        np.empty(count, np.int32),
        np.empty(count, np.int32),
        np.empty(count, np.int64),
        np.empty(count, np.int64),
    )
    _locate(
        *laid,
        begin,
        finish,
        places.text,
        places.base,
        places.start,
        places.end,
        places.byte_start,
        places.byte_end,
    )
    return places


@kernel
def _plain_hanzi(
    data: UInt8, start: Int64, end: Int64, plain: Bool
) -> None:  # pragma: no cover - compiled
    for row in range(len(start)):
        whole = True
        for place in range(start[row], end[row], 3):
            whole &= 0xE4 <= data[place] <= 0xE9
        plain[row] = whole


def plain_hanzi(data: UInt8, start: Int64, end: Int64) -> Bool:
    """Which spans of UTF-8 hold nothing but common Hanzi (U+4000 to U+9FFF)."""
    plain = np.empty(len(start), np.bool_)
    _plain_hanzi(data, start, end, plain)
    return plain
