"""Rows without findings: rows rejected at step R1, read again from the sources.

A case does not store these rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from piiscan.arrays import Int64
from piiscan.case.export.list_lines import ListLine, RecordLocation
from piiscan.case.lookup.reread import check_unchanged
from piiscan.case.store.case import Case
from piiscan.detect.catalog.catalog import Catalog
from piiscan.sources.archives.read_options import ReadOptions
from piiscan.sources.block import DATA, HEADER, SCHEMA, SUBTOTAL, TITLE, Block, Table, Trouble
from piiscan.tabular.typed_table import open_source

#: Kind of a row without findings -> the reason why it is not counted.
REASON_OF_KIND = {
    DATA: "NO_FINDING",
    HEADER: "HEADER_REPEAT",
    TITLE: "TITLE",
    SUBTOTAL: "TITLE",
    SCHEMA: "SCHEMA",
}


def lines_without_findings(
    case: Case, connection: Any, catalog: Catalog, options: ReadOptions
) -> Iterator[ListLine]:
    """Yield a list line per counted row without a finding, read again from the sources.

    ``connection``: count database. Blank rows are counted but not listed. A line of text that
    continues an earlier record names that record in ``repeats``. Raise CaseError naming a changed
    source.
    """
    connection.execute(
        "create temp table met as select distinct place, row from rows where data order by all"
    )
    query = (
        "select source, member, place, item, suspect, device from placed where headline"
        " order by source, place"
    )
    parts: dict[int, dict[str, tuple[Any, ...]]] = {}
    for source, member, *fields in connection.execute(query).fetchall():
        parts.setdefault(source, {})[member] = tuple(fields)
    shown, number = case.shown(), 0
    for each in case.manifest.content["sources"]:
        if each["source"] not in parts:
            continue
        check_unchanged(each, display_name=shown.get(each["path"]))
        for line in _source_lines(each, parts[each["source"]], connection, catalog, options):
            number += 1
            yield line(number)


def _source_lines(
    source: Any,
    parts: dict[str, tuple[Any, ...]],
    connection: Any,
    catalog: Catalog,
    options: ReadOptions,
) -> Iterator[partial[ListLine]]:
    """Yield, per row of ``source`` without findings, a function: line number -> list line."""
    opened = open_source(Path(source["place"]), catalog, options=options, display=source["path"])
    for table in opened:
        if isinstance(table, Trouble):
            continue
        tables = (table, *table.siblings)
        found_rows = [_rows_with_findings(connection, parts.get(each.member)) for each in tables]
        for block in table.blocks():
            if isinstance(block, Trouble) or block.piece_start:
                continue
            block_table = tables[block.table]
            if block_table.member in parts:
                yield from _block_lines(
                    source, block_table, block, parts[block_table.member], found_rows[block.table]
                )


def _rows_with_findings(connection: Any, part: tuple[Any, ...] | None) -> Int64:
    """Return the row numbers of a part that have findings, sorted."""
    if part is None:
        return np.zeros(0, np.int64)
    query = "select row from met where place = ? order by row"
    return np.asarray(connection.execute(query, [part[0]]).fetchnumpy()["row"], np.int64)


def _block_lines(
    source: Any, table: Table, block: Block, part: tuple[Any, ...], found_rows: Int64
) -> Iterator[partial[ListLine]]:
    """Yield, per row of ``block`` without findings, a function: line number -> list line."""
    records = block.rows if block.record_starts is None else block.record_starts
    kinds = np.zeros(len(block.rows), np.int8) if block.kinds is None else block.kinds
    found_records = np.isin(records, found_rows) & (kinds == DATA)
    rejected = np.isin(kinds, list(REASON_OF_KIND)) & ~(found_records & (records == block.rows))
    rejected &= block.rows != (table.header_row or -1)
    for at in np.flatnonzero(rejected).tolist():
        location = RecordLocation(
            source["source"], table.member, int(block.rows[at]), None, *part[1:]
        )
        record = RecordLocation(source["source"], table.member, int(records[at]))
        reason = REASON_OF_KIND[int(kinds[at])]
        yield partial(
            _build_line,
            reason=reason,
            location=location,
            repeats=record if found_records[at] else None,
        )


def _build_line(
    number: int, *, reason: str, location: RecordLocation, repeats: RecordLocation | None
) -> ListLine:
    """Return the list line of a rejected row."""
    return ListLine(number, None, False, (reason,), (location,), {}, None, repeats)
