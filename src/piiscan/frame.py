"""Tables in memory: find personal information in pyarrow, pandas or polars tables.

Column names are used as labels, as in a file: ``姓名 | 手机号`` -> PERSON in 姓名, CN_MOBILE in
手机号.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from piiscan.finding import check_options, engine_for

if TYPE_CHECKING:
    import pyarrow as pa

    from piiscan.detect.catalog.headers import Label
    from piiscan.detect.engine import Engine

_SAMPLE_ROWS = 300


def find_frame(
    table: Any,
    min_score: float = 0.5,
    names: bool = True,
    *,
    as_of: datetime.date | None = None,
    recognizers: str | Path | None = None,
) -> pa.Table:
    """Return the findings in a pyarrow, pandas or polars table, ordered by row and column.

    The result has the columns ``row`` (int64, from 0), ``column`` (name of the column), and those
    of ``piiscan.schemas.FOUND`` without ``index``. Column types are inferred from names and cells,
    as for a scanned file. Parameters as for :func:`piiscan.find_table`.

    Raises:
        TypeError: ``table`` is no table.

    >>> import pyarrow as pa
    >>> found = find_frame(pa.table({'姓名': ['张三'], '手机号': ['13800138000']}))
    >>> found.select(['row', 'column', 'entity']).to_pylist()[1]
    {'row': 0, 'column': '手机号', 'entity': 'CN_MOBILE'}
    """
    import pyarrow as pa

    from piiscan.schemas import FOUND

    check_options(min_score, names)
    arrow = as_table(table)
    engine = engine_for(as_of or datetime.date.today(), recognizers)
    texts = [as_texts(column) for column in arrow.columns]
    plans = plan_columns(engine, arrow.column_names, [sample_cells(column) for column in texts])
    parts = []
    for number, found in enumerate(find_columns(engine, plans, texts, min_score, names)):
        column_names = pa.array([plans[number].name] * len(found), pa.string())
        order = pa.array([number] * len(found), pa.int32())
        other_columns = [found[name] for name in FOUND.names[1:]]
        parts.append(
            pa.table(
                [found["index"], order, column_names, *other_columns],
                ["row", "order", "column", *FOUND.names[1:]],
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


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """Plan for the cells of a column: under a label, after the cells of other columns.

    ``leading``: numbers of the columns whose cells come before those of the column (split fields).
    """

    name: str
    label: Label | None = None
    leading: tuple[int, ...] = ()


def plan_columns(
    engine: Engine, headers: Sequence[object], samples: Sequence[pa.Array]
) -> tuple[ColumnPlan, ...]:
    """Infer the types of columns from their headers and sample cells; return one plan each."""
    from piiscan.detect.columns.column_types import infer_column_types
    from piiscan.detect.columns.split_fields import find_split_fields

    names = [str(header) for header in headers]
    types = infer_column_types(engine, names, samples)
    fields = find_split_fields(types)
    return tuple(
        ColumnPlan(name, fields[number].label, fields[number].leading)
        if number in fields
        else ColumnPlan(name, types[number].label)
        for number, name in enumerate(names)
    )


def find_columns(
    engine: Engine,
    plans: Sequence[ColumnPlan],
    texts: Sequence[pa.Array],
    min_score: float,
    names: bool,
) -> Iterator[pa.Table]:
    """Yield the findings of each column, a FOUND table; ``texts``: the cells of all columns."""
    from piiscan.detect.columns.split_fields import JoinedCells, relocate_to_last

    for plan, column in zip(plans, texts, strict=True):
        joined = (
            JoinedCells.of([texts[at] for at in plan.leading], column) if plan.leading else None
        )
        found = engine.find_table(
            column if joined is None else joined.cells,
            label=plan.label,
            min_score=min_score,
            names=names,
        )
        yield found if joined is None else relocate_to_last(found, joined)


def as_table(table: Any) -> pa.Table:
    """Return a pyarrow, pandas or polars table as a pyarrow table.

    Raise TypeError for other objects.
    """
    import pyarrow as pa

    from piiscan.arrow_strings import replace_surrogates

    if isinstance(table, pa.Table):
        return table
    if isinstance(table, pa.RecordBatch):
        return pa.Table.from_batches([table])
    if hasattr(table, "collect") and hasattr(table, "to_arrow") is False:  # polars LazyFrame
        table = table.collect()
    if hasattr(table, "to_arrow"):  # polars
        return table.to_arrow()
    if type(table).__module__.split(".")[0] == "pandas":
        names = [replace_surrogates(str(name)) for name in table.columns]
        return pa.table([_pandas_column(table[name]) for name in table.columns], names)
    raise TypeError(f"a pyarrow, pandas or polars table is expected, not {type(table).__name__}")


def _pandas_column(column: Any) -> pa.Array:
    """Return the cells of a pandas column; missing cells are null.

    Cells of mixed types are converted by ``str``; an unpaired surrogate becomes U+FFFD.
    """
    import pyarrow as pa

    from piiscan.arrow_strings import string_column

    try:
        return pa.array(column, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError):
        missing = column.isna().tolist()
        cells = [
            None if is_missing else str(cell)
            for cell, is_missing in zip(column, missing, strict=True)
        ]
        return string_column(cells)


def as_texts(column: Any) -> pa.Array:
    """Convert a column to strings: integral floats without ``.0``, ISO dates, nulls kept."""
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


def sample_cells(column: pa.Array) -> pa.Array:
    """Return up to 900 cells of a column to infer its type: 300 each of head, middle, tail."""
    import pyarrow as pa

    count = len(column)
    if count <= 3 * _SAMPLE_ROWS:
        return column
    middle = (count - _SAMPLE_ROWS) // 2
    pieces = [column.slice(at, _SAMPLE_ROWS) for at in (0, middle, count - _SAMPLE_ROWS)]
    return pa.concat_arrays(pieces)
