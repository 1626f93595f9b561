"""Where candidates stand in their texts, and the bytes and characters that stand there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from piiscan.compiled import kernel
from piiscan.detect.candidates import Candidates
from piiscan.detect.fold import UInt8

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]
Bool = npt.NDArray[np.bool_]


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
    text = 0
    texts = len(offsets) - 1
    place = starts[0]
    at = offsets[0]
    passed = place  # the end of the last span, and its byte
    beyond = at
    for index in range(len(begin)):
        wanted = begin[index]
        if wanted >= starts[text + 1]:
            low = text + 1
            high = texts - 1
            while low < high:
                middle = (low + high + 1) // 2
                if starts[middle] <= wanted:
                    low = middle
                else:
                    high = middle - 1
            text = low
            place = starts[text]
            at = offsets[text]
            passed = place
        limit = offsets[text + 1]
        if passed > place and passed <= wanted:  # go on behind the last span, if that is nearer
            at = beyond
            place = passed
        while place < wanted and data[at] < 0x80:
            at += 1
            place += 1
        if place < wanted:
            at = advance(data, at, limit, wanted - place)
            place = wanted
        text_of[index] = text
        base[index] = offsets[text]
        start[index] = wanted - starts[text]
        end[index] = finish[index] - starts[text]
        byte_start[index] = at
        beyond = at
        passed = wanted
        while passed < finish[index] and data[beyond] < 0x80:
            beyond += 1
            passed += 1
        if passed < finish[index]:
            beyond = advance(data, beyond, limit, finish[index] - passed)
            passed = finish[index]
        byte_end[index] = beyond


@kernel
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


def locate(data: UInt8, offsets: Int64, starts: Int64, candidates: Candidates) -> Places:
    """The text, code-point span and byte span of each candidate (ordered by start)."""
    count = len(candidates.start)
    places = Places(
        np.empty(count, np.int64),
        np.empty(count, np.int64),
        np.empty(count, np.int32),
        np.empty(count, np.int32),
        np.empty(count, np.int64),
        np.empty(count, np.int64),
    )
    _locate(
        data,
        offsets,
        starts,
        candidates.start,
        candidates.end,
        places.text,
        places.base,
        places.start,
        places.end,
        places.byte_start,
        places.byte_end,
    )
    return places


@kernel
def _gather(
    folded: UInt8,
    start: Int64,
    end: Int64,
    kept: UInt8,
    chars: UInt8,
    length: Int32,
    spelt: Bool,
) -> None:  # pragma: no cover - compiled
    width = chars.shape[1]
    for row in range(len(start)):
        first = start[row]
        count = end[row] - first
        same = True
        for place in range(count):
            byte = folded[first + place]
            char = kept[byte]
            chars[row, place] = char
            same &= char == byte
        spelt[row] = same
        if not same:  # something is dropped or changed: close the gaps
            count = 0
            for place in range(end[row] - first):
                char = chars[row, place]
                if char != 0:
                    chars[row, count] = char
                    count += 1
        length[row] = count
        for place in range(count, width):
            chars[row, place] = 0


def gather(
    folded: UInt8, start: Int64, end: Int64, kept: UInt8, chars: UInt8
) -> tuple[Int32, Bool]:
    """Fill ``chars``, uint8[k, w], with the kept characters of each span, padded with 0.

    Gives int32[k] lengths, and bool[k]: all characters are kept as they are.
    ``kept[byte]`` is the ASCII character a folded byte becomes in the value, 0 if it is dropped.
    """
    length = np.empty(len(start), np.int32)
    spelt = np.empty(len(start), np.bool_)
    _gather(folded, start, end, kept, chars, length, spelt)
    return length, spelt


@kernel
def _copy(
    data: UInt8, start: Int64, end: Int64, out: UInt8, offsets: Int32
) -> None:  # pragma: no cover - compiled
    at = 0
    for row in range(len(start)):
        for place in range(start[row], end[row]):
            out[at] = data[place]
            at += 1
        offsets[row + 1] = at


def slices(data: UInt8, start: Int64, end: Int64) -> tuple[UInt8, Int32]:
    """The bytes ``data[start[i]:end[i]]`` one after another, and int32[k + 1] offsets into them."""
    out = np.empty(int((end - start).sum()), np.uint8)
    offsets = np.zeros(len(start) + 1, np.int32)
    _copy(data, start, end, out, offsets)
    return out, offsets


@kernel
def _plain_hanzi(
    data: UInt8, start: Int64, end: Int64, plain: npt.NDArray[np.bool_]
) -> None:  # pragma: no cover - compiled
    for row in range(len(start)):
        whole = True
        for place in range(start[row], end[row], 3):
            whole &= 0xE4 <= data[place] <= 0xE9
        plain[row] = whole


def plain_hanzi(data: UInt8, start: Int64, end: Int64) -> npt.NDArray[np.bool_]:
    """Which spans of UTF-8 hold nothing but common Hanzi (U+4000 to U+9FFF)."""
    plain = np.empty(len(start), np.bool_)
    _plain_hanzi(data, start, end, plain)
    return plain
