"""Cells of tables in memory: any table or series as Arrow texts, nested cells leaf by leaf.

``{"手机": ["13800138000"]}`` in a cell -> leaf ``手机[]``, text ``13800138000``, path ``手机[0]``
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.arrays import Int64
from piiscan.arrow_strings import as_array, replace_surrogates, string_column
from piiscan.errors import PiiscanError
from piiscan.sources.stored_values import cell_text, plain_text


class Tables(Protocol):
    """Table of pandas, polars, pyarrow, DuckDB, or any other library that streams Arrow."""

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """Return an Arrow stream."""


#: Mark of the items of a list in a key; names of fields may have brackets.
ITEMS: Final = "[\0]"
#: Texts as callers give them: None counts as an empty one.
Texts = Iterable[str | None]


@dataclass(frozen=True, slots=True)
class Leaf:
    """Texts of a column, or those of one field of its nested cells.

    Args:
        key: names of the fields, joined by dots, with ``ITEMS`` for those of a list; "" for a
            column of plain cells; of the second leaf of one key ``手机#2``.
        texts: strings, null for a missing one.
        rows: row of each text, ``int64[n]``; None if each row has one.
        items: for each ``ITEMS`` of the key, the number of the item, ``int64[n]``.
    """

    key: str
    texts: pa.Array
    rows: Int64 | None = None
    items: tuple[Int64, ...] = ()

    def row_numbers(self, index: pa.Array) -> pa.Array:
        """Return the rows of the texts with these numbers."""
        return index if self.rows is None else pa.array(self.rows[index.to_numpy()], pa.int64())

    def paths(self, index: pa.Array) -> pa.Array:
        """Return the path of each text in its cell: ``手机[0]``; null in a plain cell."""
        if not self.key:
            return pa.nulls(len(index), pa.string())
        first, *others = self.key.split(ITEMS)
        if not others:
            return pa.array([first] * len(index), pa.string())
        parts: list[Any] = [pa.scalar(f"{first}[")]
        for item, name in zip(self.items, others, strict=True):
            numbers = pa.array(item[index.to_numpy()]).cast(pa.string())
            parts += [numbers, pa.scalar(f"]{name}[")]
        parts[-1] = pa.scalar(f"]{others[-1]}")
        return pc.binary_join_element_wise(*parts, "")


def leaves(column: Any, name: str) -> Iterator[Leaf]:
    """Yield the leaves of a column, those of a structure field by field.

    Raise PiiscanError for bytes that are no text; ``name``: of the column, for the message.
    """
    known = Counter[str]()
    for leaf in _leaves(_plain(column), name, Leaf("", pa.nulls(0))):
        known[leaf.key] += 1
        twice = f"#{known[leaf.key]}" if known[leaf.key] > 1 else ""
        yield replace(leaf, key=leaf.key + twice)


def _leaves(cells: pa.Array, name: str, above: Leaf) -> Iterator[Leaf]:
    """Yield the leaves of ``cells``; ``above``: their key, rows and items."""
    kind, key = cells.type, above.key
    if pa.types.is_struct(kind) and kind.num_fields:
        for field, inner in zip(kind, cells.flatten(), strict=True):
            inside = Leaf(f"{key}.{field.name}".lstrip("."), inner, above.rows, above.items)
            yield from _leaves(_plain(inner), name, inside)
    elif _is_list(kind):
        sizes = pc.list_value_length(cells).fill_null(0).to_numpy()
        owner = np.repeat(np.arange(len(cells)), sizes)
        item = np.arange(len(owner)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        rows = owner if above.rows is None else above.rows[owner]
        items = (*(each[owner] for each in above.items), item)
        yield from _leaves(_plain(cells.flatten()), name, Leaf(key + ITEMS, cells, rows, items))
    else:
        yield Leaf(key, as_texts(cells, name), above.rows, above.items)


def with_texts(column: Any, texts: Iterator[pa.Array]) -> pa.Array:
    """Return a column with the texts of its leaves replaced, in the order of :func:`leaves`.

    A column that holds texts keeps its type; others hold texts from now on.
    """
    cells = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    stored, cells = cells.type, _plain(cells)
    kind = cells.type
    if pa.types.is_struct(kind) and kind.num_fields:
        fields = [with_texts(each, texts) for each in cells.flatten()]
        return pa.StructArray.from_arrays(fields, kind.names, mask=cells.is_null())
    if _is_list(kind):
        sizes = pc.list_value_length(cells).fill_null(0).to_numpy()
        wide = pa.types.is_large_list(kind)
        offsets = pa.array(np.cumsum([0, *sizes]), pa.int64() if wide else pa.int32())
        build = pa.LargeListArray if wide else pa.ListArray
        return build.from_arrays(offsets, with_texts(cells.flatten(), texts), mask=cells.is_null())
    masked = next(texts)
    if pa.types.is_dictionary(stored) and _is_text(stored.value_type):
        return masked.dictionary_encode().cast(stored)
    return masked.cast(stored) if _is_text(stored) else masked


def _is_list(kind: pa.DataType) -> bool:
    """Return True for the type of lists that :func:`_plain` returns."""
    return any(test(kind) for test in (pa.types.is_list, pa.types.is_large_list))


def _is_text(kind: pa.DataType) -> bool:
    """Return True for a type of strings."""
    tests = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    return any(test(kind) for test in tests)


def _plain(column: Any) -> pa.Array:
    """Return a column as one array without encodings; a map is a list of key and value."""
    cells = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    kind = cells.type
    if isinstance(kind, pa.BaseExtensionType):
        return _plain(cells.storage)
    if pa.types.is_dictionary(kind):
        return _plain(cells.dictionary_decode())
    if pa.types.is_run_end_encoded(kind):
        return _plain(pc.run_end_decode(cells))
    if pa.types.is_map(kind):
        pair = pa.struct([("key", kind.key_type), ("value", kind.item_type)])
        return cells.cast(pa.list_(pair))
    nested = pa.types.is_nested(kind) and not pa.types.is_union(kind)
    if pa.types.is_fixed_size_list(kind):
        return cells.cast(pa.list_(kind.value_type))
    if nested and not (_is_list(kind) or pa.types.is_struct(kind)):  # views
        return pa.array(cells.to_pylist(), pa.list_(kind.value_type))
    return cells.cast(pa.float32()) if pa.types.is_float16(kind) else cells


def as_texts(column: Any, name: str = "texts") -> pa.Array:
    """Convert a column to strings: integral floats without ``.0``, ISO dates, nulls kept.

    Bytes are decoded as in a scan. Raise PiiscanError if they are no text; ``name``: of the column.
    """
    cells = _plain(column)
    kind = cells.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return cells
    if pa.types.is_floating(kind):
        whole = pc.fill_null(pc.and_(pc.equal(pc.floor(cells), cells), pc.is_finite(cells)), False)
        big = pc.fill_null(pc.less(pc.abs(cells), 1e18), False)
        exact = pc.and_(whole, big)
        numbers = pc.if_else(exact, cells, pa.scalar(None, kind)).cast(pa.int64())
        return pc.if_else(exact, numbers.cast(pa.string()), cells.cast(pa.string()))
    if _is_text(kind) or pa.types.is_primitive(kind) or pa.types.is_decimal(kind):
        return cells.cast(pa.string())
    texts: list[str | None] = []
    for number, cell in enumerate(cells.to_pylist()):
        is_bytes = isinstance(cell, bytes)
        texts.append(plain_text(cell) if is_bytes else None if cell is None else str(cell))
        if is_bytes and texts[-1] is None:
            raise PiiscanError("frame.bytes", name=name, number=number)
    return string_column(texts)


def is_table(data: Any) -> bool:
    """Return True for a table of any kind, or a mapping: iterating it would yield its names."""
    if isinstance(data, pa.Table | pa.RecordBatch | pa.RecordBatchReader | Mapping):
        return True
    if isinstance(data, pa.Array | pa.ChunkedArray):
        return False
    kind = type(data)  # polars warns of the columns of a LazyFrame itself
    return hasattr(kind, "columns") or (
        hasattr(kind, "__arrow_c_stream__") and not hasattr(kind, "dtype")
    )


def as_table(table: Any) -> pa.Table:
    """Return a pyarrow, pandas or polars table, or any other Arrow stream, as a pyarrow table.

    Raise TypeError for other objects.
    """
    if isinstance(table, pa.Table):
        return table
    if isinstance(table, pa.RecordBatch):
        return pa.Table.from_batches([table])
    if _library(table) == "polars":
        table = table.collect() if hasattr(table, "collect") else table
        return table.to_arrow()
    if _library(table) == "pandas" and hasattr(table, "columns"):
        numbers = range(len(table.columns))  # several columns may have one name
        columns = [_pandas_column(table.iloc[:, number]) for number in numbers]
        return pa.table(columns, [_column_name(name) for name in table.columns])
    if hasattr(table, "__arrow_c_stream__") and is_table(table):
        return pa.RecordBatchReader.from_stream(table).read_all()
    raise TypeError(f"a pyarrow, pandas or polars table is expected, not {type(table).__name__}")


def table_parts(table: Any) -> Iterator[Any]:
    """Yield the parts of a table: a table in memory as one, those of an Arrow stream one by one.

    Raise TypeError for other objects.
    """
    in_memory = _library(table) in ("pandas", "polars") or isinstance(table, pa.RecordBatch)
    if in_memory or not hasattr(type(table), "__arrow_c_stream__"):
        yield as_table(table)
    else:
        yield from pa.RecordBatchReader.from_stream(table)


def text_array(texts: Any) -> pa.Array:
    """Return texts as one string array: an iterable, or an array or series of any library.

    A missing text (None, NaN, NA) is null. Raise TypeError for tables and other objects.
    """
    array = series_texts(texts)
    return as_array(texts) if array is None else array


def series_texts(texts: Any) -> pa.Array | None:
    """Return an array or a series of any library as strings; None for any other iterable.

    Numbers and bytes are converted as those of a table. Raise TypeError for a table and for nested
    cells, PiiscanError for bytes that are no text.
    """
    if is_table(texts):
        raise TypeError(f"texts are expected, not {type(texts).__name__}")
    if hasattr(texts, "to_arrow"):  # polars
        texts = texts.to_arrow()
    elif _library(texts) == "pandas" and hasattr(texts, "dtype"):
        texts = _pandas_column(texts)
    if not isinstance(texts, pa.Array | pa.ChunkedArray):
        return None
    cells = _plain(texts)
    if pa.types.is_nested(cells.type):
        raise TypeError(f"a text is expected, not {cells.type}")
    return as_texts(cells)


def _library(data: Any) -> str:
    """Return the name of the library of an object: ``pandas``."""
    return type(data).__module__.partition(".")[0]


def _column_name(name: Any) -> str:
    """Return the name of a pandas column as text; levels are joined by dots: ``收件人.手机``."""
    levels = name if isinstance(name, tuple) else (name,)
    return replace_surrogates(".".join(filter(None, map(str, levels))))


def _pandas_column(column: Any) -> pa.Array:
    """Return the cells of a pandas column; missing cells are null.

    Cells of mixed types are converted to texts; an unpaired surrogate becomes U+FFFD.
    """
    errors = (pa.ArrowException, OverflowError, UnicodeEncodeError)
    try:
        return pa.array(column, from_pandas=True)
    except errors:
        missing = [each is True for each in column.isna().tolist()]
        cells = [None if no else cell for cell, no in zip(column, missing, strict=True)]
    if any(isinstance(cell, dict | list | tuple) for cell in cells):
        try:
            return pa.array([_texts_inside(cell) for cell in cells])
        except errors:
            pass
    decoded = [plain_text(cell) if isinstance(cell, bytes) else None for cell in cells]
    return string_column(
        [
            text if text is not None or cell is None else str(cell)
            for text, cell in zip(decoded, cells, strict=True)
        ]
    )


def _texts_inside(cell: Any) -> Any:
    """Return a nested cell with its scalars as texts, so that fields have one type."""
    if isinstance(cell, dict):
        return {str(key): _texts_inside(each) for key, each in cell.items()}
    if isinstance(cell, list | tuple):
        return [_texts_inside(each) for each in cell]
    text = cell_text(cell)
    return text if text is None else replace_surrogates(text)
