"""Rows of a source read again where they stand: only of a source that is what it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.columns.column_types import count_names
from piiscan.errors import CaseError, SourceError
from piiscan.sources.block import Block, Table, Trouble
from piiscan.sources.checksums import sha256_of
from piiscan.sources.read import open_tables

#: Member and row number.
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Line:
    """One row as it stands: its cells with their headers; a line of text is one cell."""

    headers: tuple[str | None, ...]
    cells: tuple[str | None, ...] = field(repr=False)


def check_same(source: Mapping[str, Any], *, shown: str | None = None) -> None:
    """Nothing; CaseError naming the source if it is not there or not what was scanned."""
    name = source["path"] if shown is None else shown
    try:
        same = sha256_of(Path(source["place"])) == source["sha256"]
    except (OSError, SourceError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise CaseError(f"the source {name} cannot be read again: {why}") from error
    if not same:
        raise CaseError(f"the source {name} is not what was scanned (SHA-256); use the original")


def read_lines(
    source: Mapping[str, Any], wanted: set[Place], catalog: Catalog, *, shown: str | None = None
) -> dict[Place, Line]:
    """The rows ``wanted`` of a source of a manifest, by their places; absent ones are left out.

    The source is opened for reading only, and hashed before and after.
    """
    check_same(source, shown=shown)
    found: dict[Place, Line] = {}
    members = {member for member, _ in wanted}
    for table in open_tables(Path(source["place"]), count_names=partial(count_names, catalog)):
        if isinstance(table, Trouble) or len(found) == len(wanted):
            continue
        tables = (table, *table.beside)
        if members.isdisjoint(each.member for each in tables):
            continue
        for block in table.blocks():
            if isinstance(block, Block):
                own = tables[block.table]
                rows = {row for member, row in wanted if member == own.member}
                found |= {
                    (own.member, row): line
                    for row, line in _lines(block, own, rows)
                    if (own.member, row) not in found
                }
            if len(found) == len(wanted):
                break
    check_same(source, shown=shown)
    return found


def _lines(block: Block, table: Table, rows: set[int]) -> Iterator[tuple[int, Line]]:
    places = np.flatnonzero(np.isin(block.rows, np.array(sorted(rows), np.int64)))
    if not len(places):
        return
    headers = [] if table.headers is None else [*table.headers, *block.extra_headers]
    named = tuple([*headers, *[None] * len(block.columns)][: len(block.columns)])
    cells = [column.take(pa.array(places)).to_pylist() for column in block.columns]
    for number, at in enumerate(places.tolist()):
        yield int(block.rows[at]), Line(named, tuple(column[number] for column in cells))
