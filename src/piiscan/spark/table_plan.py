"""Table plan: which columns to search and how, decided once on a sample and sent to the workers.

A worker does not type columns itself: its rows may look otherwise than the whole table, and two
workers would decide differently.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.engine import Engine, engine_of
from piiscan.errors import PiiscanError
from piiscan.finding import engine_for
from piiscan.frame import (
    ColumnPlan,
    as_table,
    as_texts,
    find_columns,
    plan_columns,
    sample_cells,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Rows from the head of a Spark table that types are inferred from.
SAMPLE_ROWS: Final = 900


@dataclass(frozen=True, slots=True)
class TablePlan:
    """Columns to search with their types, the rules, and the options of the search.

    It pickles with its catalogue (200 kB), so that every worker has the rules of the driver.
    """

    columns: tuple[ColumnPlan, ...]
    catalog: Catalog = field(repr=False)
    as_of: datetime.date
    names: bool = True
    min_score: float = 0.5

    @property
    def engine(self) -> Engine:
        """Return the engine of this process for the plan's rules, cached."""
        return engine_of(self.catalog, self.as_of)

    def find(self, table: pa.Table) -> Iterator[tuple[ColumnPlan, pa.Array, pa.Table]]:
        """Yield each column with its cells as texts and its findings (FOUND)."""
        texts = [as_texts(table[plan.name]) for plan in self.columns]
        found = find_columns(self.engine, self.columns, texts, self.min_score, self.names)
        yield from zip(self.columns, texts, found, strict=True)


def plan(
    source: DataFrame | Any,
    columns: Sequence[str] | str | None = None,
    *,
    names: bool = True,
    min_score: float = 0.5,
    as_of: datetime.date | None = None,
    recognizers: Path | None = None,
) -> TablePlan:
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
    if not 0 <= min_score <= 1:
        raise PiiscanError("find.min_score")
    table = sample_rows(source, columns) if hasattr(source, "mapInArrow") else as_table(source)
    chosen = as_names(columns, table.column_names)
    engine = engine_for(as_of or datetime.date.today(), recognizers)
    samples = [sample_cells(as_texts(table[name])) for name in chosen]
    planned = plan_columns(engine, chosen, samples)
    return TablePlan(planned, engine.catalog, engine.as_of, names, min_score)


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
