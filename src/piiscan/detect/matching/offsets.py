"""Offsets: map spans of folded text to text numbers, code points and UTF-8 bytes.

Findings report code points; the bytes locate the text in the buffer. Example:

    手机138, folded span [3, 6) -> text 0, code points [2, 5), bytes [6, 9)
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from piiscan.arrays import Bool, Int32, Int64, UInt8
from piiscan.detect.matching import match_kernels
from piiscan.jit import inlined, inner, kernel


class FoldedTexts(NamedTuple):
    """Texts as bytes and folded: text i is ``data[offsets[i]:offsets[i + 1]]``.

    It starts at ``starts[i]`` of ``folded``, one byte a code point. Its last ``ascii_tail[i]``
    characters are ASCII.
    """

    data: UInt8
    offsets: Int64
    folded: UInt8
    starts: Int64
    ascii_tail: Int32


class Offsets(NamedTuple):
    """Offsets of candidates: text number, code points in the text, UTF-8 bytes in the buffer.

    ``text_byte``: byte offset of the text itself. Spans are [start, end).
    """

    text: Int64
    text_byte: Int64
    start: Int32
    end: Int32
    byte_start: Int64
    byte_end: Int64


@kernel
def write_offsets(
    texts: FoldedTexts, span_start: Int64, span_end: Int64, out: Offsets
) -> None:  # pragma: no cover - compiled
    """Write text number, code point span and byte span of each folded span to the outputs.

    ``span_start``, ``span_end``: spans in folded text.
    """
    offsets, starts = texts.offsets, texts.starts
    text: Any = np.int64(0)  # a literal 0 would compile text_at twice
    position = starts[0]
    at = offsets[0]
    last_end = position  # folded end of the last span, and its byte offset
    last_end_byte = at
    for index in range(len(span_start)):
        target = span_start[index]
        if target >= starts[text + 1]:
            text = text_at(starts, text, target)
            last_end = position = starts[text]
            at = offsets[text]
        if position < last_end <= target:  # continue from the last span if it is nearer
            at = last_end_byte
            position = last_end
        at = byte_at(texts, text, target, position, at)
        position, last_end = target, span_end[index]
        last_end_byte = byte_at(texts, text, last_end, position, at)
        out.text[index] = text
        out.text_byte[index] = offsets[text]
        out.start[index] = target - starts[text]
        out.end[index] = last_end - starts[text]
        out.byte_start[index] = at
        out.byte_end[index] = last_end_byte


@inlined
def text_at(starts: Int64, text: Any, position: int) -> Any:  # pragma: no cover - compiled
    """Return the number of the text, after number ``text``, that contains folded ``position``.

    The search doubles its step, because the next candidate is rarely far away.
    """
    low, last = text + 1, len(starts) - 2
    step = 1
    while low + step <= last and starts[low + step] <= position:
        low += step
        step *= 2
    high = min(low + step, last)
    while low < high:
        middle = (low + high + 1) // 2
        if starts[middle] <= position:
            low = middle
        else:
            high = middle - 1
    return low


@inlined
def byte_at(
    texts: FoldedTexts, text: Any, target: int, known_position: int, known_byte: int
) -> int:  # pragma: no cover - compiled
    """Return the byte offset of folded position ``target`` in ``text``.

    ``known_byte``: byte offset of the earlier folded position ``known_position`` in the same text.
    """
    end = texts.offsets[text + 1]
    remaining = texts.starts[text + 1] - 1 - target
    if remaining <= texts.ascii_tail[text]:  # only ASCII from there on
        return int(end - remaining)
    return (
        skip_code_points(texts.data, known_byte, end, target - known_position)
        if target > known_position
        else known_byte
    )


@inner
def skip_code_points(
    data: UInt8, at: int, limit: int, count: int
) -> int:  # pragma: no cover - compiled
    """Return the byte offset ``count`` code points after ``at``, at most ``limit``.

    Malformed UTF-8 counts as it does in :mod:`piiscan.detect.matching.fold`.
    """
    while count > 0 and at < limit:
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
        count -= 1
    return at


def fold_positions(
    texts: FoldedTexts, text: Int64, byte_start: Int64, byte_end: Int64
) -> tuple[Int64, Int64]:
    """Return the folded start and end of byte spans within texts; -1 within a character.

    ``text``: text of each span. The spans are in order and none overlaps another.
    """
    bytes_, folded = np.ravel((byte_start, byte_end), "F"), np.empty(2 * len(text), np.int64)
    match_kernels.find_folded_positions(texts, np.repeat(text, 2), bytes_, folded)
    return folded[::2], folded[1::2]


def are_plain(data: UInt8, start: Int64, end: Int64, ascii_too: Bool) -> Bool:
    """Return ``bool[k]``: True if a UTF-8 span has nothing but common Hanzi (U+4000 to U+9FFF).

    ``ascii_too``: True for spans that may have printable ASCII without blanks too.
    """
    plain = np.empty(len(start), np.bool_)
    match_kernels.find_plain(data, start, end, ascii_too, plain)
    return plain
