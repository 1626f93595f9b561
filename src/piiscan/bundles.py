"""Bundles of columns: dataclasses and named tuples whose fields are columns of one length.

A column is a NumPy array, an Arrow array, another bundle, or None if it is not wanted.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Hashable, Sequence
from functools import cache
from typing import Any, Final, TypeVar, cast, get_args, get_type_hints

import numpy as np
import pyarrow as pa

from piiscan.arrays import AnyArray
from piiscan.table_file import Arrays, text_array, value_of

#: End of the name of an array that is the JSON of a field.
_JSON: Final = ":json"
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


def arrays_of(bundle: Any, prefix: str = "") -> dict[str, AnyArray]:
    """Return the fields of a bundle, and of bundles in it, as arrays by name: ``trie.table``.

    A field that is neither an array nor a bundle becomes an array with its JSON.
    """
    found: dict[str, AnyArray] = {}
    for name, column in zip(_field_names(type(bundle)), _columns(bundle), strict=True):
        if isinstance(column, (np.ndarray, np.generic)):
            found[prefix + name] = np.asarray(column)
        elif _field_names(type(column)):
            found |= arrays_of(column, f"{prefix}{name}.")
        else:
            found[prefix + name + _JSON] = text_array(column)
    return found


def bundle_of(kind: type[B], arrays: Arrays, prefix: str = "") -> B:
    """Return the bundle of class ``kind`` from its :func:`arrays_of`; lists of JSON become tuples.

    Raise KeyError if an array is missing.
    """
    fields: list[Any] = []
    for name in _field_names(kind):
        hint: Any = kind.__annotations__[name]
        inner = vars(sys.modules[kind.__module__]).get(getattr(hint, "__forward_arg__", hint))
        if isinstance(inner, type) and _field_names(inner):
            fields.append(bundle_of(inner, arrays, f"{prefix}{name}."))
        elif prefix + name in arrays:
            array = arrays[prefix + name]
            fields.append(array if array.ndim else array[()])
        else:
            fields.append(_as_tuples(value_of(arrays[prefix + name + _JSON])))
    return kind(*fields)


def _as_tuples(value: Any) -> Any:
    """Return plain data with tuples for lists."""
    return tuple(map(_as_tuples, value)) if isinstance(value, list) else value


def _field_names(kind: Any) -> tuple[str, ...]:
    """Return the names of the fields of a bundle class; none for any other class."""
    if dataclasses.is_dataclass(kind):
        return tuple(each.name for each in dataclasses.fields(kind))
    return getattr(kind, "_fields", ())


@cache
def _element_types(kind: Any) -> list[type]:
    """Return the NumPy element type of each column of the bundle class ``kind``."""
    hints = [get_args(hint) for hint in get_type_hints(kind).values()]
    # NDArray[int8] is ndarray[…, dtype[int8]], and from NumPy 2.5 on a name for it
    return [(get_args(arguments[-1]) or arguments)[0] for arguments in hints]


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
