"""Combinations after de-duplication (T3): entities of the first subject of each distinct key.

The distinct keys of a scope add up to step R5 of its ladder.
"""

from __future__ import annotations

from typing import Any, Final

from piiscan.case.count.count_database import scope_sql
from piiscan.case.count.table_context import TableContext
from piiscan.case.scan.tables.kind_tables import COMBINATION
from piiscan.case.store.common_columns import SCOPE, SCOPE_KIND
from piiscan.pages.report_table import (
    USUAL_AND_STATEMENT,
    ReportTable,
    number,
)

Row = dict[str, Any]

#: Scopes of the table.
_SCOPES: Final = ("total", "suspect")
_CREATE_COMBINED: Final = """
create temp table combined as
select place, key_no, subject, combination
from passed p join (select subject, combination from people where part(subject)) using (subject)
where headline and part(p.subject)
"""
_QUERY: Final = """
select scope, combination, count(*) from (
    select {scope} as scope, key_no, arg_min(combination, subject) as combination
    from combined join placed using (place) where {scope} is not null and part(key_no) group by all
) group by all
"""


def _distinct_combinations(context: TableContext) -> list[Row]:
    """Return a row per scope and combination: its distinct keys, most first."""
    context.connection.create(_CREATE_COMBINED)
    rows: list[Row] = []
    for kind in filter(context.scopes.__contains__, _SCOPES):
        found = context.connection.add_up(_QUERY.format(scope=scope_sql(kind)), 2)
        found.sort(key=lambda row: (row[0], -row[2], row[1] is None, row[1]))
        rows += [
            {
                "scope_kind": kind,
                "scope": scope,
                "combination": (combination or "").split("+"),
                "distinct": count,
            }
            for scope, combination, count in found
        ]
    context.connection.create("drop table combined")
    return rows


DISTINCT_COMBINATIONS: Final = ReportTable(
    "distinct_combinations",
    (
        SCOPE_KIND.only_in(USUAL_AND_STATEMENT),
        SCOPE.only_in(USUAL_AND_STATEMENT),
        COMBINATION.only_in(USUAL_AND_STATEMENT),
        number("distinct", USUAL_AND_STATEMENT),
    ),
    section="T3",
    made_by="count",
    build=_distinct_combinations,
    notes=("sheet.note.distinct_combinations",),
    page_rows=40,
)
