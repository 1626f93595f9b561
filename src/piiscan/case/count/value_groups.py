"""Groups of equal values in each scope: distinct values are counted file by file of the values."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from piiscan.arrays import Int64, UInt64
from piiscan.hashing.digest_rows import starts_value

#: Odd number by which whole numbers are multiplied: their leading bits then are as random as those
#: of digests, and different ones stay different.
_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)


def spread_numbers(low: Int64, high: Int64 | None = None) -> UInt64:
    """Return a word for each pair of whole numbers from -1 to 2^32 - 2."""
    word = (low + 1).astype(np.uint64)
    if high is not None:
        word |= (high + 1).astype(np.uint64) << np.uint64(32)
    return word * _SPREAD


def scope_numbers(connection: Any, kind: str) -> tuple[list[str], Int64]:
    """Return the scopes of a kind in their order, and the number of that of each part, -1 for none.

    The numbers are ``int64[parts]``. Needs the tables ``scoped`` and ``placed``.
    """
    query = f"select place, scope from scoped where kind = '{kind}'"
    found = connection.execute(query).fetchall()
    ((end,),) = connection.execute("select max(place) + 1 from placed").fetchall()
    names = sorted({scope for _, scope in found})
    numbers = {name: number for number, name in enumerate(names)}
    places = np.full(end or 0, -1, np.int64)
    for place, scope in found:
        places[place] = numbers[scope]
    return names, places


def group_values(rows: UInt64, labels: Int64, size: int) -> tuple[Int64, Int64, Int64]:
    """Group rows with equal first two words and labels.

    Args:
        rows: in the order of these words.
        labels: number of each row, -1 for rows of no group.
        size: end of the labels.

    Return the rows in the order of the groups, the start of each group in it, and its label.
    """
    chosen = np.flatnonzero(labels >= 0)
    keys = (np.cumsum(starts_value(rows, 2)) - 1)[chosen] * size + labels[chosen]
    if size > 1:
        order = np.argsort(keys, kind="stable")
        chosen, keys = chosen[order], keys[order]
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    return chosen, starts, keys[starts] % max(size, 1)
