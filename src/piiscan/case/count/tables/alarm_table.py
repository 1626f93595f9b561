"""Alarm table (T8): columns with values that no real list has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from piiscan.case.count.table_context import TableContext
from piiscan.case.store.common_columns import CODE, ENTITY, SOURCE
from piiscan.pages import report_table
from piiscan.pages.report_table import (
    SUMMARY,
    USUAL_AND_SUMMARY,
    ReportTable,
    coded,
    number,
    position,
    text,
)

Row = dict[str, Any]


def _alarms(context: TableContext) -> list[Row]:
    """Return the rows of ``alarms``: columns with values that no real list has."""
    return [
        {
            "source": row["source"],
            "member": row["member"],
            "column": row["column"],
            "entity": row["entity"],
            "alarm": row["kind"],
            "row": row["row"],
            "count": row["count"],
        }
        for row in context.case.alarms
    ]


def _with_paths(tables: report_table.Rows) -> Sequence[report_table.Row]:
    """Return the rows with the paths of their sources."""
    paths = {row["source"]: row["path"] for row in tables["sources"]}
    return [{**row, "path": paths.get(row["source"])} for row in tables.get("alarms", ())]


ALARM_TABLE: Final = ReportTable(
    "alarms",
    (
        SOURCE,
        text("path", SUMMARY),
        text("member", USUAL_AND_SUMMARY),
        text("column"),
        ENTITY.only_in(USUAL_AND_SUMMARY),
        CODE,
        coded("alarm", "alarm", USUAL_AND_SUMMARY),
        position("row", USUAL_AND_SUMMARY),
        number("count", USUAL_AND_SUMMARY),
    ),
    section="T8",
    made_by="count",
    build=_alarms,
    rows={"summary": _with_paths},
    page_rows=40,
)
