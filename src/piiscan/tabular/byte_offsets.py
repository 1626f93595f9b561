"""Byte offsets of findings in the original file, for tables read as UTF-8 cells.

The offset is the start of the cell plus the encoded width of the text before the finding.  The
width of a character depends on the file's encoding, which the block names.  An uncertain width
gives no offset instead of a wrong one.  Example, GB 18030: ``张三 138`` with the finding at UTF-8
byte 7 -> byte 5 of the cell.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import AnyArray, Int64, UInt8
from piiscan.arrow_strings import string_buffers
from piiscan.string_kernels import measure_encoded

#: Code points below have one entry each in the width table; all others share the last.
_BMP: Final = 0x10000
_UNKNOWN: Final = 0


def byte_offsets(
    cells: pa.Array, starts: Int64, *, encoding: str | None, index: AnyArray, byte_start: AnyArray
) -> Int64:
    """Return the byte offset of each finding in the source file (``int64[k]``), -1 if uncertain.

    Args:
        cells: strings of one column, UTF-8.
        starts: offset of each cell in the file, -1 if unknown.
        encoding: of the file (``utf-8``, ``gb18030``, ``big5``, ``utf-16``), None if uncertain.
        index: cell number of each finding.
        byte_start: UTF-8 bytes from the start of the cell to the finding.

    >>> byte_offsets(pa.array(["张三 138"]), np.array([100]), encoding="gb18030",
    ...              index=np.array([0]), byte_start=np.array([7])).tolist()
    [105]
    """
    cell_offset = starts[index]
    if encoding is None:
        return np.full(len(index), -1, np.int64)
    if encoding == "utf-8":
        return np.where(cell_offset < 0, -1, cell_offset + byte_start)
    inside = np.flatnonzero(byte_start > 0)
    width_before = np.zeros(len(index), np.int64)
    if len(inside):
        offsets, data = string_buffers(cells)
        cell_starts = offsets.astype(np.int64)[index[inside]]
        widths = np.empty(len(inside), np.int64)
        lengths = byte_start[inside].astype(np.int64)
        measure_encoded(data, cell_starts, lengths, _width_table(encoding), widths)
        width_before[inside] = widths
    return np.where((cell_offset < 0) | (width_before < 0), -1, cell_offset + width_before)


@cache
def _width_table(encoding: str) -> UInt8:
    """Return the bytes of each code point in ``encoding``: ``uint8[65537]``, 0 if unknown.

    The last entry is for all code points above U+FFFF.
    """
    if encoding == "utf-16":
        table = np.full(_BMP + 1, 2, np.uint8)
        table[_BMP] = 4
        return table
    if encoding == "utf-32":
        return np.full(_BMP + 1, 4, np.uint8)
    codec = {"gb18030": "gb18030", "big5": "cp950"}[encoding]
    table = np.zeros(_BMP + 1, np.uint8)
    for code in range(_BMP):
        try:
            table[code] = len(chr(code).encode(codec))
        except UnicodeEncodeError:
            table[code] = _UNKNOWN
    table[_BMP] = 4 if encoding == "gb18030" else _UNKNOWN
    table.flags.writeable = False
    return table
