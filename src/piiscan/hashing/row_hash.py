"""Row hashes: keyed digests of the folded cells of a row, added up.

Rows are equal if their cells are, in any order of columns: each cell is hashed by itself, and the
digests of a row are added as two 64-bit words.  Without the key nobody can test guesses for the
cells.

Before hashing a cell is folded: white space and zero-width characters go, full width becomes half
width, Latin letters become small.  The marks that keep a spreadsheet from reading a number go too.
``'138 0013 8000``, ``="13800138000"``, ``１３８００１３８０００`` -> ``13800138000``
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int64, UInt8, UInt64
from piiscan.arrow_strings import string_buffers
from piiscan.hashing.digest import digest_values
from piiscan.jit import frozen, inlined, kernel, unaligned_words

_DROP: Final = 0
_LEAD: Final = 1  # first byte of a character that may need folding


def _fold_table() -> UInt8:
    """Return the byte that each byte folds to before row hashing: ``uint8[256]``.

    It is the byte itself, its small letter, _DROP or _LEAD.
    """
    table = np.arange(256, dtype=np.uint8)
    table[:33] = _DROP
    table[127] = _DROP
    table[ord("A") : ord("Z") + 1] += 32
    table[[0xC2, 0xE2, 0xE3, 0xEF]] = _LEAD
    table.setflags(write=False)
    return table


_FOLD: Final = _fold_table()


@inlined
def _fold_multibyte(b0: Any, b1: Any, b2: Any) -> tuple[Any, Any]:
    """Return the folded byte of a UTF-8 character that begins with ``b0``, and its length in bytes.

    0 drops spaces, zero-width characters and byte order marks; -1 means unchanged.  ``Ａ -> a``
    """
    if b0 == 0xC2:
        return (0, 2) if b1 == 0xA0 or b1 == 0xAD else (-1, 2)
    if b0 == 0xE3:
        return (0, 3) if b1 == 0x80 and b2 == 0x80 else (-1, 3)
    if b0 == 0xE2:
        if b1 == 0x80 and (b2 <= 0x8F or 0xA8 <= b2 <= 0xAF):
            return 0, 3
        return (0, 3) if b1 == 0x81 and 0x9F <= b2 <= 0xAF else (-1, 3)
    if b1 == 0xBB and b2 == 0xBF:
        return 0, 3
    code = -1
    if b1 == 0xBC and b2 >= 0x81:
        code = b2 - 0x81 + 0x21
    elif b1 == 0xBD and b2 <= 0x9E:
        code = b2 - 0x80 + 0x60
    if 65 <= code <= 90:
        code += 32
    return code, 3


@inlined
def _strip_guards(data: Any, low: Any, high: Any) -> tuple[Any, Any]:
    """Return the bounds of a cell without Excel's leading ``'`` or ``="…"``."""
    if high - low > 3 and data[low] == 61 and data[low + 1] == 34 and data[high - 1] == 34:
        return low + 2, high - 1
    if high - low > 1 and data[low] == 39:
        return low + 1, high
    return low, high


@inlined
def _needs_no_folding(eight: Any) -> Any:
    """Return True if all eight bytes are digits or signs (``!`` to ``@``), which do not change."""
    high = np.uint64(0x8080808080808080)
    letters = (eight | (eight + np.uint64(0x3F3F3F3F3F3F3F3F))) & high
    blanks = (eight + np.uint64(0x5F5F5F5F5F5F5F5F)) & high
    return letters == np.uint64(0) and blanks == high


@kernel
def _fold_cells(
    offsets: Int64,
    data: UInt8,
    words: UInt64,
    slots: Int64,
    count: int,
    folded: UInt8,
    ends: Int64,
    kept: Int64,
) -> int:
    """Append the folded form of each filled cell with a slot to ``folded``.

    ``count`` cells are there already; the last of them ends at ``ends[count]``.  ``kept`` gets the
    slot of each.  Return the new count.
    """
    at = ends[count]
    for i in range(len(slots)):
        if slots[i] < 0:
            continue
        low, high = _strip_guards(data, offsets[i], offsets[i + 1])
        while low < high:
            if low + 8 <= high and _needs_no_folding(words[low]):
                for k in range(8):
                    folded[at + k] = data[low + k]
                at += 8
                low += 8
                continue
            byte = np.int64(data[low])
            code = np.int64(_FOLD[byte])
            size = 1
            if code == _LEAD:
                b1 = np.int64(data[low + 1]) if low + 1 < high else 0
                b2 = np.int64(data[low + 2]) if low + 2 < high else 0
                code, size = _fold_multibyte(byte, b1, b2)
                if code < 0:  # unchanged: its other bytes follow one by one
                    code, size = byte, 1
            low += size
            if code != _DROP:
                folded[at] = code
                at += 1
        if at > ends[count]:
            kept[count] = slots[i]
            count += 1
            ends[count] = at
    return count


class RowColumn(NamedTuple):
    """Cells of one column.

    ``slots``: number of the row hash that each cell counts in, -1 for none (also for a null).
    ``role``: cells of different roles are never equal.
    """

    cells: pa.Array
    slots: Int64
    role: str = ""


class RowHashes(NamedTuple):
    """Hashes of rows (``binary(16)`` each): of all cells, and of the compared cells only."""

    rows: pa.Array
    compared: pa.Array


def hash_rows(
    columns: Sequence[RowColumn], other: Sequence[RowColumn] = (), *, count: int, key: bytes
) -> RowHashes:
    """Return ``count`` row hashes: the sum of the digests of each row's cells.

    Empty cells add nothing.  ``columns``: cells that rows are compared by.  ``other``: cells that
    count in the hashes of whole rows only.
    """
    every = [*columns, *other]
    buffers = [string_buffers(column.cells) for column in every]
    cells = sum(len(column.slots) for column in every)
    folded = np.empty(sum(int(offsets[-1] - offsets[0]) for offsets, _ in buffers), np.uint8)
    ends, slots = np.zeros(cells + 1, np.int64), np.empty(cells, np.int64)
    roles = sorted({column.role for column in every})
    kinds = np.empty(cells, np.int64)
    filled = compared = 0
    for number, (column, (offsets, data)) in enumerate(zip(every, buffers, strict=True), 1):
        first, read = filled, frozen(data)
        filled = _fold_cells(
            frozen(np.ascontiguousarray(offsets, np.int64)), read, unaligned_words(read),
            frozen(np.ascontiguousarray(column.slots)), filled, folded, ends, slots,
        )  # fmt: skip
        kinds[first:filled] = roles.index(column.role)
        compared = filled if number <= len(columns) else compared
    texts = pa.LargeStringArray.from_buffers(filled, pa.py_buffer(ends), pa.py_buffer(folded))
    entities = [f"row {role}" for role in roles]
    digests = digest_values(texts, kinds[:filled], entities=entities, key=key)
    words = np.frombuffer(digests.buffers()[1] or b"", np.uint64).reshape(-1, 2)
    sums = _add_words(np.zeros((count, 2), np.uint64), slots[:compared], words[:compared])
    whole = sums
    if compared < filled:
        whole = _add_words(sums.copy(), slots[compared:filled], words[compared:])
    return RowHashes(_as_digests(whole), _as_digests(sums))


def _add_words(sums: UInt64, slots: Int64, words: UInt64) -> UInt64:
    """Add the digest of each cell (``uint64[n, 2]``) to the sum of its slot; return ``sums``."""
    for half in range(2):
        np.add.at(sums[:, half], slots, words[:, half])
    return sums


def _as_digests(sums: UInt64) -> pa.Array:
    """Return ``uint64[n, 2]`` as ``binary(16)``."""
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), len(sums), [None, pa.py_buffer(sums)]
    )
