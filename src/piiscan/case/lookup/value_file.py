"""Value file: values to look up, from a text, a CSV or a workbook."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pyarrow as pa

from piiscan.detect.catalog.catalog import load
from piiscan.detect.columns.header_names import count_header_names
from piiscan.errors import CaseError
from piiscan.sources.block import DATA, Trouble
from piiscan.sources.read import open_tables


def read_values(path: Path) -> list[str]:
    """Return every distinct non-empty cell (in plain text every line), in reading order.

    Headings are left out. Raise CaseError if the file cannot be read.
    """
    if not path.is_file():
        raise CaseError("list.missing", path=path)
    found: dict[str, None] = {}
    for table in open_tables(path, count_names=partial(count_header_names, load())):
        if isinstance(table, Trouble):
            if table.lost:
                raise CaseError("list.unreadable", path=path, reason=table.reason)
            continue
        for block in table.blocks():
            if isinstance(block, Trouble):
                continue
            is_data = None if block.kinds is None else pa.array(block.kinds == DATA)
            columns = [c if is_data is None else c.filter(is_data) for c in block.columns]
            for row in zip(*(column.to_pylist() for column in columns), strict=True):
                for cell in row:
                    if cell and cell.strip():
                        found.setdefault(cell.strip())
    return list(found)
