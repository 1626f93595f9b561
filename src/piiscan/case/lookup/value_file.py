"""A list of values that somebody hands over: a file of lines, a CSV or a workbook."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pyarrow as pa

from piiscan.detect.catalog.catalog import load
from piiscan.detect.columns.column_types import count_names
from piiscan.errors import CaseError
from piiscan.sources.block import DATA, Trouble
from piiscan.sources.read import open_tables


def listed_values(path: Path) -> list[str]:
    """Every cell (of plain text every line) that holds anything, in reading order, once each.

    CaseError if the file cannot be read.  Headings are left out.
    """
    if not path.is_file():
        raise CaseError(f"{path}: no such list")
    found: dict[str, None] = {}
    for table in open_tables(path, count_names=partial(count_names, load())):
        if isinstance(table, Trouble):
            if table.lost:
                raise CaseError(f"the list {path} cannot be read: {table.reason}")
            continue
        for block in table.blocks():
            if isinstance(block, Trouble):
                continue
            keep = None if block.kinds is None else pa.array(block.kinds == DATA)
            columns = [c if keep is None else c.filter(keep) for c in block.columns]
            for row in zip(*(column.to_pylist() for column in columns), strict=True):
                for cell in row:
                    if cell and cell.strip():
                        found.setdefault(cell.strip())
    return list(found)
