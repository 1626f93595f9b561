"""Conflict table (疑点): values that may not be real, for a person to check.

``430104190506150016`` with the names ``张三`` and ``李四 -> ID_NAMES``.
"""

from __future__ import annotations

from typing import Any, Final

from piiscan.case.count.person_linking import HUB_NAMES
from piiscan.case.count.table_context import TableContext
from piiscan.case.store.common_columns import SOURCE
from piiscan.pages.report_table import (
    USUAL_AND_SUMMARY,
    ReportTable,
    coded,
    named,
    number,
    position,
    text,
)

Row = dict[str, Any]

#: Values listed per conflict; the summary counts all.
MAX_LISTED: Final = 1000


def _create_conflicts(context: TableContext) -> dict[str, tuple[int, int]]:
    """Create the tables ID_NAMES and PHONE_NAMES: value, names, records, first record.

    Return the number of values and records of each conflict code with any.
    """
    counts: dict[str, tuple[int, int]] = {}
    for code, query in _conflict_queries(HUB_NAMES).items():
        context.connection.create(f"create temp table {code} as {query}")
        values, records = context.connection.execute(
            f"select count(*), coalesce(sum(records), 0)::bigint from {code}"
        ).fetchone()
        if values:
            counts[code] = values, records
    return counts


def _conflict_counts(context: TableContext) -> list[Row]:
    """Return a row per conflict code: values and records."""
    rows: list[Row] = [
        {"conflict": code, "values": values, "records": records}
        for code, (values, records) in context.once(_create_conflicts).items()
    ]
    query = (
        "select unnest(string_split(doubts, '+')) as code, count(*) from rows"
        " where counts and doubts is not null group by code order by code"
    )
    for code, records in context.connection.execute(query).fetchall():
        rows.append({"conflict": code, "values": None, "records": records})
    return rows


def _conflict_places(context: TableContext) -> list[Row]:
    """Return the locations of conflicting values, at most MAX_LISTED values per conflict."""
    connection = context.connection
    rows: list[Row] = []
    for code in context.once(_create_conflicts):
        column = "identity" if code == "ID_NAMES" else "mobile"
        found = connection.execute(
            f"with bad as (select value, names, row_number() over (order by names desc, first) as n"
            f" from {code} qualify n <= {MAX_LISTED})"
            f" select n, names, source, member, row, role from people join bad on {column} = value"
            " where counts and counted order by n, record, role nulls first"
        ).fetchall()
        rows += [
            {
                "conflict": code,
                "number": n,
                "names": names,
                "source": source,
                "member": member,
                "row": row,
                "role": role,
            }
            for n, names, source, member, row, role in found
        ]
    return rows


def _conflict_queries(max_names: int) -> dict[str, str]:
    """Return conflict code -> SQL query of its values, with columns value, names, records, first.

    ``max_names``: number of names from which a phone is in conflict, exclusive.
    """
    query = (
        "select {0} as value, count(distinct name) as names, count(*) as records,"
        " min(record) as first from people"
        " where counts and counted and name is not null and part({0}) and {0} in ("
        "select {0} from people where counts and counted and {0} is not null and part({0})"
        " group by {0} having min(name) <> max(name))"
        " group by {0} having names > {1}"
    )
    return {
        "ID_NAMES": query.format("identity", 1),
        "PHONE_NAMES": query.format("mobile", max_names),
    }


CONFLICTS: Final = ReportTable(
    "conflicts",
    (
        coded("conflict", "conflict", USUAL_AND_SUMMARY),
        number("values", USUAL_AND_SUMMARY),
        number("records", USUAL_AND_SUMMARY),
    ),
    section="T8",
    made_by="count",
    build=_conflict_counts,
    notes=("sheet.note.conflicts",),
)
CONFLICT_PLACES: Final = ReportTable(
    "conflict_places",
    (
        coded("conflict", "conflict"),
        position("number"),
        number("names"),
        SOURCE,
        text("member"),
        position("row"),
        named("role", "roles"),
    ),
    section="T8",
    made_by="count",
    build=_conflict_places,
    page_rows=40,
)
