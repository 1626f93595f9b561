"""Columns as the engine of the shipped rules types and searches them."""

import datetime
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from piiscan.detect.columns.column_types import ColumnType, infer_column_types
from piiscan.finding import engine_for

ENGINE = engine_for(datetime.date(2026, 1, 1))


def type_columns(*columns: tuple[str | None, Sequence[str | None]]) -> list[ColumnType]:
    """Return the types of the columns of one table: (header or None, cells)."""
    longest = max(len(cells) for _, cells in columns)
    arrays = [pa.array([*cells, *[None] * (longest - len(cells))]) for _, cells in columns]
    headers = [header for header, _ in columns]
    return infer_column_types(ENGINE, headers if any(headers) else None, arrays)


def find_in_column(cells: Sequence[str], column: ColumnType, **more: Any) -> list[dict[str, Any]]:
    """Return the findings in cells under the label of a column."""
    rows: list[dict[str, Any]]
    rows = ENGINE.find_table(pa.array(cells), label=column.label, **more).to_pylist()
    return rows
