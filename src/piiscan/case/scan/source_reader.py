"""Sources -> tables -> blocks: everything there is to examine, in a fixed order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from piiscan.case.scan.events import Begin, End, Event, Note, Opened, Work
from piiscan.case.scan.source_hashes import Custody
from piiscan.case.store.job_store import Source
from piiscan.detect.engine import Engine
from piiscan.errors import SourceError
from piiscan.sources.block import Table, Trouble
from piiscan.tabular.column_overrides import Corrections
from piiscan.tabular.typed_table import TypedTable, tables_of, type_table


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
            typed = type_table(source.source, part, each, engine, corrections)
            frames.append(typed.frame)
            yield Opened(_facts(each, typed), typed.applied)
            part += 1
        for block in table.blocks():
            yield Note(block) if isinstance(block, Trouble) else Work(block, frames[block.table])
        yield from (Note(trouble) for trouble in table.troubles)


def _facts(table: Table, typed: TypedTable) -> dict[str, Any]:
    """The table's row of PARTS, and what later corrections are compared with."""
    both = zip(typed.frame.columns, typed.types, strict=True)
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
        for number, (column, type_) in enumerate(both, 1)
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
