"""Source rows read again: clear cells of single rows, from unchanged sources only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.columns.header_names import count_header_names
from piiscan.errors import CaseError, SourceError
from piiscan.sources.archives.read_options import READ_ALL, ReadOptions
from piiscan.sources.block import DATA, Block, Table, Trouble
from piiscan.sources.checksums import sha256_of
from piiscan.sources.read import open_tables
from piiscan.tabular.typed_table import label_names

#: (member, row number).
RowLocation = tuple[str, int]


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row of a source: its cells and headers; a line of text has one cell.

    ``kind``: DATA, HEADER, TITLE, SUBTOTAL or SCHEMA.  ``message``: number of the first row of its
    chat message, 0 for none.
    """

    headers: tuple[str | None, ...]
    cells: tuple[str | None, ...] = field(repr=False)
    kind: int = DATA
    message: int = 0

    def text(self, column: int) -> str:
        """Return the cell of ``column`` (from 1), or the whole line for 0; "" if it is missing."""
        at = max(column - 1, 0)
        return (self.cells[at] if at < len(self.cells) else None) or ""


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
    near: int = 0,
) -> dict[RowLocation, SourceRow]:
    """Read single rows of a source again; return (member, row) -> cells and headers.

    Rows that are not found are left out. ``source``: entry of the manifest. The source is opened
    for reading only, and hashed before and after. ``options``: as it was scanned. ``near``: rows
    whose number differs by no more from one of ``locations`` are returned too, with their messages.
    """
    check_unchanged(source, display_name=display_name)
    found: dict[RowLocation, SourceRow] = {}
    waiting = set(locations)
    wanted: dict[str, set[int]] = {}
    for member, row in locations:
        wanted.setdefault(member, set()).update(range(row - near, row + near + 1))
    for table in open_tables(
        Path(source["place"]),
        count_names=partial(count_header_names, catalog),
        label_names=label_names(catalog) if near else None,
        selection=options.selection,
        display=source["path"],
        passwords=options.passwords.values,
        wanted=frozenset(wanted),
    ):
        if isinstance(table, Trouble):
            if table.reason == "PACKAGE_MISSING":
                inside = (f"{table.member}#", f"{table.member}!") if table.member else ("",)
                if any(member.startswith(inside) for member, _ in waiting):
                    extra = table.detail.rpartition(": ")[2]
                    raise CaseError("source.package_missing", extra=extra)
            continue
        if not waiting:
            continue
        tables = (table, *table.siblings)
        if wanted.keys().isdisjoint(each.member for each in tables):
            continue
        for block in table.blocks():
            if not isinstance(block, Block):
                continue
            source_table = tables[block.table]
            rows = wanted.get(source_table.member, set())
            for row, line in _wanted_rows(block, source_table, rows):
                found.setdefault((source_table.member, row), line)
                waiting.discard((source_table.member, row))
            if not waiting and not (
                near and len(block.rows) and block.rows[-1] < max(rows, default=0)
            ):
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
                0 if block.message_starts is None else int(block.message_starts[at]),
            ),
        )
