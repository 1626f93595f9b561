"""Tables in memory: column names are labels, rows and columns come back."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from piiscan.finding import engine_for

if TYPE_CHECKING:
    import pyarrow as pa

_SAMPLE = 300


def find_frame(
    table: Any,
    min_score: float = 0.5,
    names: bool = True,
    *,
    as_of: datetime.date | None = None,
    recognizers: Path | None = None,
) -> pa.Table:
    """The findings in a pyarrow, pandas or polars table, ordered by row and column.

    Columns ``row`` (int64, from 0) and ``column`` (the column's name) and then those of
    ``piiscan.schemas.FOUND`` without ``index``.  Each column is typed from its name and its cells
    exactly as a column of a scanned file is.  Raises TypeError for anything that is no table.

    >>> import pyarrow as pa
    >>> found = find_frame(pa.table({'姓名': ['张三'], '手机号': ['13800138000']}))
    >>> found.select(['row', 'column', 'entity']).to_pylist()[1]
    {'row': 0, 'column': '手机号', 'entity': 'CN_MOBILE'}
    """
    import pyarrow as pa
    import pyarrow.compute

    from piiscan.detect.columns.column_types import infer
    from piiscan.detect.columns.split_fields import Joined, joins_of, told_of_last
    from piiscan.schemas import FOUND

    arrow = as_table(table)
    engine = engine_for(as_of or datetime.date.today(), recognizers)
    texts = [as_texts(column) for column in arrow.columns]
    headers = [str(name) for name in arrow.column_names]
    types = infer(engine, headers, [sample(column) for column in texts])
    joins, parts = joins_of(types), []
    for number, (column, kind) in enumerate(zip(texts, types, strict=True)):
        join = joins.get(number)
        cells = None if join is None else Joined.of([texts[at] for at in join.ahead], column)
        found = engine.find_table(
            column if cells is None else cells.cells,
            label=kind.label if join is None else join.label,
            min_score=min_score,
            names=names,
        )
        found = found if cells is None else told_of_last(found, cells)
        place = pa.array([headers[number]] * len(found), pa.string())
        order = pa.array([number] * len(found), pa.int32())
        rest = [found[name] for name in FOUND.names[1:]]
        parts.append(
            pa.table(
                [found["index"], order, place, *rest], ["row", "order", "column", *FOUND.names[1:]]
            )
        )
    if not parts:
        empty = FOUND.empty_table()
        return empty.rename_columns(["row", *empty.column_names[1:]]).add_column(
            1, "column", pa.array([], pa.string())
        )
    whole = pa.concat_tables(parts)
    ordered = whole.sort_by([(name, "ascending") for name in ("row", "order", "start", "end")])
    return ordered.drop_columns(["order"])


def as_table(table: Any) -> pa.Table:
    """A pyarrow table of a pyarrow, pandas or polars one."""
    import pyarrow as pa

    if isinstance(table, pa.Table):
        return table
    if isinstance(table, pa.RecordBatch):
        return pa.Table.from_batches([table])
    if hasattr(table, "collect") and hasattr(table, "to_arrow") is False:  # polars LazyFrame
        table = table.collect()
    if hasattr(table, "to_arrow"):  # polars
        return table.to_arrow()
    if type(table).__module__.split(".")[0] == "pandas":
        return pa.table({str(name): _pandas_column(table[name]) for name in table.columns})
    raise TypeError(f"a pyarrow, pandas or polars table is expected, not {type(table).__name__}")


def _pandas_column(column: Any) -> pa.Array:
    """A column's cells; mixed columns go through str, missing cells are null."""
    import pyarrow as pa

    try:
        return pa.array(column, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        missing = column.isna().tolist()
        cells = [None if gone else str(cell) for cell, gone in zip(column, missing, strict=True)]
        return pa.array(cells, pa.string())


def as_texts(column: Any) -> pa.Array:
    """A column's cells as text: whole floats without ``.0``, dates ISO, nulls stay null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    kind = column.type
    if pa.types.is_dictionary(kind):
        return as_texts(column.dictionary_decode())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return column
    if pa.types.is_floating(kind):
        whole = pc.fill_null(
            pc.and_(pc.equal(pc.floor(column), column), pc.is_finite(column)), False
        )
        big = pc.fill_null(pc.less(pc.abs(column), 1e18), False)
        exact = pc.and_(whole, big)
        numbers = pc.if_else(exact, column, pa.scalar(None, kind)).cast(pa.int64())
        return pc.if_else(exact, numbers.cast(pa.string()), column.cast(pa.string()))
    if pa.types.is_nested(kind) or pa.types.is_binary(kind):
        return pa.array(
            [None if cell is None else str(cell) for cell in column.to_pylist()], pa.string()
        )
    return column.cast(pa.string())


def sample(column: pa.Array) -> pa.Array:
    """Head, middle and tail of a column, for typing it."""
    import pyarrow as pa

    count = len(column)
    if count <= 3 * _SAMPLE:
        return column
    middle = (count - _SAMPLE) // 2
    pieces = [column.slice(at, _SAMPLE) for at in (0, middle, count - _SAMPLE)]
    return pa.concat_arrays(pieces)
