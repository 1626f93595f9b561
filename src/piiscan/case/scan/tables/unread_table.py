"""Table of unread parts (T14): parts not read, or read with a trouble."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from piiscan.case.scan.distinct_counts import DistinctCounts
from piiscan.case.scan.tables.scan_table_inputs import Row, TableInputs
from piiscan.case.store.common_columns import CODE, SOURCE
from piiscan.pages.report_table import (
    FILES,
    USUAL_AND_SUMMARY,
    ReportTable,
    coded,
    named,
    position,
    text,
)


def _unread(inputs: TableInputs, _: DistinctCounts) -> list[Row]:
    """Build the table T14: a row per part not read or read with a trouble.

    Troubles outside of any source come first.
    """
    rows = [_error(None, inputs.display(t["member"]), "", t) for t in inputs.troubles]
    for source in inputs.sources:
        path = inputs.display(source.path)
        rows += [
            _error(source.source, path, inputs.display(error["member"]), error)
            for error in source.outcome.errors
        ]
    return rows


def _error(source: int | None, path: str, member: str, error: Mapping[str, Any]) -> Row:
    """Build one row of T14 from a trouble of a source or of none."""
    row: Row = {"source": source, "path": path, "member": member}
    return row | {name: error[name] for name in ("row", "reason", "detail", "lost")}


UNREAD: Final = ReportTable(
    "unread",
    (
        SOURCE.only_in(USUAL_AND_SUMMARY),
        text("path", USUAL_AND_SUMMARY),
        text("member", USUAL_AND_SUMMARY),
        position("row"),
        named("reason", "reasons", USUAL_AND_SUMMARY),
        CODE,
        text("detail", FILES),
        coded("lost", "answer", USUAL_AND_SUMMARY, wraps=False),
    ),
    section="T14",
    build=_unread,
    page_rows=300,
)
