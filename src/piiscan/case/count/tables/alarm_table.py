"""Alarm table (T8): columns with values that no real list has, sources with many false numbers.

A source in which over a third of the check digits of a kind fail may be made up (疑似编造). The
share is our figure, for a person to look at; it changes no count.
"""

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

#: Least values with a check digit of which a share is taken.
LEAST_CHECKED: Final = 3
#: SQL: kinds of a source of which more than a third of the check digits fail.
_MADE_UP: Final = f"""
select source, entity, count(*) filter (reason = 'CHECK_FAIL') as failed, count(*) as checked,
       any_value(suspect) as suspect
from findings left join (
    select source, string_agg(distinct suspect, '、' order by suspect) as suspect
    from placed group by source) using (source)
where verdict = 'verified' or reason = 'CHECK_FAIL'
group by source, entity having failed * 3 > checked and checked >= {LEAST_CHECKED}
order by source, entity
"""


def _alarms(context: TableContext) -> list[Row]:
    """Return the rows of ``alarms``: columns, then sources that may be made up."""
    rows: list[Row] = [
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
    rows += [
        {
            "source": source,
            "entity": entity,
            "alarm": "CHECKS_FAIL",
            "count": failed,
            "checked": checked,
            "suspect": suspect,
        }
        for source, entity, failed, checked, suspect in context.connection.execute(
            _MADE_UP
        ).fetchall()
    ]
    return [{column.name: row.get(column.name) for column in ALARM_TABLE.columns} for row in rows]


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
        number("checked"),
        text("suspect"),
    ),
    section="T8",
    made_by="count",
    build=_alarms,
    notes=("sheet.note.alarms",),
    rows={"summary": _with_paths},
    page_rows=40,
)
