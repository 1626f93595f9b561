"""Bundles of columns: dataclasses and named tuples whose fields are columns of one length.

A column is a NumPy array, an Arrow array, another bundle, or None if it is not wanted.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Sequence
from functools import cache
from typing import Any, TypeVar, cast, get_args, get_type_hints

import numpy as np
import pyarrow as pa

B = TypeVar("B")


def empty_rows(kind: type[B], rows: int) -> B:
    """Return a bundle of class ``kind`` with ``rows`` uninitialised rows.

    Each of its fields is annotated with a type of :mod:`piiscan.arrays`.
    """
    element_types = _element_types(cast("Hashable", kind))
    return kind(*[np.empty(rows, element) for element in element_types])


def take_rows(bundle: B, rows: Any) -> B:
    """Return the rows of a bundle that ``rows`` selects: indices, a mask or a slice.

    Arrow columns can only be selected by indices.
    """
    columns = _columns(bundle)
    return type(bundle)(
        *[c[rows] if isinstance(c, np.ndarray) else _take(c, rows) for c in columns]
    )


def join_rows(bundles: Sequence[B]) -> B:
    """Return one bundle with the rows of all ``bundles``, of which there is at least one."""
    columns = zip(*map(_columns, bundles), strict=True)
    return type(bundles[0])(*map(_join, columns))


@cache
def _element_types(kind: Any) -> list[type]:
    """Return the NumPy element type of each column of the bundle class ``kind``."""
    return [get_args(get_args(hint)[1])[0] for hint in get_type_hints(kind).values()]


def _columns(bundle: Any) -> Sequence[Any]:
    """Return the columns of a bundle, in the order of its fields."""
    if isinstance(bundle, tuple):
        return bundle
    return [getattr(bundle, each.name) for each in dataclasses.fields(bundle)]


def _take(column: Any, rows: Any) -> Any:
    """Return the rows of a column that is no NumPy array; None for None."""
    if isinstance(column, pa.Array):
        return column.take(pa.array(rows))
    return None if column is None else take_rows(column, rows)


def _join(columns: Sequence[Any]) -> Any:
    """Return the concatenated columns; None if the first is None."""
    if isinstance(columns[0], np.ndarray):
        return np.concatenate(columns)
    if isinstance(columns[0], pa.Array):
        return pa.concat_arrays(columns)
    return None if columns[0] is None else join_rows(columns)
