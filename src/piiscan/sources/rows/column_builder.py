"""Columns of string arrays from cut cells, copied without a Python object per cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from piiscan.arrays import Bool, Int8, Int32, Int64, UInt8
from piiscan.jit import inner, kernel
from piiscan.sources.block import BLANK, DATA, HEADER, SUBTOTAL
from piiscan.sources.encoding.byte_map import OTHER
from piiscan.sources.rows.cell_scanner import DOUBLED, REWRITTEN
from piiscan.sources.rows.tokenizer import Cut

_QUOTE = 34
_Cells = tuple[Int32, Int32, UInt8, Int32]

_Words = tuple[UInt8, Int32]  # UTF-8 of all of them, and where each begins


def _words(words: list[str]) -> _Words:
    encoded = [word.encode() for word in words]
    offsets = np.array([0, *np.cumsum([len(word) for word in encoded])], np.int32)
    return np.frombuffer(b"".join(encoded), np.uint8), offsets


#: How rows begin that sum up others.
_SUBTOTALS = _words(
    [
        "合计",
        "小计",
        "总计",
        "共计",
        "累计",
        "总合计",
        "本页小计",
        "本页合计",
        "合計",
        "小計",
        "總計",
    ]
)


@kernel
def _measure(
    text: UInt8, cells: _Cells, column: int, begin: int, offsets: Int32, starts: Int64, has: Bool
) -> int:
    """Offsets of the cells of a column, and where each starts in the text; how many are absent."""
    cell_starts, cell_ends, styles, firsts = cells
    absent = 0
    total = 0
    offsets[0] = 0
    for r in range(offsets.size - 1):
        k = firsts[begin + r] + column
        if k < firsts[begin + r + 1]:
            has[r] = True
            starts[r] = cell_starts[k]
            total += cell_ends[k] - cell_starts[k]
            if styles[k] == REWRITTEN:
                starts[r] = OTHER - cell_starts[k]
            elif styles[k] == DOUBLED:
                starts[r] = OTHER - cell_starts[k]
                j = cell_starts[k]
                while j < cell_ends[k]:
                    if text[j] == _QUOTE and j + 1 < cell_ends[k] and text[j + 1] == _QUOTE:
                        total -= 1
                        j += 1
                    j += 1
        else:
            has[r] = False
            starts[r] = -1
            absent += 1
        offsets[r + 1] = total
    return absent


@kernel
def _copy(
    text: UInt8, cells: _Cells, column: int, begin: int, offsets: Int32, target: UInt8
) -> None:
    cell_starts, _, styles, firsts = cells
    for r in range(offsets.size - 1):
        k = firsts[begin + r] + column
        length = offsets[r + 1] - offsets[r]
        if length == 0:
            continue
        j = cell_starts[k]
        o = offsets[r]
        if styles[k] != DOUBLED:
            for b in range(length):
                target[o + b] = text[j + b]
            continue
        for b in range(length):
            target[o + b] = text[j]
            j += 2 if text[j] == _QUOTE and text[j + 1] == _QUOTE else 1


def move(starts: Int64, base: int) -> None:
    """Positions in a text that begins at ``base`` become places, those of rewritten cells too."""
    starts[starts >= 0] += base
    starts[starts <= OTHER] -= base


@kernel
def _place(places: Int64, offsets: Int32, target: UInt8, starts: Int64) -> None:
    """Text positions become places; in lines of another encoding only pure ASCII cells have one."""
    for r in range(starts.size):
        at = starts[r]
        if at < 0:
            starts[r] = -1
            continue
        # an empty cell at the very end has no byte of its own
        place = places[at] if at < places.size else np.int64(-1)
        if place <= OTHER:
            place = OTHER - place
            for b in range(offsets[r], offsets[r + 1]):
                if target[b] >= 0x80:
                    place = -1
                    break
        starts[r] = place


def cells_of(found: Cut) -> _Cells:
    """A cut's arrays as the kernels take them."""
    return found.starts, found.ends, found.styles, found.firsts


def string_array(offsets: Int32, data: UInt8, has: Bool | None) -> pa.Array:
    """A ``pa.string()`` array over the buffers; ``has`` False = null."""
    bitmap = None if has is None else pa.py_buffer(np.packbits(has, bitorder="little"))
    buffers = [bitmap, pa.py_buffer(offsets), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.string(), offsets.size - 1, buffers)


def gather(
    text: UInt8, found: Cut, column: int, records: tuple[int, int], places: Int64 | None
) -> tuple[pa.Array, Int64]:
    """One column (from 0) of records begin:end as a string array, and each cell's place.

    Places are positions in ``text`` itself, or ``places`` of them; -1 where there is none.  A cell
    whose escapes were taken out has -2 - its position, -1 if there are ``places``.
    """
    begin, end = records
    count = end - begin
    offsets = np.empty(count + 1, np.int32)
    starts = np.empty(count, np.int64)
    has = np.empty(count, np.bool_)
    cells = cells_of(found)
    absent = _measure(text, cells, column, begin, offsets, starts, has)
    data = np.empty(int(offsets[-1]), np.uint8)
    _copy(text, cells, column, begin, offsets, data)
    if places is not None:
        _place(places, offsets, data, starts)
    return string_array(offsets, data, has if absent else None), starts


@inner
def _strip(text: UInt8, start: Any, end: Any) -> tuple[int, int]:
    """Without ASCII white space, NBSP (C2 A0) and ideographic space (E3 80 80) at both ends."""
    while start < end:
        if text[start] <= 32:
            start += 1
        elif text[start] == 0xC2 and start + 1 < end and text[start + 1] == 0xA0:
            start += 2
        elif text[start] == 0xE3 and start + 2 < end and text[start + 1] == text[start + 2] == 0x80:
            start += 3
        else:
            break
    while end > start and text[end - 1] <= 32:
        end -= 1
    return start, end


@inner
def _says(text: UInt8, start: int, end: int, words: _Words) -> bool:
    """Whether a cell begins with one of the words, blanks skipped, and hardly anything follows."""
    data, offsets = words
    for w in range(offsets.size - 1):
        k = offsets[w]
        i = start
        while i < end and k < offsets[w + 1]:
            i, _ = _strip(text, i, end)
            if i >= end or text[i] != data[k]:
                break
            i += 1
            k += 1
        if k == offsets[w + 1] and end - i <= 12:
            return True
    return False


@inner
def _equals(text: UInt8, cells: _Cells, record: int, header: _Words) -> bool:
    """Whether the record's cells, stripped, are the header's."""
    starts, ends, _, firsts = cells
    data, offsets = header
    first = firsts[record]
    if firsts[record + 1] - first != offsets.size - 1:
        return False
    for c in range(offsets.size - 1):
        start, end = _strip(text, np.int64(starts[first + c]), np.int64(ends[first + c]))
        if end - start != offsets[c + 1] - offsets[c]:
            return False
        for b in range(end - start):
            if text[start + b] != data[offsets[c] + b]:
                return False
    return True


@kernel
def _judge(text: UInt8, cells: _Cells, words: _Words, header: _Words, kinds: Int8) -> None:
    starts, ends, _, firsts = cells
    for r in range(kinds.size):
        kinds[r] = BLANK
        for k in range(firsts[r], firsts[r + 1]):
            start, end = _strip(text, np.int64(starts[k]), np.int64(ends[k]))
            if start < end:
                kinds[r] = DATA
                # a word takes at least six bytes; the rest are first bytes of 合小总共累本總
                if (
                    end - start >= 6
                    and 0xE5 <= text[start] <= 0xE7
                    and _says(text, start, end, words)
                ):
                    kinds[r] = SUBTOTAL
                break
        if kinds[r] == DATA and header[1].size > 1 and _equals(text, cells, r, header):
            kinds[r] = HEADER


def judge(text: UInt8, found: Cut, header: list[str]) -> Int8:
    """Per record: BLANK, SUBTOTAL (its first cell says 合计 …), HEADER (equals ``header``) or DATA.

    ``header`` holds the stripped header cells, empty if the table has none.
    """
    kinds = np.empty(found.records, np.int8)
    _judge(text, cells_of(found), _SUBTOTALS, _words(header), kinds)
    return kinds
