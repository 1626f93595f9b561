"""Exclusion table (T6): lines of the exclusion list and the records that each excludes."""

from __future__ import annotations

from typing import Any, Final

from piiscan.case.count.table_context import TableContext
from piiscan.pages.report_table import ReportTable, coded, number, text

Row = dict[str, Any]


def _exclusions(context: TableContext) -> list[Row]:
    """Return each line of the exclusion list with the records it excludes."""
    if not context.rules.exclusions:
        return []
    record_counts = dict(
        context.connection.execute(
            "select excluded, count(*) from rows where excluded is not null group by excluded"
        ).fetchall()
    )
    return [
        {
            "line": line.number,
            "excluded_by": line.kind,
            "reason_given": line.reason,
            "author": line.author,
            "records": record_counts.get(line.number, 0),
            "idle": line.number in context.case.unused_lines,
        }
        for line in context.rules.exclusions
    ]


EXCLUSION_TABLE: Final = ReportTable(
    "exclusions",
    (
        text("line"),
        coded("excluded_by", "excluded_by"),
        text("reason_given"),
        text("author"),
        number("records"),
        coded("idle", "answer"),
    ),
    section="T6",
    made_by="count",
    build=_exclusions,
    row_group="exclusion_rows",
)
