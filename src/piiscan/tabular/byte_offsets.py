"""Where a finding starts in the bytes of its member: cell start plus the width of what precedes.

How many bytes a character takes depends on the member's encoding, which a block names.  A width
that is not certain gives no offset rather than a wrong one.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import AnyArray, Int64, UInt8
from piiscan.hashing.digest import string_buffers
from piiscan.jit import allocating

#: Above this there is one width for all; below, one entry a code point.
_BMP: Final = 0x10000
_UNKNOWN: Final = 0


def byte_offsets(
    cells: pa.Array,
    starts: Int64,
    *,
    width: str | None,
    index: AnyArray,
    byte_start: AnyArray,
) -> Int64:
    """``int64[k]``: offset in the member of each finding, -1 where it is not certain.

    ``cells`` are UTF-8; finding j lies in cell ``index[j]``, ``byte_start[j]`` UTF-8 bytes behind
    the cell's start, which is at ``starts[index[j]]`` in the member (-1: unknown).

    >>> byte_offsets(pa.array(["张三 138"]), np.array([100]), width="gb18030",
    ...              index=np.array([0]), byte_start=np.array([7])).tolist()
    [105]
    """
    base = starts[index]
    if width is None:
        return np.full(len(index), -1, np.int64)
    if width == "utf-8":
        return np.where(base < 0, -1, base + byte_start)
    inside = np.flatnonzero(byte_start > 0)
    moved = np.zeros(len(index), np.int64)
    if len(inside):
        offsets, data = string_buffers(cells)
        data = data.view()
        data.flags.writeable = False  # one compiled version, whatever the caller had
        at = offsets.astype(np.int64)[index[inside]]
        widths = _widths(width)
        moved[inside] = _measure(data, at, byte_start[inside].astype(np.int64), widths)
    return np.where((base < 0) | (moved < 0), -1, base + moved)


@cache
def _widths(encoding: str) -> UInt8:
    """Bytes a character takes, ``uint8[65537]`` by code point, 0 unknown; last: beyond the BMP."""
    if encoding == "utf-16":
        table = np.full(_BMP + 1, 2, np.uint8)
        table[_BMP] = 4
        return table
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


@allocating
def _measure(data: Any, at: Any, length: Any, widths: Any) -> Any:
    """Encoded width of ``data[at[j]:at[j] + length[j]]``, -1 where a character has none.

    Findings of one cell follow each other: each goes on from the one before.
    """
    out = np.empty(len(at), np.int64)
    for j in range(len(at)):
        p = at[j]
        stop = p + length[j]
        total = np.int64(0)
        if j > 0 and at[j - 1] == at[j] and length[j - 1] <= length[j] and out[j - 1] >= 0:
            p += length[j - 1]
            total = out[j - 1]
        while p < stop:
            lead = data[p]
            if lead < 0x80:
                code, p = np.int64(lead), p + 1
            elif lead < 0xE0:
                code, p = ((lead & 31) << 6) | (data[p + 1] & 63), p + 2
            elif lead < 0xF0:
                code = ((lead & 15) << 12) | ((data[p + 1] & 63) << 6) | (data[p + 2] & 63)
                p += 3
            else:
                code, p = np.int64(0x10000), p + 4
            size = widths[code]
            if size == 0:
                total = np.int64(-1)
                break
            total += size
        out[j] = total
    return out
