"""Spark tables: their head, from which a plan is made, and their columns by name.

A worker does not type columns itself: its rows may look otherwise than the whole table, and two
workers would decide differently.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from piiscan import frame
from piiscan.errors import PiiscanError
from piiscan.frame import Plan
from piiscan.frame_cells import as_texts

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Rows from the head of a Spark table that types are inferred from.
SAMPLE_ROWS: Final = 900


def plan(
    source: DataFrame | Any,
    columns: Sequence[str] | str | None = None,
    *,
    names: bool = True,
    min_score: float = 0.5,
    as_of: datetime.date | None = None,
    recognizers: Path | None = None,
) -> Plan:
    """Return the plan of a table, for :func:`piiscan.spark.detect` and ``mask``.

    Args:
        source: Spark table, of which the first 900 rows are read; or a sample of your own as
            pyarrow, pandas or polars table.
        columns: names of the columns to search (None: all).
        names, min_score, as_of, recognizers: as for :func:`piiscan.find_table`; the rules in the
            folder ``recognizers`` travel with the plan.

    Raises:
        CatalogError: a rule is invalid.
        PiiscanError: the table lacks a column.

    >>> made = plan(pa.table({'姓名': ['张三'], '手机号': ['13800138000']}), ['手机号'])
    >>> [(each.name, 'cn.mobile' in each.label.recognizers) for each in made.columns]
    [('手机号', True)]
    """
    sample = sample_rows(source, columns) if hasattr(source, "mapInArrow") else source
    return frame.plan(
        sample, columns, names=names, min_score=min_score, as_of=as_of, recognizers=recognizers
    )


def sample_rows(df: DataFrame, columns: Sequence[str] | str | None) -> pa.Table:
    """Return the first 900 rows of a Spark table (None: all columns), with cells as texts."""
    chosen = as_names(columns, df.columns)
    rows = select(df, chosen).head(SAMPLE_ROWS)
    cells = [_cells([row[number] for row in rows]) for number in range(len(chosen))]
    return pa.table(cells, list(chosen))


def as_names(names: Sequence[str] | str | None, existing: Sequence[str]) -> tuple[str, ...]:
    """Return the names of columns as a tuple: all ``existing`` ones for None.

    Raise PiiscanError if one does not exist.
    """
    if names is None:
        return tuple(existing)
    chosen = (names,) if isinstance(names, str) else tuple(names)
    for name in chosen:
        if name not in existing:
            raise PiiscanError("spark.no_column", name=name)
    return chosen


def select(df: DataFrame, columns: Iterable[str]) -> DataFrame:
    """Return ``columns`` of a Spark table; dots in a name are part of it."""
    return df.select([f"`{name.replace('`', '``')}`" for name in columns])


def _cells(cells: list[Any]) -> pa.Array:
    """Return sample cells of one column as texts."""
    try:
        return as_texts(pa.array(cells))
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):  # rows, dictionaries
        return pa.array([None if each is None else str(each) for each in cells], pa.string())
