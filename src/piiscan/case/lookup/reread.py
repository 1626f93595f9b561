"""Source rows read again: clear cells of single rows, only from an unchanged source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.columns.column_types import count_header_names
from piiscan.errors import CaseError, SourceError
from piiscan.sources.block import DATA, Block, Table, Trouble
from piiscan.sources.checksums import sha256_of
from piiscan.sources.read import open_tables
from piiscan.sources.read_options import READ_ALL, ReadOptions

#: (member, row number).
RowLocation = tuple[str, int]


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row of a source: its cells and headers; a line of text is one cell.

    ``kind``: DATA, HEADER, TITLE, SUBTOTAL or SCHEMA.
    """

    headers: tuple[str | None, ...]
    cells: tuple[str | None, ...] = field(repr=False)
    kind: int = DATA


def check_unchanged(source: Mapping[str, Any], *, display_name: str | None = None) -> None:
    """Raise CaseError naming the source if it is missing or its SHA-256 changed since the scan.

    ``display_name``: the name for the message; None for the stored path.
    """
    name = source["path"] if display_name is None else display_name
    try:
        same = sha256_of(Path(source["place"])) == source["sha256"]
    except (OSError, SourceError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise CaseError("source.not_rereadable", source=name, reason=reason) from error
    if not same:
        raise CaseError("source.changed", source=name)


def reread_rows(
    source: Mapping[str, Any],
    locations: set[RowLocation],
    catalog: Catalog,
    *,
    display_name: str | None = None,
    options: ReadOptions = READ_ALL,
) -> dict[RowLocation, SourceRow]:
    """Read single rows of a source again; return (member, row) -> cells and headers.

    Rows that are not found are left out. ``source``: entry of the manifest. The source is opened
    for reading only, and hashed before and after. ``options``: as it was scanned.
    """
    check_unchanged(source, display_name=display_name)
    found: dict[RowLocation, SourceRow] = {}
    members = {member for member, _ in locations}
    for table in open_tables(
        Path(source["place"]),
        count_names=partial(count_header_names, catalog),
        selection=options.selection,
        display=source["path"],
        passwords=options.passwords.values,
    ):
        if isinstance(table, Trouble) or len(found) == len(locations):
            continue
        tables = (table, *table.siblings)
        if members.isdisjoint(each.member for each in tables):
            continue
        for block in table.blocks():
            if isinstance(block, Block):
                source_table = tables[block.table]
                rows = {row for member, row in locations if member == source_table.member}
                found |= {
                    (source_table.member, row): line
                    for row, line in _wanted_rows(block, source_table, rows)
                    if (source_table.member, row) not in found
                }
            if len(found) == len(locations):
                break
    check_unchanged(source, display_name=display_name)
    return found


def _wanted_rows(block: Block, table: Table, rows: set[int]) -> Iterator[tuple[int, SourceRow]]:
    """Yield (row number, cells and headers) of the block's rows that are in ``rows``."""
    positions = np.flatnonzero(np.isin(block.rows, np.array(sorted(rows), np.int64)))
    if not len(positions):
        return
    headers = [] if table.headers is None else [*table.headers, *block.extra_headers]
    cell_headers = tuple([*headers, *[None] * len(block.columns)][: len(block.columns)])
    cells = [column.take(pa.array(positions)).to_pylist() for column in block.columns]
    for number, at in enumerate(positions.tolist()):
        yield (
            int(block.rows[at]),
            SourceRow(
                cell_headers,
                tuple(column[number] for column in cells),
                DATA if block.kinds is None else int(block.kinds[at]),
            ),
        )
