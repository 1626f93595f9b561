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
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int64, UInt64
from piiscan.arrow_strings import string_buffers
from piiscan.hashing.digest import digest_values
from piiscan.hashing.hash_kernels import fold_cells


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
        first = filled
        filled = fold_cells(
            np.ascontiguousarray(offsets, np.int64), data, np.ascontiguousarray(column.slots),
            filled, folded, ends, slots,
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
