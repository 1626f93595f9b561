"""Typed tables: the tables of a source, and the layout of each, decided from its sample."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from piiscan.detect.catalog.catalog import Catalog, by_digest
from piiscan.detect.catalog.headers import line_labels
from piiscan.detect.columns.column_types import ColumnType, count_names, infer
from piiscan.detect.columns.message_columns import message_columns
from piiscan.detect.columns.split_fields import joins_of
from piiscan.detect.columns.transaction_columns import with_trades
from piiscan.detect.engine import Engine
from piiscan.parsing.prices import unit_of
from piiscan.sources.block import DATA, Block, Table, Trouble
from piiscan.sources.lined.line_kinds import Names, number_names
from piiscan.sources.read import open_tables
from piiscan.tabular.column_overrides import Corrections, Kind, correct, group_key, kind_of
from piiscan.tabular.display_names import show_texts
from piiscan.tabular.holder_traits import traits_of
from piiscan.tabular.layout import Column, Frame
from piiscan.tabular.row_number_columns import is_running


@dataclass(frozen=True, slots=True)
class TypedTable:
    """A table whose columns are typed: its layout, and how that came about.

    ``key`` names the group of tables with its headers, ``inferred`` the kind of each column before
    ``applied``, the overrides of that group: ``[column, ids, role]``.
    """

    frame: Frame
    types: list[ColumnType]
    key: str
    inferred: list[Kind]
    applied: list[list[Any]]


def type_table(
    source: int, part: int, table: Table, engine: Engine, corrections: Corrections
) -> TypedTable:
    """Type the columns of ``table`` from its sample, and apply ``corrections``."""
    types = column_types(table, engine)
    key = group_key(types)
    inferred = [kind_of(column) for column in types]
    types, applied = correct(types, corrections, key)
    frame = _frame(source, part, table, types, engine)
    return TypedTable(frame, types, key, inferred, applied)


def tables_of(path: Path, catalog: Catalog) -> Iterator[Table | Trouble]:
    """The tables of a source, read with the names that a catalogue has for columns and labels."""
    known = partial(count_names, catalog)
    return open_tables(path, count_names=known, names=label_names(catalog))


@by_digest
def label_names(catalog: Catalog) -> Names:
    """What labels of lines in running text are called."""
    return number_names(*line_labels(catalog))


def column_types(table: Table, engine: Engine) -> list[ColumnType]:
    """What each column of the table holds, from its sample; none for plain text."""
    if table.kind == "text":
        return []
    cells = data_rows(table.sample)
    named = [] if table.headers is None else [*table.headers, *table.sample.extra_headers]
    types = infer(engine, [*named, *[None] * len(cells)][: len(cells)], cells)
    return with_trades(engine.catalog, types)


def data_rows(block: Block) -> list[pa.Array]:
    """The columns of a block without headers, titles, sums and blank rows."""
    if block.kinds is None:
        return block.columns
    mask = pa.array(block.kinds == DATA)
    return [column.filter(mask) for column in block.columns]


def _frame(source: int, part: int, table: Table, types: list[ColumnType], engine: Engine) -> Frame:
    names = [column.header for column in types]
    shown = iter(show_texts(engine, [name for name in names if name is not None]))
    headers = [None if name is None else next(shown) for name in names]
    cells_of = data_rows(table.sample) if types else []
    groups = [*table.groups, *[table.groups[-1] if table.groups else 0] * len(types)]
    traits = traits_of(engine.catalog, types, cells_of, groups, as_of=engine.as_of)
    columns = [
        Column(
            column.label,
            group,
            header,
            running=is_running(column, cells),
            trade=column.trade,
            unit=unit_of(column.header or ""),
            trait=trait,
        )
        for column, group, header, cells, trait in zip(
            types, groups, headers, cells_of, traits, strict=False
        )
    ]
    for number, join in joins_of(types, groups).items():
        told = "+".join(headers[at] or "" for at in (*join.ahead, number))
        own = columns[number]
        columns[number] = replace(own, label=join.label, ahead=join.ahead, told=told)
    return Frame(source, part, table.member, tuple(columns), message_columns(names))
