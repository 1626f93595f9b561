"""Source reader: reads sources into tables and blocks, as scan events in a fixed order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from piiscan.case.scan.events import (
    BlockEvent,
    ReadEvent,
    SourceBegin,
    SourceEnd,
    TableOpened,
    TroubleEvent,
)
from piiscan.case.scan.source_hashes import SourceHasher
from piiscan.case.store.job_store import Source
from piiscan.detect.engine import Engine
from piiscan.errors import SourceError, failure_place, is_machine_error
from piiscan.sources.archives.read_options import READ_ALL, ReadOptions
from piiscan.sources.block import Table, Trouble
from piiscan.tabular.column_overrides import ColumnOverrides
from piiscan.tabular.layout import TableLayout
from piiscan.tabular.typed_table import TypedTable, open_source, type_table


def read_sources(
    sources: Iterable[Source],
    engine: Engine,
    *,
    overrides: ColumnOverrides,
    hashing: ThreadPoolExecutor,
    options: ReadOptions = READ_ALL,
) -> Iterator[ReadEvent]:
    """Yield the events of every source, from its begin to its end, hashed in ``hashing``.

    An unreadable source gives a TroubleEvent and a SourceEnd; the next source follows.
    """
    for source in sources:
        yield SourceBegin(source)
        path = Path(source.absolute_path)
        hasher = SourceHasher(path, hashing)
        try:
            yield from _read(source, path, engine, overrides, options)
        except SourceError as error:
            yield TroubleEvent(Trouble("", error.reason, error.detail))
        except Exception as error:  # one bad file must not cost the others
            if is_machine_error(error):
                raise
            if isinstance(error, OSError):
                detail = error.strerror or type(error).__name__
                yield TroubleEvent(Trouble("", "UNREADABLE", detail))
            else:
                yield TroubleEvent(Trouble("", "READER_FAILED", failure_place(error)))
        hasher.hash_again()
        yield SourceEnd(source, hasher)


def _read(
    source: Source,
    path: Path,
    engine: Engine,
    overrides: ColumnOverrides,
    options: ReadOptions,
) -> Iterator[ReadEvent]:
    """Yield the events of one source: TableOpened, BlockEvent and TroubleEvent."""
    part = 0
    tables = open_source(path, engine.catalog, options=options, display=source.path)
    for table in tables:
        if isinstance(table, Trouble):
            yield TroubleEvent(table)
            continue
        layouts: list[TableLayout | None] = []
        for each in (table, *table.siblings):
            try:
                typed = type_table(source.source, part, each, engine, overrides)
                opened = TableOpened(_part_row(each, typed), typed.applied)
            except Exception as error:  # one bad table must not cost the others
                if is_machine_error(error):
                    raise
                yield TroubleEvent(Trouble(each.member, "READER_FAILED", failure_place(error)))
                layouts.append(None)
                continue
            layouts.append(typed.layout)
            yield opened
            part += 1
        for block in table.blocks():
            if isinstance(block, Trouble):
                yield TroubleEvent(block)
            elif (layout := layouts[block.table]) is not None:
                yield BlockEvent(block, layout)
        yield from (TroubleEvent(trouble) for trouble in table.troubles)


def _part_row(table: Table, typed: TypedTable) -> dict[str, Any]:
    """Return the PARTS row of a table, with the inferred types that later overrides change."""
    columns_and_types = zip(typed.layout.columns, typed.types, strict=True)
    columns = [
        {
            "column": number,
            "header": column.header,
            "group": column.group,
            "recognizers": list(type_.recognizers),
            "role": type_.role,
            "share": round(type_.share, 4),
            "ledger": type_.transaction,
            "bookkeeping": type_.bookkeeping,
        }
        for number, (column, type_) in enumerate(columns_and_types, 1)
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
        "key": typed.key,
        "inferred": [[list(ids), role] for ids, role in typed.inferred],
    }
