"""Sources -> tables -> blocks: everything there is to examine, in a fixed order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from piiscan.case.scan.block.conflicts import traits_of
from piiscan.case.scan.events import Begin, End, Event, Note, Opened, Work
from piiscan.case.scan.source_hashes import Custody
from piiscan.case.store.job_store import Source
from piiscan.detect.catalog.catalog import Catalog, by_digest
from piiscan.detect.catalog.headers import line_labels
from piiscan.detect.columns.column_types import ColumnType, count_names, infer
from piiscan.detect.columns.message_columns import message_columns
from piiscan.detect.columns.split_fields import joins_of
from piiscan.detect.columns.transaction_columns import with_trades
from piiscan.detect.engine import Engine
from piiscan.errors import SourceError
from piiscan.parsing.prices import unit_of
from piiscan.sources.block import DATA, Block, Table, Trouble
from piiscan.sources.lined.line_kinds import Names, number_names
from piiscan.sources.read import open_tables
from piiscan.tabular.column_overrides import Corrections, correct, group_key, kind_of
from piiscan.tabular.display_names import show_texts
from piiscan.tabular.layout import Column, Frame
from piiscan.tabular.row_number_columns import is_running


def read_sources(
    sources: Iterable[Source],
    engine: Engine,
    *,
    corrections: Corrections,
    hashing: ThreadPoolExecutor,
) -> Iterator[Event]:
    """Every source from its beginning to its end, hashed before and after in ``hashing``.

    A source that cannot be read gives a note and an end; the next one goes on.
    """
    for source in sources:
        yield Begin(source)
        path = Path(source.place)
        custody = Custody(path, hashing)
        try:
            yield from _read(source, path, engine, corrections)
        except SourceError as error:
            yield Note(Trouble("", error.reason, error.detail))
        except OSError as error:
            yield Note(Trouble("", "UNREADABLE", error.strerror or type(error).__name__))
        custody.end()
        yield End(source, custody)


def _read(source: Source, path: Path, engine: Engine, corrections: Corrections) -> Iterator[Event]:
    part = 0
    for table in tables_of(path, engine.catalog):
        if isinstance(table, Trouble):
            yield Note(table)
            continue
        frames = []
        for each in (table, *table.beside):
            frame, opened = open_frame(source.source, part, each, engine, corrections)
            frames.append(frame)
            yield opened
            part += 1
        for block in table.blocks():
            yield Note(block) if isinstance(block, Trouble) else Work(block, frames[block.table])
        yield from (Note(trouble) for trouble in table.troubles)


def open_frame(
    source: int, part: int, table: Table, engine: Engine, corrections: Corrections
) -> tuple[Frame, Opened]:
    """What the blocks of a table share, and what is kept of it; corrections are applied."""
    types = column_types(table, engine)
    key = group_key(types)
    inferred = [kind_of(column) for column in types]
    types, applied = correct(types, corrections, key)
    frame = _frame(source, part, table, types, engine)
    return frame, Opened(_facts(table, frame, types, key, inferred), applied)


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


def _facts(
    table: Table, frame: Frame, types: list[ColumnType], key: str, inferred: list[Any]
) -> dict[str, Any]:
    """The table's row of PARTS, and what later corrections are compared with."""
    columns = [
        {
            "column": number,
            "header": column.header,
            "group": column.group,
            "recognizers": list(type_.recognizers),
            "role": type_.role,
            "share": round(type_.share, 4),
            "ledger": type_.trade,
        }
        for number, (column, type_) in enumerate(zip(frame.columns, types, strict=True), 1)
    ]
    return {
        "member": table.member,
        "kind": table.kind,
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "header_row": table.header_row,
        "columns": json.dumps(columns, ensure_ascii=False),
        "sha256": table.sha256,
        "size": table.size,
        "key": key,
        "inferred": [[list(ids), role] for ids, role in inferred],
    }
