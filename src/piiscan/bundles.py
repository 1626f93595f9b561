"""Bundles of columns: dataclasses and named tuples whose fields are columns of one length.

A column is a NumPy array, an Arrow array, or None if it is not wanted.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

B = TypeVar("B")


def take_rows(bundle: B, rows: Any) -> B:
    """Return the rows of a bundle that ``rows`` selects: indices, a mask or a slice.

    Arrow columns can only be selected by indices.
    """
    return type(bundle)(*(_take(column, rows) for column in _columns(bundle)))


def join_rows(bundles: Sequence[B]) -> B:
    """Return one bundle with the rows of all ``bundles``, of which there is at least one."""
    columns = zip(*map(_columns, bundles), strict=True)
    return type(bundles[0])(*map(_join, columns))


def _columns(bundle: Any) -> list[Any]:
    """Return the columns of a bundle, in the order of its fields."""
    if isinstance(bundle, tuple):
        return list(bundle)
    return [getattr(bundle, each.name) for each in dataclasses.fields(bundle)]


def _take(column: Any, rows: Any) -> Any:
    """Return the rows of one column; None for None."""
    if column is None:
        return None
    return column.take(pa.array(rows)) if isinstance(column, pa.Array) else column[rows]


def _join(columns: Sequence[Any]) -> Any:
    """Return the concatenated columns; None if the first is None."""
    if columns[0] is None:
        return None
    return (
        pa.concat_arrays(columns) if isinstance(columns[0], pa.Array) else np.concatenate(columns)
    )
