r"""Column builder: copy tokenized cells into Arrow string columns, without an object per cell.

cells "张三,138…\n李四,139…" -> column 0: ["张三", "李四"], byte offset of each cell
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from piiscan.arrays import Bool, Int8, Int32, Int64, UInt8
from piiscan.sources.encoding.byte_map import OTHER_ENCODING
from piiscan.sources.rows.row_kernels import (
    copy_column,
    map_starts,
    measure_column,
    write_row_kinds,
)
from piiscan.sources.rows.tokenizer import RecordCells


class EncodedWords(NamedTuple):
    """Words for kernels: UTF-8 of all words, and the byte offset of each."""

    data: UInt8
    offsets: Int32

    @property
    def words(self) -> int:
        """Return the number of words."""
        return len(self.offsets) - 1


def _encode_words(words: list[str]) -> EncodedWords:
    """Pack ``words`` for kernels."""
    encoded = [word.encode() for word in words]
    offsets = np.array([0, *np.cumsum([len(word) for word in encoded])], np.int32)
    return EncodedWords(np.frombuffer(b"".join(encoded), np.uint8), offsets)


#: First words of rows that sum up others.
_SUBTOTAL_WORDS = _encode_words(
    [
        *("合计", "小计", "总计", "共计", "累计", "总合计", "本页小计", "本页合计"),
        *("合計", "小計", "總計"),
    ]
)


def shift_offsets(starts: Int64, base: int) -> None:
    """Add ``base`` to the byte offsets ``starts`` in place.

    Negative offsets (-2 - p) become -2 - (p + base); -1 remains.
    """
    starts[starts >= 0] += base
    starts[starts <= OTHER_ENCODING] -= base


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
    absent = measure_column(text, cells, column, begin, offsets, starts, is_present)
    data = np.empty(int(offsets[-1]), np.uint8)
    copy_column(text, cells, column, begin, data, offsets)
    if byte_offsets is not None:
        map_starts(byte_offsets, offsets, data, starts)
    return string_array(offsets, data, is_present if absent else None), starts


def classify_rows(text: UInt8, cells: RecordCells, header: list[str]) -> Int8:
    """Return the row kind of each record: BLANK, SUBTOTAL, HEADER or DATA (``int8[n]``).

    A SUBTOTAL begins with 合计, 小计 and the like.  A HEADER repeats ``header``, the trimmed header
    cells (empty if the table has none).
    """
    kinds = np.empty(cells.records, np.int8)
    write_row_kinds(text, cells, _SUBTOTAL_WORDS, _encode_words(header), kinds)
    return kinds
