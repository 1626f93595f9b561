"""The first findings of each source, masked, to be looked through on the page."""

from __future__ import annotations

from typing import Any, Final

import pyarrow.parquet as pq

from piiscan.case.report.example_findings import column_letter
from piiscan.case.store.case import Case

Row = dict[str, Any]

#: Findings shown of a source, where there is room for that many.
PER_SOURCE: Final = 200
#: Findings on the page in all: a page of ten megabytes opens slowly everywhere.
IN_ALL: Final = 8_000
#: Fewest of a source that are worth showing.
_FEWEST: Final = 8

_COLUMNS: Final = (
    "source", "member", "row", "column", "header", "line", "start", "entity", "masked", "verdict",
    "score", "reason", "role",
)  # fmt: skip


def first_findings(case: Case) -> tuple[list[Row], bool]:
    """Findings in reading order, at most PER_SOURCE of a source; whether any were left out."""
    files = case.shards("findings")
    each = min(PER_SOURCE, max(_FEWEST, IN_ALL // max(len(files), 1)))
    rows: list[Row] = []
    left_out = False
    shown = case.shown()
    for path in files:
        if len(rows) + each > IN_ALL and rows:
            return rows, True
        with pq.ParquetFile(path) as file:
            table = file.read_row_group(0, list(_COLUMNS)).slice(0, each)
            left_out |= file.metadata.num_rows > table.num_rows
        for row in table.to_pylist():
            row["member"] = shown.get(row["member"], row["member"])
            row["letter"] = column_letter(row["column"])
            rows.append(row)
    return rows, left_out
