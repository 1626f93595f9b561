r"""Column builder: copy tokenized cells into Arrow string columns, without an object per cell.

cells "张三,138…\n李四,139…" -> column 0: ["张三", "李四"], byte offset of each cell
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from piiscan.arrays import Bool, Int8, Int32, Int64, UInt8
from piiscan.arrow_strings import ByteSource, StringBuffers, byte_source, copy_bytes
from piiscan.jit import inner, kernel, unaligned_words
from piiscan.sources.block import BLANK, DATA, HEADER, SUBTOTAL
from piiscan.sources.encoding.byte_map import OTHER_ENCODING
from piiscan.sources.rows.cell_scanner import DOUBLED, REWRITTEN
from piiscan.sources.rows.tokenizer import RecordCells

_QUOTE = 34
_Cells = tuple[Int32, Int32, UInt8, Int32]

_EncodedWords = tuple[UInt8, Int32]  # UTF-8 of all words, and the offset of each


def _encode_words(words: list[str]) -> _EncodedWords:
    """Pack words as (their UTF-8 bytes, offset of each word), as kernels take them."""
    encoded = [word.encode() for word in words]
    offsets = np.array([0, *np.cumsum([len(word) for word in encoded])], np.int32)
    return np.frombuffer(b"".join(encoded), np.uint8), offsets


#: First words of rows that sum up others.
_SUBTOTAL_WORDS = _encode_words(
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
    text: UInt8,
    cells: _Cells,
    column: int,
    begin: int,
    offsets: Int32,
    starts: Int64,
    is_present: Bool,
) -> int:
    """Write a column's Arrow offsets, text offsets and presence; return the absent cells.

    ``begin`` is the first record.  A record without such a cell has the text offset -1.  A cell
    with text that is not an exact image of the bytes has ``OTHER_ENCODING - offset``.
    """
    cell_starts, cell_ends, styles, firsts = cells
    absent = 0
    total = 0
    offsets[0] = 0
    for r in range(offsets.size - 1):
        k = firsts[begin + r] + column
        if k < firsts[begin + r + 1]:
            is_present[r] = True
            starts[r] = cell_starts[k]
            total += cell_ends[k] - cell_starts[k]
            if styles[k] == REWRITTEN:
                starts[r] = OTHER_ENCODING - cell_starts[k]
            elif styles[k] == DOUBLED:
                starts[r] = OTHER_ENCODING - cell_starts[k]
                j = cell_starts[k]
                while j < cell_ends[k]:
                    if text[j] == _QUOTE and j + 1 < cell_ends[k] and text[j + 1] == _QUOTE:
                        total -= 1
                        j += 1
                    j += 1
        else:
            is_present[r] = False
            starts[r] = -1
            absent += 1
        offsets[r + 1] = total
    return absent


@kernel
def _copy(
    source: ByteSource, cells: _Cells, column: int, begin: int, buffers: StringBuffers
) -> None:
    """Copy the bytes of one column's cells to ``buffers``, with doubled quotes undone."""
    text, words = source
    cell_starts, _, styles, firsts = cells
    target, target_words, offsets = buffers
    for r in range(offsets.size - 1):
        k = firsts[begin + r] + column
        length = offsets[r + 1] - offsets[r]
        if length == 0:
            continue
        j = cell_starts[k]
        o = offsets[r]
        if styles[k] != DOUBLED:
            first, at = np.uint64(j), np.uint64(o)
            copy_bytes(text, words, first, first + np.uint64(length), target, target_words, at)
            continue
        for b in range(length):
            target[o + b] = text[j]
            j += 2 if text[j] == _QUOTE and text[j + 1] == _QUOTE else 1


def shift_offsets(starts: Int64, base: int) -> None:
    """Add ``base`` to cell offsets ``starts`` in place; encoded ones are shifted alike."""
    starts[starts >= 0] += base
    starts[starts <= OTHER_ENCODING] -= base


@kernel
def _to_byte_offsets(byte_offsets: Int64, offsets: Int32, target: UInt8, starts: Int64) -> None:
    """Map cell offsets ``starts`` from the UTF-8 text to file bytes, in place.

    In lines of another encoding only cells of pure ASCII have an offset; others become -1.
    """
    for r in range(starts.size):
        at = starts[r]
        if at < 0:
            starts[r] = -1
            continue
        # an empty cell at the end of the text has no byte in the map
        byte_offset = byte_offsets[at] if at < byte_offsets.size else np.int64(-1)
        if byte_offset <= OTHER_ENCODING:
            byte_offset = OTHER_ENCODING - byte_offset
            for b in range(offsets[r], offsets[r + 1]):
                if target[b] >= 0x80:
                    byte_offset = -1
                    break
        starts[r] = byte_offset


def cell_arrays(cells: RecordCells) -> _Cells:
    """Return the arrays of ``cells`` as the tuple that the kernels take."""
    return cells.starts, cells.ends, cells.styles, cells.firsts


def string_array(offsets: Int32, data: UInt8, is_present: Bool | None) -> pa.Array:
    """Build a ``pa.string()`` array from its buffers; ``is_present``: mask, None for all."""
    bitmap = (
        None if is_present is None else pa.py_buffer(np.packbits(is_present, bitorder="little"))
    )
    buffers = [bitmap, pa.py_buffer(offsets), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.string(), offsets.size - 1, buffers)


def build_column(
    text: UInt8,
    cells: RecordCells,
    column: int,
    records: tuple[int, int],
    byte_offsets: Int64 | None,
) -> tuple[pa.Array, Int64]:
    """Return column number ``column`` of the records [begin, end): (strings, cell offsets).

    Offsets are positions in ``text``, or byte offsets if a byte map is given; -1 if there is none.
    A cell with removed escapes has -2 - its position, or -1 if a byte map is given.
    """
    begin, end = records
    count = end - begin
    offsets = np.empty(count + 1, np.int32)
    starts = np.empty(count, np.int64)
    is_present = np.empty(count, np.bool_)
    arrays = cell_arrays(cells)
    absent = _measure(text, arrays, column, begin, offsets, starts, is_present)
    padded = np.empty(int(offsets[-1]) + 16, np.uint8)  # cells are copied in words
    data = padded[:-16]
    buffers = (padded, unaligned_words(padded), offsets)
    _copy(byte_source(text), arrays, column, begin, buffers)
    if byte_offsets is not None:
        _to_byte_offsets(byte_offsets, offsets, data, starts)
    return string_array(offsets, data, is_present if absent else None), starts


@inner
def _strip(text: UInt8, start: Any, end: Any) -> tuple[int, int]:
    """Return the bounds [start, end) of a cell without white space around it.

    White space is ASCII, NBSP (C2 A0) and the ideographic space (E3 80 80).
    """
    while start < end:
        if text[start] <= 32:
            start += 1
        elif text[start] == 0xC2 and start + 1 < end and text[start + 1] == 0xA0:
            start += 2
        elif text[start] == 0xE3 and start + 2 < end and text[start + 1] == text[start + 2] == 0x80:
            start += 3
        else:
            break
    while end > start:
        last = text[end - 1]
        if last <= 32:
            end -= 1
        elif last == 0xA0 and start + 1 < end and text[end - 2] == 0xC2:
            end -= 2
        elif last == 0x80 and start + 2 < end and text[end - 2] == 0x80 and text[end - 3] == 0xE3:
            end -= 3
        else:
            break
    return start, end


@inner
def _begins_with_word(text: UInt8, start: int, end: int, words: _EncodedWords) -> bool:
    """Return True if a cell begins with one of the words and at most 12 bytes follow.

    Blanks are ignored: ``合 计``.
    """
    data, offsets = words
    for w in range(offsets.size - 1):
        k = offsets[w]
        i = start
        if text[start + 1] != data[k + 1]:  # of the first letter, which differs for most
            continue
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
def _equals_header(text: UInt8, cells: _Cells, record: int, header: _EncodedWords) -> bool:
    """Return True if the record's cells, trimmed, equal the header's."""
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
def _classify(
    text: UInt8, cells: _Cells, words: _EncodedWords, header: _EncodedWords, kinds: Int8
) -> None:
    """Write the row kind of each record to ``kinds``: BLANK, SUBTOTAL, HEADER or DATA."""
    starts, ends, _, firsts = cells
    for r in range(kinds.size):
        kinds[r] = BLANK
        for k in range(firsts[r], firsts[r + 1]):
            start, end = _strip(text, np.int64(starts[k]), np.int64(ends[k]))
            if start < end:
                kinds[r] = DATA
                # a word has at least six bytes; E5 to E7 are the first bytes of 合小总共累本總
                if (
                    end - start >= 6
                    and 0xE5 <= text[start] <= 0xE7
                    and _begins_with_word(text, start, end, words)
                ):
                    kinds[r] = SUBTOTAL
                break
        if kinds[r] == DATA and header[1].size > 1 and _equals_header(text, cells, r, header):
            kinds[r] = HEADER


def classify_rows(text: UInt8, cells: RecordCells, header: list[str]) -> Int8:
    """Return the row kind of each record: BLANK, SUBTOTAL, HEADER or DATA (``int8[n]``).

    A SUBTOTAL begins with 合计, 小计 and the like.  A HEADER repeats ``header``, the trimmed header
    cells (empty if the table has none).
    """
    kinds = np.empty(cells.records, np.int8)
    _classify(text, cell_arrays(cells), _SUBTOTAL_WORDS, _encode_words(header), kinds)
    return kinds
